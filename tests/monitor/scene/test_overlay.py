"""Annotated pictures: any size, the whole text or less of it, never half of it."""

import numpy as np
import pytest

from monitor.core.prediction import Prediction
from monitor.scene.overlay import count_lines, draw_lines, draw_prediction


def a_prediction(
    size_hw: tuple[int, int] = (90, 160), *, variance: float | None = 9.0, block_px: int = 16
) -> Prediction:
    rows, columns = -(-size_hw[0] // block_px), -(-size_hw[1] // block_px)
    density = np.zeros((rows, columns), dtype=np.float32)
    density[0, 0] = 12.0
    return Prediction(density, block_px, size_hw, variance, 0.01)


@pytest.mark.parametrize(
    "size_hw", [(1, 1), (1, 500), (500, 1), (20, 30), (90, 160), (719, 1279), (2160, 3840)]
)
def test_any_size_is_drawn(size_hw: tuple[int, int]) -> None:
    """The annotated picture has the size of the picture."""
    image = np.full((*size_hw, 3), 90, dtype=np.uint8)

    drawn = draw_prediction(image, a_prediction(size_hw), title="North gate", truth=14)

    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8


def test_the_picture_given_stays_as_it_was() -> None:
    """Drawing makes a new picture; read-only ones can be given."""
    image = np.full((180, 320, 3), 90, dtype=np.uint8)
    image.setflags(write=False)

    drawn = draw_prediction(image, a_prediction((180, 320)))

    assert (image == 90).all()
    assert drawn.flags.writeable
    assert not np.array_equal(drawn, image)


def test_heat_lies_where_the_people_are() -> None:
    """The block with people changes color; the far corner does not."""
    image = np.full((720, 1280, 3), 90, dtype=np.uint8)

    drawn = draw_prediction(image, a_prediction((720, 1280)))

    assert not np.array_equal(drawn[8, 8], image[8, 8])
    assert np.array_equal(drawn[8, 1200], image[8, 1200])


@pytest.mark.parametrize("drawn_hw", [(360, 640), (720, 1280), (1440, 2560)])
def test_heat_follows_the_size_that_is_drawn(drawn_hw: tuple[int, int]) -> None:
    """Counted at one size, drawn at another: the people stay at their place in the scene."""
    prediction = a_prediction((720, 1280), block_px=16)
    density = np.zeros((45, 80), dtype=np.float32)
    density[20, 40] = 1.0
    prediction = Prediction(density, 16, (720, 1280), None, 0.01)
    image = np.zeros((*drawn_hw, 3), dtype=np.uint8)

    drawn = draw_prediction(image, prediction)[: drawn_hw[0] * 2 // 3]
    rows, columns = np.nonzero(drawn.max(axis=2) == drawn.max())

    assert rows.mean() / drawn_hw[0] == pytest.approx(20.5 / 45, abs=0.01)
    assert columns.mean() / drawn_hw[1] == pytest.approx(40.5 / 80, abs=0.01)


def test_blocks_over_the_edge_do_not_stretch_the_map() -> None:
    """A map whose last blocks hang over the picture is cut, not squeezed."""
    density = np.zeros((2, 2), dtype=np.float32)
    density[1, 1] = 1.0
    prediction = Prediction(density, 32, (40, 40), None, 0.01)

    drawn = draw_prediction(np.zeros((40, 40, 3), dtype=np.uint8), prediction)

    assert drawn[:15, :15].max() == 0


def test_interval_and_truth_are_written() -> None:
    """A count never comes without its interval where the model gives one."""
    lines = count_lines(a_prediction(), title="Gate", truth=14.0)

    assert lines[0] == ("Gate",)
    assert lines[1][0] == "12 people (7 to 17)"  # 12 ± 1.645 · 3
    assert lines[2][0] == "true number 14"


def test_no_interval_where_the_model_gives_none() -> None:
    """Without a variance there is a number alone."""
    assert count_lines(a_prediction(variance=None), counted="cars") == [("12 cars", "12")]


@pytest.mark.parametrize("size_wh", [(640, 360), (160, 90), (60, 40), (30, 30), (12, 12), (3, 3)])
def test_text_never_touches_the_right_edge(size_wh: tuple[int, int]) -> None:
    """Whatever wording is written, it is written whole: the last column shows none of it."""
    image = np.zeros((size_wh[1], size_wh[0], 3), dtype=np.uint8)

    draw_lines(image, count_lines(a_prediction(), title="A rather long name of a camera"))

    assert image[:, -1].max() == 0


@pytest.mark.parametrize(
    ("height", "least_px"), [(90, 5), (360, 8), (720, 16), (2160, 50)], ids=str
)
def test_text_grows_with_the_picture(height: int, least_px: int) -> None:
    """Letters are large enough to read on a small picture and on a large one."""
    image = np.zeros((height, height * 2, 3), dtype=np.uint8)

    draw_lines(image, [("H",)])
    rows = np.nonzero(image.max(axis=(1, 2)) > 128)[0]

    assert len(rows) >= least_px
    assert len(rows) < height / 6


def test_the_title_goes_first_when_room_is_short() -> None:
    """Of too many lines the last ones, with the number, are kept."""
    tall, low = (np.zeros((height, 400, 3), dtype=np.uint8) for height in (200, 21))

    draw_lines(low, [("IIIIIIIIIIIIIIIIIIIIIIII",), ("8",)])
    draw_lines(tall, [("8",)])

    assert np.count_nonzero(low[:, 40:] > 128) == 0
    assert np.count_nonzero(tall > 128) > 0
    assert np.count_nonzero(low > 128) > 0
