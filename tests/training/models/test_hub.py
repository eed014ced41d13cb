"""Fetching weights."""

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from huggingface_hub import constants

from training.errors import TrainingError
from training.models import hub
from training.models.hub import fetching


@pytest.fixture
def answering() -> Iterator[str]:
    """A hub on this machine that refuses every page."""
    server = HTTPServer(("127.0.0.1", 0), _Refusing)
    thread = threading.Thread(target=server.serve_forever, name="crowd-test-hub")
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Refusing(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_error(403)

    def log_message(self, *_: object) -> None:  # type: ignore[override]  # keeps tests quiet
        return


def test_a_hub_that_answers_is_asked(monkeypatch: pytest.MonkeyPatch, answering: str) -> None:
    """Even a refusal shows that there is a network."""
    monkeypatch.setattr(constants, "ENDPOINT", answering)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)

    with fetching("a model"):
        assert constants.HF_HUB_OFFLINE is False


def test_without_a_hub_only_the_cache_is_asked(
    monkeypatch: pytest.MonkeyPatch, answering: str
) -> None:
    """Nothing is retried for minutes; what was set before is set again after."""
    nobody = answering.replace("127.0.0.1", "127.0.0.2")
    monkeypatch.setattr(constants, "ENDPOINT", nobody)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    disabled = logging.root.manager.disable

    with fetching("a model"):
        assert constants.HF_HUB_OFFLINE is True
        assert logging.root.manager.disable >= logging.ERROR

    assert constants.HF_HUB_OFFLINE is False
    assert logging.root.manager.disable == disabled


@pytest.mark.parametrize(
    "failure", [FileNotFoundError("gone"), RuntimeError("Failed to download file")]
)
def test_failures_to_fetch_become_one_sentence(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """Whatever the library raises, the message names the weights."""
    monkeypatch.setattr(hub, "_hub_answers", lambda: False)

    with (
        pytest.raises(TrainingError, match=r"the weights of RN50 \(openai\)"),
        fetching("RN50 (openai)"),
    ):
        raise failure


def test_other_failures_stay_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that do not fit are no question of the network."""
    monkeypatch.setattr(hub, "_hub_answers", lambda: True)

    with pytest.raises(RuntimeError, match="size mismatch"), fetching("a model"):
        raise RuntimeError("size mismatch")
