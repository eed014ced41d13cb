"""Where numbers go: `[store]`, `[csv]`, `[mqtt]`, `[notify]` and `[metrics]` of a site file."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from monitor.core.rule import Priority
from monitor.settings.store import Retention

_GB = 1e9
_MQTT_PORT = 1883
_MQTT_TLS_PORT = 8883
_TOPIC_PART = r"^[A-Za-z0-9_\-]+(/[A-Za-z0-9_\-]+)*$"

_Text = Annotated[str, Field(min_length=1)]


class _Record(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


class StoreSettings(_Record):
    """`[store]`: where the history is kept, and how much of it."""

    url: str | None = None
    """SQLAlchemy address without a password; absent: a SQLite file in the user's data folder."""
    readings_days: Annotated[float, Field(gt=0, le=36_500)] = 30.0
    """Days for which every reading is kept."""
    minutes_days: Annotated[float, Field(gt=0, le=36_500)] = 730.0
    """Days for which sums by the minute are kept; those by the hour stay."""
    max_gb: Annotated[float, Field(gt=0)] = 20.0
    """Largest size of a history in a file, GB; then the oldest readings go."""
    min_free_gb: Annotated[float, Field(ge=0)] = 1.0
    """Room left to others on the disk of a history in a file, GB; then the oldest readings go."""

    def to_retention(self) -> Retention:
        """Give the record that the history works with."""
        return Retention(
            readings_for=timedelta(days=self.readings_days),
            minutes_for=timedelta(days=self.minutes_days),
            bytes_max=round(self.max_gb * _GB),
            free_bytes_min=round(self.min_free_gb * _GB),
        )


class CsvSettings(_Record):
    """`[csv]`: a file to which every reading is appended."""

    path: _Text
    """The file: a new one, or one that was begun by the program."""


class MqttSettings(_Record):
    """`[mqtt]`: the broker that is told counts, alarms and events."""

    host: _Text
    """Name or address of the broker."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Port of the broker; absent: 8883 with `tls`, else 1883."""
    tls: bool = False
    """Whether the connection is encrypted and the broker's certificate is checked."""
    ca_file: _Text | None = None
    """Certificates to trust instead of the system's."""
    user: _Text | None = None
    """Name that the broker knows us by; absent: none is asked for."""
    password_env: _Text | None = None
    """Environment variable that holds the password of `user`."""
    password_file: _Text | None = None
    """Private file (mode 600) whose first line is the password of `user`."""
    password_keyring: bool = False
    """Whether the system's keyring holds the password of `user`, under the name `mqtt`."""
    prefix: Annotated[str, Field(pattern=_TOPIC_PART)] = "crowd"
    """First part of every topic."""
    site: _Text = "main"
    """Second part of every topic: two sites on one broker have different ones."""
    discovery: Annotated[str, Field(pattern=rf"{_TOPIC_PART}|^$")] = "homeassistant"
    """Prefix under which Home Assistant looks for devices; empty: cameras are not announced."""
    commands: bool = False
    """Whether alarms can be acknowledged and shelved by whoever may publish on the broker."""
    every_s: Annotated[float, Field(ge=0.2, le=3600)] = 1.0
    """Seconds between two counts of a camera."""

    @property
    def port_number(self) -> int:
        """The port that is meant."""
        return self.port or (_MQTT_TLS_PORT if self.tls else _MQTT_PORT)

    @model_validator(mode="after")
    def _password_has_one_place_and_a_user(self) -> Self:
        places = (self.password_env, self.password_file, self.password_keyring or None)
        given = sum(place is not None for place in places)
        if given > 1:
            raise ValueError("give one of password_env, password_file and password_keyring")
        if given and self.user is None:
            raise ValueError("a password needs a `user`")
        if self.ca_file is not None and not self.tls:
            raise ValueError("ca_file has no use without `tls = true`")
        return self


class TargetSettings(_Record):
    """`[[notify.target]]`: somebody who is told of alarms, by mail or chat or telephone."""

    name: _Text
    """How people call it; unique."""
    url_env: _Text | None = None
    """Environment variable that holds the Apprise address, which is a secret."""
    url_file: _Text | None = None
    """Private file (mode 600) whose first line is the Apprise address."""
    priorities: Annotated[tuple[Priority, ...], Field(min_length=1)] = tuple(Priority)
    """Alarms of which priorities are told."""
    after_s: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    """Seconds that an alarm must ring unanswered before this one is told; 0: at once."""
    per_hour: Annotated[int, Field(ge=1, le=3600)] = 20
    """Most messages in an hour, for each priority; what is left out is told in the next one."""
    tells_end: bool = False
    """Whether it is also told when an alarm is over."""

    @model_validator(mode="after")
    def _address_has_one_place(self) -> Self:
        if (self.url_env is None) == (self.url_file is None):
            raise ValueError(
                "give url_env or url_file, which says where the address is: it is a secret"
            )
        return self


class NotifySettings(_Record):
    """`[notify]`: who is told of alarms."""

    target: Annotated[tuple[TargetSettings, ...], Field(min_length=1)]
    """Those who are told."""

    @field_validator("target")
    @classmethod
    def _names_differ(cls, targets: tuple[TargetSettings, ...]) -> tuple[TargetSettings, ...]:
        names = [one.name for one in targets]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two targets have the name {', '.join(twice)}; names must differ")
        return targets


class MetricsSettings(_Record):
    """`[metrics]`: numbers for Prometheus on the status page."""

    enabled: bool = True
    """Whether they can be had under /metrics."""
