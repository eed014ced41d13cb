"""The settings as frozen records; the parts of the program take the values they need of them."""

from dataclasses import asdict
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from monitor.core.rule import (
    STREAM_RULE_NAME,
    Level,
    Measure,
    Priority,
    Rule,
    stream_rule,
)
from monitor.core.series import PEOPLE, camera_of, check_camera_name, check_things
from monitor.core.zone import Area, Combine, Member, ZoneKind
from monitor.settings.outputs import (
    CsvSettings,
    EvidenceSettings,
    MetricsSettings,
    MqttSettings,
    NotifySettings,
    PrivacySettings,
    StatusSettings,
    StoreSettings,
)
from monitor.settings.scene import GroundSettings, ZoneSettings


class _Record(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


class LimitSettings(_Record):
    """`[camera.limit]`: the count that must not be reached."""

    high: Annotated[float, Field(gt=0)]
    """People."""
    dead_band: Annotated[float, Field(ge=0)] | None = None
    """People the count must fall below `high` to return; absent: 10 %."""
    on_delay_s: Annotated[float, Field(ge=0)] = 10.0
    """Seconds the count must stay at the limit before it rings."""
    off_delay_s: Annotated[float, Field(ge=0)] = 15.0
    """Seconds the count must stay below before it returns."""
    confidence: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Probability of being at the limit that is asked for; absent: the count decides."""

    @model_validator(mode="after")
    def _limit_is_possible(self) -> Self:
        self.to_rule()
        return self

    def to_rule(self) -> Rule:
        """Give the record that the alarm works with; its name is `limit`."""
        values = self.model_dump()
        return Rule(limit=values.pop("high"), **values)


class RuleSettings(_Record):
    """`[[camera.rule]]`: a limit on one number, and how patiently it is watched."""

    name: Annotated[str, Field(min_length=1)]
    """How people call it; unique in a camera, without a slash."""
    measure: Measure = Measure.COUNT
    """count, density, peak density, rate of change, or stream."""
    level: Level = Level.HIGH
    """low (at the limit or below), high, or high-high."""
    limit: float
    """People, people per m², people per minute, or seconds without a count."""
    zone: str | None = None
    """Name of the zone that is watched; absent: the whole picture."""
    count: str | None = None
    """Which of the things is watched that the camera counts; absent: the first. A rule on a thing
    that is not counted sleeps."""
    priority: Priority = Priority.MEDIUM
    """low, medium or high."""
    dead_band: Annotated[float, Field(ge=0)] | None = None
    """How far back over the limit the value must go to return; absent: 10 %."""
    on_delay_s: Annotated[float, Field(ge=0)] = 10.0
    """Seconds the value must stay at the limit before it rings."""
    off_delay_s: Annotated[float, Field(ge=0)] = 15.0
    """Seconds the value must stay beyond the dead band before it returns."""
    latching: bool = False
    """Whether it rings on until somebody acknowledges it, even when it is over."""
    realarm_after_s: Annotated[float, Field(ge=0)] = 600.0
    """Seconds after an acknowledgement at which it rings again if it still stands; 0: never."""
    confidence: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Probability of being at the limit that is asked for; absent: the smoothed value decides."""

    @model_validator(mode="after")
    def _rule_is_possible(self) -> Self:
        self.to_rule()
        return self

    def to_rule(self) -> Rule:
        """Give the record that the alarm works with."""
        values = self.model_dump(exclude={"count"})
        return Rule(is_latching=values.pop("latching"), **values)

    @classmethod
    def of_rule(cls, rule: Rule) -> Self:
        """Give the settings that make a rule."""
        values = asdict(rule)
        return cls(latching=values.pop("is_latching"), **values)


class CameraSettings(_Record):
    """`[[camera]]`: one source of pictures."""

    name: Annotated[str, Field(min_length=1)]
    """How people call it; unique in a site."""
    place: str = ""
    """Where it hangs, in words, for whoever has to go there."""
    source: Annotated[str, Field(min_length=1, repr=False)]
    """Address without a password: rtsp://, a file, a folder, webcam:0, synthetic:plaza."""
    password_env: Annotated[str, Field(min_length=1)] | None = None
    """Environment variable that holds the password for `source`."""
    password_file: Annotated[str, Field(min_length=1)] | None = None
    """Private file (mode 600) whose first line is the password; a name without a folder is looked
    for among systemd's credentials first, then beside the site file."""
    password_keyring: bool = False
    """Whether the system's keyring holds the password, for the service `crowd-monitor` and the
    camera's name as the user."""
    transport: Literal["tcp", "udp"] = "tcp"
    """How RTSP brings the pictures; UDP loses some where TCP delays them."""
    certificate: str | None = None
    """File with the certificate that an encrypted camera must show; absent: any is taken."""
    decode: Literal["auto", "cpu", "cuda"] = "auto"
    """Where pictures are decoded; auto: on an NVIDIA card if there is one."""
    frozen_after_s: Annotated[float, Field(ge=0, le=86_400)] = 10.0
    """Seconds of equal pictures before a live camera counts as frozen; 0: never."""
    count_hz: Annotated[float, Field(gt=0, le=60)] = 2.0
    """Counts a second that are aimed at."""
    stale_after_s: Annotated[float, Field(gt=0, le=86_400)] = 3.0
    """Seconds without a frame before the stream counts as stale."""
    count: tuple[str, ...] = ()
    """What is counted, where the model can be asked: `["people", "bicycles"]`; absent: what the
    model counts by itself."""
    lost_after_s: Annotated[float, Field(gt=0, le=86_400)] = 10.0
    """Seconds without a count before the last one is no longer a count of now; never less than
    `stale_after_s`."""
    zone: tuple[ZoneSettings, ...] = ()
    """Parts of the picture that are counted by themselves, or not at all; names differ."""
    ground: GroundSettings | None = None
    """The ground before the camera; absent: people per m² are not known."""
    limit: LimitSettings | None = None
    """Count that must not be reached: short for one rule with the name `limit`."""
    rule: tuple[RuleSettings, ...] = ()
    """What rings; names differ."""
    stream_alarm_after_s: Annotated[float, Field(gt=0)] = 5.0
    """Seconds without a count that can be relied on before the camera's own alarm rings."""
    stream_alarm_priority: Priority = Priority.MEDIUM
    """How soon somebody must act on that: low, medium or high."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What rings, as the alarms work with it; the short form comes first."""
        short = () if self.limit is None else (self.limit.to_rule(),)
        return (*short, *(one.to_rule() for one in self.rule))

    @property
    def rules_by_thing(self) -> tuple[tuple[str | None, Rule], ...]:
        """The same, each with the thing that it concerns; None: the first that is counted."""
        short = () if self.limit is None else ((None, self.limit.to_rule()),)
        return (*short, *((one.count, one.to_rule()) for one in self.rule))

    @property
    def stream_rule(self) -> Rule:
        """The rule of the camera's own alarm."""
        return stream_rule(after_s=self.stream_alarm_after_s, priority=self.stream_alarm_priority)

    @field_validator("count")
    @classmethod
    def _things_can_be_asked_for(cls, things: tuple[str, ...]) -> tuple[str, ...]:
        check_things(things)
        return things

    @field_validator("name")
    @classmethod
    def _name_is_of_a_camera(cls, name: str) -> str:
        check_camera_name(name)
        return name

    @model_validator(mode="after")
    def _password_has_one_place(self) -> Self:
        if sum((bool(self.password_env), bool(self.password_file), self.password_keyring)) > 1:
            raise ValueError(
                "give one of password_env, password_file and password_keyring; a password has one "
                "place"
            )
        return self

    @model_validator(mode="after")
    def _rules_have_names(self) -> Self:
        names = [one.name for one in self.rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two rules have the name {', '.join(twice)}; names must differ")
        if STREAM_RULE_NAME in names:
            raise ValueError(f"a rule cannot be called {STREAM_RULE_NAME}: every camera has that")
        return self

    @model_validator(mode="after")
    def _rules_can_be_judged(self) -> Self:
        names = [one.name for one in self.zone]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two zones have the name {', '.join(twice)}; names must differ")
        counted = {one.name for one in self.zone if one.kind is ZoneKind.COUNT}
        for one in self.rule:
            if one.zone is not None and one.zone not in counted:
                raise ValueError(f"rule {one.name}: no zone {one.zone!r} is counted")
            is_density = one.measure in {Measure.DENSITY, Measure.PEAK_DENSITY}
            if self.ground is None and is_density:
                raise ValueError(f"rule {one.name}: people per m² need [camera.ground]")
            if is_density and (one.count or (*self.count, PEOPLE)[0]) != PEOPLE:
                raise ValueError(f"rule {one.name}: only people are counted per m²")
        return self


class MemberSettings(_Record):
    """`[[area.member]]`: a part of an area."""

    camera: str
    """Name of a camera; of another thing than people: `Gate · bicycles`."""
    zone: str | None = None
    """Name of one of its zones; absent: the whole picture."""


class AreaSettings(_Record):
    """`[[area]]`: a place that several cameras see, counted as one."""

    name: Annotated[str, Field(min_length=1)]
    """How people call it; no camera and no other area has the same name."""
    combine: Combine = Combine.SUM
    """sum where the cameras see different ground, max where they see the same."""
    member: Annotated[tuple[MemberSettings, ...], Field(min_length=1)]
    """Its parts."""
    rule: tuple[RuleSettings, ...] = ()
    """What rings; names differ."""
    stream_alarm_after_s: Annotated[float, Field(gt=0)] = 5.0
    """Seconds without a count that can be relied on before the area's own alarm rings."""
    stream_alarm_priority: Priority = Priority.MEDIUM
    """How soon somebody must act on that: low, medium or high."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What rings, as the alarms work with it."""
        return tuple(one.to_rule() for one in self.rule)

    @property
    def stream_rule(self) -> Rule:
        """The rule of the area's own alarm."""
        return stream_rule(after_s=self.stream_alarm_after_s, priority=self.stream_alarm_priority)

    @model_validator(mode="after")
    def _rules_fit(self) -> Self:
        names = [one.name for one in self.rule]
        if len(set(names)) < len(names) or STREAM_RULE_NAME in names:
            raise ValueError(f"the names of rules must differ, and none is {STREAM_RULE_NAME}")
        if any(one.zone is not None for one in self.rule):
            raise ValueError("a rule of an area watches the whole of it; name no zone")
        return self

    def to_area(self) -> Area:
        """Give the record that is counted with."""
        members = tuple(Member(one.camera, one.zone) for one in self.member)
        return Area(self.name, members, self.combine)


class ModelSettings(_Record):
    """`[model]`: what counts, and where it runs."""

    path: str | None = None
    """Model file, or a name that `crowd-monitor models list` shows; absent: the usual one."""
    provider: str = "auto"
    """ONNX Runtime execution provider: auto, cpu, cuda, tensorrt, …"""
    threads: Annotated[int, Field(ge=0)] = 0
    """Threads for one inference; 0: as many as the machine has cores."""


class StreamsSettings(_Record):
    """`[streams]`: how cameras are read."""

    processes: Literal["auto", "never", "always"] = "auto"
    """Whether cameras are read in processes of their own; auto: from nine cameras on, where there
    are four cores or more."""
    cameras_per_process: Annotated[int, Field(ge=1, le=16)] = 6
    """Cameras that one process reads; four to eight are sensible."""


class SiteSettings(_Record):
    """A whole site file."""

    version: Annotated[int, Field(ge=1, le=1)] = 1
    """Version of the site file's layout."""
    camera: Annotated[tuple[CameraSettings, ...], Field(min_length=1)]
    """The cameras, in the order in which they are shown."""
    area: tuple[AreaSettings, ...] = ()
    """Places that several cameras see, counted as one."""
    streams: StreamsSettings = StreamsSettings()
    model: ModelSettings = ModelSettings()
    store: StoreSettings = StoreSettings()
    csv: CsvSettings | None = None
    """A file to which readings are appended; absent: none."""
    mqtt: MqttSettings | None = None
    """The broker that is told; absent: none."""
    notify: NotifySettings | None = None
    """Who is told of alarms; absent: nobody but the operator."""
    evidence: EvidenceSettings | None = None
    """What is kept of alarms; absent: no more than the journal."""
    privacy: PrivacySettings = PrivacySettings()
    metrics: MetricsSettings = MetricsSettings()
    status: StatusSettings = StatusSettings()

    @field_validator("camera")
    @classmethod
    def _names_differ(cls, cameras: tuple[CameraSettings, ...]) -> tuple[CameraSettings, ...]:
        names = [one.name for one in cameras]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two cameras have the name {', '.join(twice)}; names must differ")
        return cameras

    @model_validator(mode="after")
    def _areas_fit(self) -> Self:
        zones = {one.name: {zone.name for zone in one.zone} for one in self.camera}
        taken = set(zones)
        for area in self.area:
            check_camera_name(area.name)
            if area.name in taken:
                raise ValueError(f"two cameras or areas have the name {area.name}")
            taken.add(area.name)
            for one in area.member:
                camera = camera_of(one.camera)
                if camera not in zones:
                    raise ValueError(f"area {area.name}: there is no camera {one.camera!r}")
                if one.zone is not None and one.zone not in zones[camera]:
                    raise ValueError(f"area {area.name}: {one.camera} has no zone {one.zone!r}")
        return self
