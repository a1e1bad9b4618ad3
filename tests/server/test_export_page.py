"""The export of the page: which moments it takes, and what it says of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe import barriers
from browser import open_browser, window
from media import make_video
from serving import Server, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("videos")
    make_video(folder / "numbers.mp4", seconds=4)
    data = tmp_path_factory.mktemp("data")
    with serving(folder, "--data", data, WHENABOUTS_CACHE=str(data / "cache")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


def test_what_a_person_confirmed_is_exported_by_itself_and_what_it_costs_is_told(browser: Any, server: Server) -> None:
    video = server.video("numbers.mp4")
    body = {"query": "a dog", "annotator": "me", "windows": [[1.0, 2.0]]}
    server.json("PUT", f"/api/videos/{video}/annotations", json=body)
    with window(browser, server, f"#video={video}", bypass_csp=True) as page:
        page.locator(".lane h2", has_text="a dog").wait_for()
        for theme in range(2):
            page.locator("#export").click()
            page.locator("#formats").get_by_role("button", name="Audacity").wait_for()
            assert barriers(page, within="#formats") == [], theme
            page.keyboard.press("Escape")
            page.locator("#theme").click()
        page.locator("#export").click()
        page.locator("#formats").get_by_role("combobox", name="Moments").select_option("confirmed")
        with page.expect_download() as waiting:
            page.locator("#formats").get_by_role("button", name="YouTube").click()
        assert waiting.value.suggested_filename == "numbers.chapters.txt"
        assert Path(waiting.value.path()).read_text("utf-8") == "0:00 a dog\n"
        page.locator("#notice", has_text="YouTube shows chapters from 3 on, and these are 1").wait_for()


def test_predictions_that_nobody_confirmed_leave_an_empty_file_and_say_so(server: Server) -> None:
    from json import loads
    from urllib.parse import unquote

    prediction = {"query": "a cat", "duration": 4.0, "moments": [{"start": 1.0, "end": 2.0}], "presence": 0.1}
    for only, sentence in (
        ("confirmed", "no moment was confirmed by a person"),
        ("likely", "probably not in this video"),
    ):
        body = {"format": "edl", "predictions": [prediction], "only": only}
        answer = server.client.post(f"/api/videos/{server.video('numbers.mp4')}/export", json=body)
        assert answer.status_code == 200 and "|M:" not in answer.text
        [note] = loads(unquote(answer.headers["whenabouts-notes"]))
        assert sentence in note
    body = {"format": "edl", "predictions": [prediction], "only": "all"}
    answer = server.client.post(f"/api/videos/{server.video('numbers.mp4')}/export", json=body)
    assert "unlikely, presence 0.100, rank 1, score 1.000 |C:" in answer.text
    assert "whenabouts-notes" not in answer.headers
