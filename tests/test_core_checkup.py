"""What doctor concludes from what it was shown."""

from datetime import UTC, datetime, timedelta

import pytest

from triaged.core import checkup

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def states(lines):
    return [line.state for line in lines]


def texts(lines):
    return "\n".join(f"{line.what}: {line.do}" for line in lines)


@pytest.mark.parametrize(
    ("scopes", "wanted"),
    [
        ("repo", ["ok"]),
        ("public_repo", ["ok"]),
        ("repo, repo:status", ["ok"]),
        ("", ["mend"]),
        ("repo:status", ["mend"]),
        ("admin:org, repo, workflow", ["ok", "warn"]),
        ("delete_repo", ["mend", "warn"]),
    ],
)
def test_scopes_are_enough_or_too_few_or_too_many(scopes, wanted):
    assert states(checkup.scopes(scopes)) == wanted


def test_scopes_that_are_too_many_are_named_and_the_needed_one_is_not():
    (_, more) = checkup.scopes("admin:org, repo, workflow")
    assert "(admin:org, workflow)" in more.what


@pytest.mark.parametrize(
    ("held", "wanted", "named"),
    [
        ({"issues": "write", "contents": "read", "metadata": "read"}, ["ok"], "issues: write"),
        ({"issues": "write", "contents": "write", "metadata": "read", "pull_requests": "write", "checks": "read"}, ["ok"], ""),
        ({"issues": "read", "contents": "read", "metadata": "read"}, ["mend"], "lacks issues: write"),
        ({"issues": "write", "metadata": "read"}, ["mend"], "lacks contents: read"),
        ({}, ["mend"], "lacks contents: read, issues: write, metadata: read"),
        (
            {"issues": "admin", "contents": "read", "metadata": "read", "workflows": "write"},
            ["ok", "warn"],
            "(issues: admin, workflows: write)",
        ),
        ({"issues": "owner", "contents": "read", "metadata": "read"}, ["mend"], "lacks issues: write"),
    ],
)
def test_an_apps_permissions_are_enough_or_too_few_or_too_many(held, wanted, named):
    lines = list(checkup.permissions(held))
    assert states(lines) == wanted
    assert named in texts(lines)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("2026-03-10 12:00:00 UTC", ["warn"]),
        ("2026-03-10 12:00:00 -0700", ["warn"]),
        ("2026-06-01 12:00:00 UTC", ["ok"]),
        ("", []),
        ("never", []),
    ],
)
def test_a_token_that_soon_expires_is_told_of(said, wanted):
    assert states(checkup.expiry(said, NOON)) == wanted


def test_a_clock_is_compared_both_ways():
    assert checkup.clock(NOON, NOON + timedelta(seconds=3)).state == "ok"
    assert "400 s ahead" in checkup.clock(NOON, NOON + timedelta(seconds=400)).what
    assert "400 s behind" in checkup.clock(NOON, NOON - timedelta(seconds=400)).what


def test_requests_that_run_out_are_told_with_when_there_are_more():
    core = {"limit": 5000, "remaining": 4999, "reset": int(NOON.timestamp()) + 600}
    assert checkup.budget(core, NOON).state == "ok"
    line = checkup.budget({**core, "remaining": 12}, NOON)
    assert (line.state, line.what) == ("warn", "12 of 5,000 requests are left this hour")
    assert "10 min" in line.do


MOUNTS = """\
/dev/vda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
fs-0123.efs.eu-central-1.amazonaws.com:/ /srv/shared nfs4 rw 0 0
/dev/vdb /srv/shared/local\\040disk xfs rw 0 0
overlay /srv/box overlay rw 0 0
/dev/vdc /srv/box ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/shared", "nfs4"),
        ("/srv/shared/triaged", "nfs4"),
        ("/srv/sharedbutnot", "ext4"),
        ("/srv/shared/local disk/data", "xfs"),
        ("/run/triaged", "tmpfs"),
        ("/srv/box/data", "ext4"),
    ],
)
def test_a_folder_is_on_the_file_system_mounted_nearest_above_it(folder, kind):
    assert checkup.filesystem(MOUNTS, folder) == kind


def test_durability_hangs_on_the_file_system():
    found = {
        kind: checkup.durability("data", kind, "survives").state for kind in ("ext4", "", "nfs4", "cifs", "fuse.s3fs", "tmpfs", "overlay")
    }
    assert found == {"ext4": "ok", "": "ok", "nfs4": "mend", "cifs": "mend", "fuse.s3fs": "mend", "tmpfs": "warn", "overlay": "warn"}


def test_a_disk_that_is_nearly_full_is_told_of():
    assert [checkup.space(free).state for free in (10**11, 10**7)] == ["ok", "mend"]


HEALTH = {
    "status": "ok",
    "version": "1",
    "pending": 2,
    "dead_letters": 0,
    "intents": {"done": 7},
    "sources": {"file": {"degraded": False, "reason": ""}},
    "journal": {"degraded": False, "reason": ""},
}


def test_a_healthy_daemon_is_one_line():
    assert states(checkup.health(HEALTH, "1")) == ["ok"]


def test_each_thing_that_fails_in_a_daemon_is_a_line_with_its_reason():
    failing = {"degraded": True, "reason": "no such group"}
    told = {**HEALTH, "status": "degraded", "sources": {"cloudwatch": failing}, "dead_letters": 3, "intents": {"parked": 4}}
    lines = list(checkup.health(told, "2"))
    assert states(lines) == ["mend", "mend", "mend", "warn"]
    for part in ("cloudwatch fails: no such group", "3 deliveries", "4 tickets", "version 1, this is 2: restart it"):
        assert part in texts(lines)


def test_labels_that_are_missing_are_made_unless_they_are_too_long():
    lines = list(checkup.labels("acme/shop", ["triaged", "bug", "x" * 51], ["triaged", "x" * 51]))
    assert states(lines) == ["mend", "ok", "ok"]
    assert "that are there: bug" in texts(lines)
    assert "made with the first issue: triaged:" in texts(lines)


def test_without_the_role_write_labels_are_lost_and_that_is_told():
    assert states(checkup.role("acme/shop", {"pull": True, "triage": True, "push": False})) == ["warn"]
    assert states(checkup.role("acme/shop", {"push": True})) == []
