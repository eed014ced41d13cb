"""What a person sets: cameras, model, history; from a site file or from options."""

from monitor.settings.outputs import (
    CsvSettings,
    EvidenceSettings,
    MetricsSettings,
    MqttSettings,
    NotifySettings,
    PrivacySettings,
    StatusSettings,
    StoreSettings,
    TargetSettings,
)
from monitor.settings.records import (
    AreaSettings,
    CameraSettings,
    LimitSettings,
    MemberSettings,
    ModelSettings,
    RuleSettings,
    SiteSettings,
)
from monitor.settings.scene import BandSettings, GroundSettings, ZoneSettings

__all__ = [
    "AreaSettings",
    "BandSettings",
    "CameraSettings",
    "CsvSettings",
    "EvidenceSettings",
    "GroundSettings",
    "LimitSettings",
    "MemberSettings",
    "MetricsSettings",
    "ModelSettings",
    "MqttSettings",
    "NotifySettings",
    "PrivacySettings",
    "RuleSettings",
    "SiteSettings",
    "StatusSettings",
    "StoreSettings",
    "TargetSettings",
    "ZoneSettings",
]
