"""What leaves the program, as the site file has it: one table for each output.

`[store]`, `[csv]`, `[mqtt]`, `[notify]`, `[metrics]`, `[evidence]`, `[privacy]` and `[status]`. No
address holds a password: it would end up in site files, logs and screens.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Self

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from monitor.core.errors import StoreError
from monitor.core.privacy import Privacy
from monitor.core.rule import Priority
from monitor.core.secret import Secret

PASSWORD_VARIABLE = "CROWD_MONITOR_STORE_PASSWORD"
"""Environment variable that holds the password of a history that needs one."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long and how much a history keeps."""

    readings_for: timedelta = timedelta(days=30)
    """Readings as they came: 16 cameras at 2 a second fill about 10 GB in that time."""
    minutes_for: timedelta = timedelta(days=730)
    """Roll-ups by the minute."""
    bytes_max: int = 20_000_000_000
    """Largest size of a history in a file."""
    free_bytes_min: int = 1_000_000_000
    """Room that is left to others on the disk of a history in a file."""
    keeps_at_least: timedelta = timedelta(days=1)
    """Readings younger than this are not deleted for want of room: others may fill the disk."""


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where the history is kept."""

    url: URL
    """SQLAlchemy address, without a password."""
    password: Secret | None = None
    """Password for the database; None: it needs none."""

    def __str__(self) -> str:
        if self.url.get_backend_name() == "sqlite":
            return str(self.url.database)
        return self.url.render_as_string(hide_password=True)


def default_url() -> str:
    """Give the address of the SQLite file in the user's data folder."""
    return f"sqlite:///{user_data_path('crowd-monitor', appauthor=False) / 'history.sqlite'}"


def parse_address(url: str | None, environ: Mapping[str, str]) -> StoreAddress:
    """Read where the history is kept.

    Args:
        url: `sqlite:///FILE` or `postgresql://user@host/name`; None: the user's own file.
        environ: The environment; `CROWD_MONITOR_STORE_PASSWORD` is looked up in it.

    Returns:
        The address, and the password beside it.

    Raises:
        StoreError: If the address cannot be read, holds a password, or names another database.
    """
    try:
        parsed = make_url(url or default_url())
    except (ArgumentError, ValueError):
        # The text itself is not shown: whoever mistypes an address may have typed a password.
        raise StoreError(
            "[store] url: cannot be read; write sqlite:///FILE or postgresql://user@host/name"
        ) from None
    if parsed.password is not None or "password" in parsed.query:
        raise StoreError(
            f"[store] url: remove the password from the address and put it into the environment "
            f"variable {PASSWORD_VARIABLE}"
        )
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        password = environ.get(PASSWORD_VARIABLE)
        return StoreAddress(
            parsed.set(drivername="postgresql+psycopg"),
            None if password is None else Secret(password),
        )
    if backend != "sqlite":
        raise StoreError(f"[store] url: {backend} is not supported; use sqlite or postgresql")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("[store] url: a history in memory is lost; write sqlite:///FILE")
    return StoreAddress(parsed.set(drivername="sqlite+pysqlite"))


LOOPBACK_HOST = "127.0.0.1"


class StatusSettings(BaseModel):
    """`[status]`: the page on which the headless program tells how it is doing."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )

    host: Annotated[str, Field(min_length=1)] = LOOPBACK_HOST
    """Address of this machine to answer on: 127.0.0.1 for this machine alone, 0.0.0.0 for every
    network, which needs a token."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8765
    """Port to answer on; 0: any that is free."""
    token_env: Annotated[str, Field(min_length=1)] | None = None
    """Environment variable with the token that whoever asks must show; absent: see `token_file`."""
    token_file: Annotated[str, Field(min_length=1)] | None = None
    """Private file (mode 600) with the token; absent and no `token_env`: none is asked for."""
    pictures: bool = True
    """Whether pictures can be had, or numbers only."""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can ask."""
        return is_loopback(self.host)

    @model_validator(mode="after")
    def _others_need_a_token(self) -> Self:
        if self.token_env is not None and self.token_file is not None:
            raise ValueError("give either token_env or token_file, not both")
        if not self.is_local and self.token_env is None and self.token_file is None:
            raise ValueError(
                f"host {self.host} can be reached by other machines, so a token is needed: name "
                "an environment variable with token_env or a private file with token_file"
            )
        return self


def is_loopback(host: str) -> bool:
    """Say whether an address can be reached from this machine alone; False for other names."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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


class EvidenceSettings(_Record):
    """`[evidence]`: a folder for each alarm with all that was known when it rang."""

    folder: Annotated[str, Field(min_length=1)]
    """Where the folders go; it is made where it is not there."""
    priorities: Annotated[tuple[Priority, ...], Field(min_length=1)] = (
        Priority.HIGH,
        Priority.MEDIUM,
    )
    """Alarms of which priorities are kept."""
    stream_alarms: bool = False
    """Whether a camera's own alarm, that it cannot be counted, is kept too."""
    before_min: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Minutes of counts before the alarm."""
    after_min: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Minutes of counts after it."""
    clip: bool = False
    """Whether video around the alarm is kept as the camera sent it. It shows more of people than a
    picture does, and cannot be blurred: where `[privacy]` is stricter, none is kept."""
    clip_before_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Seconds of video before the alarm; it begins with a key picture, so with some more."""
    clip_after_s: Annotated[float, Field(ge=0, le=60)] = 10.0
    """Seconds of video after it."""
    clip_max_mib: Annotated[float, Field(ge=1, le=1024)] = 48.0
    """Memory for the newest video of one camera, MiB; with less than its video takes, clips are
    shorter and say so."""
    keep_days: Annotated[float, Field(gt=0, le=36_500)] = 90.0
    """Days for which it is kept; a file `KEEP` in a folder keeps that for ever."""
    max_gb: Annotated[float, Field(gt=0)] = 5.0
    """Size of all folders together, GB; then the oldest go."""
    min_free_gb: Annotated[float, Field(ge=0)] = 1.0
    """Room left to others on the disk, GB; then the oldest go."""


class PrivacySettings(_Record):
    """`[privacy]`: what may be stored of pictures, in evidence and where a person saves one."""

    pictures: Privacy = Privacy.AS_THEY_ARE
    """as they are; blur people (where the model sees them: no proven anonymity); blur all; none."""
