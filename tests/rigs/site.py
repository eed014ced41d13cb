"""Changes of a running engine's settings, as the window and the site file make them."""

from collections.abc import Sequence

from monitor.core.rule import Rule
from monitor.engine.engine import Engine
from monitor.settings import GroundSettings, SiteSettings
from monitor.settings.editing import with_ground, with_rules


def site_of(engine: Engine) -> SiteSettings:
    """Give the settings that an engine runs with."""
    return SiteSettings(camera=engine.camera_settings(), area=engine.area_settings())


def set_rules(engine: Engine, owner: str, rules: Sequence[Rule], who: str = "") -> None:
    """Have a camera or area watched by other rules."""
    site = with_rules(site_of(engine), owner, rules)
    engine.apply(site.camera, who, areas=site.area)


def set_ground(engine: Engine, camera: str, ground: GroundSettings | None) -> None:
    """Have people per m² measured otherwise."""
    site = with_ground(site_of(engine), camera, ground)
    engine.apply(site.camera, areas=site.area)
