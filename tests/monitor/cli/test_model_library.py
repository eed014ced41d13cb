"""Models that are pulled, found and chosen."""

import http.server
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

import onnx
import pytest
from typer.testing import Result

from monitor.cli import models as model_library
from monitor.cli.models import choose_model, find_model, pull, usual_model
from monitor.core.errors import ModelError
from monitor.inference.files import default_model
from tests.rigs.tiny_model import write_tiny_model

Call = Callable[..., Result]


def hash_of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This user's models and choices, in a folder of the test."""
    monkeypatch.setattr(model_library, "library_folder", lambda: tmp_path / "library")
    monkeypatch.setattr(model_library, "state_folder", lambda: tmp_path / "state")
    return tmp_path / "library"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files; sends away who asks for `/moved`."""

    def do_GET(self) -> None:
        """Answer."""
        if self.path.startswith("/forbidden"):
            self.send_error(403)
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    """A real web server with TLS: its address, its folder, its certificate."""
    folder = tmp_path_factory.mktemp("web")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(folder))
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    write_tiny_model(folder / "tiny.onnx")
    yield f"https://localhost:{server.server_address[1]}", folder, certificate
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_model_comes_over_the_network(
    web: tuple[str, Path, Path], library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the right hash it is kept and can count; nothing else is left behind."""
    address, folder, certificate = web
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    model = pull(f"{address}/tiny.onnx", sha256=hash_of(folder / "tiny.onnx").upper())

    assert model.manifest.name == "bright blocks"
    assert [one.name for one in library.iterdir()] == ["tiny.onnx"]
    assert find_model(Path("tiny")) == find_model(Path("tiny.onnx")) == library / "tiny.onnx"


@pytest.mark.parametrize(
    ("place", "digits", "word"),
    [
        ("tiny.onnx", "0" * 64, "another file"),
        ("gone.onnx", "0" * 64, "404"),
        ("forbidden/x.onnx", "0" * 64, "403"),
        ("tiny.onnx", None, "--sha256"),
        ("tiny.onnx", "abc", "64 hexadecimal"),
        ("key.pem", "0" * 64, "no archives"),
        ("tiny.zip", "0" * 64, "no archives"),
    ],
)
def test_what_was_not_promised_is_not_kept(
    web: tuple[str, Path, Path], library: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, place: str, digits: str | None, word: str,
) -> None:  # fmt: skip
    """One sentence that names the reason, and never what may be a secret of the address."""
    address, _, certificate = web
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    asked = address.replace("https://", "https://me:S3CRET@")

    with caplog.at_level("DEBUG"), pytest.raises(ModelError, match=word) as caught:
        pull(f"{asked}/{place}?token=S3CRET", sha256=digits)

    shown: BaseException | None = caught.value
    while shown is not None:
        assert "S3CRET" not in f"{shown!r} {shown}"
        shown = shown.__cause__ or shown.__context__
    kept = [one.name for one in library.iterdir()] if library.exists() else []
    assert kept == []


def test_a_server_that_nobody_vouches_for_is_refused(
    web: tuple[str, Path, Path], library: Path
) -> None:
    """Its certificate is not checked away."""
    with pytest.raises(ModelError, match="SSLError"):
        pull(f"{web[0]}/tiny.onnx", sha256="0" * 64)

    assert list(library.iterdir()) == []


@pytest.mark.parametrize("scheme", ["http", "ftp", "file"])
def test_only_https_is_pulled(library: Path, scheme: str) -> None:
    """Who listens could change the rest."""
    with pytest.raises(ModelError, match="https"):
        pull(f"{scheme}://localhost/tiny.onnx", sha256="0" * 64)

    assert list(library.iterdir()) == []


def test_a_file_is_taken_in_too(library: Path, tmp_path: Path) -> None:
    """From a stick for example; with the hash, if one was given."""
    path = write_tiny_model(tmp_path / "stick.onnx")
    with pytest.raises(ModelError, match=hash_of(path)):
        pull(str(path), sha256="0" * 64)

    model = pull(str(path), sha256=hash_of(path))

    assert model.path == library / "stick.onnx"
    assert path.exists()


def test_what_cannot_count_is_not_kept(library: Path, tmp_path: Path) -> None:
    """No model, and one whose weights lie in other files."""
    junk = tmp_path / "junk.onnx"
    junk.write_bytes(b"no model")
    split = tmp_path / "split.onnx"
    model = onnx.load(str(write_tiny_model(tmp_path / "whole.onnx")))
    onnx.save(model, str(split), save_as_external_data=True, location="w.bin", size_threshold=0)

    for path in (junk, split, tmp_path / "nowhere.onnx", default_model()):
        with pytest.raises(ModelError):
            pull(str(path), sha256=None)

    assert list(library.iterdir()) == []


def test_the_chosen_model_counts_where_none_is_named(library: Path, tmp_path: Path) -> None:
    """Until then it is the shipped one; if the chosen one goes away, that is told."""
    path = write_tiny_model(tmp_path / "mine.onnx")
    before = usual_model()
    choose_model(path)
    chosen = usual_model()
    path.unlink()

    assert (before, chosen) == (default_model(), path)
    with pytest.raises(ModelError, match=r"mine\.onnx.*is gone"):
        usual_model()


def test_the_commands_pull_use_and_show(call: Call, library: Path, tmp_path: Path) -> None:
    """As a person does it: pull, use, look."""
    path = write_tiny_model(tmp_path / "mine.onnx")

    pulled = call("models", "pull", path)
    used = call("models", "use", "mine.onnx")
    shown = call("models", "info")
    listed = call("models", "list")

    assert pulled.exit_code == used.exit_code == shown.exit_code == listed.exit_code == 0
    assert "bright blocks" in pulled.stdout
    assert "bright blocks" in shown.stdout
    marked = [line for line in listed.stdout.splitlines() if line.startswith("*")]
    assert len(marked) == 1
    assert "mine.onnx" in marked[0]


def test_a_model_is_written_into_a_site_file(call: Call, library: Path, tmp_path: Path) -> None:
    """Comments and order stay as they were; a model that cannot count changes nothing."""
    path = write_tiny_model(tmp_path / "mine.onnx")
    site = tmp_path / "site.toml"
    text = '# the site\n[[camera]]  # one\nname = "a"\nsource = "webcam:0"\n'
    site.write_text(text)

    done = call("models", "use", path, "--config", site)
    failed = call("models", "use", tmp_path / "nowhere.onnx", "--config", site)

    assert (done.exit_code, failed.exit_code) == (0, 1)
    assert site.read_text().startswith(text)
    assert str(path) in site.read_text()
