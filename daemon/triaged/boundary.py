"""Base models for what people write (``Config``: unknown keys are errors) and what peers send (``Payload``: only the fields we read)."""

import re
from typing import Any, ClassVar, Self, TypeVar

import msgspec
from pydantic import BaseModel, ConfigDict

from triaged.errors import Rejected

_T = TypeVar("_T")

# \ud83d: half of a UTF-16 pair, as some cut an emoji. It must not cost an error.
_HALF = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
# Escaped backslashes, a whole pair, or a half: one after the other, so that none is read from its middle.
_ESCAPES = re.compile(rb"\\(?:\\(?:\\\\)*+|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2}))")


class Config(BaseModel):
    """A block of YAML as a person wrote it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    example: ClassVar[dict[str, Any]] = {}
    """A block that works, for ``triaged example`` and the tests."""


class Payload(msgspec.Struct, frozen=True, gc=False):
    """A JSON object as a peer sent it."""

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Decodes strictly, then once more with what is no Unicode replaced. Raises Rejected, and nothing else."""
        return decode(body, cls)


def decode(body: bytes, kind: type[_T]) -> _T:
    """``body`` as ``kind``. Raises Rejected for what is no JSON of that shape, whatever the library raises."""
    try:
        try:
            return msgspec.json.decode(body, type=kind)
        except (ValueError, RecursionError):  # msgspec's errors, UnicodeDecodeError and too large integers are ValueErrors
            mended = _mended(body)
            if mended == body:
                raise
        return msgspec.json.decode(mended, type=kind)
    except (ValueError, RecursionError) as error:
        raise Rejected(f"not a JSON object as this source sends it: {str(error)[:200]}") from None


def _mended(body: bytes) -> bytes:
    """With what is no Unicode replaced; halves of pairs may also be written as the three bytes that some encoders make of them."""
    text = body.decode("utf-8", "replace").encode()
    return _ESCAPES.sub(lambda m: b"\\ufffd" if m[1] else m[0], text) if _HALF.search(text) else text
