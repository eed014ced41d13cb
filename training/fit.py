"""`python -m training.fit --data FOLDER --model ebc-mobilenet`: train a counting model.

Reads folders in the common format (see `training.data.folder`), writes into `--out`:
`model.ckpt`, the best weights so far with everything that made them; `last.ckpt`, from which
`--resume` goes on; TensorBoard logs. Stopping it at any time loses at most one epoch.
"""

import logging
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import lightning as L
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only

from training.callbacks import AveragedWeights, KeepBest
from training.clip_count.module import PromptModule
from training.clip_count.network import ClipCounter
from training.config import FitConfig
from training.console import OUT, fail
from training.data.labelled import vocabulary
from training.datasets import Datasets, describe_run, read_datasets, train_loader, validation_loader
from training.errors import TrainingError
from training.initial import (
    adapted_network,
    block_px_of,
    has_new_bins,
    initial_counter,
    kept_bins,
    read_initial,
)
from training.models.config import ClipCountConfig, CounterConfig
from training.models.output import Counter
from training.models.pyramid import PyramidCounter
from training.module import CountingModule
from training.naming import network_for
from training.options import Machines, read_options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line; None takes them from the system.

    Returns:
        Exit code: 0 done, 1 something a person can mend, 2 wrong use.
    """
    try:
        order = read_options(arguments)
        best = fit(order.config, order.out, resume=order.resume, machines=order.machines)
    except TrainingError as error:
        return fail(error)
    OUT.print(f"best weights: {best}")
    return 0


def fit(config: FitConfig, out: Path, *, resume: bool, machines: Machines | None = None) -> Path:
    """Train.

    Args:
        config: What to do.
        out: Folder for everything written.
        resume: Go on from `last.ckpt` in it.
        machines: What to compute on; None: this machine's best device.

    Returns:
        The file with the best weights.

    Raises:
        TrainingError: If data, network, devices or folder cannot be used.
    """
    last = out / "last.ckpt"
    _check_folder(last, resume=resume)
    checkpoint = read_initial(config)
    L.seed_everything(config.seed, workers=True, verbose=False)
    block_px = block_px_of(checkpoint.network) if checkpoint else config.block
    datasets = read_datasets(config, block_px=block_px, known_bins=kept_bins(config, checkpoint))
    network = (
        adapted_network(config, checkpoint.network, datasets.bins)
        if checkpoint
        else network_for(config, datasets.bins)
    )
    counter = initial_counter(config, network, checkpoint)
    _check_crop(counter, config)
    is_fresh = checkpoint is None or has_new_bins(network, checkpoint)
    if isinstance(counter, PyramidCounter) and is_fresh:
        counter.start_from(datasets.shares)
    keep = KeepBest(out / "model.ckpt", network, describe_run(config, datasets))
    with _quiet_lightning():
        trainer = _trainer(config, out, keep, machines or Machines())
        trainer.fit(
            _module(counter, network, config, datasets),
            train_loader(
                config,
                datasets,
                trainer,
                block_px=block_px,
                least_pixels=counter.least_pixels,
                is_asked=isinstance(counter, ClipCounter),
            ),
            validation_loader(config, datasets, trainer),
            ckpt_path=last if resume else None,
            # Our own file: besides tensors it holds the states of optimizer and callbacks.
            weights_only=False if resume else None,
        )
    return keep.path


def _module(
    counter: Counter, network: CounterConfig, config: FitConfig, datasets: Datasets
) -> CountingModule:
    if isinstance(counter, ClipCounter) and isinstance(network, ClipCountConfig):
        pictures = (one for each in datasets.sets for one in each.labelled.pictures)
        return PromptModule(counter, network, config, vocabulary(pictures))
    return CountingModule(counter, network, config)


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


@rank_zero_only  # it may have begun to write when the other processes get here
def _check_folder(last: Path, *, resume: bool) -> None:
    if resume and not last.is_file():
        raise TrainingError(f"{last}: nothing to resume; leave --resume away to begin")
    if not resume and last.is_file():
        raise TrainingError(f"{last}: a run is there already; add --resume or choose another --out")


def _check_crop(counter: Counter, config: FitConfig) -> None:
    window_px, multiple = counter.window_px, counter.size_multiple
    if window_px is not None and config.crop_px != window_px:
        raise TrainingError(
            f"this network looks through a window of {window_px} px; set --crop-px {window_px}"
        )
    if config.least_pixels and not isinstance(counter, PyramidCounter):
        raise TrainingError(
            "--least-pixels: only pyramids look at small pictures enlarged; leave it away"
        )
    if config.freeze_trunk_norm and not isinstance(counter, PyramidCounter):
        raise TrainingError("--freeze-trunk-norm: only pyramids have a trunk apart; leave it away")
    if config.detail and not isinstance(counter, PyramidCounter):
        raise TrainingError("--detail: only pyramids have a branch for details; leave it away")
    if config.crop_px % multiple:
        raise TrainingError(
            f"--crop-px {config.crop_px}: this network needs a multiple of {multiple}"
        )
    if config.margin_px % counter.block_px:
        raise TrainingError(
            f"--margin-px {config.margin_px}: this network has blocks of {counter.block_px} px; "
            "only whole ones can be left out"
        )
    if isinstance(counter, ClipCounter) and (config.margin_px or config.pasted):
        raise TrainingError(
            "CLIP-Count learns from whole crops and puts its own together (--mosaic); leave "
            "--margin-px and --pasted away"
        )


def _trainer(config: FitConfig, out: Path, keep: KeepBest, machines: Machines) -> L.Trainer:
    callbacks: list[Callback] = [keep]
    if config.average_decay:
        callbacks.append(AveragedWeights(config.average_decay))
    callbacks.append(
        ModelCheckpoint(
            out, "last", save_top_k=1, save_on_train_epoch_end=True, enable_version_counter=False
        )
    )
    try:
        return L.Trainer(
            accelerator=machines.accelerator,
            devices=machines.devices,
            num_nodes=machines.nodes,
            strategy=machines.strategy,
            sync_batchnorm=config.sync_norm,
            precision=config.precision,
            max_epochs=-1,  # steps decide; epochs are miscounted after a resume in Lightning 2.6
            max_steps=config.steps,
            # By steps too: resumed between two validations, epochs end a step late, the last never.
            check_val_every_n_epoch=None,
            val_check_interval=config.epoch_steps * config.validation_epochs,
            num_sanity_val_steps=0,
            gradient_clip_val=config.clip_norm or None,
            logger=TensorBoardLogger(out, name="", version="tensorboard"),
            callbacks=callbacks,
            use_distributed_sampler=False,
            log_every_n_steps=min(50, config.epoch_steps),
            enable_progress_bar=sys.stderr.isatty(),
            enable_model_summary=False,
        )
    except (ValueError, TypeError, MisconfigurationException) as error:
        raise TrainingError(f"this machine cannot train as asked: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
