"""Events posted to a server, which may be slow, wrong or away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from whenabouts.commands.watching import Began
from whenabouts.commands.watching.sinks.webhook import Webhook
from whenabouts.errors import InputError
from whenabouts.grounders.stream import Event

STARTED = Event("a <dog>", 1, "started", 1.0, None, 0.5, 2.0)
UPDATED = Event("a <dog>", 1, "updated", 1.0, None, 0.6, 3.0)


@contextmanager
def answering(status: Callable[[], int]) -> Iterator[tuple[str, list[Any]]]:
    taken: list[Any] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            code = status()
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", taken
    finally:
        server.shutdown()
        server.server_close()


def test_chosen_events_are_posted_as_rows() -> None:
    with answering(lambda: 204) as (url, taken):
        hook = Webhook(url, ["started"], pytest.fail)
        for told in (Began("a list", "bright", ()), STARTED, UPDATED):
            hook(told)
        hook.close()
    assert taken == [{"type": "event", **json.loads(json.dumps(STARTED.to_dict()))}]


@pytest.mark.parametrize("status", [500, 302])
def test_one_that_is_refused_is_posted_again_a_few_times(status: int) -> None:
    said: list[Any] = []
    codes = iter([status, status, 200, *[status] * 100])
    with answering(lambda: next(codes)) as (url, taken):
        hook = Webhook(url, ["started"], lambda *told: said.append(told), pause=0.01)
        hook(STARTED)
        hook(STARTED)
        hook.close()
    assert len(taken) == 3 + 5
    assert said == [("webhook", f"it answered with status {status}", 1)] * 1 + [
        ("webhook", f"it answered with status {status}", 3),
        ("webhook", "it gave up on 1", 1),
    ]


def test_a_server_that_is_away_is_said_without_its_address() -> None:
    said: list[Any] = []
    hook = Webhook("http://127.0.0.1:9/secret-key", ["started"], lambda *told: said.append(told), pause=0.01)
    hook(STARTED)
    hook.close()
    assert said[0][1] == "it cannot be reached: connection refused"
    assert "secret" not in repr(said)


@pytest.mark.parametrize(
    "url", ["", "hook", "file:///etc/passwd", "ftp://a/b", "http://", "http://u:p@host/", "http://[", "http://h:x/"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="a webhook is an address like"):
        Webhook(url, ["started"], pytest.fail)
