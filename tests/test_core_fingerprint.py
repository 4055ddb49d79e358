"""What makes two events the same error."""

import pytest

from triaged.core.fingerprint import fingerprint
from triaged.core.masks import masked
from triaged.core.model import Event, Frame, StackTrace
from world import NOON


def event(kind="KeyError", message="'price'", frames=(("cart.py", "total"),), causes=(), **given):
    trace = StackTrace("python", kind, message, tuple(Frame(function=f, path=p, **given) for p, f in frames), causes) if frames else None
    return Event("sentry", NOON, kind, message, "error", "python" if frames else "", trace, "other")


def same(one, other):
    return fingerprint(one).value == fingerprint(other).value


def test_it_has_a_version_and_a_short_id():
    made = fingerprint(event())
    assert made.value.startswith("v2:")
    assert len(made.value) == 3 + 32
    assert made.short == made.value[3:11]


def test_line_numbers_and_release_paths_do_not_tell_apart():
    assert same(event(frames=[("/srv/releases/41/shop/cart.py", "total")], line=7), event(frames=[("shop/cart.py", "total")], line=9))


def test_data_in_the_message_does_not_tell_apart_where_there_is_a_stack_trace():
    assert same(event(message="order 17 is gone"), event(message="order 99 is gone"))


def test_another_place_or_another_type_is_another_error():
    assert not same(event(), event(frames=[("cart.py", "discount")]))
    assert not same(event(), event(kind="TypeError"))
    assert not same(event(), event(frames=[("basket.py", "total")]))


def test_how_much_of_the_module_a_source_prints_does_not_tell_apart():
    assert same(event(kind="shop.errors.NoStock"), event(kind="NoStock"))


def test_the_depth_of_a_recursion_does_not_tell_apart():
    deep = [("tree.py", "walk")]
    assert same(event(frames=deep * 3), event(frames=deep * 900))


def test_library_frames_do_not_tell_apart():
    ours = Frame(function="total", path="cart.py")
    traces = [StackTrace("python", "E", "m", (ours, Frame(function=f, path="lib.py", in_app=False))) for f in ("old", "new")]
    one, other = (Event("s", NOON, "E", "m", "error", "python", trace, "other") for trace in traces)
    assert same(one, other)


def test_the_cause_tells_apart():
    cause = StackTrace("python", "OSError", "disk", (Frame(function="read", path="disk.py"),))
    assert not same(event(causes=(cause,)), event())


def test_without_a_stack_trace_the_masked_message_decides():
    assert same(event(kind="", message="order 17 is gone", frames=()), event(kind="", message="order 99 is gone", frames=()))
    assert not same(event(kind="", message="order 17 is gone", frames=()), event(kind="", message="user 17 is gone", frames=()))


@pytest.mark.parametrize(
    ("message", "mask"),
    [
        ("user 4711 not found", "user <number> not found"),
        ("took 1.5s at 2026-03-04T12:00:00Z", "took <number> at <time>"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id <uuid>"),
        ("connect to 10.0.0.1:5432 failed", "connect to <address> failed"),
        ("mail to ann@example.com bounced", "mail to <email> bounced"),
        ("GET https://a.example/x?y=1 gave 502", "GET <url> gave <number>"),
        ("at 0x7f3a2b and deadbeef12", "at <hex> and <hex>"),
        ("utf8 failed", "utf<number> failed"),
    ],
)
def test_what_varies_in_a_message_is_masked(message, mask):
    assert masked(message) == mask


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("java", ("shop.Cart.lambda$parse$0", "Cart.java"), ("shop.Cart.lambda$parse$7", "Cart.java")),
        ("go", ("main.(*Cart).Each.func1", "/src/shop/cart.go"), ("main.(*Cart).Each.func2.1", "/build/shop/cart.go")),
        ("go", ("main.(*Cart).Each", "/src/shop/cart.go"), ("(*Cart).Each", "cart.go")),
        ("ruby", ("block (2 levels) in total", "/srv/lib/cart.rb"), ("Shop::Cart#total", "lib/cart.rb")),
        ("php", (r"Shop\Cart->Shop\{closure}", "/srv/Cart.php"), (r"Shop\Cart->{closure:Shop\Cart::total():12}", "/app/Cart.php")),
        ("javascript", ("Cart.total", "/app/src/cart.ts"), ("total", "webpack:///src/cart.js")),
        ("javascript", ("Object.<anonymous>", "main.js"), ("", "/app/main.js")),
        ("python", ("Cart.total.<locals>.<lambda>", "shop/cart.py"), ("Cart.total", "/srv/shop/cart.py")),
        ("rust", ("shop::cart::total::h0123456789abcdef", "src/cart.rs"), ("shop::cart::total", "src/cart.rs")),
        ("csharp", ("Shop.Cart.<Total>b__0_1", "Cart.cs"), ("Shop.Cart.<Total>b__2_0", "Cart.cs")),
        ("elixir", ("Shop.Cart.total/1", "lib/cart.ex"), ("Shop.Cart.total/2", "lib/cart.ex")),
    ],
)
def test_what_a_runtime_makes_up_does_not_tell_apart(language, one, other):
    first, second = (
        Event("s", NOON, "E", "m", "error", language, StackTrace(language, "E", "m", (Frame(function, path),)), "other")
        for function, path in (one, other)
    )
    assert fingerprint(first).evidence == fingerprint(second).evidence


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("KeyError", "'price'", "'count'"),
        ("AttributeError", "'NoneType' object has no attribute 'name'", "'NoneType' object has no attribute 'email'"),
        ("TypeError", "Cannot read properties of undefined (reading 'net')", "Cannot read properties of undefined (reading 'rate')"),
        ("NoMethodError", "undefined method `price' for nil:NilClass", "undefined method `round' for nil:NilClass"),
        ("Error", "Call to a member function name() on null", "Call to a member function email() on null"),
        ("NullPointerException", 'because "item.price" is null', 'because "item.tax" is null'),
    ],
)
def test_what_the_code_names_in_a_message_tells_apart(kind, one, other):
    assert not same(event(kind, one), event(kind, other))


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("KeyError", "'order-17'", "'3f0e6a527c144e0f9a3b0d1c2b3a4f5e'"),
        ("IndexError", "list index out of range", "index 7 is out of range"),
        ("TypeError", "Cannot read properties of undefined (reading 'net')", "undefined is not an object (evaluating 'item.price.net')"),
        ("NoMethodError", "undefined method `price' for nil:NilClass", "undefined method 'price' for nil"),
    ],
)
def test_data_and_other_words_for_the_same_do_not_tell_apart(kind, one, other):
    assert same(event(kind, one), event(kind, other))


def test_a_key_that_the_quoted_code_does_not_name_is_data():
    assert same(event("KeyError", "'scone'", context="return PRICES[item]"), event("KeyError", "'tea'", context="return PRICES[item]"))
    assert not same(event("KeyError", "'price'", context='a = item["price"]'), event("KeyError", "'count'", context='b = item["count"]'))


def test_it_does_not_matter_which_of_two_links_a_runtime_cut_short():
    cart, web, disk = (Frame(function=f, path=f"{f}.py") for f in ("cart", "web", "disk"))
    whole = StackTrace("java", "A", "m", (web, cart), (StackTrace("java", "B", "m", (disk,)),))
    other = StackTrace("java", "A", "m", (web, cart), (StackTrace("java", "B", "m", (web, cart, disk)),))
    one, two = (Event("s", NOON, "A", "m", "error", "java", trace, "other") for trace in (whole, other))
    assert same(one, two)


def test_frames_of_a_minified_script_say_nothing():
    builds = [
        StackTrace("javascript", "TypeError", "x is not a function", (Frame(name, f"https://a.example/main.{build}.js", 1, 24_817),))
        for name, build in (("t", "3f2a1b9c"), ("e", "91c0de77"))
    ]
    one, other = (Event("s", NOON, "TypeError", trace.message, "error", "javascript", trace, "other") for trace in builds)
    assert same(one, other)
    assert "minified" in fingerprint(one).reason
