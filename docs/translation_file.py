"""Write every word of the window into a Qt translation file.

Run from the top of the repository: `python -m docs.translation_file OUT.ts`. A file that is there
keeps its translations; texts that are gone leave it, new ones come in empty.
Qt's own tool finds `self.tr("…")` alone; words that are worked out below a widget go through
`_tr("…")` of their module. What is written can be opened with Qt Linguist.
"""

import argparse
import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
WINDOW = ROOT / "monitor" / "ui"

Message = tuple[str, str]
"""Context and text, as Qt's translators are asked for them."""


def messages() -> set[Message]:
    """Find every text that the window passes to a translator."""
    return {
        one
        for path in sorted(WINDOW.rglob("*.py"))
        for one in messages_of(path.read_text(encoding="utf-8"))
    }


def messages_of(source: str) -> Iterator[Message]:
    """Find the texts of one module.

    Args:
        source: Python.

    Yields:
        Context and text.
    """
    tree = ast.parse(source)
    own = _own_context(tree)
    for context, call in _calls(tree, ""):
        name = _name_of(call.func)
        texts = [_literal(one) for one in call.args]
        if name == "tr" and texts:
            yield from ((context, one) for one in texts[:1] if one is not None)
        elif name == "_tr" and own is not None and texts and texts[0] is not None:
            yield own, texts[0]
        elif name == "command" and texts and texts[0] is not None:
            yield "Commands", texts[0]
        elif (
            name in {"translate", "later"} and len(texts) > 1 and texts[0] and texts[1] is not None
        ):
            yield texts[0], texts[1]


def _own_context(tree: ast.Module) -> str | None:
    """Give the context of a module's `_tr`; None: it has none."""
    for one in tree.body:
        if isinstance(one, ast.FunctionDef) and one.name == "_tr":
            calls = [call for call in ast.walk(one) if isinstance(call, ast.Call)]
            return next((_literal(call.args[0]) for call in calls if call.args), None)
    return None


def _calls(node: ast.AST, context: str) -> Iterator[tuple[str, ast.Call]]:
    """Give every call with the name of the class that it stands in."""
    for child in ast.iter_child_nodes(node):
        inner = child.name if isinstance(child, ast.ClassDef) else context
        if isinstance(child, ast.Call):
            yield inner, child
        yield from _calls(child, inner)


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def translations_in(file: bytes) -> dict[Message, str]:
    """Give what a file translates.

    Args:
        file: Content of a `.ts` file.

    Returns:
        Translations that are finished.

    Raises:
        ValueError: If it is no such file.
    """
    try:
        root = ElementTree.fromstring(file)
    except ElementTree.ParseError as error:
        raise ValueError(f"no translation file of Qt: {error}") from error
    if root.tag != "TS":
        raise ValueError(f"no translation file of Qt: it begins with <{root.tag}>, not <TS>")
    found = {}
    for context in root.iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is not None and translation.text and not translation.get("type"):
                key = context.findtext("name") or "", message.findtext("source") or ""
                found[key] = translation.text
    return found


def translation_file(found: set[Message], known: Mapping[Message, str] | None = None) -> bytes:
    """Give a translation of some texts, in the order of contexts and texts.

    Args:
        found: Context and text of each.
        known: Those that are translated already; None: none is.

    Returns:
        Content of a `.ts` file.
    """
    known = known or {}
    root = ElementTree.Element("TS", version="2.1", sourcelanguage="en")
    for name in sorted({context for context, _ in found}):
        context = ElementTree.SubElement(root, "context")
        ElementTree.SubElement(context, "name").text = name
        for text in sorted(text for one, text in found if one == name):
            message = ElementTree.SubElement(context, "message")
            ElementTree.SubElement(message, "source").text = text
            translation = ElementTree.SubElement(message, "translation")
            if (name, text) in known:
                translation.text = known[name, text]
            else:
                translation.set("type", "unfinished")
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def main(target: Path) -> None:
    """Write or renew a translation file; what it translates already stays."""
    known = translations_in(target.read_bytes()) if target.exists() else {}
    target.write_bytes(translation_file(messages(), known))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write every text of the window for translators.")
    parser.add_argument("out", type=Path, help="the .ts file; one that is there is renewed")
    out = parser.parse_args().out
    try:
        main(out)
    except (ValueError, OSError) as error:
        parser.error(f"{out}: {error}")
