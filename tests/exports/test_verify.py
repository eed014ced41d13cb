"""Two counters that count the same pass; others are told, on patterns and on marked pictures."""

import numpy as np
import pytest

from exports.__main__ import main
from exports.errors import ExportError
from exports.pictures import halves_of, patterned_pictures, pictures_of, sizes_for
from exports.verify import Comparison, compare, count_change, difference_of
from monitor.inference.model import load_model
from tests.rigs.labelled import write_common
from tests.rigs.plain_counter import write_plain


def comparison(before, after):
    """Say that a picture counted so much before and so much after."""
    return Comparison((8, 8), before, after, 0.0, None)


def test_difference_is_the_worst_picture_or_all_together():
    """Hand count: 1 of 100 and 1 of 10; in eight bits 2 of 110."""
    compared = [comparison(100.0, 101.0), comparison(10.0, 9.0)]

    assert difference_of(compared, "fp32") == pytest.approx(0.1)
    assert difference_of(compared, "int8") == pytest.approx(2 / 110)


def test_below_one_person_differences_are_absolute():
    """Half a person where nobody is counted is half a person, not everything."""
    assert comparison(0.0, 0.5).relative == 0.5


def test_no_number_passes_nothing():
    """A file that gives no number differs by no number, which is below no tolerance."""
    difference = difference_of([comparison(1.0, float("nan"))], "fp32")

    assert not difference < 1e9


def test_change_bounds_how_much_worse_a_count_can_be():
    """The law behind --max-error: no mean error grows by more than the change times the people."""
    draw = np.random.default_rng(0)
    for _ in range(50):
        truth, before = draw.uniform(0, 300, 20), draw.uniform(0, 300, 20)
        after = before + draw.normal(0, 20, 20)
        grown = np.abs(after - truth).sum() - np.abs(before - truth).sum()

        assert grown <= count_change(before, after) * before.sum() + 1e-9


def test_files_are_compared_with_files(tmp_path, capsys):
    """A file equals itself and differs from one with other weights; exit codes say so."""
    one, other = write_plain(tmp_path / "one.onnx"), write_plain(tmp_path / "two.onnx", seed=1)
    words = ["--provider", "cpu"]

    assert main(["verify", str(one), "--against", str(one), *words]) == 0
    assert "largest relative difference 0.0e+00" in capsys.readouterr().out
    assert main(["verify", str(other), "--against", str(one), *words]) == 1
    assert main(["verify", str(other), "--against", str(one), *words, "--tolerance", "1e9"]) == 0
    assert main(["verify", str(other), "--against", str(one), *words, "--tolerance", "0"]) == 1


def test_marked_pictures_score_both(tmp_path, capsys):
    """With data the errors of both against the marks are shown, by held-out pictures."""
    one, other = write_plain(tmp_path / "one.onnx"), write_plain(tmp_path / "two.onnx", seed=1)
    data = write_common(tmp_path / "dots", [3, 5, 8, 2], held_out=3)
    files = [str(other), "--against", str(one), "--provider", "cpu"]

    assert main(["verify", *files, "--data", str(data)]) == 1

    shown = capsys.readouterr().out
    model = load_model(one)
    marked = pictures_of(data, most=10).pictures
    errors = [abs(model.count_blocks(p.image)[0].sum(dtype=np.float64) - p.truth) for p in marked]
    assert [p.truth for p in marked] == [5, 8, 2]
    assert f"{np.mean(errors):.2f}" in shown
    assert main(["verify", *files, "--data", str(tmp_path)]) == 1
    assert "points.csv" in capsys.readouterr().err


def test_counters_of_other_blocks_are_no_pair():
    """Block by block is the claim, so blocks must be the same."""

    def counter(rows, variance):
        def count(image):
            density = np.ones((rows, 2), np.float32)
            return density, density if variance else None

        return count

    images = [np.zeros((8, 8, 3), np.uint8)]
    with pytest.raises(ExportError, match="blocks of different size"):
        compare(counter(2, True), counter(3, True), images)
    with pytest.raises(ExportError, match="how sure"):
        compare(counter(2, True), counter(2, False), images)


def test_pictures_to_fit_and_to_judge_are_different(tmp_path):
    """Training pictures fit and held-out ones judge; without such, every second one judges."""
    split = halves_of(write_common(tmp_path / "a", [1, 2, 3, 4, 5], held_out=2), most=4)
    whole = halves_of(write_common(tmp_path / "b", [1, 2, 3, 4, 5], held_out=0), most=5)

    assert [one.truth for one in split.fitting] == [1, 3]
    assert [one.truth for one in split.judging] == [4, 5]
    assert [one.truth for one in whole.fitting] == [1, 3, 5]
    assert [one.truth for one in whole.judging] == [2, 4]
    with pytest.raises(ExportError, match="too few"):
        halves_of(write_common(tmp_path / "c", [1], held_out=0), most=5)
    with pytest.raises(ExportError, match="too few"):
        halves_of(None, most=1)


@pytest.mark.parametrize("window_px", [32, 224, 448])
def test_pictures_for_windows_are_awkward_and_few(window_px):
    """Smaller than a window, exact, odd, upright; never more than eight windows in all."""
    sizes = sizes_for(window_px)
    windows = [-(-height // window_px) * -(-width // window_px) for height, width in sizes]

    assert (window_px, window_px) in sizes
    assert any(max(size) < window_px for size in sizes)
    assert any(height > width for height, width in sizes)
    assert any(height % 2 or width % 2 for height, width in sizes)
    assert sum(windows) <= 8
    assert [one.shape[:2] for one in patterned_pictures(sizes)] == list(sizes)
