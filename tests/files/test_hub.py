"""What the hub answers for a repository that cannot be had is told in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

pytest.importorskip("huggingface_hub", reason="the extra hub is not installed")

from huggingface_hub import constants

from whenabouts.errors import ModelError
from whenabouts.files.hub import fetched


@contextmanager
def hub(status: int, code: str) -> Iterator[str]:
    """A hub that answers every request with a status and its own word for the error."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (403, "GatedRepo", "a/b is gated: accept its terms at https://huggingface.co/a/b, then log in"),
        (404, "RepoNotFound", "the hub has no repository a/b, or it is private"),
        (500, "", "a/b is not a local folder and cannot be downloaded from the hub: "),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(
    status: int, code: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with hub(status, code) as url, pytest.raises(ModelError) as error:
        monkeypatch.setattr(constants, "ENDPOINT", url)
        fetched("a/b", cache_dir=tmp_path)
    assert str(error.value).startswith(told) and "\n" not in str(error.value)


def test_without_a_hub_the_sentence_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(
        ModelError, match=r"^a/b is not a local folder and cannot be downloaded from the hub: .*refused"
    ):
        fetched("a/b", cache_dir=tmp_path)


def test_what_cannot_be_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not a local folder and cannot be downloaded"):
        fetched("a/b/c/d", cache_dir=tmp_path)
