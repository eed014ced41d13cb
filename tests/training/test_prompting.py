"""Pictures of any size are asked whole."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.rigs.tiny_count import tiny_counter
from training.data.augment import normalize
from training.data.labelled import LabelledPicture
from training.prompting import Asking, absent_names


@pytest.mark.parametrize("size_hw", [(64, 64), (40, 30), (200, 70), (65, 131)])
def test_any_size(size_hw):
    """Smaller than a window, portrait, odd: one block for every 8 pixels begun."""
    asking = Asking(tiny_counter())

    found = asking.count(np.zeros((*size_hw, 3), np.uint8), "cars")

    assert found.shape == (-(-size_hw[0] // 8), -(-size_hw[1] // 8))


def test_one_window_is_the_network_itself():
    """Nothing is added around a picture that fits."""
    counter = tiny_counter()
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    picture = normalize(torch.from_numpy(image).permute(2, 0, 1)[None], counter.mean, counter.std)

    found = Asking(counter).count(image, "people")

    with torch.no_grad():
        np.testing.assert_allclose(found, counter(picture).density[0].numpy(), rtol=1e-5)


def test_prompts_are_encoded_once():
    """However many windows a picture has."""
    counter = tiny_counter()
    calls: list[int] = []
    counter.text.register_forward_hook(lambda *_: calls.append(1))

    asking = Asking(counter)
    for _ in range(3):
        asking.count(np.zeros((150, 150, 3), np.uint8), "cars")

    assert len(calls) == 1


def test_absent_names_are_absent_and_stay_the_same():
    """Another order of names, the same choice."""
    picture = LabelledPicture(Path("a.png"), (9, 9), np.zeros((1, 2), np.float32), labels=("cars",))
    names = ["apples", "birds", "cars", "dogs", "eggs"]

    found = absent_names(picture, names, most=2)

    assert len(set(found)) == 2
    assert "cars" not in found
    assert absent_names(picture, names[::-1], most=2) == found
