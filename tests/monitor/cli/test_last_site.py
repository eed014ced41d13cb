"""The site that was used last."""

from pathlib import Path

from monitor.cli.last_site import last_site, remember_site


def test_the_last_one_is_remembered(tmp_path: Path) -> None:
    """The newest site file is found again, by its whole path."""
    folder = tmp_path / "state" / "new"
    sites = [tmp_path / "a.toml", tmp_path / "b.toml"]
    for site in sites:
        site.touch()
        assert remember_site(site, folder)

    assert last_site(folder) == sites[1].resolve()


def test_a_site_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    """A file that was deleted is not opened."""
    site = tmp_path / "a.toml"
    site.touch()
    remember_site(site, tmp_path)
    site.unlink()

    assert last_site(tmp_path) is None


def test_nothing_remembered_is_no_site(tmp_path: Path) -> None:
    """At the first start there is none; a broken note is none."""
    assert last_site(tmp_path) is None
    (tmp_path / "last-site.txt").write_bytes(b"\xff\xfe")
    assert last_site(tmp_path) is None


def test_a_folder_that_cannot_be_written_harms_nobody(tmp_path: Path) -> None:
    """Without a place to remember the program works."""
    (tmp_path / "file").touch()

    assert not remember_site(tmp_path / "a.toml", tmp_path / "file" / "x")
