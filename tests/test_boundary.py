"""What peers send, where it is no proper Unicode: mended if that is all, refused if not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged import boundary
from triaged.errors import Rejected


class Said(boundary.Payload, frozen=True):
    text: Any = None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (rb"\ud83d", "\ufffd"),
        (rb"\ud83d\ude00", "\U0001f600"),
        (rb"\ude00\ud83d", "\ufffd\ufffd"),
        (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (rb"\ud800\ud83d\ude00", "\ufffd\U0001f600"),
        (rb"\\ud83d", r"\ud83d"),
        (rb"\\\ud83d", "\\\ufffd"),
        (rb"\ud83d \\ud83d \\\\\ud83d", "\ufffd \\ud83d \\\\\ufffd"),
        (rb"\n\ud83d\u00e9", "\n\ufffd\u00e9"),
        (b"caf\xe9", "caf\ufffd"),
        (b"\xed\xa0\xbd", "\ufffd\ufffd\ufffd"),
    ],
)
def test_half_a_character_costs_itself_and_nothing_else(raw, text):
    assert Said.read(b'{"text":"%b"}' % raw).text == text


@given(st.lists(st.sampled_from(["\\", "u", "d83d", "de00", "\ud83d", "\ude00", '"', "n", "é", "\U0001f600"]), max_size=12).map("".join))
def test_whatever_python_writes_is_read_with_its_halves_replaced(text):
    written = json.dumps({"text": text}).encode()
    # joined as UTF-16 joins them, so that two halves which happen to fit are one character
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert len(Said.read(written).text) == len(whole)
    assert Said.read(written).text == "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in whole)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"text":', b'{"text":\\ud83d}', b"\xff", b'{"text":"\\ud83d"', b"[" * 100_000, b'{"text":' + b"9" * 5_000 + b"}"]
)
def test_what_cannot_be_mended_is_refused(body):
    with pytest.raises(Rejected, match="not a JSON object"):
        Said.read(body)
