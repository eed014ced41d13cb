"""What to tell the broker now, given what it was told before: pure bookkeeping, no network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.core.alarm import AlarmStatus
from monitor.core.reading import Reading
from monitor.core.zone import Crowding, ZoneReading
from monitor.outputs.mqtt.discovery import discovery_document, discovery_topic
from monitor.outputs.mqtt.payloads import (
    alarm_document,
    count_document,
    density_document,
    encode,
)
from monitor.outputs.mqtt.topics import Topics, short_names
from monitor.outputs.state import CameraState

_NOTHING = b""
"""Takes what a broker keeps off it."""
_UNKNOWN = b"?"


@dataclass(frozen=True, slots=True)
class Message:
    """Something to publish."""

    topic: str
    payload: bytes
    is_retained: bool = True


class Announcer:
    """Turns states into messages; `messages` and `forget` for one thread, the rest for any."""

    def __init__(
        self, topics: Topics, *, discovery: str, every_s: float, has_commands: bool
    ) -> None:
        self._topics = topics
        self._discovery = discovery
        self._every_s = every_s
        self._has_commands = has_commands
        self._told: dict[str, bytes] = {}
        self._alarm_ids: dict[tuple[str, str], str] = {}

    @property
    def topics(self) -> Topics:
        """The topics of the cameras that there are now."""
        return self._topics

    def forget(self) -> None:
        """Take it that the broker may not know what it was told, as after a new connection."""
        self._told = dict.fromkeys(self._told, _UNKNOWN)

    def alarm_id(self, camera: str, rule: str) -> str | None:
        """Give the alarm of the short forms of a camera and a rule; None: there is none."""
        return self._alarm_ids.get((camera, rule))

    def messages(self, states: Sequence[CameraState]) -> Iterator[Message]:
        """Give what the broker does not know yet, announcements first.

        What there is no more, as after a change of the settings, is taken off the broker.

        Args:
            states: All cameras now.

        Yields:
            What to publish, in this order.
        """
        names = [state.name for state in states]
        if set(names) != set(self._topics.cameras):
            self._topics = Topics(self._topics.root, short_names(names))
        self._alarm_ids = {
            (self._topics.cameras[state.name], short): alarm.alarm_id
            for state in states
            for short, alarm in _alarms(state).items()
        }
        now = {topic: payload for state in states for topic, payload in self._all_of(state)}
        before, self._told = self._told, now
        for topic, payload in now.items():
            if before.get(topic) != payload:
                yield Message(topic, payload)
        for topic in before.keys() - now.keys():
            yield Message(topic, _NOTHING)

    def _all_of(self, state: CameraState) -> Iterator[tuple[str, bytes]]:
        camera = state.name
        if self._discovery:
            yield (
                discovery_topic(self._discovery, self._topics, camera),
                encode(
                    discovery_document(
                        self._topics,
                        camera,
                        zones={short: zone.name for short, zone in _zones(state).items()},
                        rules={short: alarm.rule for short, alarm in _alarms(state).items()},
                        every_s=self._every_s,
                        has_commands=self._has_commands,
                    )
                ),
            )
        topics = self._topics
        yield from _part(
            state, state.reading, topics.camera(camera, "state"), topics.camera(camera, "density")
        )
        for short, zone in _zones(state).items():
            yield from _part(
                state, zone, topics.zone(camera, short, "count"),
                topics.zone(camera, short, "density"),
            )  # fmt: skip
        for short, alarm in _alarms(state).items():
            yield topics.alarm(camera, short), encode(alarm_document(alarm))


def _part(
    state: CameraState, part: Reading | ZoneReading | None, count_topic: str, density_topic: str
) -> Iterator[tuple[str, bytes]]:
    yield count_topic, encode(count_document(state, part))
    crowding: Crowding | None = None if part is None else part.crowding
    if crowding is not None:
        yield density_topic, encode(density_document(state, crowding))


def _zones(state: CameraState) -> dict[str, ZoneReading]:
    zones = () if state.reading is None else state.reading.zones
    short = short_names([zone.name for zone in zones])
    return {short[zone.name]: zone for zone in zones}


def _alarms(state: CameraState) -> dict[str, AlarmStatus]:
    short = short_names([alarm.rule.name for alarm in state.alarms])
    return {short[alarm.rule.name]: alarm for alarm in state.alarms}
