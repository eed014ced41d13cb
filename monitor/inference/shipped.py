"""Find the model files that come with the program."""

from pathlib import Path

from monitor.core.errors import ModelError

DEFAULT_MODEL = "crowd-small.onnx"


def models_folder() -> Path:
    """Give the folder of the model files that come with the program.

    Returns:
        `assets/models` beside the packages in a checkout, or inside the package where the program
        was installed from a wheel.
    """
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent / "assets" / "models"
    return checkout if checkout.is_dir() else package / "_assets" / "models"


def shipped_models() -> tuple[Path, ...]:
    """List the model files that come with the program, by name."""
    return tuple(sorted(models_folder().glob("*.onnx")))


def default_model() -> Path:
    """Give the model file that is used when nobody names one.

    Returns:
        Path of an existing file.

    Raises:
        ModelError: If the program was installed without it.
    """
    path = models_folder() / DEFAULT_MODEL
    if not path.is_file():
        raise ModelError(
            f"{DEFAULT_MODEL} did not come with this installation; name a model file with --model"
        )
    return path
