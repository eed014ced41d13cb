"""What Home Assistant is told, so that cameras show up in it by themselves: one device for each.

Source: Home Assistant, integration MQTT, "device discovery payload".
"""

from collections.abc import Mapping

from monitor import __version__
from monitor.core.reading import Quality
from monitor.core.rule import Rule
from monitor.core.series import thing_of
from monitor.outputs.mqtt.payloads import Document
from monitor.outputs.mqtt.topics import Topics

ONLINE = "online"
OFFLINE = "offline"
_MANY_PERIODS = 3  # without news for so many periods a count is shown as unknown
_EXPIRE_MIN_S = 5


def discovery_topic(prefix: str, topics: Topics, camera: str) -> str:
    """Give the topic on which a camera is announced."""
    return f"{prefix}/device/{_device_id(topics, camera)}/config"


def discovery_document(
    topics: Topics,
    camera: str,
    *,
    zones: Mapping[str, str],
    rules: Mapping[str, Rule],
    every_s: float,
    has_commands: bool,
) -> Document:
    """Announce a camera as one device with all that is told of it.

    Args:
        topics: The site's topics.
        camera: Name of the camera.
        zones: Its zones, short form to name.
        rules: Its alarm rules, short form to rule.
        every_s: Seconds between two counts on the broker.
        has_commands: Whether alarms can be acknowledged from there.

    Returns:
        The document for `discovery_topic`.
    """
    device_id = _device_id(topics, camera)
    expire_s = max(_EXPIRE_MIN_S, round(_MANY_PERIODS * every_s))
    state, thing = topics.camera(camera, "state"), thing_of(camera)
    parts: Document = {
        "count": _count(thing, "", state, expire_s),
        "quality": _quality(state, expire_s),
        "density": _density("Density", topics.camera(camera, "density"), expire_s),
    }
    for zone, name in zones.items():
        topic = topics.zone(camera, zone, "count")
        parts[f"zone_{zone}"] = _count(thing, name, topic, expire_s)
        topic = topics.zone(camera, zone, "density")
        parts[f"zone_{zone}_density"] = _density(f"Density, {name}", topic, expire_s)
    for short, rule in rules.items():
        parts[f"alarm_{short}"] = _alarm(f"Alarm, {rule.name}", topics.alarm(camera, short))
        if has_commands:
            parts[f"ack_{short}"] = _button(
                f"Acknowledge, {rule.name}", f"{topics.alarm(camera, short)}/ack/set"
            )
    return {
        "device": {
            "identifiers": [device_id],
            "name": camera,
            "manufacturer": "Crowd Monitor",
            "model": "crowd counter",
            "sw_version": __version__,
        },
        "origin": {"name": "Crowd Monitor", "sw_version": __version__},
        "availability_topic": topics.status,
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
        "components": {
            name: {**part, "unique_id": f"{device_id}_{name}"} for name, part in parts.items()
        },
    }


def _device_id(topics: Topics, camera: str) -> str:
    return f"{topics.root}/{topics.cameras[camera]}".replace("/", "_")


def _count(thing: str, zone: str, topic: str, expire_s: int) -> Document:
    name = f"{thing[:1].upper()}{thing[1:]}"
    return {
        "platform": "sensor",
        "name": f"{name}, {zone}" if zone else name,
        "icon": "mdi:account-group",
        "state_topic": topic,
        "value_template": "{{ value_json.value }}",
        "json_attributes_topic": topic,
        "unit_of_measurement": thing,
        "state_class": "measurement",
        "suggested_display_precision": 0,
        "expire_after": expire_s,
    }


def _density(name: str, topic: str, expire_s: int) -> Document:
    return {
        "platform": "sensor",
        "name": name,
        "state_topic": topic,
        "value_template": "{{ value_json.value }}",
        "json_attributes_topic": topic,
        "unit_of_measurement": "people/m²",
        "state_class": "measurement",
        "suggested_display_precision": 1,
        "expire_after": expire_s,
    }


def _quality(topic: str, expire_s: int) -> Document:
    return {
        "platform": "sensor",
        "name": "Quality of the count",
        "state_topic": topic,
        "value_template": "{{ value_json.quality }}",
        "device_class": "enum",
        "options": [one.value for one in Quality],
        "expire_after": expire_s,
    }


def _alarm(name: str, topic: str) -> Document:
    return {
        "platform": "binary_sensor",
        "name": name,
        "device_class": "safety",
        "state_topic": topic,
        "value_template": "{{ 'ON' if value_json.is_active else 'OFF' }}",
        "json_attributes_topic": topic,
    }


def _button(name: str, topic: str) -> Document:
    return {
        "platform": "button",
        "name": name,
        "command_topic": topic,
        "payload_press": '{"who": "Home Assistant"}',
    }
