"""Errors of exporting that a person can mend."""


class ExportError(Exception):
    """The text says what was tried, what was found, and what to do."""
