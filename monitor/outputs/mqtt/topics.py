"""Names on the broker: which topic tells what of which camera, zone and alarm.

    <prefix>/<site>/status                         online, offline (last will), retained
    <prefix>/<site>/<camera>/state                 count of the whole picture, retained
    <prefix>/<site>/<camera>/density               people per m² of the whole picture, retained
    <prefix>/<site>/<camera>/<zone>/count          the same of a zone, retained
    <prefix>/<site>/<camera>/<zone>/density        the same of a zone, retained
    <prefix>/<site>/<camera>/alarm/<rule>          where an alarm stands, retained
    <prefix>/<site>/<camera>/event                 every transition of every alarm
    <prefix>/<site>/<camera>/alarm/<rule>/ack/set  a command; also shelve/set and unshelve/set

People call cameras as they like; a topic takes few characters. So each name gets a short form of
letters, digits and _ that is unique and does not depend on the order of the settings.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_RESERVED = frozenset({"alarm", "state", "event", "density", "status", ""})
_HASH_LENGTH = 6
COMMANDS = ("ack", "shelve", "unshelve")
"""What an alarm can be told."""


def short_names(names: Collection[str]) -> dict[str, str]:
    """Give names a form that a topic takes.

    Args:
        names: All names of one kind that stand side by side; they differ.

    Returns:
        For each name a short form of a-z, 0-9 and _; they differ too. A name keeps its form when
        others are added, unless one of them is nearly the same.
    """
    plain = {name: _plain(name) for name in names}
    uses = Counter(plain.values())
    return {
        name: f"{form}_{_hash(name)}".lstrip("_") if uses[form] > 1 or form in _RESERVED else form
        for name, form in plain.items()
    }


def _plain(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_only.lower()).strip("_")


def _hash(name: str) -> str:
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return digest[:_HASH_LENGTH]


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one site."""

    root: str
    """`<prefix>/<site>`."""
    cameras: Mapping[str, str]
    """Short form of each camera's name."""

    @property
    def status(self) -> str:
        """Whether the program is there."""
        return f"{self.root}/status"

    def camera(self, camera: str, leaf: str) -> str:
        """What is told of a whole picture, as `state`."""
        return f"{self.root}/{self.cameras[camera]}/{leaf}"

    def zone(self, camera: str, zone: str, leaf: str) -> str:
        """What is told of a zone, by its short form, as `count`."""
        return f"{self.root}/{self.cameras[camera]}/{zone}/{leaf}"

    def alarm(self, camera: str, rule: str) -> str:
        """Where an alarm stands, by its rule's short form."""
        return f"{self.root}/{self.cameras[camera]}/alarm/{rule}"

    @property
    def command_filters(self) -> tuple[str, ...]:
        """What to subscribe to for commands."""
        return tuple(f"{self.root}/+/alarm/+/{command}/set" for command in COMMANDS)

    def split_command(self, topic: str) -> tuple[str, str, str] | None:
        """Give the short forms of camera and rule and the command of a topic; None: it is none."""
        parts = topic.removeprefix(f"{self.root}/").split("/")
        match parts:
            case [camera, "alarm", rule, command, "set"] if command in COMMANDS:
                return camera, rule, command
        return None


def topics_of(prefix: str, site: str, cameras: Collection[str]) -> Topics:
    """Name the topics of a site.

    Args:
        prefix: First part of every topic.
        site: Name of the site.
        cameras: Names of its cameras; they differ.

    Returns:
        The topics.
    """
    return Topics(f"{prefix}/{_plain(site) or _hash(site)}", short_names(cameras))
