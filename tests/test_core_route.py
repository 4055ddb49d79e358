from triaged.core import facts, rules
from triaged.core.route import Rule, repositories, route

DEFAULT = "acme/default"


def matching(**when):
    return rules.compile(when, str)


def routed(routes, default=DEFAULT, **written):
    return route(facts.given(written, str), routes, default)


NOISE = Rule("noise", matching(message={"regex": "^healthcheck timeout"}), action="drop", labels=("x",))
PRODUCTION = Rule("production", matching(environment="production"), labels=("production",), receivers=("pager",), goes_on=True)
CHECKOUT = Rule("checkout", matching(service={"glob": "checkout-*"}), repositories=("acme/checkout",), labels=("bug", "production"))
SHOP = Rule("shop", matching(service="shop"), repositories=("acme/shop", "acme/shop-legacy"))
ROUTES = (NOISE, PRODUCTION, CHECKOUT, SHOP)


def test_the_first_route_that_matches_wins():
    everything = Rule("everything", repositories=("acme/other",))
    found = routed((CHECKOUT, everything), service="checkout-eu")
    assert (found.names, found.repository, found.action) == (("checkout",), "acme/checkout", "issue")


def test_a_route_that_goes_on_adds_its_labels_and_receivers_and_leaves_the_rest_to_later_ones():
    found = routed(ROUTES, service="checkout-eu", environment="production")
    assert found.names == ("production", "checkout")
    assert found.labels == ("production", "bug")
    assert found.receivers == ("pager",)
    assert found.repository == "acme/checkout"


def test_of_routes_that_go_on_the_first_to_say_something_wins():
    first = Rule("first", repositories=("acme/first",), pull_request=matching(confidence={"gt": 0.5}), draft=False, goes_on=True)
    second = Rule("second", action="drop", repositories=("acme/second",), pull_request=matching(confidence={"gt": 0.9}))
    dropped = routed((Rule("first", repositories=("acme/first",), goes_on=True), second))
    found = routed((first, Rule("third", repositories=("acme/third",), draft=True)))
    assert (found.repository, found.draft) == ("acme/first", False)
    assert found.pull_request(facts.given({"confidence": 0.6}, str))
    assert dropped.action == "drop"


def test_a_dropped_event_goes_nowhere_and_says_which_route_dropped_it():
    found = routed(ROUTES, message="healthcheck timeout after 5s")
    assert (found.action, found.repository) == ("drop", "")
    assert found.reasons == ('route `noise`: message is "healthcheck timeout after 5s" (matching "^healthcheck timeout")',)


def test_without_a_match_it_goes_where_the_code_was_found_else_to_the_default():
    assert routed(ROUTES).repository == DEFAULT
    assert routed(ROUTES).names == ("default",)
    assert routed(ROUTES, repository="acme/checkout").repository == "acme/checkout"
    assert routed(ROUTES, default="").reasons == ("no route matches", "no repository is configured")


def test_a_route_that_names_a_repository_wins_over_where_the_code_was_found():
    assert routed(ROUTES, service="checkout-eu", repository="acme/shop").repository == "acme/checkout"


def test_of_several_repositories_the_one_in_which_the_code_was_found_is_taken_else_the_first():
    assert routed(ROUTES, service="shop", repository="acme/shop-legacy").repository == "acme/shop-legacy"
    assert routed(ROUTES, service="shop").repository == "acme/shop"
    assert routed(ROUTES, service="shop", repository="acme/checkout").repository == "acme/shop"


def test_d_c2_an_event_cannot_introduce_a_repository():
    evil = {"labels": {"repository": "evil/repo"}, "repository": "evil/repo", "service": "evil/repo", "message": "repository: evil/repo"}
    configured = repositories(ROUTES, DEFAULT)
    assert configured == ("acme/checkout", "acme/shop", "acme/shop-legacy", DEFAULT)
    assert routed(ROUTES, **evil).repository == DEFAULT
    assert routed(ROUTES, **evil | {"service": "shop"}).repository in configured


def test_a_route_that_does_not_say_when_follows_the_specification_for_pull_requests():
    found = routed(ROUTES, service="shop")
    assert found.draft
    assert found.pull_request(facts.given({"confidence": 0.81, "fix.present": True}, str))
    assert not found.pull_request(facts.given({"confidence": 0.8, "fix.present": True}, str))
    assert not found.pull_request(facts.given({"confidence": 0.95}, str))
