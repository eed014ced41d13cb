"""Keys, menu and sheet are one table."""

import pytest
from PyQt6.QtWidgets import QWidget

from monitor.ui.actions import Actions, Command
from monitor.ui.help import keys_html


@pytest.fixture
def actions(qtbot):
    """The table of a window."""
    window = QWidget()
    qtbot.addWidget(window)
    return Actions(window)


def test_a_command_is_in_the_menu_and_on_the_sheet(actions):
    """With its key, so that nobody needs to know it by heart."""
    done = []
    actions.add(Command("Wave <hello>", ("W",), lambda: done.append(1), "Greetings"))

    (group,) = actions.menu.actions()
    (action,) = group.menu().actions()
    action.trigger()

    sheet = keys_html(actions.commands)
    assert done == [1]
    assert group.text() == "Greetings"
    assert action.shortcut().toString() == "W"
    assert "<b>W</b>" in sheet
    assert "Wave &lt;hello&gt;" in sheet
    assert "Greetings" in sheet


def test_commands_of_a_group_stand_together(actions):
    """Whoever adds them, and whenever: the menu stays shorter than a small screen."""
    actions.add(Command("One", (), list, "Site"), Command("Two", (), list, "Help"))
    actions.add(Command("Three", (), list, "Site"))

    shown = {
        one.text(): [each.text() for each in one.menu().actions()] for one in actions.menu.actions()
    }
    assert shown == {"Site": ["One", "Three"], "Help": ["Two"]}


def test_a_key_does_one_thing(actions):
    """Two commands on one key would both be dead."""
    actions.add(Command("One", ("W", "V"), list))

    with pytest.raises(ValueError, match="taken"):
        actions.add(Command("Other", ("V",), list))
