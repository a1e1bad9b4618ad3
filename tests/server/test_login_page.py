"""Logging out on the page: it says so where the server did not hear it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from browser import open_browser, window
from server_users import Shared


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


def test_who_was_not_logged_out_is_told_so(browser: Any, shared_server: Shared) -> None:
    with window(browser, shared_server.server, refused="") as page:
        page.locator("#token").fill(shared_server.tokens["read"])
        page.keyboard.press("Enter")
        page.locator("#videos li").first.wait_for()
        body = json.dumps({"error": "disk full"})
        page.route(
            "**/api/session", lambda route: route.fulfill(status=507, content_type="application/json", body=body)
        )
        page.locator("#log-out").click()
        page.locator("#notice", has_text="You are still logged in. disk full").wait_for()
        page.unroute("**/api/session")
        page.route(
            "**/api/session", lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>proxy")
        )
        page.locator("#log-out").click()
        page.locator("#notice", has_text="You are still logged in. The server does not answer").wait_for()
        page.unroute("**/api/session")
        page.locator("#log-out").click()
        page.locator("#token").wait_for()  # this time it did
