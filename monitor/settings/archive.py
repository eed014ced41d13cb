"""A site in one file, to be carried to another machine: cameras, zones, rules, ground, model.

What belongs to a machine stays there: passwords and where they lie, history, broker, messages. And
what comes out of such a file may have been made by a stranger: nothing of it is in its place before
all of it was looked at, and it can name no file outside itself.
"""

import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from monitor.core.errors import ModelError, SettingsError
from monitor.inference.files import check_files, external_data
from monitor.scene.view import load_view
from monitor.settings.records import CameraSettings, SiteSettings
from monitor.settings.site_file import LARGEST_BYTES, check_site, read_text
from monitor.settings.writing import Sections, site_text, write_difference
from monitor.video.address import NetworkAddress, parse_address

SITE = "site.toml"
"""Name of the site file in the archive."""
_MODELS, _PICTURES, _CERTIFICATES = "models", "ground", "certificates"
_CARRIED = frozenset({"version", "camera", "area", "model", "streams", "metrics", "privacy"})
"""Tables of a site file that mean the same on every machine."""
_NO_PASSWORD = {"password_env": None, "password_file": None, "password_keyring": False}
_MOST_FILES = 200
_LARGEST_FILE_BYTES = {
    "": LARGEST_BYTES,
    _MODELS: 2**31,  # as large as a model file can be
    _PICTURES: 50_000_000,
    _CERTIFICATES: 1_000_000,
}
"""By the folder in the archive."""
_LARGEST_ALL_BYTES = 2**32
_CHUNK_BYTES = 1 << 20
_FROM_MODEL = "?"
"""Stands between a model file and what it is asked to count."""

_Packer = Callable[[str, str], str]


def export_site(
    site: SiteSettings,
    target: Path,
    *,
    file: Path | None = None,
    find_model: Callable[[Path], Path] = Path,
) -> tuple[str, ...]:
    """Pack a site with the files that it refers to.

    Args:
        site: The settings, with whole paths.
        target: The zip file to write; one that is there is replaced, whole or not at all.
        file: The site file, for its comments; None: there is none.
        find_model: Gives the file of a model that is named, not pointed to.

    Returns:
        What has to be set by hand where it is imported, in sentences without passwords.

    Raises:
        SettingsError: If a file that it refers to is missing, or the archive cannot be written.
    """
    packed, files = _packed(site, find_model)
    missing = [f"  {one}: there is no such file" for one in files.values() if not one.is_file()]
    if missing:
        raise SettingsError("\n".join(["the site cannot be exported", *missing]))
    text = site_text(packed) if file is None else _carried(file, site, packed)
    try:
        with tempfile.TemporaryDirectory(dir=target.absolute().parent) as folder:
            new = Path(folder) / "new.zip"
            with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(SITE, text)
                for name, one in files.items():
                    archive.write(one, name)
            new.replace(target)
    except OSError as error:
        raise SettingsError(f"{target}: cannot be written: {error.strerror}") from error
    return tuple(_left_behind(site))


def import_site(source: Path, folder: Path) -> Path:
    """Unpack a site into a folder, if all of it is right.

    Args:
        source: The zip file.
        folder: Where it goes; it is made, or must be empty.

    Returns:
        The site file.

    Raises:
        SettingsError: If the archive holds what it must not, or the site in it has mistakes; the
            text lists all of them, and nothing was put into its place.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise SettingsError(f"{folder}: is not empty; choose an empty folder")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (
            zipfile.ZipFile(source) as archive,
            tempfile.TemporaryDirectory(dir=folder.absolute().parent, prefix=".import-") as place,
        ):
            _refuse(source, list(_faults_of(archive)))
            unpacked = Path(place) / "site"
            for info in archive.infolist():
                if not info.is_dir():
                    _unpack(archive, info, unpacked / info.filename)
            _refuse(source, list(_mistakes_in(unpacked)))
            if folder.exists():
                folder.rmdir()
            shutil.move(unpacked, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise SettingsError(f"{source}: is damaged, or no zip file") from error
    except OSError as error:
        raise SettingsError(f"{source}: cannot be unpacked: {error.strerror}") from error
    return folder / SITE


def _carried(file: Path, site: SiteSettings, packed: SiteSettings) -> str:
    """Give the text of a site file as it is carried, with its comments."""
    sections = Sections.of_text(write_difference(read_text(file), site, packed))
    for name in set(SiteSettings.model_fields) - _CARRIED:
        sections.remove((name,))
    return sections.text()


def _packed(
    site: SiteSettings, find_model: Callable[[Path], Path]
) -> tuple[SiteSettings, dict[str, Path]]:
    """Give the site with the names that its files have in the archive, and those files."""
    files: dict[str, Path] = {}

    def pack(path: str, folder: str) -> str:
        file = Path(path)
        name, number = f"{folder}/{file.name}", 2
        while files.get(name, file) != file:
            name, number = f"{folder}/{number}-{file.name}", number + 1
        files[name] = file
        return name

    model = site.model
    if model.path is not None:
        path, mark, things = model.path.partition(_FROM_MODEL)
        found = find_model(Path(path))
        model = model.model_copy(update={"path": pack(str(found), _MODELS) + mark + things})
        for one in _companions(found):
            files[f"{_MODELS}/{one.name}"] = one
    usual = SiteSettings(camera=site.camera[:1])
    dropped = {
        name: getattr(usual, name) for name in SiteSettings.model_fields if name not in _CARRIED
    }
    cameras = tuple(_packed_camera(one, pack) for one in site.camera)
    return site.model_copy(update={**dropped, "model": model, "camera": cameras}), files


def _companions(model: Path) -> set[Path]:
    """Give the files beside a model that hold its weights."""
    try:
        check_files(model)
        return {model.parent / one.location for one in external_data(model)}
    except (ModelError, OSError, ValueError):
        return set()  # told where it is missing, or by whoever opens it


def _packed_camera(camera: CameraSettings, pack: _Packer) -> CameraSettings:
    changes: dict[str, object] = dict(_NO_PASSWORD)
    ground = camera.ground
    if ground is not None and ground.reference is not None:
        reference = pack(ground.reference, _PICTURES)
        changes["ground"] = ground.model_copy(update={"reference": reference})
    if camera.certificate is not None:
        changes["certificate"] = pack(camera.certificate, _CERTIFICATES)
    return camera.model_copy(update=changes)


def _left_behind(site: SiteSettings) -> Iterator[str]:
    """Say what stays on this machine."""
    for camera in site.camera:
        address = parse_address(camera.source)
        if isinstance(address, NetworkAddress) and address.user_info:
            yield f"camera {camera.name}: its password is not carried; type it anew there"
        elif not isinstance(address, NetworkAddress) and ":" not in camera.source:
            yield f"camera {camera.name}: {address.label} is not carried; copy it by hand"
    usual = SiteSettings(camera=site.camera[:1])
    for name in SiteSettings.model_fields:
        if name not in _CARRIED and getattr(site, name) != getattr(usual, name):
            yield f"[{name}] belongs to this machine and is not carried; set it there"


def _refuse(source: Path, faults: list[str]) -> None:
    if faults:
        listed = "\n".join(f"  {one}" for one in faults)
        raise SettingsError(f"{source}: is not imported, because of what it holds\n{listed}")


def _faults_of(archive: zipfile.ZipFile) -> Iterator[str]:
    """Find what an archive must not hold, from its table of contents alone."""
    entries = archive.infolist()
    if len(entries) > _MOST_FILES:
        yield f"{len(entries)} files; a site has {_MOST_FILES} at most"
        return
    if sum(one.file_size for one in entries) > _LARGEST_ALL_BYTES:
        yield "more than 4 GB when unpacked; no site is so large"
    names = [one.filename for one in entries]
    if SITE not in names:
        yield f"no {SITE}; it was not made by exporting a site"
    lower = [one.lower() for one in names]
    for info in entries:
        if lower.count(info.filename.lower()) > 1:
            yield f"{info.filename!r}: is there twice"
        elif fault := _fault_of(info):
            yield f"{info.filename!r}: {fault}"


def _fault_of(info: zipfile.ZipInfo) -> str:
    """Say why a file must not be in an archive; empty: it may."""
    if info.is_dir():
        is_known = info.filename.rstrip("/") in _LARGEST_FILE_BYTES
        return "" if is_known else "there is no such folder in a site"
    folder, _, last = info.filename.rpartition("/")
    if folder not in _LARGEST_FILE_BYTES or not _is_plain(last) or (not folder and last != SITE):
        return "has no place in a site"
    if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
        return "is a link or a device, not a file"
    if info.flag_bits & 1:
        return "is locked with a password"
    if info.file_size > _LARGEST_FILE_BYTES[folder]:
        return "is larger than any such file"
    return ""


def _is_plain(name: str) -> bool:
    return (
        name.isprintable() and not name.startswith(".") and not set(name) & set('\\/:*?"<>|')
    ) and bool(name)


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one file; what is more than was announced is not unpacked."""
    target.parent.mkdir(parents=True, exist_ok=True)
    left = info.file_size
    with archive.open(info) as packed, target.open("wb") as file:
        while chunk := packed.read(_CHUNK_BYTES):
            left -= len(chunk)
            if left < 0:
                raise zipfile.BadZipFile
            file.write(chunk)


def _mistakes_in(folder: Path) -> Iterator[str]:
    """Find every mistake of an unpacked site."""
    text = read_text(folder / SITE)
    site, mistakes = check_site(text, folder=folder)
    yield from (f"{SITE}: {one}" for one in mistakes)
    if site is None:
        return
    usual = SiteSettings(camera=site.camera[:1])
    for name in SiteSettings.model_fields:
        if name not in _CARRIED and getattr(site, name) != getattr(usual, name):
            yield f"{SITE}: [{name}] belongs to a machine; take it out"
    if site.model.path is not None:
        path = Path(site.model.path.partition(_FROM_MODEL)[0])
        yield from _file_mistakes("model", path, folder)
        if _is_within(path, folder) and path.is_file():
            try:
                check_files(path)
            except ModelError as error:
                yield f"model: {error}"
    for camera in site.camera:
        yield from _camera_mistakes(camera, folder)


def _camera_mistakes(camera: CameraSettings, folder: Path) -> Iterator[str]:
    owner = f"camera {camera.name}"
    if camera.password_env or camera.password_file or camera.password_keyring:
        # A stranger's camera could be sent whatever this machine keeps there.
        yield f"{owner}: says where a password lies; take that out, and type it after importing"
    if camera.certificate is not None:
        yield from _file_mistakes(owner, Path(camera.certificate), folder)
    if camera.ground is not None and camera.ground.reference is not None:
        place = Path(camera.ground.reference)
        faults = list(_file_mistakes(owner, place, folder))
        yield from faults
        if not faults:
            try:
                load_view(place)
            except ValueError as error:
                yield f"{owner}: {error}"


def _file_mistakes(owner: str, file: Path, folder: Path) -> Iterator[str]:
    if not _is_within(file, folder):
        yield f"{owner}: names a file outside the site, {file.name}"
    elif not file.is_file():
        yield f"{owner}: {file.name} is not in the archive"


def _is_within(file: Path, folder: Path) -> bool:
    return file.resolve().is_relative_to(folder.resolve())
