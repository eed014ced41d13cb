"""Labels."""

from PyQt6.QtGui import QPalette

from monitor.ui.labels import make_label, set_kind


def test_another_kind_has_another_look_at_once(qtbot, dark):
    """A fault stands out, though the label was shown as a quiet one before."""
    label = make_label("muted", "words")
    qtbot.addWidget(label)
    label.show()
    qtbot.waitExposed(label)
    colours = []
    for kind in ("muted", "warning", "muted"):
        set_kind(label, kind)
        colours.append(label.palette().color(QPalette.ColorRole.WindowText).name())

    assert colours == [dark.muted, dark.warning, dark.muted]
