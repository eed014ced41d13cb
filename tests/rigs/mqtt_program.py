"""A program that tells a broker of a camera until it is killed.

Run as `python -m tests.rigs.mqtt_program PORT`.
"""

import sys
from threading import Event

from monitor.outputs.mqtt.sink import Broker, Manners, MqttSink
from tests.rigs.states import state_of

_EVERY_S = 0.05


def main() -> None:
    """Tell for ever."""
    sink = MqttSink(Broker("127.0.0.1", int(sys.argv[1])), Manners(), ["Gate 1"])
    sink.start()
    never = Event()
    while not never.wait(_EVERY_S):
        sink.show([state_of()])


if __name__ == "__main__":
    main()
