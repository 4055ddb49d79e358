"""HMAC-SHA256 over raw bytes, as those sign who send us webhooks. Nothing that a stranger sends makes it raise."""

import hmac
import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

_DIGEST = re.compile(r"[0-9a-f]{64}")


def _said(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().strip():
        raise ValueError("is empty, and an empty secret would let everyone in: give the secret, or leave the setting out")
    return secret


Secret = Annotated[SecretStr, AfterValidator(_said)]
"""A secret as a person configured it: several values separated by spaces while it is being rotated; blank is refused."""


def values(secret: SecretStr) -> tuple[str, ...]:
    """The values of a secret, the one to use first."""
    return tuple(secret.get_secret_value().split())


def made(key: str, message: bytes) -> str:
    """The digest that one value of a secret makes of ``message``: 64 lower-case hex digits."""
    return hmac.new(key.encode(), message, "sha256").hexdigest()


def fits(secret: SecretStr, message: bytes, digest: str) -> bool:
    """Whether ``digest`` is 64 lower-case hex digits and what one of the secret's values makes of ``message``."""
    if not _DIGEST.fullmatch(digest):
        return False
    given = digest.encode()
    return any(hmac.compare_digest(given, made(key, message).encode()) for key in values(secret))
