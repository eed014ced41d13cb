"""Makes outputs of settings: looks passwords up, and says in one sentence what is missing."""

import logging
from collections.abc import Mapping, Sequence

from monitor.core.clock import Clock
from monitor.outputs.mqtt.commands import AlarmDesk
from monitor.outputs.mqtt.sink import Broker, Manners, MqttSink
from monitor.outputs.notify.plan import Terms
from monitor.outputs.notify.sink import NotifySink, Send, Target, apprise_sender
from monitor.settings import MqttSettings, NotifySettings, TargetSettings
from monitor.settings.outputs import is_loopback
from monitor.settings.passwords import broker_place, look_up, target_place

logger = logging.getLogger(__name__)


def make_mqtt(
    mqtt: MqttSettings, cameras: Sequence[str], *, desk: AlarmDesk, environ: Mapping[str, str]
) -> MqttSink:
    """Make what tells a broker.

    Args:
        mqtt: The settings.
        cameras: Names of the cameras.
        desk: Who answers alarms.
        environ: The environment, for the password.

    Returns:
        The output, not yet started.

    Raises:
        MonitorError: If its password or its certificates cannot be had.
    """
    password = look_up(broker_place(mqtt), environ=environ)
    broker = Broker(mqtt.host, mqtt.port_number, mqtt.user, password, mqtt.tls, mqtt.ca_file)
    if password is not None and not mqtt.tls and not is_loopback(mqtt.host):
        logger.warning("[mqtt] the password crosses the network openly; set tls = true")
    manners = Manners(mqtt.prefix, mqtt.site, mqtt.discovery, mqtt.every_s, mqtt.commands)
    return MqttSink(broker, manners, cameras, desk=desk)


def make_notify(notify: NotifySettings, *, environ: Mapping[str, str], clock: Clock) -> NotifySink:
    """Make what tells people; an address that cannot be had is told by its target's health."""
    return NotifySink([_target(one, environ) for one in notify.target], clock=clock)


def _target(settings: TargetSettings, environ: Mapping[str, str]) -> Target:
    def open_sender() -> Send:
        address = look_up(target_place(settings), environ=environ)
        assert address is not None, "the settings demand a place for it"
        return apprise_sender(settings.name, address)

    terms = Terms(
        settings.name,
        frozenset(settings.priorities),
        settings.after_s,
        settings.per_hour,
        settings.tells_end,
    )
    return Target(terms, open_sender)
