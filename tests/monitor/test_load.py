"""Time limits of the tests: they allow for a slow machine."""

import os

import pytest

from tests.rigs import load


@pytest.mark.parametrize(
    ("load_average", "spin", "expected"),
    [(0.1, 0.4, 1.0), (20.0, 1.0, 10.0), (1.0, 3.0, 3.0), (900.0, 1.0, 40.0)],
    ids=["idle", "laden", "slow cores", "not for ever"],
)
def test_limit_is_stretched_by_what_slows_the_machine(
    monkeypatch: pytest.MonkeyPatch, load_average: float, spin: float, expected: float
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load_average, 0.0, 0.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(load, "_spin", lambda: spin)
    monkeypatch.setattr(load, "_gauge", load._Gauge())

    assert load.scaled_s(2.0) == pytest.approx(2.0 * expected)
