"""Corrections on the page say what a person meant and no more: undone, in two windows, and when the server dies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe import barriers
from browser import new_page, open_browser, window
from media import draw
from processes import wait_until
from serving import Server, serving, start
from subtitled import video as subtitled_video

pytest.importorskip("fastapi", reason="the extra serve is not installed")

LINES = [(1.0, 2.0, "Parliament approved the budget."), (2.6, 3.4, "Parliament approved the budget again.")]
BUDGET = "they say the budget was approved"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a video of four seconds and two lines of subtitles, which a query finds both."""
    folder = tmp_path_factory.mktemp("videos")
    pictures = [draw(number) for number in range(100)]
    subtitled_video(
        folder / "a.mp4", seconds=4, fps=25, pictures=pictures, encoder="libx264", codec="mov_text", lines=LINES
    )
    return folder


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("data")
    with serving(folder, "--data", data, WHENABOUTS_CACHE=str(data / "cache")) as server:
        find(server)
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


def find(server: Server) -> dict[str, Any]:
    """The model's answer to the query, as the page shows it afterwards."""
    asked = {"queries": [BUDGET], "evidence": ["said"]}
    job = server.ended(server.json("POST", f"/api/videos/{server.video('a.mp4')}/find", json=asked))
    assert len(job["result"]["predictions"][0]["moments"]) == 2
    return job


def saved(server: Server, annotator: str) -> dict[str, Any] | None:
    """What the server keeps as this annotator's."""
    told = server.json("GET", f"/api/videos/{server.video('a.mp4')}/annotations")["annotations"]
    return next((each for each in told if each["annotator"] == annotator), None)


def place(server: Server) -> str:
    return f"#video={server.video('a.mp4')}"


def name(page: Any, annotator: str) -> None:
    page.locator(".lane .bar").first.wait_for()
    page.locator("#annotator input").fill(annotator)
    page.keyboard.press("Enter")
    page.locator("#list").get_by_role("button", name=f"Right, says {annotator}").wait_for()


def drag_end(page: Any, share: float, *, drop: bool = True) -> None:
    """Drag the end of the first moment to a share of the timeline."""
    page.locator(".lane .bar").first.click()
    page.evaluate("document.querySelector('video').pause()")
    box, lane = page.locator(".handle.end").first.bounding_box(), page.locator("#overlay").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(lane["x"] + share * lane["width"], box["y"] + 10, steps=6)
    if drop:
        page.mouse.up()


def shown(page: Any) -> str:
    """All that the page says of the answer, without where the player is."""
    return str(page.locator("#list").inner_text()) + " ".join(
        page.locator(".lane .window").evaluate_all("all => all.map(e => e.style.left + e.style.width)")
    )


def test_what_is_undone_was_never_said(browser: Any, server: Server) -> None:
    with window(browser, server, place(server)) as page:
        name(page, "Uma")
        before = shown(page)
        drag_end(page, 0.6)
        dragged = wait_until(lambda: saved(server, "Uma"))
        assert dragged["window_provenance"] == ["edited", "model"] and dragged["provenance"] == "model"
        assert "1 of 2 moments checked by you" in shown(page)
        after = shown(page)
        page.keyboard.press("Control+z")
        wait_until(lambda: saved(server, "Uma") is None)
        assert shown(page) == before and page.locator("#undo").is_disabled()
        page.keyboard.press("Control+Shift+Z")
        assert wait_until(lambda: saved(server, "Uma"))["windows"] == dragged["windows"]
        assert shown(page) == after
        page.locator("#undo").click()
        wait_until(lambda: saved(server, "Uma") is None)
        page.get_by_role("button", name=re.compile("^Not in this video")).click()
        assert wait_until(lambda: saved(server, "Uma"))["windows"] == []
        page.keyboard.press("u")
        wait_until(lambda: saved(server, "Uma") is None)
        assert shown(page) == before
        page.keyboard.press("Control+y")
        assert wait_until(lambda: saved(server, "Uma"))["windows"] == []
        page.keyboard.press("Control+z")
        wait_until(lambda: saved(server, "Uma") is None)
        page.get_by_role("button", name=re.compile("^Not in this video")).click()
        wait_until(lambda: saved(server, "Uma"))
        page.reload()  # which forgets what could be undone
        page.get_by_role("button", name="Back to the model’s answer").click()
        wait_until(lambda: saved(server, "Uma") is None)
        wait_until(lambda: shown(page) == before)
        page.get_by_role("button", name=re.compile("^Not in this video")).click()
        wait_until(lambda: saved(server, "Uma"))
        page.reload()
        page.locator(".mine").wait_for()
        page.keyboard.press("b")
        wait_until(lambda: saved(server, "Uma") is None)
        page.reload()
        page.locator(".lane .bar").first.wait_for()
        assert page.locator(".mine").count() == 0


def test_a_moment_is_confirmed_as_it_is_and_one_by_one(browser: Any, server: Server) -> None:
    with window(browser, server, place(server)) as page:
        name(page, "Ada")
        page.locator(".lane .bar").first.click()
        page.keyboard.press("a")
        first = wait_until(lambda: saved(server, "Ada"))
        assert sorted(first["window_provenance"]) == ["confirmed", "model"] and first["provenance"] == "model"
        page.get_by_role("button", name="Right, says Ada").click()
        whole = wait_until(lambda: (now := saved(server, "Ada")) and now["provenance"] == "confirmed" and now)
        assert whole["windows"] == first["windows"] and whole["job"]
        assert "Confirmed by you" in shown(page)
        [row] = map(json.loads, server.client.get("/api/annotations.jsonl?annotator=Ada").text.splitlines())
        predicted = sorted(each[:2] for each in row["corrects"]["moments"])
        assert np.array(predicted) == pytest.approx(np.array(row["relevant_windows"]), abs=1e-3)
        page.reload()
        page.locator(".lane .bar").first.wait_for()
        wait_until(lambda: "Confirmed by you" in shown(page))
        page.keyboard.press("]")
        page.keyboard.press("Backspace")
        wait_until(lambda: (saved(server, "Ada") or {}).get("provenance") == "edited")


def test_a_drag_that_comes_back_or_is_taken_away_says_nothing(browser: Any, server: Server) -> None:
    with window(browser, server, place(server)) as page:
        name(page, "Nia")
        before = shown(page)
        drag_end(page, 0.6, drop=False)
        readout = page.locator("#chosen").inner_text()
        page.mouse.move(page.locator("#overlay").bounding_box()["x"] + 300, 10, steps=3)
        wait_until(lambda: page.locator("#chosen").inner_text() != readout)
        page.locator(".handle[data-held]").dispatch_event("pointercancel")
        page.mouse.up()
        wait_until(lambda: shown(page) == before)
        assert saved(server, "Nia") is None and page.locator("#undo").is_disabled()


def test_a_second_window_is_told_and_a_conflict_is_a_persons_to_decide(browser: Any, server: Server) -> None:
    with window(browser, server, place(server)) as one, window(browser, server, place(server), refused="412") as two:
        for page in (one, two):
            name(page, "Twin")
        drag_end(one, 0.55)
        wait_until(lambda: shown(two) == shown(one))
        one.keyboard.press("u")
        wait_until(lambda: shown(two) == shown(one) and two.locator(".mine").count() == 0)
        one.keyboard.press("Shift+U")

        collide(server, one, two, keep=True)
        collide(server, one, two, keep=False)


def test_a_conflict_says_what_is_checked_where_the_times_are_the_same(browser: Any, server: Server) -> None:
    with window(browser, server, place(server), refused="412") as page:
        name(page, "Ina")
        page.locator(".lane .bar").first.click()
        page.evaluate("document.querySelector('video').pause()")
        page.route("**/annotations", lambda route: overtake(server, route))
        page.keyboard.press("a")
        page.locator("#conflicts p").wait_for()
        words = page.locator("#conflicts p").inner_text()
        assert "The times are the same; only what is checked differs." in words
        assert words.count("(confirmed)") == words.count("(not checked)") == 2


def overtake(server: Server, route: Any) -> None:
    """Before a correction arrives, another of the same moments is there."""
    asked = route.request
    if asked.method == "PUT":
        body = asked.post_data_json
        body["window_provenance"].reverse()
        assert server.client.put(asked.url, json=body, headers=sent(asked)).status_code == 200
    route.continue_()


def collide(server: Server, one: Any, two: Any, *, keep: bool) -> None:
    """Both windows drag the same end, and the second one chooses."""
    held: list[Any] = []
    wait_until(lambda: shown(two) == shown(one) and one.locator("#saved").inner_text() == "Saved as")
    two.route("**/annotations", lambda route: held.append(route))  # noqa: PLW0108  # Playwright wants a function
    drag_end(two, 0.5 if keep else 0.45)
    wait_until(lambda: two.evaluate("1") and held)
    before = saved(server, "Twin")
    drag_end(one, 0.6 if keep else 0.65)  # while the other's is on its way
    theirs = wait_until(lambda: (now := saved(server, "Twin")) != before and now)
    two.unroute("**/annotations")  # and lets go of what is held
    two.locator("#conflicts", has_text="was changed in another window").wait_for()
    assert saved(server, "Twin") == theirs, "nothing is overwritten before a person says so"
    assert shown(two) != shown(one)
    assert barriers(two, within="#conflicts") + barriers(two, within="#tools") == []
    two.get_by_role("button", name="Keep mine" if keep else "Take theirs").click()
    two.locator("#conflicts").wait_for(state="hidden")
    wait_until(lambda: shown(one) == shown(two))
    assert (saved(server, "Twin") != theirs) == keep


def test_a_double_click_is_one_job(browser: Any, server: Server) -> None:
    with window(browser, server, place(server)) as page:
        page.locator(".lane .bar").first.click()
        before = len(server.json("GET", "/api/jobs?limit=1000")["jobs"])
        with page.expect_download():
            page.locator("#clip").dblclick()
        page.locator("#queries").fill("a query that was never sent")
        page.evaluate("() => { const ask = document.querySelector('#ask'); ask.requestSubmit(); ask.requestSubmit(); }")
        page.locator(".lane h2", has_text="never sent").wait_for()
        jobs = server.json("GET", "/api/jobs?limit=1000")["jobs"]
        assert len(jobs) == before + 2
    for job in jobs[:2]:  # the newest: other tests look for one answer
        server.json("DELETE", f"/api/jobs/{job['id']}")


def test_a_correction_survives_the_death_of_the_server(browser: Any, folder: Path, tmp_path: Path) -> None:
    data, cache = tmp_path / "data", {"WHENABOUTS_CACHE": str(tmp_path / "cache")}
    server = start(folder, "--data", data, **cache)
    try:
        find(server)
        page = new_page(browser, viewport={"width": 1440, "height": 900})
        page.goto(f"{server.address}/{place(server)}")
        name(page, "Kim")
        port = str(server.port)

        def die(route: Any) -> None:
            """The correction arrives, and the server dies before the page hears so."""
            asked = route.request
            answer = server.client.put(asked.url, content=asked.post_data, headers=sent(asked))
            assert answer.status_code == 200
            server.kill()
            route.abort()

        page.route("**/annotations", die)
        drag_end(page, 0.6)
        page.locator("#notice", has_text="The server does not answer").wait_for()
        page.unroute("**/annotations")
        page.keyboard.press("ArrowLeft")  # on the handle: one more, which cannot arrive
        page.locator("#list", has_text="not saved").wait_for()
        server = start(folder, "--data", data, "--port", port, **cache)
        page.locator("#notice").wait_for(state="hidden")
        wait_until(lambda: page.locator("#saved").inner_text() == "Saved as")
        page.locator("#conflicts").wait_for(state="hidden")
        now = saved(server, "Kim")
        assert now is not None
        times = page.locator(".handle.end").first.get_attribute("aria-valuenow")
        assert f"{now['windows'][0][1]:.3f}" == times and "not saved" not in shown(page)

        page.route("**/annotations", die)
        drag_end(page, 0.75)
        page.locator("#notice", has_text="The server does not answer").wait_for()
        page.unroute("**/annotations")
        assert page.locator(".handle.end").first.get_attribute("aria-valuenow") != times
        page.keyboard.press("Control+z")  # what was taken back had arrived
        server = start(folder, "--data", data, "--port", port, **cache)
        page.locator("#notice").wait_for(state="hidden")
        wait_until(lambda: (saved(server, "Kim") or {})["windows"] == now["windows"])
        page.close()
    finally:
        server.kill()


def sent(request: Any) -> dict[str, str]:
    """The headers of a request that say what it is and what it replaces."""
    return {name: value for name, value in request.headers.items() if name.startswith("if-") or name == "content-type"}


def test_an_upload_before_the_server_answers_is_done_when_it_does(browser: Any, server: Server, folder: Path) -> None:
    page, tries = new_page(browser), []

    def late(route: Any) -> None:
        tries.append(route)
        if len(tries) == 1:
            route.abort()  # it does not answer, and later does

    page.route("**/api/about", late)
    page.goto(server.address)
    page.locator("#notice", has_text="The server does not answer").wait_for()
    video = {"name": "early.mp4", "mimeType": "video/mp4", "buffer": (folder / "a.mp4").read_bytes()}
    page.locator("#file").set_input_files(video)
    page.locator("#notice").wait_for(state="hidden")
    wait_until(lambda: page.evaluate("1") and len(tries) == 2)
    assert "no uploads" not in page.inner_text("body") and "disabled" not in page.inner_text("body")
    tries[1].continue_()
    wait_until(lambda: page.locator("#title").inner_text() == "early.mp4")
    page.close()
