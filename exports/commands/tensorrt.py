"""`exports tensorrt`: an engine for this machine's graphics card, in a file like any other."""

import argparse
from pathlib import Path

from exports.commands.shown import show_comparison
from exports.tensorrt import Profile, build_engine
from training.console import OUT


def add_tensorrt(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `tensorrt` to the commands."""
    usual = Profile()
    parser = commands.add_parser(
        "tensorrt", help="build a TensorRT engine on the machine that will run it"
    )
    parser.add_argument("file", type=Path, help="model file")
    parser.add_argument("out", type=Path, help="model file with the engine in it, .onnx")
    for name, size, about in (
        ("min", usual.smallest_hw, "smallest picture"),
        ("opt", usual.usual_hw, "picture to be fastest at"),
        ("max", usual.largest_hw, "largest picture"),
    ):
        parser.add_argument(
            f"--{name}",
            type=int,
            nargs=2,
            default=size,
            metavar=("HEIGHT", "WIDTH"),
            help=f"{about}, where sides are free; default {size[0]} {size[1]}",
        )
    parser.add_argument(
        "--batch", type=int, default=usual.most_pictures, help="most pictures at once"
    )
    parser.add_argument(
        "--precision",
        choices=("fp32", "fp16"),
        default="fp16",
        help="of the engine; layers of an int8 file stay in int8",
    )
    parser.set_defaults(run=_tensorrt)


def _tensorrt(options: argparse.Namespace) -> int:
    profile = Profile(
        (options.min[0], options.min[1]),
        (options.opt[0], options.opt[1]),
        (options.max[0], options.max[1]),
        options.batch,
    )
    is_half = options.precision == "fp16"
    compared = build_engine(options.file, options.out, profile, is_half=is_half)
    show_comparison(compared, "fp16")
    OUT.print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB", soft_wrap=True)
    return 0
