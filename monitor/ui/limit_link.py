"""One limit in three places: in the box, in the plot, and in the engine."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QObject

from monitor.core.rule import Rule
from monitor.core.series import thing_of
from monitor.ui.charting import count_rules
from monitor.ui.limit_editor import LimitEditor
from monitor.ui.limits import edited_limit
from monitor.ui.plot import CountPlot

RulesChanger = Callable[[str, Sequence[Rule]], None]
"""Called with a camera's name and all its rules when one was changed."""


class LimitLink(QObject):
    """Lets a person change the first limit on people of the camera that is looked at."""

    def __init__(
        self, editor: LimitEditor, plot: CountPlot, change: RulesChanger, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._change = change
        self._camera = ""
        self._rules: tuple[Rule, ...] = ()
        editor.limit_edited.connect(self._on_edited)
        plot.limit_dragged.connect(self._on_dragged)

    def choose(self, camera: str, rules: Sequence[Rule]) -> None:
        """Show another camera's limit; what was typed for the one before is told first."""
        self.finish()
        self._camera, self._rules = camera, tuple(rules)
        self._editor.name_things(thing_of(camera))
        self._editor.show_other_limit(self._limit)

    def show(self, rules: Sequence[Rule]) -> None:
        """Show the limit that holds, unless somebody is changing it."""
        self._rules = tuple(rules)
        self._editor.show_limit(self._limit)

    def finish(self) -> None:
        """Tell a change that was just made without waiting for more."""
        self._editor.finish()

    @property
    def _limit(self) -> Rule | None:
        return next(iter(count_rules(self._rules)), None)

    def _on_dragged(self, high: float) -> None:
        if self._limit is not None:
            self._on_edited(high, self._limit.on_delay_s)
            self._editor.show_other_limit(self._limit)

    def _on_edited(self, high: float, on_delay_s: float) -> None:
        before = self._limit
        after = edited_limit(before, high=high, on_delay_s=on_delay_s)
        rules = [after if one == before else one for one in self._rules]
        if before is None:
            rules.append(after)
        self._change(self._camera, rules)
        self._rules = tuple(rules)
