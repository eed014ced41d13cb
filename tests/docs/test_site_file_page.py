"""The page about site files says what the program reads."""

from pathlib import Path

from docs.site_file_page import PAGE, page
from monitor.settings.site_file import check_site, site_schema


def test_the_page_is_up_to_date() -> None:
    """After a change of the settings run `python -m docs.site_file_page`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_setting_stands_on_it() -> None:
    """Found in the schema by another way than the page finds them."""
    text = PAGE.read_text(encoding="utf-8")
    records = [site_schema(), *site_schema()["$defs"].values()]
    keys = {key for record in records for key in record.get("properties", {})}

    missing = [key for key in keys if f"`{key}`" not in text and f"{key}]" not in text]
    assert missing == []


def test_the_example_has_no_mistake(tmp_path: Path) -> None:
    """Who copies it begins with a file that works."""
    text = PAGE.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]

    site, mistakes = check_site(text, folder=tmp_path)

    assert mistakes == ()
    assert site is not None
    assert [one.name for one in site.camera] == ["North gate", "Yard"]
