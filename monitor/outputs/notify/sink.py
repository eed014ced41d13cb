"""Alarms to people through Apprise, each target with a queue and a thread of its own.

An Apprise address is a secret: it holds passwords and tokens. So it is taken as one, and no error
and no line of the log says more than the kind of service.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock, Thread

from monitor.core.alarm import AlarmEvent
from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import MonitorError, OutputError
from monitor.core.reading import Reading
from monitor.core.secret import Secret
from monitor.outputs.notify.plan import Plan, Terms
from monitor.outputs.notify.text import Notice, Ring
from monitor.outputs.outbox import Outbox, OutboxHealth, Pace
from monitor.outputs.state import CameraState

logger = logging.getLogger(__name__)

_NOTICES_MAX = 500
_PACE = Pace(flush_s=0.2, retry_s=5.0, retry_max_s=120.0)

Send = Callable[[Notice], None]
"""Sends a message or raises an `OutputError`; may take its time."""


def apprise_sender(name: str, address: Secret) -> Send:
    """Give a way to a person.

    Args:
        name: How people call it, for errors.
        address: Apprise address, as `mailtos://user:password@host?to=ada@example.org`.

    Returns:
        What sends a message there.

    Raises:
        OutputError: If the address cannot be read; the text does not hold it.
    """
    import apprise  # a second to load: only who uses it waits for it

    # Their messages name hosts, paths and users, in which tokens are; ours replace them.
    for chatty in ("apprise", "urllib3", "requests_oauthlib", "oauthlib"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL + 1)
    service = apprise.Apprise.instantiate(address.reveal(), suppress_exceptions=True)
    if service is None:
        raise OutputError(
            f"notify {name}: its address cannot be read; see the Apprise documentation for how "
            "the address of the service is written"
        )
    kind = str(service.service_name)
    receiver = apprise.Apprise()
    receiver.add(service)

    def send(notice: Notice) -> None:
        kinds = apprise.NotifyType
        is_sent = receiver.notify(
            title=notice.title,
            body=notice.body,
            notify_type=kinds.SUCCESS if notice.is_good_news else kinds.WARNING,
        )
        if not is_sent:
            raise OutputError(f"notify {name}: {kind} did not take the message")

    return send


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who is told."""

    terms: Terms
    open_sender: Callable[[], Send]
    """Gives the way there or raises a `MonitorError`; may take its time."""


class NotifySink:
    """Tells people of alarms.

    `on_event`, `on_reading` and `health` are for any thread, `show` for one at a time; `start`
    and `stop` for the owner. Messages are sent on a thread for each target.
    """

    def __init__(
        self, targets: Sequence[Target], *, clock: Clock | None = None, pace: Pace | None = None
    ) -> None:
        """Prepare; nothing is sent before `start`.

        Args:
            targets: Who is told of what; names differ.
            clock: Where time comes from; None: this machine.
            pace: How often to send and to try again.
        """
        self._clock = clock or SystemClock()
        self._lock = Lock()
        self._states: dict[str, CameraState] = {}
        self._readings: dict[str, Reading] = {}
        self._routes = [_Route(one, pace or _PACE) for one in targets]
        self._opening = Thread(target=self._open_all, name="crowd-notify-open", daemon=True)

    def start(self) -> None:
        """Start sending in the background; once."""
        for route in self._routes:
            route.outbox.start()
        self._opening.start()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Send what waits and end; False if that takes longer than `timeout_s` seconds."""
        deadline_s = time.monotonic() + timeout_s
        endings = [
            route.outbox.stop(max(0.0, deadline_s - time.monotonic())) for route in self._routes
        ]
        if self._opening.ident is not None:
            self._opening.join(max(0.0, deadline_s - time.monotonic()))
        return all(endings) and not self._opening.is_alive()

    def inherit(self, former: "NotifySink") -> None:
        """Know what another sink knew, which nobody calls any more; returns at once.

        Who has waited for an answer goes on waiting, and nobody is told twice.
        """
        before = {one.name: one for one in former._routes}
        with self._lock, former._lock:
            self._states, self._readings = former._states, former._readings
            for route in self._routes:
                if route.name in before:
                    route.plan.inherit(before[route.name].plan)

    def relieve(self, former: "NotifySink", timeout_s: float) -> None:
        """Send what another sink that is given up could not; waits until that one has ended."""
        deadline_s = time.monotonic() + timeout_s
        now = {one.name: one for one in self._routes}
        for gone in former._routes:
            left = gone.outbox.hand_over(max(0.0, deadline_s - time.monotonic()))
            if gone.name in now:
                now[gone.name].put([notice for notice, _ in left])
            elif left:
                logger.warning("notify %s was removed: %d not sent", gone.name, len(left))

    def on_reading(self, reading: Reading) -> None:
        """Remember the newest count of a camera, to tell it with an alarm; returns at once."""
        with self._lock:
            self._readings[reading.camera] = reading

    def on_event(self, event: AlarmEvent) -> None:
        """Take in a transition of an alarm; returns at once."""
        with self._lock:
            state = self._states.get(event.camera)
            alarms = () if state is None else state.alarms
            rule = next((one.rule for one in alarms if one.alarm_id == event.alarm_id), None)
            ring = Ring(event, rule, self._readings.get(event.camera))
            for route in self._routes:
                route.put(route.plan.take(ring, now_s=self._clock.monotonic_s()))

    def show(self, states: Sequence[CameraState]) -> None:
        """Let time pass, so that those are called who are to be when nobody answers."""
        with self._lock:
            self._states = {one.name: one for one in states}
            for route in self._routes:
                route.put(route.plan.pass_time(now_s=self._clock.monotonic_s()))

    @property
    def health(self) -> tuple[tuple[str, OutboxHealth], ...]:
        """How telling each target goes now; what was left out counts as lost."""
        with self._lock:
            return tuple((route.name, route.health) for route in self._routes)

    def _open_all(self) -> None:
        """Find wrong addresses at the start and not with the first alarm."""
        for route in self._routes:
            route.open()


class _Route:
    """The way to one target."""

    def __init__(self, target: Target, pace: Pace) -> None:
        self.name = target.terms.name
        self.plan = Plan(target.terms)
        self._open_sender = target.open_sender
        self._lock = Lock()
        self._send: Send | None = None
        self._trouble = ""
        self.outbox: Outbox[Notice] = Outbox(
            f"notify {self.name}", self._write, close=lambda: None,
            waiting_max=_NOTICES_MAX, batch_max=1, pace=pace,
        )  # fmt: skip

    def put(self, notices: Sequence[Notice]) -> None:
        for one in notices:
            self.outbox.put(one, is_precious=True)

    @property
    def health(self) -> OutboxHealth:
        health = self.outbox.health
        message = health.message or self._trouble
        lost = health.lost + self.plan.left_out
        return replace(health, is_failing=bool(message), message=message, lost=lost)

    def open(self) -> None:
        try:
            self._ready_send()
        except MonitorError as error:
            logger.error("%s", error)  # noqa: TRY400 - a person mends it, not a programmer

    def _ready_send(self) -> Send:
        with self._lock:
            if self._send is None:
                try:
                    self._send, self._trouble = self._open_sender(), ""
                except MonitorError as error:
                    self._trouble = str(error)
                    raise
            return self._send

    def _write(self, batch: Sequence[Notice]) -> None:
        send = self._ready_send()
        for one in batch:
            send(one)
