"""triaged turns production errors into GitHub issues, one per error."""

__version__ = "0.1.0"
