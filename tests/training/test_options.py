"""Words of the command line become one record.

Every recipe that comes with the program can be followed.
"""

import dataclasses

import pytest
import torch

from monitor.core.bins import BinSet, mean_values, parse_bins
from training.config import DataChoice, FitConfig
from training.errors import TrainingError
from training.models.build import build_counter
from training.models.published_bins import bin_names, bins_by_name
from training.naming import network_for
from training.objective import loss_weights, rate_share, schedule_of
from training.options import Machines, make_config, read_options, read_recipe, recipe_names


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


DATA_SETS = ("sha", "shb", "qnrf", "nwpu")
PUBLISHED = [
    f"{family}-{data_set}"
    for family in (
        "ebc-vgg19-ae", "clip-ebc-rn50", "clip-ebc-vit-b-16",
        "zip-p", "zip-n", "zip-t", "zip-s", "zip-b",
    )
    for data_set in DATA_SETS
]  # fmt: skip


def config_of(name) -> FitConfig:
    """The options of a recipe; sentences in words, so that no CLIP model is asked for them."""
    options = read_recipe(name).options
    model = options.get("model", "")  # none: it comes with the checkpoint named by --init
    words = {"prompts": "word"} if model.startswith(("zip:", "clip-zip:")) else {}
    return make_config({**options, **words}, ["folder"])


def bins_of(config) -> BinSet:
    """The bins of a recipe; those without published values get lower bounds."""
    if config.bins in bin_names():
        return bins_by_name(config.bins)
    bins = parse_bins(config.bins)
    return BinSet(bins, mean_values(bins, [1]))


def test_there_is_a_recipe_for_every_published_result():
    """All families on all four sets, and the model that comes with the app."""
    assert set(recipe_names()) == {
        *PUBLISHED, "ebc-mobilenet", "ebc-mobilenet-finish", "ebc-shufflenet",
        "ebc-shufflenet-finish", "ebc-shufflenet-long", "ebc-shufflenet-clear",
        "ebc-shufflenet-enlarged", "ebc-lite",
        "clip-count-paper", "clip-count-improved",
    }  # fmt: skip


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_can_be_followed(name):
    """Options fit together, and it is told what to expect, from where, on what, by what command."""
    recipe, config = read_recipe(name), config_of(name)

    assert all(recipe.about[key] for key in ("score", "source", "hardware", "command"))
    assert f"--recipe {name} " in recipe.about["command"]
    network = network_for(config, bins_of(config))
    term = "density" if config.model.startswith("clip-count") else "classes"
    assert dataclasses.asdict(loss_weights(config, network))[term] == 1
    shape = schedule_of(config)
    assert rate_share(shape, config.warm_up_steps) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", recipe_names())
def test_every_network_of_a_recipe_takes_its_crops(name):
    """On a device without memory, so that the largest costs nothing."""
    config = config_of(name)
    with torch.device("meta"):
        counter = build_counter(network_for(config, bins_of(config)))
        output = counter.eval()(torch.zeros(1, 3, config.crop_px, config.crop_px))

    side = config.crop_px // config.block
    assert output.density.shape == (1, side, side)
    assert config.crop_px % counter.size_multiple == 0
    assert counter.window_px in (None, config.crop_px)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_runs_end_with_a_whole_period(name):
    """The rate is full after the warm-up; ZIP's last step is the last of a cosine."""
    config = config_of(name)
    shape = schedule_of(config)
    epochs = 1300 if name.startswith("zip") else 2600

    assert config.steps % epochs == 0
    if name.startswith("zip"):
        assert rate_share(shape, config.steps - 1) == pytest.approx(0.01, abs=1e-6)
        assert rate_share(shape, config.steps) == pytest.approx(1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ebc-vgg19-ae-sha", "MAE 62.3, RMSE 98.9"),
        ("clip-ebc-vit-b-16-shb", "MAE 6.6, RMSE 10.5"),
        ("zip-p-sha", "MAE 71.18, RMSE 109.60"),
        ("zip-b-nwpu", "MAE 28.26, RMSE 64.84"),
    ],
)
def test_scores_are_the_published_ones(name, said):
    """A sample against the tables of the papers."""
    assert said in read_recipe(name).about["score"]


def test_an_unknown_name_is_answered_with_the_list():
    """One sentence."""
    with pytest.raises(TrainingError, match=r"no recipe is called 'x'; there are .*zip-p-sha"):
        read_recipe("x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[options]\nlearning_rat = 1\n", "no key options.learning_rat;"),
        ('[options]\ndata = ["x"]\n', "no key options.data;"),
        ('[about]\nscor = "x"\n', "no key about.scor;"),
        ("steps = 3\n", "no key steps;"),
        ("steps = = 3\n", "cannot be read"),
    ],
)
def test_a_key_that_means_nothing_is_said(tmp_path, text, words):
    """A mistyped option is not passed over."""
    (tmp_path / "mine.toml").write_text(text)

    with pytest.raises(TrainingError, match=words):
        read_recipe(str(tmp_path / "mine.toml"))
