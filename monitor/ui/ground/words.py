"""What is said of a plane while the ground is marked, as pure functions."""

from PyQt6.QtCore import QCoreApplication

from monitor.scene.ground_check import CameraPlace, ZoneGround
from monitor.ui.ground.fit import GroundFit
from monitor.ui.language import written

_FEW = 0.02  # of a zone: less is its edge


def check_text(fit: GroundFit) -> str:
    """Say what a person can check a plane by: misses, camera, grid, zones.

    Args:
        fit: The plane.

    Returns:
        One line: `Off by 1.2 px, 0.04 m. Camera 8.1 m above the ground. Grid 1 m. gate 54 m²`.
    """
    parts = []
    if fit.misses:
        parts.append(
            _tr("Off by {px} px, {m} m.").format(
                px=written(fit.residual_px, ".1f"), m=written(fit.residual_m, ".2f")
            )
        )
    if fit.camera is not None:
        parts.append(_camera_text(fit.camera, has_misses=bool(fit.misses)))
    parts.append(_tr("Grid {step} m.").format(step=fit.grid.step_m))
    if fit.zones:
        parts.append(_tr("Zones: {zones}").format(zones=", ".join(map(_zone_text, fit.zones))))
    return " ".join(parts)


def _camera_text(camera: CameraPlace, *, has_misses: bool) -> str:
    words = _tr("Camera {height} m above the ground").format(height=written(camera.height_m, ".1f"))
    if has_misses:
        return f"{words}."
    return words + _tr(", lens right to {miss} m.").format(miss=written(camera.misfit_m, ".2f"))


def _zone_text(zone: ZoneGround) -> str:
    words = _tr("{name} {area} m²").format(name=zone.name, area=written(zone.area_m2, ".0f"))
    if zone.far_share <= _FEW:
        return words
    return words + _tr(" ({share:.0%} too far)").format(share=zone.far_share)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Ground", text)
