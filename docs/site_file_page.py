"""Write docs/site-file.md from the records that read site files: `python -m docs.site_file_page`.

A test compares the page with what this writes, so that no setting is missing and none is invented.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from monitor.settings.site_file import site_schema

PAGE = Path(__file__).with_name("site-file.md")

_HEAD = """# The site file

A site is one TOML file: its cameras, what counts, where numbers go.
This page is written from the program's own records by `python -m docs.site_file_page`.

- `crowd-monitor check site.toml` tells every mistake at once, each with its key and line, and what is not ready on this machine: a password that cannot be had, a model that cannot be opened, a history that cannot be written. `--strict` makes the latter a failure too.
- `crowd-monitor check --schema > site.schema.json` writes a JSON Schema. An editor with the Even Better TOML extension completes and checks by it after the line `#:schema ./site.schema.json` at the top of the site file. What no schema can say (names differ, an address can be read) only `check` tells.
- Relative paths start at the site file.
- `version` is that of the layout. A file of an older version is brought up to date when it is read, and never written to; one of a newer version is refused with a sentence.
- No password stands in the file. `password_env` names an environment variable, `password_file` a file that only its owner can read (`chmod 600`; others are refused), `password_keyring = true` asks the system's keyring (`keyring set crowd-monitor 'CAMERA NAME'`).

```toml
version = 1

[[camera]]
name = "North gate"
source = "rtsp://operator@192.0.2.10/stream1"
password_file = "north-gate.password"
[[camera.rule]]
name = "crowded"
limit = 250

[[camera]]
name = "Yard"
source = "rtsp://192.0.2.11/stream1"

[status]
host = "0.0.0.0"
token_file = "token"
```
"""  # noqa: E501 - one sentence a line


def page() -> str:
    """Give the whole page."""
    schema = site_schema()
    parts = [_HEAD]
    for name, record in _tables(schema, schema, ""):
        about = record.get("description", "").partition(": ")[2]
        parts.append(f"## {name or 'Top of the file'}\n")
        if name and about:
            parts.append(f"{_sentence(about)}\n")
        parts.append("| key | kind | default | meaning |\n|---|---|---|---|")
        required = set(record.get("required", ()))
        for key, field in record["properties"].items():
            if _inner(schema, field) is None:
                parts.append(_row(schema, key, field, is_required=key in required))
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _tables(
    schema: dict[str, Any], record: dict[str, Any], path: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each table with its header, from the top down."""
    yield path, record
    bare = path.strip("[]")
    for key, field in record["properties"].items():
        found = _inner(schema, field)
        if found is None:
            continue
        inner, is_list = found
        name = f"{bare}.{key}" if bare else key
        yield from _tables(schema, inner, f"[[{name}]]" if is_list else f"[{name}]")


def _inner(schema: dict[str, Any], field: dict[str, Any]) -> tuple[dict[str, Any], bool] | None:
    """Give the table that a field is, and whether it may come several times; None: a value."""
    for choice in field.get("anyOf", [field]):
        is_list = choice.get("type") == "array"
        target = choice.get("items", {}) if is_list else choice
        name = target.get("$ref", "").rpartition("/")[2]
        record = schema["$defs"].get(name, {})
        if record.get("type") == "object":
            return record, is_list
    return None


def _row(schema: dict[str, Any], key: str, field: dict[str, Any], *, is_required: bool) -> str:
    default = "needed" if is_required else ""
    if field.get("default") is not None:
        default = f"`{json.dumps(field['default'], ensure_ascii=False)}`"
    meaning = _sentence(field.get("description", ""))
    return f"| `{key}` | {_kind(schema, field)} | {default} | {meaning} |"


def _kind(schema: dict[str, Any], field: dict[str, Any]) -> str:
    kinds = [_one_kind(schema, one) for one in field.get("anyOf", [field])]
    return " or ".join(one for one in kinds if one)


def _one_kind(schema: dict[str, Any], field: dict[str, Any]) -> str:
    if "$ref" in field:
        field = schema["$defs"][field["$ref"].rpartition("/")[2]]
    if "enum" in field or "const" in field:
        values = field.get("enum", [field.get("const")])
        return ", ".join(f"`{json.dumps(one, ensure_ascii=False)}`" for one in values)
    kind = field.get("type", "")
    if kind == "null":
        return ""
    if kind == "array":
        return f"list of {_kind(schema, field.get('items', {})) or 'values'}"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    return f"{words.get(kind, kind)}{_bounds(field)}"


def _bounds(field: dict[str, Any]) -> str:
    signs = {
        "minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<",
    }  # fmt: skip
    found = [f"{sign} {field[name]:g}" for name, sign in signs.items() if name in field]
    return f" {', '.join(found)}" if found else ""


def _sentence(text: str) -> str:
    text = " ".join(text.split()).replace("|", "\\|")
    return text[:1].upper() + text[1:]


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
