"""What the program is made of, and under which terms."""

from importlib.metadata import PackageNotFoundError, version

_LICENCES = (
    ("PyQt6", "GPL-3.0-only"),
    ("pyqtgraph", "MIT"),
    ("av", "BSD-3-Clause; FFmpeg inside: see its notice"),
    ("onnxruntime", "MIT"),
    ("onnxruntime-gpu", "MIT"),
    ("opencv-python-headless", "Apache-2.0"),
    ("numpy", "BSD-3-Clause"),
    ("pydantic", "MIT"),
    ("platformdirs", "MIT"),
    ("tomlkit", "MIT"),
    ("keyring", "MIT"),
    ("defusedxml", "PSF-2.0"),
    ("requests", "Apache-2.0"),
    ("SQLAlchemy", "MIT"),
    ("typer", "MIT"),
    ("rich", "MIT"),
)
"""Libraries that the window runs on; each package carries the text of its licence."""


def installed_libraries() -> list[tuple[str, str, str]]:
    """Give name, version and licence of each library that is installed."""
    found = []
    for name, licence in _LICENCES:
        try:
            found.append((name, version(name), licence))
        except PackageNotFoundError:
            continue
    return found
