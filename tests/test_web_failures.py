"""Who fails verification too often, and who does not."""

from triaged.web.failures import Failures


def tried(failures, sender, times, now=0.0, source="sentry"):
    """How many of so many failures were taken for mistakes."""
    taken = 0
    for _ in range(times):
        if not failures.wait(source, sender, now):
            failures.count(source, sender, now)
            taken += 1
    return taken


def test_sixty_at_once_are_mistakes_and_then_one_a_second():
    failures = Failures()
    assert tried(failures, "192.0.2.7", 1_000) == 60
    assert 0 < failures.wait("sentry", "192.0.2.7", 0.25) <= 0.75
    assert tried(failures, "192.0.2.7", 1_000, now=10.0) == 10
    assert tried(failures, "192.0.2.7", 1_000, now=1_000.0) == 60


def test_each_sender_and_each_source_has_its_own():
    failures = Failures()
    tried(failures, "192.0.2.7", 100)
    assert not failures.wait("sentry", "192.0.2.8", 0)
    assert not failures.wait("slack", "192.0.2.7", 0)


def test_of_many_senders_the_one_who_failed_longest_ago_is_forgotten():
    failures = Failures()
    tried(failures, "first", 100)
    tried(failures, "second", 100)
    tried(failures, "first", 1, now=1.0)
    for number in range(9_999):
        failures.count("sentry", str(number), 1.0)
    assert failures.wait("sentry", "first", 1.0)
    assert not failures.wait("sentry", "second", 1.0)
