"""Who may ask."""

import pytest
from pydantic import ValidationError

from monitor.settings.outputs import StatusSettings, is_loopback


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.7", False),
        ("control-room", False),
        ("localhost.example", False),
    ],
)
def test_what_other_machines_can_reach_needs_a_token(host: str, expected: bool) -> None:
    """Without one, only this machine's own addresses are taken."""
    assert is_loopback(host) is expected
    assert StatusSettings(host=host, token_env="T").is_local is expected
    if not expected:
        with pytest.raises(ValidationError, match="token is needed"):
            StatusSettings(host=host)


def test_a_token_has_one_place() -> None:
    """Two would be a riddle."""
    with pytest.raises(ValidationError, match="not both"):
        StatusSettings(token_env="T", token_file="f")
