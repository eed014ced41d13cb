"""`python -m training.fit --data FOLDER --model ebc-mobilenet`: train a counting model.

Reads folders in the common format (see `training.data.folder`), writes into `--out`:
`model.ckpt`, the best weights so far with everything that made them; `last.ckpt`, from which
`--resume` goes on; TensorBoard logs. Stopping it at any time loses at most one epoch.
"""

import argparse
import logging
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import lightning as L
from lightning.pytorch.callbacks import Callback, EMAWeightAveraging, ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from pydantic import ValidationError
from torch import Tensor
from torch.utils.data import DataLoader

from training.config import DataChoice, FitConfig
from training.console import OUT, fail
from training.data.augment import CropSettings
from training.data.crops import Collate, CropDataset, CropSampler, Source
from training.data.labelled import LabelledPicture
from training.errors import TrainingError
from training.keep_best import KeepBest
from training.material import Material, describe_run, read_material
from training.models.build import build_counter
from training.models.pyramid import PyramidCounter
from training.module import CountingModule
from training.presets import BLOCK_PX, PRESETS, network_for


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line; None takes them from the system.

    Returns:
        Exit code: 0 done, 1 something a person can mend, 2 wrong use.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        config = _config(options)
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        parser.error("; ".join(faults))
    try:
        best = fit(config, options.out, resume=options.resume, accelerator=options.accelerator)
    except TrainingError as error:
        return fail(error)
    OUT.print(f"best weights: {best}")
    return 0


def fit(config: FitConfig, out: Path, *, resume: bool, accelerator: str = "auto") -> Path:
    """Train.

    Args:
        config: What to do.
        out: Folder for everything written.
        resume: Go on from `last.ckpt` in it.
        accelerator: Lightning's name of the device kind: auto, cpu, gpu.

    Returns:
        The file with the best weights.

    Raises:
        TrainingError: If data or folder cannot be used.
    """
    last = out / "last.ckpt"
    if resume and not last.is_file():
        raise TrainingError(f"{last}: nothing to resume; leave --resume away to begin")
    if not resume and last.is_file():
        raise TrainingError(f"{last}: a run is there already; add --resume or choose another --out")
    L.seed_everything(config.seed, workers=True, verbose=False)
    material = read_material(config, block_px=BLOCK_PX)
    network = network_for(config.model, material.bins)
    counter = build_counter(network)
    if isinstance(counter, PyramidCounter):
        counter.start_from(material.shares)
    keep = KeepBest(out / "model.ckpt", network, describe_run(config, material))
    with _quiet_lightning():
        trainer = _trainer(config, out, keep, accelerator)
        trainer.fit(
            CountingModule(counter, material.bins, config),
            _train_loader(config, material, trainer),
            _validation_loader(config, material),
            ckpt_path=last if resume else None,
            # Our own file: besides tensors it holds the states of optimizer and callbacks.
            weights_only=False if resume else None,
        )
    return keep.path


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Leave out what Lightning says that is of no use to the person who started the command."""
    chatter = logging.getLogger("lightning.pytorch")
    before = chatter.level
    chatter.setLevel(logging.WARNING)  # an advertisement, and which accelerators there are not
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*does not have many workers.*")  # user's choice
            warnings.filterwarnings("ignore", ".*exists and is not empty.*")  # checked above
            warnings.filterwarnings("ignore", ".*LeafSpec.*")  # Lightning uses an old name of torch
            yield
    finally:
        chatter.setLevel(before)


def _trainer(config: FitConfig, out: Path, keep: KeepBest, accelerator: str) -> L.Trainer:
    callbacks: list[Callback] = [keep]
    if config.average_decay:
        callbacks.append(EMAWeightAveraging(decay=config.average_decay))
    callbacks.append(
        ModelCheckpoint(
            out, "last", save_top_k=1, save_on_train_epoch_end=True, enable_version_counter=False
        )
    )
    return L.Trainer(
        accelerator=accelerator,
        precision=config.precision,
        max_epochs=-1,  # steps decide; epochs are miscounted after a resume in Lightning 2.6
        max_steps=config.steps,
        check_val_every_n_epoch=config.validation_epochs,
        num_sanity_val_steps=0,
        gradient_clip_val=config.clip_norm or None,
        logger=TensorBoardLogger(out, name="", version="tensorboard"),
        callbacks=callbacks,
        use_distributed_sampler=False,
        log_every_n_steps=min(50, config.epoch_steps),
        enable_progress_bar=sys.stderr.isatty(),
        enable_model_summary=False,
    )


def _train_loader(
    config: FitConfig, material: Material, trainer: L.Trainer
) -> DataLoader[tuple[Tensor, Tensor]]:
    sources = [
        Source(one.part(held_out=False), choice.weight)
        for one, choice in zip(material.sets, config.data, strict=True)
        if one.part(held_out=False)
    ]
    settings = CropSettings(
        side_px=config.crop_px,
        smallest_scale=config.smallest_scale,
        largest_scale=config.largest_scale,
    )
    crops_a_step = config.batch * trainer.world_size
    sampler = CropSampler(
        crops_a_step * config.epoch_steps,
        lambda: trainer.global_step * crops_a_step,
        rank=trainer.global_rank,
        world_size=trainer.world_size,
    )
    return DataLoader(
        CropDataset(sources, settings, seed=config.seed),
        batch_size=config.batch,
        sampler=sampler,
        collate_fn=Collate(BLOCK_PX),
        num_workers=config.workers,
        persistent_workers=config.workers > 0,
    )


def _validation_loader(
    config: FitConfig, material: Material
) -> DataLoader[tuple[str, LabelledPicture]]:
    pictures = list(material.validation(config.validation_pictures))
    # A list is a map-style data set; whole pictures go through one at a time.
    return DataLoader(pictures, batch_size=None)  # type: ignore[arg-type]


def _config(options: argparse.Namespace) -> FitConfig:
    given = {
        name: value
        for name, value in vars(options).items()
        if name in FitConfig.model_fields and value is not None
    }
    return FitConfig.model_validate({**given, "data": [_data(text) for text in options.data]})


def _data(text: str) -> DataChoice:
    folder, colon, weight = text.rpartition(":")
    if colon and weight.replace(".", "", 1).isdigit():
        return DataChoice(folder=folder, weight=float(weight))
    return DataChoice(folder=text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.fit",
        description="Train a counting model on folders in the common format.",
    )
    parser.add_argument(
        "--data",
        nargs="+",
        required=True,
        metavar="FOLDER[:WEIGHT]",
        help="folders made by training.prepare; a higher weight draws more crops from one",
    )
    parser.add_argument("--out", type=Path, default=Path("runs/latest"), help="where to write")
    parser.add_argument("--resume", action="store_true", help="go on from last.ckpt in --out")
    parser.add_argument("--accelerator", default="auto", help="auto, cpu, gpu (Lightning's names)")
    parser.add_argument("--model", help=f"one of {', '.join(PRESETS)}")
    for name, field in FitConfig.model_fields.items():
        if name in ("data", "model"):
            continue
        kind = type(field.default)
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=kind, help=f"default {field.default}"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
