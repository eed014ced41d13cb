"""What a person sets: cameras, model, history; from a site file or from options."""

from monitor.settings.records import (
    CameraSettings,
    LimitSettings,
    ModelSettings,
    RuleSettings,
    SiteSettings,
    StatusSettings,
    StoreSettings,
)

__all__ = [
    "CameraSettings",
    "LimitSettings",
    "ModelSettings",
    "RuleSettings",
    "SiteSettings",
    "StatusSettings",
    "StoreSettings",
]
