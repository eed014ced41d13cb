"""What people wear."""

from dataclasses import fields

import numpy as np
import pytest

from monitor.plaza.figure import dress


@pytest.mark.parametrize("people", [0, 1, 300])
def test_everybody_is_dressed(people: int) -> None:
    """One row for each person in every field; colours are colours."""
    looks = dress(np.random.default_rng(1), people)

    for field in fields(looks):
        value = getattr(looks, field.name)
        assert len(value) == people
        if value.dtype != bool:
            assert value.shape == (people, 3)
            assert ((value >= 0) & (value <= 255)).all()


def test_people_differ() -> None:
    """In a crowd hardly two tops have the same colour, and every kind of dress is met."""
    looks = dress(np.random.default_rng(2), 400)

    assert len(np.unique(looks.top.round(1), axis=0)) > 390
    for field in ("has_long_hair", "has_cap", "has_skirt", "has_rucksack", "has_handbag"):
        assert 0 < getattr(looks, field).mean() < 1


def test_a_coat_covers() -> None:
    """Whoever wears a coat has its lower half and long sleeves."""
    looks = dress(np.random.default_rng(5), 400)

    assert looks.has_skirt[looks.is_coat].all()
    assert not looks.has_short_sleeves[looks.is_coat].any()
