"""What can be known of TensorRT where there is none: what is asked of it, and what is refused."""

import onnxruntime
import pytest

from exports.__main__ import main
from exports.errors import ExportError
from exports.tensorrt import Profile, build_engine, provider_options
from monitor.inference.model import Intake
from tests.rigs.plain_counter import plain_manifest, write_engine, write_plain

HAS_TENSORRT = "TensorrtExecutionProvider" in onnxruntime.get_available_providers()
PROFILE = Profile((33, 64), (720, 1280), (1080, 1920), 4)


@pytest.mark.skipif(HAS_TENSORRT, reason="says what happens where TensorRT is missing")
def test_without_tensorrt_the_command_says_what_to_do(tmp_path, capsys):
    """One sentence: what is there, what is needed, where to run it; nothing is written."""
    path = write_plain(tmp_path / "m.onnx")

    assert main(["tensorrt", str(path), str(tmp_path / "engine.onnx")]) == 1

    words = capsys.readouterr().err
    assert "offers only" in words
    assert "CPUExecutionProvider" in words
    assert [one.name for one in tmp_path.iterdir()] == ["m.onnx"]


def test_free_sides_get_a_profile_in_multiples(tmp_path):
    """Smallest, usual and largest picture, filled up to what the graph takes (blocks of 8)."""
    options = provider_options(
        plain_manifest(), Intake(None, None), PROFILE, context=tmp_path / "e.onnx", is_half=True
    )

    assert options["trt_profile_min_shapes"] == "frames:1x40x64x3"
    assert options["trt_profile_opt_shapes"] == "frames:1x720x1280x3"
    assert options["trt_profile_max_shapes"] == "frames:4x1080x1920x3"
    assert options["trt_ep_context_embed_mode"] == options["trt_timing_cache_enable"] == "1"
    assert (options["trt_fp16_enable"], options["trt_int8_enable"]) == ("1", "0")


def test_fixed_sides_need_no_profile_of_sides(tmp_path):
    """A graph of one size and batch has one shape; with a free batch the batch alone varies."""

    def shapes(intake):
        options = provider_options(
            plain_manifest(), intake, PROFILE, context=tmp_path / "e.onnx", is_half=False
        )
        return [value for name, value in options.items() if name.endswith("_shapes")]

    assert shapes(Intake(2, (224, 224))) == []
    assert shapes(Intake(None, (224, 224))) == [
        "frames:1x224x224x3",
        "frames:1x224x224x3",
        "frames:4x224x224x3",
    ]


@pytest.mark.parametrize(
    "profile",
    [Profile((64, 64), (720, 1280), (720, 640)), Profile((0, 0)), Profile(most_pictures=0)],
    ids=["largest below usual", "nothing", "no pictures"],
)
def test_profiles_that_make_no_sense_are_refused(profile):
    """Before minutes are spent on building."""
    with pytest.raises(ExportError, match="profile"):
        profile.sides(plain_manifest())


def test_engine_of_an_engine_is_refused(tmp_path):
    """An engine is built from a network."""
    path = write_engine(tmp_path / "engine.onnx")

    with pytest.raises(ExportError, match="holds an engine already"):
        build_engine(path, tmp_path / "again.onnx", PROFILE, is_half=True)
