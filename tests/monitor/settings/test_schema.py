"""The schema accepts and refuses what the program accepts and refuses."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from monitor.settings import SiteSettings
from monitor.settings.site_file import site_schema

SCHEMA = site_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
GOOD: dict[str, Any] = {
    "version": 1,
    "camera": [
        {
            "name": "Gate",
            "source": "rtsp://viewer@192.0.2.7/stream",
            "password_env": "GATE",
            "count_hz": 4,
            "limit": {"high": 80, "on_delay_s": 5},
            "rule": [{"name": "crowded", "measure": "count", "limit": 90.5, "latching": True}],
        },
        {"name": "Plaza", "source": "webcam:0", "password_keyring": False},
    ],
    "model": {"path": "m.onnx", "threads": 2},
    "store": {"url": "sqlite:///h.sqlite"},
    "status": {"port": 0, "pictures": False},
}
VALUES = st.one_of(
    st.sampled_from(["", "x", "cpu", "high", "count"]),
    st.integers(-3, 100_000),
    # 5.0 is a whole number for a schema and a fraction for the program; nobody writes it so.
    st.floats(-10, 100).filter(lambda value: not value.is_integer()),
    st.booleans(),
    # Made anew each time: they are changed afterwards.
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [{}]),
)


def tables(document: Any) -> Iterator[dict[str, Any]]:
    """Give every table of a document, the document first."""
    if isinstance(document, dict):
        yield document
        for value in document.values():
            yield from tables(value)
    elif isinstance(document, list):
        for value in document:
            yield from tables(value)


def is_accepted(document: dict[str, Any]) -> bool:
    """Say whether the program takes the document, but for what no schema can express."""
    try:
        SiteSettings.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        return all(one["type"] == "value_error" for one in error.errors(include_url=False))
    return True


def known_keys() -> list[str]:
    """Name every key that there is somewhere in a site file."""
    records = [SCHEMA, *SCHEMA["$defs"].values()]
    return sorted({key for record in records for key in record.get("properties", {})})


@st.composite
def altered(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a good document with up to three changes: a key set, added, or taken away."""
    document: dict[str, Any] = json.loads(json.dumps(GOOD))
    for _ in range(draw(st.integers(0, 3))):
        table = draw(st.sampled_from(list(tables(document))))
        key = draw(st.sampled_from([*table, *known_keys(), "nonsense"]))
        if draw(st.booleans()):
            table[key] = draw(VALUES)
        else:
            table.pop(key, None)
    return document


def test_the_schema_is_one() -> None:
    """It holds to the rules of its dialect, and takes a good file."""
    Draft202012Validator.check_schema(SCHEMA)

    assert VALIDATOR.is_valid(GOOD)
    assert is_accepted(GOOD)


@given(altered())
def test_schema_and_program_agree(document: dict[str, Any]) -> None:
    """Law: what one refuses, the other refuses."""
    assert VALIDATOR.is_valid(document) == is_accepted(document)


@pytest.mark.parametrize("name", ["", *SCHEMA["$defs"]])
def test_every_setting_is_described(name: str) -> None:
    """An editor shows a sentence for each key."""
    record = SCHEMA["$defs"][name] if name else SCHEMA
    missing = [
        key
        for key, field in record.get("properties", {}).items()
        if "description" not in field and "$ref" not in field
    ]

    assert missing == []
