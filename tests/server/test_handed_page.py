"""The page hands on what an editor asks for: cuts, a transcript, a contact sheet, and clips named by a rule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe import barriers
from browser import open_browser, window
from media import draw
from processes import wait_until
from serving import Server, serving
from subtitled import video as subtitled_video

pytest.importorskip("fastapi", reason="the extra serve is not installed")

LINES = [(1.0, 2.0, "Parliament approved the budget.")]
BUDGET = "they say the budget was approved"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder, data = tmp_path_factory.mktemp("videos"), tmp_path_factory.mktemp("data")
    pictures = [draw(number) for number in range(100)]
    path = folder / "talk.mp4"
    subtitled_video(path, seconds=4, fps=25, pictures=pictures, encoder="libx264", codec="mov_text", lines=LINES)
    with serving(folder, "--data", data, WHENABOUTS_CACHE=str(data / "cache")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(browser: Any, server: Server) -> Iterator[Any]:
    video = server.video("talk.mp4")
    body = {"queries": [BUDGET], "evidence": ["said"]}
    server.ended(server.json("POST", f"/api/videos/{video}/find", status=202, json=body))
    with window(browser, server, f"#video={video}", refused="422") as page:
        page.locator(".lane h2", has_text=BUDGET).wait_for()
        yield page


def saved(page: Any, heading: str, suffix: str) -> bytes:
    """What is saved by the button with a suffix below a heading of the list of exports."""
    page.locator("#export").click()
    with page.expect_download() as download:
        page.locator(f'#formats h2:text-is("{heading}") + label + ul, #formats h2:text-is("{heading}") + ul').locator(
            "button", has_text=suffix
        ).click()
    return Path(download.value.path()).read_bytes()


def test_cuts_words_and_pictures_are_saved(page: Any) -> None:
    otio = json.loads(saved(page, "A timeline of cuts", ".otio"))
    clip = otio["tracks"]["children"][0]["children"][0]
    assert clip["name"] == "talk.mp4" and clip["markers"][0]["name"] == BUDGET
    assert "»Parliament approved the budget.«" in saved(page, "Transcript", ".txt").decode()
    assert saved(page, "Contact sheet of the moments", ".html").count(b"<li>") == 1


def test_the_list_has_no_barrier(page: Any) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.locator("#export").click()
        page.locator("#formats").wait_for()
        assert barriers(page, within="#formats") == []
        page.keyboard.press("Escape")


def test_the_hits_of_a_search_are_saved_as_one_timeline(browser: Any, server: Server) -> None:
    pytest.importorskip("lancedb", reason="the extra library is not installed")
    folder = server.json("GET", "/api/about")["folders"][0]["id"]
    ended = server.ended(server.json("POST", f"/api/folders/{folder}/index", status=202, json={}))
    assert ended["state"] == "done", ended
    with window(browser, server) as page:
        page.locator("#sought").fill(BUDGET)
        page.keyboard.press("Enter")
        page.locator(".hit", has_text="Parliament approved").first.wait_for()
        with page.expect_download() as download:
            page.locator("#search-cuts button", has_text=".edl").click()
        assert b"* FROM CLIP NAME: talk.mp4" in Path(download.value.path()).read_bytes()


def test_clips_are_named_by_the_rule_that_was_typed(page: Any) -> None:
    page.locator("#export").click()
    page.get_by_label("Name of clips").fill("{video}_{query}")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile(f"^{BUDGET}: 0:")).click()
    with page.expect_download() as download:
        page.locator("#clip").click()
    assert download.value.suggested_filename == "talk_they-say-the-budget-was-approved.mp4"
    page.locator("#export").click()
    page.get_by_label("Name of clips").fill("{nummer}")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.locator("#clip").click()
    wait_until(lambda: "unknown field 'nummer'" in page.locator("body").inner_text())
