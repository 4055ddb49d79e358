"""The page: hostile text stays text, and the Markdown of a ticket looks as it should."""

from triaged.web import markdown, terminal

BODY = """<!-- triaged:v1 x -->
### Where

`shop/cart.py:7`

<details><summary>The whole trace (2)</summary>

```text
<script>alert(1)</script>
```

</details>

- one
- [Sentry](https://sentry.io/x)
<!-- /triaged -->"""


def test_a_tickets_markdown_is_shown_with_its_folding():
    html = markdown.to_html(BODY)
    assert "<h3>Where</h3>" in html
    assert "<code>shop/cart.py:7</code>" in html
    assert "<details><summary>The whole trace (2)</summary>" in html
    assert html.count("</details>") == 1
    assert "&lt;script&gt;" in html
    assert "<!--" not in html


def test_html_that_is_not_our_folding_is_shown_as_text():
    hostile = 'x <img src=x onerror=alert(1)> <b>\n\n<script>alert(1)</script>\n\n<details open ontoggle=alert(1)>\n\n<summary><a href="x">y</a></summary>'
    html = markdown.to_html(hostile)
    for tag in ("<img", "<script", "<b>", "<details", "<summary", "<a "):
        assert tag not in html
    assert "&lt;img" in html


def test_no_image_and_no_script_link_comes_out_of_markdown():
    html = markdown.to_html("![x](https://evil.example/p.png) [y](javascript:alert(1)) <https://evil.example>")
    assert "<img" not in html
    assert "javascript:" not in html.replace("javascript:alert(1))", "")


def test_a_terminal_gets_it_without_control_characters():
    text = terminal.shown(BODY + "\n\n```text\nred \x1b[31m\n```\n", 60, colour=False)
    assert "shop/cart.py:7" in text
    assert "▸ The whole trace (2)" in text
    assert "\x1b" not in text
    assert "triaged:v1" not in text
