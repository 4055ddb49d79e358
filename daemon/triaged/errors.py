"""Every exception we raise on purpose. Its message names the thing, what is wrong and what would be right."""

from datetime import datetime


class TriagedError(Exception):
    """The root of what we raise on purpose."""


class WrongUse(TriagedError):
    """A command line or a setting that cannot work. Ends the process with exit code 2."""


class FolderInUse(TriagedError):
    """Another daemon holds the data folder. Ends the process with exit code 3."""


class WrongConfig(TriagedError):
    """Something a person wrote in YAML or a template is wrong. ``place`` is ``file:line:column``."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}: {what}")
        self.place = place
        self.what = what


class BadSignature(TriagedError):
    """The sender could not prove who it is; answered 401."""


class Rejected(TriagedError):
    """A verified delivery is not what its source sends; answered 422."""


class TooLarge(TriagedError):
    """A body over its limit; answered 413."""


class Unavailable(TriagedError):
    """A peer cannot be asked now, and what we asked for did not happen: ask again later, not before ``until`` where it says so."""

    def __init__(self, what: str, until: datetime | None = None) -> None:
        super().__init__(what)
        self.until = until


class Unknown(TriagedError):
    """The answer to a write was lost: it may have happened, it may not. Never sent again blindly (``core/settle.py``)."""


class Refused(TriagedError):
    """A peer understood and refused for good; asking again would not help. The message says what would."""


class JournalBroken(TriagedError):
    """The database failed in a way that leaves its state unknown. The process stops rather than guess."""
