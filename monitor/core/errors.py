"""Every error that a person can mend, as one tree.

    MonitorError                     the root; its text is one clear sentence for a person
    ├── ModelError                   a model file is missing, broken, or of another kind
    │   └── ManifestError            its manifest is missing, unknown, or does not fit the file
    ├── SourceError                  pictures cannot be had from an address
    │   ├── AddressError             the address itself cannot be read
    │   ├── UnauthorizedError        the camera refused the user name or password
    │   ├── UnreachableError         nothing answers there, or it stopped answering
    │   │   ├── StreamEndedError     the camera ended the stream
    │   │   ├── StreamSilentError    the connection stands, but no picture comes
    │   │   └── UndecodableError     video comes, but too little of it can be decoded
    │   └── NotAStreamError          something answers, but it is no video that can be decoded
    ├── OutputError                  a result cannot be written
    ├── SettingsError                a site file or an option is wrong
    └── StoreError                   the history cannot be read or written
        └── DamagedStoreError        its file is damaged

`ValueError` and `TypeError` stay what they are: a mistake of the calling code.
No text of these errors ever holds a password; `monitor.video.address` sees to that.
"""

from typing import ClassVar


class MonitorError(Exception):
    """Something a person can mend; the text says what was tried, what was found, what to do."""


class ModelError(MonitorError):
    """A model file is missing, broken, or of another kind."""


class ManifestError(ModelError):
    """A model's manifest is missing, of an unknown version, or does not fit the file."""


class SourceError(MonitorError):
    """Pictures cannot be had from an address.

    Attributes:
        reason: The kind of it in a word or two, as dashboards tell losses apart.
    """

    reason: ClassVar[str] = "other"


class AddressError(SourceError):
    """The address itself cannot be read."""


class UnauthorizedError(SourceError):
    """The camera refused the user name or the password."""

    reason = "refused"


class UnreachableError(SourceError):
    """Nothing answers at the address, or it stopped answering."""

    reason = "connection lost"


class StreamEndedError(UnreachableError):
    """The camera ended the stream."""

    reason = "ended by the camera"


class StreamSilentError(UnreachableError):
    """The connection stands, but no picture comes."""

    reason = "no pictures"


class UndecodableError(UnreachableError):
    """Video comes, but too little of it can be decoded."""

    reason = "undecodable"


class NotAStreamError(SourceError):
    """Something answers at the address, but it is no video that can be decoded."""

    reason = "no video"


LOSS_REASONS = tuple(
    kind.reason
    for kind in (
        UnreachableError,
        StreamEndedError,
        StreamSilentError,
        UndecodableError,
        UnauthorizedError,
        NotAStreamError,
        SourceError,
    )
)
"""Every reason for which a stream can be lost."""


class OutputError(MonitorError):
    """A result cannot be written."""


class SettingsError(MonitorError):
    """A site file or an option is wrong."""


class StoreError(MonitorError):
    """The history cannot be read or written."""


class DamagedStoreError(StoreError):
    """The file of the history is damaged."""
