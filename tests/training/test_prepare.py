"""Any published set becomes the common format, and its blocks can be counted.

Blocks of prepared sets are counted for the bins of a network.
"""

import csv

import cv2
import pytest

from tests.rigs.labelled import (
    write_common,
    write_mall,
    write_nwpu_crowd,
    write_shanghaitech,
    write_ucf_cc_50,
    write_ucf_qnrf,
)
from training.data.folder import read_folder, read_unmarked
from training.errors import DataError
from training.prepare import count_blocks, main, training_pictures


def counts(pictures):
    """People in each picture."""
    return [len(one.points_xy) for one in pictures]


def test_official_split_is_kept(tmp_path, capsys):
    """Test pictures of UCF-QNRF are held out, and what is missing is reported."""
    source = write_ucf_qnrf(tmp_path / "qnrf", [3, 1], [7])
    folder = tmp_path / "out"

    code = main([str(source), str(folder)])

    found = read_folder(folder)
    assert code == 0
    assert counts(found.part(held_out=True)) == [7]
    assert sorted(counts(found.part(held_out=False))) == [1, 3]
    assert found.split.startswith("official split")
    captured = capsys.readouterr()
    assert "UCF-QNRF, 3 pictures, 11 people" in " ".join(captured.out.split())
    assert "Train: 2 pictures found, 1201 are published" in captured.err


def test_other_ways_to_hold_out(tmp_path):
    """Whoever asks for another split gets it; one that is not there is told."""
    source = write_ucf_qnrf(tmp_path / "qnrf", [3, 1, 2], [7])
    tail = ["--hold-out", "tail", "--share", "0.5"]

    assert main([str(source), str(tmp_path / "none"), "--hold-out", "none"]) == 0
    assert main([str(source), str(tmp_path / "tail"), *tail]) == 0

    assert read_folder(tmp_path / "none").part(held_out=True) == ()
    assert len(read_folder(tmp_path / "tail").part(held_out=True)) == 2


def test_official_split_that_is_not_there(tmp_path, capsys):
    """Mall has none."""
    source = write_mall(tmp_path / "mall", [1, 2])

    code = main([str(source), str(tmp_path / "out"), "--hold-out", "official"])

    assert code == 1
    assert "its publishers give no split" in " ".join(capsys.readouterr().err.split())


def test_fold_is_chosen(tmp_path):
    """The second fold of UCF_CC_50 holds out its pictures 11 to 20."""
    source = write_ucf_cc_50(tmp_path / "cc", [1] * 12)

    assert main([str(source), str(tmp_path / "out"), "--fold", "2"]) == 0

    held = read_folder(tmp_path / "out").part(held_out=True)
    assert [one.name for one in held] == ["11.jpg", "12.jpg"]


def test_test_pictures_become_a_set_without_marks(tmp_path):
    """NWPU-Crowd gives two folders, one of them without marks."""
    source = write_nwpu_crowd(tmp_path / "nwpu", [3, 1], [2], 2)
    folder = tmp_path / "out"

    assert main([str(source), str(folder)]) == 0

    assert counts(read_folder(folder / "nwpu-crowd").part(held_out=True)) == [2]
    test = read_unmarked(folder / "nwpu-crowd-test")
    assert [one.name for one in test.pictures] == ["0004.jpg", "0005.jpg"]
    assert not (folder / "nwpu-crowd-test" / "points.csv").exists()


def test_sides_are_limited(tmp_path):
    """Pictures and marks grow together; without limits not a byte changes."""
    source = write_shanghaitech(tmp_path / "part_A" / "train_data", [3], size_hw=(96, 128))
    none = ["--hold-out", "none"]

    assert main([str(source), str(tmp_path / "same"), *none]) == 0
    assert main([str(source), str(tmp_path / "large"), *none, "--min-side", "192"]) == 0
    assert main([str(source), str(tmp_path / "small"), *none, "--max-side", "64"]) == 0

    same, large, small = (
        read_folder(tmp_path / name).labelled.pictures[0] for name in ("same", "large", "small")
    )
    assert same.path.read_bytes() == (source / "images" / "IMG_1.jpg").read_bytes()
    assert large.size_hw == (192, 256)
    assert cv2.imread(str(large.path)).shape == (192, 256, 3)
    assert large.points_xy == pytest.approx(same.points_xy * 2, abs=2e-3)
    assert small.size_hw == (64, 64)  # 64 × 48 px, and 48 goes to 64: half to the even multiple
    assert small.points_xy == pytest.approx(same.points_xy * [64 / 128, 64 / 96], abs=2e-3)


def test_impossible_limits_are_told(tmp_path, capsys):
    """Limits must be multiples of 32."""
    source = write_mall(tmp_path / "mall", [1])

    assert main([str(source), str(tmp_path / "out"), "--max-side", "1000"]) == 1

    assert "multiples of 32" in capsys.readouterr().err


def test_prepared_set_can_be_prepared_again(tmp_path):
    """A set in the common format keeps its split when its pictures are resized."""
    source = write_common(tmp_path / "set", [3, 1, 2], held_out=1)

    assert main([str(source), str(tmp_path / "out"), "--min-side", "160"]) == 0

    found = read_folder(tmp_path / "out")
    assert counts(found.part(held_out=True)) == [2]
    assert {one.size_hw for one in found.labelled.pictures} == {(160, 192)}


def read_tables(text):
    """Rows of printed tables, by their first column."""
    rows = [line.replace("│", " ").split() for line in text.splitlines() if "│" in line]
    return {row[0]: row[1:] for row in rows}


def test_bins_by_hand(tmp_path, capsys):
    """Blocks of 8 px with 0, 1, 2, 5 and 7 people; what is held out does not count."""
    folder = write_common(tmp_path / "set", [0, 9], held_out=1, size_hw=(16, 24))
    places = {(1, 1): 1, (9, 1): 2, (17, 1): 5, (1, 9): 7}
    with (folder / "points.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "x", "y"])
        writer.writerows(
            ["p000.png", x, y] for (x, y), people in places.items() for _ in range(people)
        )

    assert main(["--bins", str(folder), "--ranges", "0,1-2,3+"]) == 0

    rows = read_tables(capsys.readouterr().out)
    assert rows["0"] == ["33.33333%", "0.00000", "0"]
    assert rows["1-2"] == ["33.33333%", "1.50000", "1.5"]
    assert rows["3+"] == ["33.33333%", "6.00000", "3"]
    assert rows["5"] == ["1", "16.66667%"]


def test_nothing_to_count_is_told(tmp_path, capsys):
    """Where every picture is held out there is nothing to learn anchors from."""
    folder = write_common(tmp_path / "set", [1], held_out=1)

    assert main(["--bins", str(folder)]) == 1

    assert "held out" in capsys.readouterr().err


def test_sliding_bins(tmp_path, capsys):
    """One head in the middle of 16 × 24 px is in 8 × 8 of 9 × 17 windows."""
    folder = write_common(tmp_path / "set", [0, 0], held_out=1, size_hw=(16, 24))
    (folder / "points.csv").write_text("image,x,y\np000.png,12,8\np000.png,12,8\n")

    assert main(["--bins", str(folder), "--sliding"]) == 0

    rows = read_tables(capsys.readouterr().out)
    assert rows["1"] == ["41.83007%", "1.00000", "1"]  # 64 / 153, the head that hides once
    assert rows["4+"] == ["0.00000%", "4.00000", "4"]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["source-alone"],
        ["a", "b", "--bins", "c"],
        ["--bins", "c", "--ranges", "1,2"],
        ["a", "b", "--fold", "6"],
        ["a", "b", "--share", "2"],
    ],
)
def test_wrong_use_is_refused(words, capsys):
    """Before anything is read."""
    with pytest.raises(SystemExit) as caught:
        main(words)

    assert caught.value.code == 2
    assert "error" in capsys.readouterr().err


def test_unknown_source_is_told(tmp_path, capsys):
    """One sentence, code 1."""
    assert main([str(tmp_path / "no"), str(tmp_path / "out")]) == 1

    assert "no such folder" in " ".join(capsys.readouterr().err.split())


def test_only_training_pictures_count(tmp_path):
    """Held-out pictures of any set are left out."""
    one = write_common(tmp_path / "one", [3, 0, 5], held_out=1)
    other = write_common(tmp_path / "other", [2, 4], held_out=1)

    pictures = training_pictures([one, other])

    assert sorted(len(picture.points_xy) for picture in pictures) == [0, 2, 3]


def test_all_held_out_is_told(tmp_path):
    """There is nothing to count then."""
    with pytest.raises(DataError, match="held out"):
        training_pictures([write_common(tmp_path / "set", [1], held_out=1)])


def test_heads_are_in_one_block_and_in_many_windows(tmp_path):
    """Side by side each head counts once; sliding, in each of 64 windows away from the edge."""
    folder = write_common(tmp_path / "set", [0, 0], held_out=1, size_hw=(64, 64))
    (folder / "points.csv").write_text("image,x,y\np000.png,20.5,20.5\np000.png,40.5,40.5\n")
    pictures = training_pictures([folder])

    assert count_blocks(pictures, block_px=8, sliding=False) == (62, 2)
    assert count_blocks(pictures, block_px=8, sliding=True) == (57 * 57 - 128, 128)
