"""What a change of rules, zones, ground or cameras makes of the settings of a site.

The settings are frozen, so that every state of a site can be kept and come back to. They are
checked as a whole by `checked`, before they hold.
"""

from collections.abc import Sequence, Set

from pydantic import ValidationError

from monitor.core.rule import Level, Measure, Priority, Rule
from monitor.core.series import camera_of as series_camera
from monitor.core.series import series_name, thing_of
from monitor.core.zone import Zone
from monitor.settings.records import (
    AreaSettings,
    CameraSettings,
    LimitSettings,
    RuleSettings,
    SiteSettings,
)
from monitor.settings.scene import GroundSettings, ZoneSettings

_SHORT = Rule(limit=1)
"""What the short form of a rule leaves at its default."""


def with_rules(
    site: SiteSettings, owner: str, rules: Sequence[Rule], first: str = ""
) -> SiteSettings:
    """Have a camera or area watched by other rules.

    Args:
        site: The settings.
        owner: Name of the area or camera, or of one thing that the camera counts (a series).
        rules: All rules of it; names differ.
        first: The first thing that the camera counts where its settings name none, as a model that
            counts several by itself; rules that name no thing belong to it. Empty: the owner's.

    Returns:
        The new settings.

    Raises:
        KeyError: If there is no such camera or area.
    """
    if (area := next((one for one in site.area if one.name == owner), None)) is not None:
        changed = area.model_copy(
            update={"rule": tuple(RuleSettings.of_rule(one) for one in rules)}
        )
        return with_areas(site, [changed if one is area else one for one in site.area])
    camera = camera_of(site, owner)
    first = camera.count[0] if camera.count else first or thing_of(owner)
    thing = thing_of(owner)
    others = tuple(one for one in camera.rule if (one.count or first) != thing)
    long_names = {one.name for one in camera.rule}
    short = next((one for one in rules if _is_short(one, long_names)), None)
    short = short if thing == first else None
    rest = tuple(
        RuleSettings.of_rule(one).model_copy(update={"count": None if thing == first else thing})
        for one in rules
        if one is not short
    )
    limit = camera.limit if thing != first else None if short is None else _limit_of(short)
    return with_camera(site, camera.model_copy(update={"limit": limit, "rule": (*rest, *others)}))


def with_things(site: SiteSettings, camera: str, things: Sequence[str], first: str) -> SiteSettings:
    """Count other things before a camera.

    Rules stay with the thing that they are about, and sleep while it is not counted.

    Args:
        site: The settings.
        camera: Name of the camera.
        things: What to count; empty: what the model counts by itself.
        first: The first thing that was counted before, to which rules belong that name none.

    Returns:
        The new settings.

    Raises:
        KeyError: If there is no such camera.
    """
    return with_camera(site, counting(camera_of(site, camera), things, first))


def counting(camera: CameraSettings, things: Sequence[str], first: str) -> CameraSettings:
    """Count other things before a camera; as `with_things`, of the camera's settings alone."""
    limit, rules = camera.limit, camera.rule
    if tuple(things[:1]) != (first,):
        short = () if limit is None else (RuleSettings.of_rule(limit.to_rule()),)
        rules = tuple(
            one.model_copy(update={"count": one.count or first}) for one in (*short, *rules)
        )
        limit = None
    update = {"count": tuple(things), "limit": limit, "rule": rules}
    return camera.model_copy(update=update)


def with_zones(site: SiteSettings, camera: str, zones: Sequence[Zone]) -> SiteSettings:
    """Count in other zones of a camera; rules and areas follow a zone that is called anew.

    Args:
        site: The settings.
        camera: Name of the camera.
        zones: All of its zones; names differ.

    Returns:
        The new settings.

    Raises:
        KeyError: If there is no such camera.
    """
    before = camera_of(site, camera)
    parts = tuple(ZoneSettings.of_zone(one) for one in zones)
    names = _renamed(before.zone, parts)
    rules = tuple(
        one.model_copy(update={"zone": names[one.zone]}) if one.zone in names else one
        for one in before.rule
    )
    changed = with_camera(site, before.model_copy(update={"zone": parts, "rule": rules}))
    return with_areas(changed, [_follow(one, camera, names) for one in changed.area])


def with_ground(site: SiteSettings, camera: str, ground: GroundSettings | None) -> SiteSettings:
    """Measure people per m² otherwise; raises a `KeyError` where there is no such camera."""
    before = camera_of(site, camera)
    return with_camera(site, before.model_copy(update={"ground": ground}))


def with_areas(site: SiteSettings, areas: Sequence[AreaSettings]) -> SiteSettings:
    """Have other areas."""
    return site.model_copy(update={"area": tuple(areas)})


def with_camera(site: SiteSettings, camera: CameraSettings, *, was: str = "") -> SiteSettings:
    """Have a camera: in the place of the one that it replaces, else behind the others.

    Args:
        site: The settings.
        camera: The camera.
        was: What it was called before; empty: the same as now. Areas follow the new name.

    Returns:
        The new settings.
    """
    name = was or camera.name
    cameras = [camera if one.name == name else one for one in site.camera]
    if all(one.name != name for one in site.camera):
        cameras.append(camera)
    changed = site.model_copy(update={"camera": tuple(cameras)})
    if name == camera.name:
        return changed
    return with_areas(changed, [_call_camera(one, name, camera.name) for one in site.area])


def without_camera(site: SiteSettings, name: str) -> SiteSettings:
    """Watch a camera no longer; areas lose their share in it, and go where nothing is left.

    Returns:
        The new settings.

    Raises:
        KeyError: If there is no such camera.
        ValueError: If it is the last: a site watches something.
    """
    name = camera_of(site, name).name
    cameras = tuple(one for one in site.camera if one.name != name)
    if not cameras:
        raise ValueError("this is the only camera; add another one before you take it away")
    areas = []
    for area in site.area:
        members = tuple(one for one in area.member if series_camera(one.camera) != name)
        if members:
            areas.append(area.model_copy(update={"member": members}))
    return site.model_copy(update={"camera": cameras, "area": tuple(areas)})


def camera_of(site: SiteSettings, name: str) -> CameraSettings:
    """Give the settings of the camera of a name or series; raises `KeyError` if there is none."""
    found = next((one for one in site.camera if one.name == series_camera(name)), None)
    if found is None:
        raise KeyError(f"there is no camera {name!r}")
    return found


def checked(site: SiteSettings) -> SiteSettings:
    """Make sure that settings fit together, so that they can run and the file can hold them.

    Args:
        site: Settings that were made of others, whose parts were not judged together.

    Returns:
        The same.

    Raises:
        ValueError: If they do not fit, as a rule on a zone that was taken away; in one sentence.
    """
    try:
        SiteSettings.model_validate(site.model_dump())
    except ValidationError as error:
        faults = [one["msg"].removeprefix("Value error, ") for one in error.errors()]
        raise ValueError("; ".join(dict.fromkeys(faults))) from error
    return site


def _is_short(rule: Rule, long_names: Set[str]) -> bool:
    """Whether a rule can be written as `[camera.limit]`, and is not written at length already."""
    return (
        rule.name == _SHORT.name
        and rule.name not in long_names
        and rule.measure is Measure.COUNT
        and rule.level is Level.HIGH
        and rule.priority is Priority.MEDIUM
        and rule.zone is None
        and not rule.is_latching
        and rule.realarm_after_s == _SHORT.realarm_after_s
    )


def _limit_of(rule: Rule) -> LimitSettings:
    return LimitSettings(
        high=rule.limit,
        dead_band=rule.dead_band,
        on_delay_s=rule.on_delay_s,
        off_delay_s=rule.off_delay_s,
        confidence=rule.confidence,
    )


def _renamed(before: Sequence[ZoneSettings], after: Sequence[ZoneSettings]) -> dict[str, str]:
    """Tell which zones are called anew: in the same place with another name and nothing else."""
    if len(before) != len(after):
        return {}
    kept = {one.name for one in after}
    return {
        old.name: new.name
        for old, new in zip(before, after, strict=True)
        if old.name not in kept and old.polygon == new.polygon
    }


def _follow(area: AreaSettings, camera: str, names: dict[str, str]) -> AreaSettings:
    members = tuple(
        one.model_copy(update={"zone": names[one.zone]})
        if series_camera(one.camera) == series_camera(camera) and one.zone in names
        else one
        for one in area.member
    )
    return area.model_copy(update={"member": members}) if members != area.member else area


def _call_camera(area: AreaSettings, before: str, after: str) -> AreaSettings:
    members = tuple(
        one.model_copy(update={"camera": series_name(after, thing_of(one.camera))})
        if series_camera(one.camera) == before
        else one
        for one in area.member
    )
    return area.model_copy(update={"member": members}) if members != area.member else area
