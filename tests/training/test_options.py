"""Words of the command line become one record."""

import pytest

from training.config import DataChoice
from training.errors import TrainingError
from training.options import Machines, read_options


def test_without_options_everything_is_as_declared():
    """One folder is enough."""
    order = read_options(["--data", "a"])

    assert order.config.data == (DataChoice(folder="a"),)
    assert order.config.model == "ebc-mobilenet"
    assert order.config.model_fields_set == {"data"}
    assert order.machines == Machines()
    assert not order.resume


def test_words_become_values():
    """Numbers, switches, choices and weights of folders are read."""
    order = read_options(
        ["--data", "a:2", "b", "--block", "16", "--no-multi-scale", "--vpt-shallow", "--vpt", "5",
         "--learning-rate", "3e-4", "--count-loss", "dm", "--devices", "0,2", "--nodes", "2",
         "--strategy", "ddp", "--resume"]
    )  # fmt: skip

    assert order.config.data == (DataChoice(folder="a", weight=2), DataChoice(folder="b"))
    assert (order.config.block, order.config.vpt, order.config.learning_rate) == (16, 5, 3e-4)
    assert (order.config.multi_scale, order.config.vpt_shallow) == (False, True)
    assert order.machines == Machines(devices="0,2", nodes=2, strategy="ddp")
    assert order.resume


def test_explicit_options_override_the_recipe():
    """What is typed counts; what is not typed comes from the recipe."""
    order = read_options(["--data", "a", "--recipe", "zip-p-sha", "--batch", "3", "--no-sync-norm"])

    assert (order.config.model, order.config.bins) == ("zip:P", "zip-sha-16")
    assert (order.config.batch, order.config.sync_norm) == (3, False)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--block", "9"], "block"),
        (["--steps", "many"], "steps"),
        (["--crop-px", "64", "--margin-px", "32"], "margin_px leaves nothing"),
        (["--warm-up", "log-linear"], "warm_up_start"),
        (["--count-loss", "huber"], "count_loss"),
    ],
)
def test_wrong_values_name_the_option(capsys, more, words):
    """Exit code 2, and which option it was."""
    with pytest.raises(SystemExit) as stop:
        read_options(["--data", "a", *more])

    assert stop.value.code == 2
    assert words in capsys.readouterr().err.splitlines()[-1]


def test_an_unknown_recipe_is_one_sentence():
    """The list of recipes is in it."""
    with pytest.raises(TrainingError, match="no recipe is called"):
        read_options(["--data", "a", "--recipe", "x"])
