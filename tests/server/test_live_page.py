"""The live view of the page, in a real browser beside a real server: standing queries, and what happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser import HOSTILE, open_browser, window
from processes import wait_until
from serving import Server

from whenabouts.language import translations

pytest.importorskip("fastapi", reason="the extra serve is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


def watch(server: Server, *queries: str, **fields: Any) -> dict[str, Any]:
    body = {"video": server.video("cat.mp4"), "queries": list(queries), "threshold": 0.05, **fields}
    started: dict[str, Any] = server.json("POST", "/api/watches", status=201, json=body)
    return started


@pytest.fixture(autouse=True)
def forget(server: Server) -> Iterator[None]:
    """Neither what other tests left on the server, nor what this one leaves."""
    _forget(server)
    yield
    _forget(server)


def _forget(server: Server) -> None:
    for each in server.json("GET", "/api/watches")["watches"]:
        server.json("DELETE", f"/api/watches/{each['id']}", status=200)


def test_a_watch_is_started_by_keys_and_tells_what_happens(browser: Any, server: Server) -> None:
    with window(browser, server) as page:
        page.locator("#live").click()
        page.locator("#live-queries").fill(f"a cat\n{HOSTILE}\na cat")
        page.locator("#live-video").select_option(label="cat.mp4")
        page.locator("#live-start button").press("Enter")
        card = page.locator(".watch")
        card.locator(".told li").first.wait_for()
        assert card.locator("h2").inner_text() == "cat.mp4"
        assert card.locator(".standing b").all_inner_texts() == ["a cat", HOSTILE]
        page.locator(".watch[data-state=ended]").wait_for()
        told = card.locator(".told li").all_inner_texts()
        assert any("a cat: started" in line for line in told), told
        assert page.title() != "taken"
        page.reload()
        page.locator(".watch .told li").first.wait_for()
        page.get_by_role("button", name="Remove cat.mp4").click()
        page.locator(".watch").wait_for(state="detached")
    assert server.json("GET", "/api/watches")["watches"] == []


def test_queries_are_added_and_removed_and_the_focus_stays(browser: Any, server: Server) -> None:
    watch(server, "a cat", speed=0.01)
    with window(browser, server, "#live=1", refused="409") as page:
        field = page.get_by_label("One more query for cat.mp4")
        field.fill("a dog")
        page.keyboard.press("Enter")
        page.locator(".standing b", has_text="a dog").wait_for()
        assert field.evaluate("e => e === document.activeElement") and field.input_value() == ""
        field.fill("a dog")
        page.keyboard.press("Enter")
        page.locator("#notice", has_text="asked already").wait_for()
        page.get_by_role("button", name="Ask no longer: a cat").press("Enter")
        page.locator(".standing b", has_text="a cat").wait_for(state="detached")
        page.get_by_role("button", name="Stop watching cat.mp4").press("Enter")
        page.locator(".watch[data-state=ended]").wait_for()
        page.locator(".add-query").wait_for(state="hidden")
    [told] = server.json("GET", "/api/watches")["watches"]
    assert [each["query"] for each in told["queries"]] == ["a dog"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_it_fits_and_speaks_korean(browser: Any, server: Server, width: int, scheme: str) -> None:
    watch(server, "a cat", "a very long query " * 20, speed=0.01)
    options = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    with window(browser, server, "#live=1", locale="ko-KR", **options) as page:
        page.locator(".standing li").nth(1).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        unnamed = """[...document.querySelectorAll('button, a, input, textarea, select')].filter(
            e => e.offsetParent && !(e.ariaLabel || e.title || e.textContent.trim() || e.labels?.length))
            .map(e => e.outerHTML)"""
        assert page.evaluate(unnamed) == []
        korean = translations("ko")
        assert korean is not None
        assert page.locator("#live-title").inner_text() == korean.translate("Live")
        assert wait_until(lambda: korean.translate("not yet") in page.locator(".standing").inner_text())
        assert page.locator("#live-url").is_hidden(), "no address is allowed"
