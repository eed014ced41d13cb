"""The model that comes with the program is there, small, honest, and counts."""

import numpy as np
import pytest

from monitor.inference.files import default_model, shipped_models
from monitor.inference.model import load_model
from monitor.plaza import Plaza

LARGEST_BYTES = 12_000_000


def test_default_is_one_of_the_shipped():
    """What runs without a choice is what is listed."""
    assert default_model() in shipped_models()


def test_every_shipped_file_is_small_and_says_how_wrong_it_is():
    """A model file is at most 12 MB and carries errors, data, licence and calibration."""
    for path in shipped_models():
        manifest = load_model(path, provider="cpu").manifest

        assert path.stat().st_size <= LARGEST_BYTES
        assert manifest.errors
        assert all(one.licence for one in manifest.training_data)
        assert manifest.calibration is not None


@pytest.mark.weights
@pytest.mark.parametrize("people", [0, 15, 60, 150])
def test_plaza_is_counted(people):
    """On drawn squares that it was not trained on, the count is off by few."""
    model = load_model(default_model(), provider="cpu")
    errors, truths = [], []
    for seed in (1, 2, 3, 4):
        drawn = Plaza(people, seed).render(3.0)
        errors.append(abs(model.predict(np.array(drawn.image)).count - drawn.truth))
        truths.append(drawn.truth)

    allowed = 1.0 + 0.15 * np.mean(truths)  # an empty square counts below one person
    assert np.mean(errors) <= allowed


@pytest.mark.weights
@pytest.mark.parametrize("people", [15, 120])
def test_the_demo_is_no_unfamiliar_scene(people):
    """A newcomer's first picture is counted as good, not marked as out of distribution."""
    model = load_model(default_model(), provider="cpu")

    found = [model.predict(np.array(Plaza(people, seed).render(3.0).image)) for seed in (1, 2, 3)]

    assert [one.is_novel for one in found] == [False, False, False]
