"""Finds a parser, source or sink by its file name: ``type: jira`` is ``sinks/jira.py``, and no table lists it."""

import importlib
import pkgutil
import re
from types import ModuleType

from triaged.errors import WrongUse

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def names(family: str) -> tuple[str, ...]:
    """What lies in a family's folder, such as ``parsers``; sorted."""
    package = importlib.import_module(f"triaged.{family}")
    return tuple(sorted(found.name for found in pkgutil.iter_modules(package.__path__) if not found.name.startswith("_")))


def load(family: str, name: str) -> ModuleType:
    """The module of one plugin. Raises WrongUse with what there is instead."""
    if not _NAME.fullmatch(name) or name not in names(family):
        raise WrongUse(f"{name!r} is none of the {family}; there are: {', '.join(names(family))}")
    return importlib.import_module(f"triaged.{family}.{name}")
