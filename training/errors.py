"""Errors of training that a person can mend."""


class TrainingError(Exception):
    """The text says what was tried, what was found, and what to do."""


class DataError(TrainingError):
    """A data set is missing, incomplete, or contradicts itself."""


class CheckpointError(TrainingError):
    """A checkpoint is missing, broken, or of another program."""
