"""The client of the broker: retained states, events that are confirmed, commands.

States are newest-wins: while the broker is away nothing is gathered, and when it is back it gets
the state of now. Events wait in an outbox until the broker has confirmed them; an event may reach
it twice, never not at all without being counted as lost.
"""

import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock, Thread
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from monitor.core.alarm import AlarmEvent
from monitor.core.errors import OutputError
from monitor.core.secret import Secret
from monitor.outputs.mqtt.announcer import Announcer, Message
from monitor.outputs.mqtt.commands import AlarmDesk, obey, parse_command
from monitor.outputs.mqtt.discovery import OFFLINE, ONLINE
from monitor.outputs.mqtt.payloads import encode, event_document
from monitor.outputs.mqtt.topics import Topics, short_names, topics_of
from monitor.outputs.outbox import Outbox, OutboxHealth, Pace
from monitor.outputs.state import CameraState

logger = logging.getLogger(__name__)

_KEEPALIVE_S = 15  # a broker that hangs is noticed in one and a half of these
_RECONNECT_MIN_S = 1
_RECONNECT_MAX_S = 60
_CONFIRM_S = 10.0
_EVENTS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and who we are to it."""

    host: str
    port: int
    user: str | None = None
    password: Secret | None = None
    has_tls: bool = False
    ca_file: str | None = None
    """Certificates to trust; None: those of the system."""

    def __str__(self) -> str:
        return f"MQTT broker {self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Manners:
    """How we speak on the broker."""

    prefix: str = "crowd"
    site: str = "main"
    discovery: str = "homeassistant"
    """Home Assistant's discovery prefix; empty: cameras are not announced."""
    every_s: float = 1.0
    """Seconds between two states of a camera; only to be announced, who calls `show` decides."""
    takes_commands: bool = False
    reconnect_max_s: int = _RECONNECT_MAX_S
    """Longest pause before the broker is looked for again, seconds."""


class MqttSink:
    """Tells a broker.

    `on_event` and `health` are for any thread, `show` for one at a time; `start` and `stop` for
    the owner. The client's own thread connects, sends, and carries commands out.
    """

    def __init__(
        self,
        broker: Broker,
        manners: Manners,
        cameras: Sequence[str],
        *,
        desk: AlarmDesk | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Prepare; nothing is opened before `start`.

        Args:
            broker: Where to connect.
            manners: How to speak there.
            cameras: Names of the cameras; they differ.
            desk: Who answers alarms; None: no commands are taken.
            pace: How often to send events.

        Raises:
            OutputError: If the certificates cannot be read.
        """
        self._broker = broker
        self._topics = topics_of(manners.prefix, manners.site, cameras)
        self._manners = manners
        self._desk = desk if manners.takes_commands else None
        self._announcer = Announcer(
            self._topics,
            discovery=manners.discovery,
            every_s=manners.every_s,
            has_commands=self._desk is not None,
        )
        self._lock = Lock()
        self._is_connected = False
        self._trouble = "not connected yet"
        self._is_greeting_due = False
        self._last: MQTTMessageInfo | None = None
        self._outbox: Outbox[AlarmEvent] = Outbox(
            str(broker), self._send_events, close=lambda: None, waiting_max=_EVENTS_MAX, pace=pace
        )
        self._client = self._new_client()

    def start(self) -> None:
        """Connect in the background, again and again if need be; once."""
        self._client.connect_async(self._broker.host, self._broker.port, _KEEPALIVE_S)
        self._client.loop_start()
        self._outbox.start()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Send what waits, say goodbye and end; False if that takes longer than `timeout_s`."""
        deadline_s = time.monotonic() + timeout_s
        is_written = self._outbox.stop(timeout_s)
        return self._leave(deadline_s) and is_written

    def relieve(self, former: "MqttSink", timeout_s: float) -> None:
        """Tell what another client that is given up could not; waits until that one has ended.

        To be called before `start`: the goodbye of the former must not follow our greeting.
        """
        deadline_s = time.monotonic() + timeout_s
        for event, _ in former._outbox.hand_over(timeout_s / 2):
            self._outbox.put(event, is_precious=True)
        former._leave(deadline_s)

    def _leave(self, deadline_s: float) -> bool:
        """Say goodbye and end the connection; False if that takes longer."""
        if self._connected:
            goodbye = self._client.publish(self._topics.status, OFFLINE, qos=1, retain=True)
            _wait_for(goodbye, deadline_s)
        with self._lock:
            self._is_connected, self._trouble = False, "ended"
        self._client.disconnect()
        # The client waits for its thread without a limit, and that may wait for a name server.
        ending = Thread(target=self._client.loop_stop, name="crowd-mqtt-stop", daemon=True)
        ending.start()
        ending.join(max(0.1, deadline_s - time.monotonic()))
        return not ending.is_alive()

    def on_event(self, event: AlarmEvent) -> None:
        """Tell of a transition of an alarm; returns at once."""
        self._outbox.put(event, is_precious=True)

    def show(self, states: Sequence[CameraState]) -> None:
        """Tell how the cameras are now; never waits for the broker.

        Where the broker has not yet confirmed what it was told last, this is left out: the next
        call tells what is true then.
        """
        with self._lock:
            if not self._is_connected:
                return
            is_greeting, self._is_greeting_due = self._is_greeting_due, False
            is_behind = self._last is not None and not self._last.is_published()
        if is_greeting:
            self._announcer.forget()
        elif is_behind:
            return
        for message in self._announcer.messages(states):
            self._last = self._publish(message)

    @property
    def health(self) -> OutboxHealth:
        """How telling goes now."""
        health = self._outbox.health
        with self._lock:
            trouble = "" if self._is_connected else f"{self._broker}: {self._trouble}"
        if trouble:
            return replace(health, is_failing=True, message=trouble)
        return health

    @property
    def _connected(self) -> bool:
        with self._lock:
            return self._is_connected

    def _new_client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2)
        client.reconnect_delay_set(
            min(_RECONNECT_MIN_S, self._manners.reconnect_max_s), self._manners.reconnect_max_s
        )
        client.will_set(self._topics.status, OFFLINE, qos=1, retain=True)
        if self._broker.user is not None:
            password = self._broker.password
            client.username_pw_set(
                self._broker.user, None if password is None else password.reveal()
            )
        if self._broker.has_tls:
            try:
                client.tls_set(ca_certs=self._broker.ca_file)
            except OSError as error:
                raise OutputError(
                    f"{self._broker}: {self._broker.ca_file}: the certificates cannot be read: "
                    f"{error.strerror or error}"
                ) from error
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _publish(self, message: Message) -> MQTTMessageInfo:
        return self._client.publish(
            message.topic, message.payload, qos=1, retain=message.is_retained
        )

    def _send_events(self, batch: Sequence[AlarmEvent]) -> None:
        if not self._connected:
            raise OutputError(f"{self._broker}: {self._trouble}")
        deadline_s = time.monotonic() + _CONFIRM_S
        sent = [
            self._publish(
                Message(
                    _event_topic(self._announcer.topics, one.camera),
                    encode(event_document(one)),
                    is_retained=False,
                )
            )
            for one in batch
        ]
        if not all(_wait_for(one, deadline_s) for one in sent):
            raise OutputError(f"{self._broker}: does not confirm what it is sent")

    # The client hands over itself and user data, neither of which is of use here.
    def _on_connect(
        self, client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _: Any
    ) -> None:
        if reason.is_failure:
            self._note_trouble(f"refused: {reason}")
            return
        client.publish(self._topics.status, ONLINE, qos=1, retain=True)
        if self._desk is not None:
            client.subscribe([(one, 1) for one in self._topics.command_filters])
        with self._lock:
            self._is_connected, self._is_greeting_due = True, True
        logger.info("%s: connected", self._broker)

    def _on_connect_fail(self, _client: Client, _data: Any) -> None:
        error = sys.exception()  # the client calls this where it has caught it
        words = getattr(error, "verify_message", None) or getattr(error, "strerror", None)
        self._note_trouble(f"cannot be reached: {words or error}")

    def _on_disconnect(
        self,
        _client: Client,
        _data: Any,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        with self._lock:
            was_connected, self._is_connected = self._is_connected, False
        if was_connected:
            self._note_trouble(f"the connection was lost: {reason}")

    def _note_trouble(self, trouble: str) -> None:
        with self._lock:
            is_new, self._trouble = self._trouble != trouble, trouble
        if is_new:
            logger.warning("%s: %s", self._broker, trouble)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        """Carry a command out; one that was kept by the broker is an old one and is left."""
        if message.retain or self._desk is None:
            return
        parts = self._topics.split_command(message.topic)
        alarm_id = None if parts is None else self._announcer.alarm_id(parts[0], parts[1])
        if parts is None or alarm_id is None:
            logger.warning("A command for no alarm that there is: %s", message.topic)
            return
        try:
            command = parse_command(parts[2], bytes(message.payload))
            has_changed = obey(self._desk, alarm_id, command)
        except (OutputError, ValueError, KeyError) as error:
            logger.warning("Command %s for %s refused: %s", parts[2], alarm_id, error)
            return
        logger.info(
            "Command %s for %s by %s: %s", command.name, alarm_id, command.who,
            "done" if has_changed else "there was nothing to do",
        )  # fmt: skip


def _event_topic(topics: Topics, camera: str) -> str:
    """Give where a camera's events are told, also of one that has just gone or come."""
    if camera in topics.cameras:
        return topics.camera(camera, "event")
    return Topics(topics.root, short_names([camera])).camera(camera, "event")


def _wait_for(sent: MQTTMessageInfo, deadline_s: float) -> bool:
    """Wait until the broker has confirmed a message; False where it does not in time."""
    try:
        sent.wait_for_publish(max(0.0, deadline_s - time.monotonic()))
    except (RuntimeError, ValueError):  # the connection was lost meanwhile
        return False
    return sent.is_published()
