"""The container file copies all that the package is built from: no engine is needed to see that."""

import tomllib
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def copied() -> list[PurePosixPath]:
    """Give what is copied from the repository, file or folder."""
    lines = (ROOT / "deploy/container/Containerfile").read_text().splitlines()
    found = []
    for line in lines:
        word, *parts = line.split() or [""]
        if word == "COPY" and not parts[0].startswith("--from"):
            found += [PurePosixPath(one) for one in parts[:-1]]
    return found


def needed() -> list[str]:
    """Give every file and folder that the build of the package reads."""
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    project = PROJECT["project"]
    licences = project.get("license-files", ["LICENSE"])
    plain = [one for one in licences if "*" not in one]
    return [
        "pyproject.toml",
        "constraints.txt",
        project["readme"],
        *plain,
        *wheel.get("packages", []),
        *wheel.get("force-include", {}),
    ]


@pytest.mark.parametrize("path", needed())
def test_all_that_the_build_reads_is_copied(path: str) -> None:
    """A file that the wheel takes in by force and that is not there ends the build."""
    wanted = PurePosixPath(path)

    assert (ROOT / path).exists()
    assert any(one == wanted or one in wanted.parents for one in copied())


@pytest.mark.parametrize("path", needed())
def test_nothing_that_the_build_reads_is_left_out(path: str) -> None:
    """What `.containerignore` names never reaches the engine, but for its exceptions."""
    lines = (ROOT / ".containerignore").read_text().split()
    exceptions = {one[1:] for one in lines if one.startswith("!")}
    patterns = [one for one in lines if not one.startswith("!")]
    places = [path, *map(str, PurePosixPath(path).parents)]

    left_out = [one for one in patterns for place in places if PurePosixPath(place).match(one)]

    assert path in exceptions or not left_out


def test_all_that_is_copied_is_there() -> None:
    """A name that is misspelt ends the build too."""
    missing = [str(one) for one in copied() if not (ROOT / one).exists()]

    assert missing == []
    assert copied()
