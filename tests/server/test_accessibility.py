"""Every view of the page under axe-core: light and dark, wide and on a phone, in English and Korean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe import barriers
from browser import open_browser, window
from server_users import Shared
from serving import Server

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {**PHONE, "color_scheme": "light"},
    "phone, dark, in Korean": {**PHONE, "color_scheme": "dark", "locale": "ko-KR"},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def asked(server: Server) -> str:
    """The id of a video on which one query is answered by words, one is absent, and one has been corrected."""
    video = server.video("cat.mp4")
    body = {"queries": ["the guide said something", "a ship at sea"], "evidence": ["said", "seen"]}
    server.ended(server.json("POST", f"/api/videos/{video}/find", json=body))
    said = {"query": "a cat looks around", "annotator": "Ada", "windows": [[3.0, 6.0]]}
    server.json("PUT", f"/api/videos/{video}/annotations", json=said)
    touching = {"query": "a cat again", "annotator": "me", "windows": [[0.6 * k, 0.6 * k + 0.6] for k in range(2, 7)]}
    server.json("PUT", f"/api/videos/{video}/annotations", json=touching)
    return video


@pytest.fixture(scope="module")
def batch(server: Server, asked: str) -> str:
    """The id of a batch of one video."""
    body = {"videos": [asked], "find": {"queries": ["the guide said something"], "evidence": ["said"]}}
    made: str = server.json("POST", "/api/batches", json=body)["id"]
    return made


@pytest.mark.parametrize("look", LOOKS)
def test_no_view_has_a_barrier(browser: Any, server: Server, asked: str, batch: str, look: str) -> None:
    found: dict[str, list[str]] = {}
    with window(browser, server, "#", **LOOKS[look]) as page:

        def judge(view: str) -> None:
            page.evaluate("scrollTo(0, 0)")  # what the player covers while the page scrolls is not too small
            if told := barriers(page):
                found[view] = told

        page.locator("#videos li").first.wait_for()
        judge("shelf")
        if "is_mobile" not in LOOKS[look]:  # where there are no keys, there is no list of them
            page.locator("#help").click()
            judge("keys")
            page.keyboard.press("Escape")
        page.goto(f"{server.address}/#live=1")
        page.locator("#live-start").wait_for()
        judge("live")
        page.goto(f"{server.address}/#video={asked}")
        page.locator(".lane .bar").first.wait_for()
        judge("video")
        page.locator(".lane", has_text="a cat again").locator(".bar").nth(2).focus()
        page.keyboard.press("Enter")
        judge("a moment chosen")
        page.locator("#tab-words").click()
        page.locator("#lines li").first.wait_for()
        judge("words")
        page.locator("#export").click()
        judge("export")
        page.keyboard.press("Escape")
        page.goto(f"{server.address}/#batch={batch}")
        page.locator("table").wait_for()
        judge("answers of several videos")
    assert not found, "\n".join(f"{view}: {line}" for view, lines in found.items() for line in lines)


def test_who_may_only_look_is_offered_nothing_else(browser: Any, shared_server: Shared) -> None:
    server = shared_server.server
    with window(browser, server, "#", refused="40") as page:
        page.locator("#token").fill(shared_server.tokens["read"])
        page.keyboard.press("Enter")
        page.locator("#videos li").first.wait_for()
        assert barriers(page) == []
        for control in ("several", "drop", "index"):
            assert page.locator(f"#{control}").is_hidden(), control
        page.locator("#videos a", has_text="cat.mp4").click()
        page.locator("#title", has_text="cat.mp4").wait_for()
        assert barriers(page) == []
        for control in ("ask", "mark-in", "confirm", "redo", "annotator"):
            assert page.locator(f"#{control}").is_hidden(), control
        page.keyboard.press("i")
        page.locator("#notice", has_text="not make them").wait_for()
