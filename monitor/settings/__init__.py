"""What a person sets: cameras, model, history; from a site file or from options."""

from monitor.settings.records import (
    CameraSettings,
    LimitSettings,
    ModelSettings,
    RuleSettings,
    SiteSettings,
    StoreSettings,
)
from monitor.settings.scene import BandSettings, GroundSettings, ZoneSettings
from monitor.settings.status import StatusSettings

__all__ = [
    "BandSettings",
    "CameraSettings",
    "GroundSettings",
    "LimitSettings",
    "ModelSettings",
    "RuleSettings",
    "SiteSettings",
    "StatusSettings",
    "StoreSettings",
    "ZoneSettings",
]
