"""A real browser for tests of pages: Debian's chromium through Playwright, with every request written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from media import read_number
from processes import LIMIT, wait_until

if TYPE_CHECKING:
    from serving import Server

HOSTILE = "<img src=x onerror=\"document.title='taken'\">"
CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]

SHOWN = """() => {
  const video = document.querySelector("video");
  const canvas = document.createElement("canvas"), brush = canvas.getContext("2d");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  brush.drawImage(video, 0, 0);
  return [...brush.getImageData(0, 0, canvas.width, canvas.height).data];
}"""


@contextmanager
def open_browser() -> Iterator[Any]:
    """A headless chromium; skips the test where it or Playwright is absent."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=QUIET, timeout=1000 * LIMIT)
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Any, **options: Any) -> Any:
    """A window without limits of time but the one that tells a page that hangs."""
    page = browser.new_page(**options)
    page.set_default_timeout(1000 * LIMIT)
    return page


@contextmanager
def window(browser: Any, server: Server, place: str = "", *, refused: str = "never", **options: Any) -> Iterator[Any]:
    """The page in a new window; any console message, error or request that leaves the server fails the test.

    `refused` is the status that the browser may write down of a request.
    """
    page = new_page(browser, **{"viewport": {"width": 1440, "height": 900}, **options})
    trouble: list[str] = []
    page.on("console", lambda said: None if f"status of {refused}" in said.text else trouble.append(said.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: trouble.append(dialog.message))
    allowed = (f"{server.address}/", "data:", f"blob:{server.address}/")
    page.on("request", lambda asked: None if asked.url.startswith(allowed) else trouble.append(asked.url))
    page.goto(server.address + "/" + place)
    yield page
    page.close()
    assert trouble == [], trouble


def shown(page: Any) -> int:
    """The number of the picture that the player shows."""
    settled = "(video => !video.seeking && video.readyState >= 2)(document.querySelector('video'))"
    wait_until(lambda: page.evaluate(settled))
    width, height = page.evaluate("(video => [video.videoWidth, video.videoHeight])(document.querySelector('video'))")
    return read_number(np.array(page.evaluate(SHOWN), np.uint8).reshape(height, width, 4)[:, :, :3])
