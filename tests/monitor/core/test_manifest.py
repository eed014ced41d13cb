"""A manifest says everything, survives the file, and is refused when it does not make sense."""

import json

import pytest
from pydantic import ValidationError

from monitor.core.errors import ManifestError
from monitor.core.manifest import Calibration, Manifest, read_manifest

GOOD = {
    "name": "small",
    "method": "ebc",
    "block_px": 8,
    "size_multiple": 32,
    "bins": [
        {"low": 0, "high": 0, "value": 0.0},
        {"low": 1, "high": 1, "value": 1.0},
        {"low": 2, "high": None, "value": 2.3},
    ],
    "has_variance": True,
    "calibration": {"variance_factor": 3.5, "coverage": 0.9, "pictures": 60},
    "software_version": "0.1.0",
    "checkpoint_sha256": "ab" * 32,
}


def test_document_survives_the_file():
    """What is written is what is read."""
    manifest = Manifest(**GOOD)

    assert read_manifest(manifest.to_json(), origin="small.onnx") == manifest


def test_missing_manifest_says_how_to_make_one():
    """An ONNX file of another program is refused with a way out."""
    with pytest.raises(ManifestError, match=r"other\.onnx.*no Crowd Monitor manifest.*exports"):
        read_manifest(None, origin="other.onnx")


@pytest.mark.parametrize("version", [0, 6, 99, "1", None])
def test_unknown_version_is_refused_by_name(version):
    """The message says what was found, what is read, and what to do."""
    text = json.dumps(GOOD | {"schema_version": version})

    with pytest.raises(ManifestError, match=r"schema .*this version reads 1 to 5.*update"):
        read_manifest(text, origin="new.onnx")


@pytest.mark.parametrize(
    ("bins", "method"), [(GOOD["bins"], "ebc"), ([], "regression")], ids=["ebc", "regression"]
)
def test_files_of_the_first_version_still_open(bins, method):
    """They called a regression `ebc`; without bins it can have been nothing else."""
    old = GOOD | {"schema_version": 1, "bins": bins}

    manifest = read_manifest(json.dumps(old), origin="old.onnx")

    assert manifest == Manifest(**GOOD | {"method": method, "bins": bins})


def test_files_of_the_second_version_still_open():
    """They had one density map, of what `counts` says."""
    manifest = read_manifest(json.dumps(GOOD | {"schema_version": 2}), origin="old.onnx")

    assert manifest == Manifest(**GOOD)
    assert (manifest.things, manifest.counted) == ((), ("people",))


def test_files_of_the_third_version_still_open():
    """Their calibration knew no crowds: the interval is what it was."""
    calibration = {"variance_factor": 0.5, "variance_power": 1.5, "count_power": 0.5}
    old = GOOD | {"schema_version": 3, "calibration": calibration}

    manifest = read_manifest(json.dumps(old), origin="old.onnx")

    assert manifest.calibration is not None
    assert manifest.calibration.variance_of(16.0, 10_000.0) == pytest.approx(0.5 * 64 * 100)


def test_files_of_the_fourth_version_still_open():
    """Their calibration knew no least variance: an empty picture was certain, and still is."""
    calibration = {"variance_factor": 0.5, "crowd_power": 1.5}
    old = GOOD | {"schema_version": 4, "calibration": calibration}

    manifest = read_manifest(json.dumps(old), origin="old.onnx")

    assert manifest.calibration is not None
    assert manifest.calibration.variance_of(0.0, 0.0) == 0.0


def test_several_things_have_a_map_each():
    """In order, with names; the document comes back as it went."""
    several = GOOD | {
        "things": ["people", "red cars"], "has_variance": False, "calibration": None, "bins": [],
        "method": "clip-count", "novelty": None,
    }  # fmt: skip
    manifest = Manifest(**several)

    assert manifest.counted == ("people", "red cars")
    assert read_manifest(manifest.to_json(), origin="two.onnx") == manifest


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"'])
def test_text_that_is_no_manifest_is_refused(text):
    """Damage is told as damage, never as a traceback."""
    with pytest.raises(ManifestError, match=r"x\.onnx"):
        read_manifest(text, origin="x.onnx")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"method": "yolo"}, "method"),
        ({"block_px": 0}, "block_px"),
        ({"size_multiple": 20}, "size_multiple"),
        ({"window_px": 224}, "together"),
        ({"window_px": 224, "stride_px": 256}, "uncounted"),
        ({"bins": GOOD["bins"][:2]}, "open bin"),
        ({"has_variance": False}, "variance output"),
        ({"method": "regression"}, "a regression has no bins"),
        ({"surprise": 1}, "surprise"),
        ({"things": ["people"]}, "two or more"),
        ({"things": ["cars", "cars"]}, "named once"),
        ({"things": ["people", "cars"]}, "without a variance"),
        ({"name": ""}, "name"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_parts_that_do_not_fit_are_named(change, word):
    """Every fault names its part."""
    document = json.loads(json.dumps(GOOD | {"schema_version": 2} | change))

    with pytest.raises(ManifestError, match=word):
        read_manifest(json.dumps(document), origin="x.onnx")


def test_several_faults_are_told_together():
    """One look shows all there is to mend."""
    text = json.dumps(GOOD | {"schema_version": 2, "block_px": 0, "method": "yolo"})

    with pytest.raises(ManifestError, match=r"(?s)method.*block_px"):
        read_manifest(text, origin="x.onnx")


def test_bins_become_the_record_that_computes():
    """The bins of the document are the bins of the contract."""
    assert Manifest(**GOOD).bin_set().values == (0.0, 1.0, 2.3)


@pytest.mark.parametrize(
    ("calibration", "expected"),
    [
        ({"variance_factor": 2.5}, 2.5 * 16),
        ({"variance_factor": 0.01, "count_power": 2.0, "variance_power": 0.0}, 0.01 * 100**2),
        ({"variance_factor": 0.5, "count_power": 0.5, "variance_power": 1.5}, 0.5 * 64 * 10),
        ({"variance_factor": 0.001, "count_power": 0.5, "variance_power": 1.5}, 0.001 * 64 * 10),
        ({"variance_factor": 0.5, "crowd_from": 25.0, "crowd_power": 2.0}, 0.5 * 16 * 16),
        ({"variance_factor": 0.5, "crowd_from": 200.0, "crowd_power": 2.0}, 0.5 * 16),
    ],
    ids=[
        "factor alone",
        "share of the count",
        "between",
        "less than independent blocks",
        "four times a crowd",
        "less than a crowd",
    ],
)
def test_variance_of_a_count(calibration, expected):
    """Blocks with variances that add up to 16, a count of 100."""
    assert Calibration(**calibration).variance_of(16.0, 100.0) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("calibration", "law"),
    [
        ({"variance_factor": 2.5}, "2.5 × blocks' variances"),
        ({"variance_factor": 0.01, "count_power": 2, "variance_power": 0}, "0.01 × count^2.00"),
        (
            {
                "variance_factor": 0.0692,
                "variance_power": 0.728,
                "count_power": 1,
                "crowd_power": 1.2,
                "novelty_power": 1.057,
            },
            "0.0692 × blocks' variances^0.73 × count × max(1, count / 100)^1.20 × novelty^1.06",
        ),
        (
            {"variance_factor": 2.5, "least_variance": 0.0833},
            "2.5 × blocks' variances + 0.0833",
        ),
    ],
    ids=["blocks alone", "count alone", "all", "never certain"],
)
def test_law_is_told(calibration, law):
    """What has no say is not named, and a power of one is not written."""
    assert Calibration(**calibration).law == law


def test_variance_of_a_novel_picture():
    """Blocks with variances that add up to 16, novelty 2: 0.5 · 16 · 2³."""
    calibration = Calibration(variance_factor=0.5, novelty_power=3.0)

    assert calibration.variance_of(16.0, 100.0, 2.0) == pytest.approx(64)
    assert calibration.variance_of(16.0, 100.0, 1.0) == pytest.approx(8)
    with pytest.raises(ValueError, match="novelty"):
        calibration.variance_of(16.0, 100.0)


def test_doubt_by_novelty_needs_a_novelty():
    """A file that promises what its graph cannot give is refused."""
    calibration = {"variance_factor": 0.5, "novelty_power": 3.0}
    novelty = {"limit": 2.0, "false_share": 0.02}
    assert Manifest(**GOOD | {"calibration": calibration, "novelty": novelty}).novelty is not None

    with pytest.raises(ValidationError, match="novelty"):
        Manifest(**GOOD | {"calibration": calibration})


@pytest.mark.parametrize("other", [{"has_variance": False}, {"window_px": 32, "stride_px": 32}])
def test_novelty_needs_a_variance_and_whole_pictures(other):
    """It is the third output, and speaks of whole pictures."""
    novelty = {"limit": 2.0, "false_share": 0.02}
    known = GOOD | {"novelty": novelty}
    assert Manifest(**known).novelty is not None

    with pytest.raises(ValidationError, match="novelty"):
        Manifest(**known | {"calibration": None} | other)
