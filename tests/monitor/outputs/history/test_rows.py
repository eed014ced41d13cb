"""Text that no database takes."""

import pytest

from monitor.outputs.history.rows import storable


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        pytest.param("Tor 3 – Süd 門", "Tor 3 – Süd 門", id="ordinary"),
        pytest.param("a\0b", "a\N{REPLACEMENT CHARACTER}b", id="NUL"),
        pytest.param("a\ud800b", "a?b", id="half a character"),
    ],
)
def test_only_what_cannot_be_stored_is_replaced(text, stored):
    """A pasted note must never block the journal."""
    assert storable(text) == stored
