"""A real browser for tests of pages: Debian's chromium through Playwright, with every request written down."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
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

# A browser says that it has sought some time before the picture of that place is on screen. It tells of a picture only
# whoever asked before, and of none where it stays at its place; that of the place before may still come in between.
AWAIT_PICTURES = """(() => {
  const awaitPicture = (video, time) => {
    const told = (_, {mediaTime}) => {
      if (video.awaited !== time) return;
      if (video.paused && Math.abs(mediaTime - time) > 0.2) video.requestVideoFrameCallback(told);
      else video.awaited = null;
    };
    video.awaited = time;
    video.requestVideoFrameCallback(told);
  };
  const {get, set} = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "currentTime");
  Object.defineProperty(HTMLMediaElement.prototype, "currentTime", {get, set(time) {
    const place = Math.max(0, Math.min(time, this.duration || Infinity));
    if (Math.abs(place - get.call(this)) > 1e-5) awaitPicture(this, place);
    set.call(this, time);
  }});
  document.addEventListener("loadstart", ({target: video}) => awaitPicture(video, video.currentTime), true);
})()"""
SETTLED = """() => {
  const video = document.querySelector("video");
  return !video.seeking && video.readyState >= 2 && video.awaited === null;
}"""
SHOWN = """() => {
  const video = document.querySelector("video");
  const canvas = Object.assign(document.createElement("canvas"), {width: video.videoWidth, height: video.videoHeight});
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.toDataURL().split(",")[1];
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
    """A window without limits of time but the one that tells a page that hangs; `shown` tells its picture."""
    page = browser.new_page(**options)
    page.add_init_script(AWAIT_PICTURES)
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
    wait_until(lambda: page.evaluate(SETTLED))
    with av.open(BytesIO(base64.b64decode(page.evaluate(SHOWN)))) as picture:
        return read_number(next(picture.decode(video=0)).to_ndarray(format="rgb24"))
