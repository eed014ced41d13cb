"""Read MATLAB files, turning every way in which they can be broken into one error."""

import zlib
from pathlib import Path
from typing import Any

import scipy.io
from scipy.io.matlab import MatReadError

from training.errors import DataError


def read_matlab(path: Path) -> dict[str, Any]:
    """Read a MATLAB file.

    Args:
        path: File of version 4 to 7.2; version 7.3 is HDF5 and not read.

    Returns:
        Its variables by name. Any: what is in it is typed by the file alone.

    Raises:
        DataError: If it is missing, damaged, or of another kind.
    """
    try:
        return dict(scipy.io.loadmat(str(path)))
    except (
        MatReadError,
        OSError,
        ValueError,
        TypeError,
        KeyError,
        NotImplementedError,
        zlib.error,
    ) as error:
        raise DataError(f"{path.name} cannot be read as a MATLAB file ({error})") from error
