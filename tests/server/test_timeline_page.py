"""Moments on the timeline that are too narrow to press one by one: they share a target until there is room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe import barriers
from browser import open_browser, window
from processes import wait_until
from serving import Server

DENSE, TOGETHER = "one picture after another", "two that begin together"
MOMENTS = 600
COUNTS = "all => all.map(bar => Number(bar.textContent || 1))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def video(server: Server) -> str:
    """The id of a video that is all moments of less than two pixels each, and has two that begin at one time."""
    found = server.video("cat.mp4")
    step = float(server.json("GET", f"/api/videos/{found}")["duration"]) / MOMENTS
    dense = [[k * step, (k + 1) * step] for k in range(MOMENTS)]
    for query, windows in ((DENSE, dense), (TOGETHER, [[1.0, 2.0], [1.0, 2.01]])):
        body = {"query": query, "annotator": "me", "windows": windows}
        server.json("PUT", f"/api/videos/{found}/annotations", json=body)
    return found


def bars(page: Any, query: str) -> Any:
    return page.locator(".lane", has_text=query).locator(".window:not([inert]) .bar")


@pytest.mark.parametrize("width", [1440, 390])
def test_moments_that_touch_share_targets_until_there_is_room(
    browser: Any, server: Server, video: str, width: int
) -> None:
    with window(browser, server, f"#video={video}", viewport={"width": width, "height": 900}) as page:
        dense = bars(page, DENSE)
        dense.first.wait_for()
        wait_until(lambda: sum(dense.evaluate_all(COUNTS)) == MOMENTS)
        assert dense.count() < width / 24, "none is narrower than 24 pixels"
        assert barriers(page, ["target-size"], within="#timeline .windows") == []
        told = dense.nth(1).get_attribute("aria-label")
        assert told.startswith(f"{DENSE}: ") and f"{dense.evaluate_all(COUNTS)[1]} moments, 0:" in told

        dense.nth(1).focus()
        while page.evaluate("document.activeElement.textContent"):  # a target of several, to which Enter gives room
            before = page.locator("#part").get_attribute("aria-valuetext")
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.matches('.bar')"), "the keyboard stays on the moments"
            assert page.locator("#part").get_attribute("aria-valuetext") != before
            assert barriers(page, ["target-size"], within="#timeline .windows") == []
        page.keyboard.press("Enter")
        page.keyboard.press("k")
        assert page.evaluate("document.activeElement.ariaCurrent") == "true"
        assert page.locator(".handle").count() == 2
        assert barriers(page, ["target-size"], within="#timeline .windows") == []
        page.keyboard.press("0")
        assert bars(page, DENSE).and_(page.locator("[aria-current=true]")).count() == 1, "the whole that has it"


def test_what_no_zoom_parts_is_gone_through_one_by_one(browser: Any, server: Server, video: str) -> None:
    with window(browser, server, f"#video={video}") as page:
        pair = bars(page, TOGETHER)
        pair.first.wait_for()
        assert pair.count() == 1 and pair.first.inner_text() == "2"
        chosen = page.locator("#chosen")
        pair.first.click()
        assert page.locator("#rows").get_attribute("data-zoomed") == "true" and not chosen.inner_text()
        for length in ("1.00", "1.01", "1.00"):
            pair.first.click()
            page.keyboard.press("k")
            wait_until(lambda length=length: f"· {length} s" in chosen.inner_text())


def test_the_keyboard_stays_on_the_answer_that_it_corrects(browser: Any, server: Server, video: str) -> None:
    with window(browser, server, f"#video={video}") as page:
        bars(page, TOGETHER).first.wait_for()
        name = "document.activeElement.ariaLabel"
        page.get_by_role("button", name=f"Not in this video: {TOGETHER}").focus()
        page.keyboard.press("Enter")
        page.locator("#list", has_text="Marked by you as not in this video").wait_for()
        assert page.evaluate(name) == f"Not in this video: {TOGETHER}"
        page.keyboard.press("u")
        wait_until(lambda: bars(page, TOGETHER).count() == 1)
        page.get_by_role("button", name=f"Hide: {TOGETHER}").focus()
        page.keyboard.press("Enter")
        wait_until(lambda: bars(page, TOGETHER).count() == 0)
        assert page.evaluate("document.activeElement.id") == "queries", "not the top of the page"
