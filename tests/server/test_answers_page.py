"""Answers in the page while they come, folded, and compared; questions kept and asked of many videos; the shelf."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser import open_browser, window
from media import draw
from processes import wait_until
from serving import Server, serving
from subtitled import video as subtitled_video

pytest.importorskip("fastapi", reason="the extra serve is not installed")

BUDGET = "they say the budget is done"
NAMES = ("press.mp4", "report.mp4")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("videos")
    for name in NAMES:
        pictures = [draw(number) for number in range(6)]
        lines = [(1.0, 2.0, "The budget is late."), (3.5, 4.5, f"The budget of the {name[:-4]} is done.")]
        subtitled_video(folder / name, pictures=pictures, encoder="libx264", codec="mov_text", lines=lines)
    data = tmp_path_factory.mktemp("data")
    with serving(folder, "--data", data, WHENABOUTS_CACHE=str(data / "cache")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


def ask(page: Any, *queries: str) -> dict[str, Any]:
    """The job of these queries, whose lanes are there."""
    page.locator("#queries").fill("\n".join(queries))
    with page.expect_response("**/find") as waiting:
        page.keyboard.press("Enter")
    page.locator(".lane h2", has_text=queries[0]).wait_for()
    job: dict[str, Any] = waiting.value.json()
    return job


def answered(page: Any, server: Server, job: dict[str, Any]) -> None:
    server.ended(job)
    wait_until(lambda: page.locator(".waiting").count() == 0 and page.locator("#video-jobs .job").count() == 0)


def test_an_answer_is_awaited_understood_folded_and_compared(browser: Any, server: Server) -> None:
    video = server.video(NAMES[0])
    with window(browser, server, f"#video={video}") as page:
        page.locator("#evidence [value=seen]").click()
        page.locator("#evidence [value=written]").click()
        answered(page, server, ask(page, BUDGET, "a dog barks"))
        article = page.locator(".answer", has_text=BUDGET)
        assert "understood as: said · the budget is done" in article.inner_text()
        assert "0:03.5 – 0:04.5" in article.inner_text()

        lane = page.locator(".lane", has_text=BUDGET)
        tall = lane.bounding_box()["height"]
        lane.locator(".fold").click()
        wait_until(lambda: lane.bounding_box()["height"] < tall / 2)
        page.reload()
        page.locator(".lane.folded", has_text=BUDGET).wait_for()
        assert page.locator(".lane").count() == 2 and page.locator(".lane.folded").count() == 1
        page.locator("#fold-all").click()
        assert page.locator(".lane.folded").count() == 2
        page.locator("#fold-all").click()
        assert page.locator(".lane.folded").count() == 0

        page.locator("#evidence [value=said]").click()
        page.locator("#evidence [value=written]").click()
        answered(page, server, ask(page, BUDGET))
        page.get_by_role("button", name=f"Compare answers: {BUDGET}").click()
        page.locator(".differs li").first.wait_for()
        first, second = (each.inner_text() for each in page.locator(".compared select option:checked").all())
        assert "said" in second and "said" not in first
        assert page.get_by_role("button", name="B: 0:03.5 – 0:04.5").is_visible()
        assert "Only B: 0:01.0 – 0:02.0, 0:03.5 – 0:04.5" in page.locator(".differs").inner_text()
        page.get_by_label(f"Answer A to {BUDGET}").select_option(index=1)
        page.locator(".differs", has_text="Both find 2 moments, at the same times.").wait_for()


def test_a_cancelled_question_leaves_no_lane_that_waits(browser: Any, server: Server) -> None:
    video = server.video(NAMES[1])
    with window(browser, server, f"#video={video}") as page:
        job = ask(page, "somebody opens a red door")
        page.get_by_role("button", name="Cancel somebody opens a red door").click()
        wait_until(lambda: page.locator("#video-jobs .job").count() == 0)
        server.ended(job)
        wait_until(lambda: page.locator(".waiting").count() == 0)
        left = page.locator(".lane")  # of what was found before, if anything was
        assert left.count() == 0 or "Looking" not in left.inner_text()


def test_a_saved_question_is_asked_of_another_video_and_of_all_as_a_table(browser: Any, server: Server) -> None:
    video, other = (server.video(name) for name in NAMES)
    with window(browser, server, f"#video={video}") as page:
        page.locator("#title", has_text=NAMES[0]).wait_for()
        page.locator("#queries").fill(BUDGET)
        page.locator("#saved-open").click()
        page.locator("#save-typed").click()
        page.locator(".saved-question", has_text=BUDGET).wait_for()
        page.evaluate(f"location.hash = 'video={other}'")
        page.locator("#title", has_text=NAMES[1]).wait_for()
        if not page.locator("#saved-questions").is_visible():
            page.locator("#saved-open").click()
        with page.expect_response("**/find") as waiting:
            page.get_by_role("button", name=f"Ask: {BUDGET}").click()
        page.locator(".lane h2", has_text=BUDGET).wait_for()
        answered(page, server, waiting.value.json())

        page.locator("#home").click()
        page.locator(".video", has_text="0:06 · ").nth(1).wait_for()  # lengths come after the cards
        assert page.locator("#drop").bounding_box()["height"] < 80
        page.locator("#name-filter").fill("repo")
        wait_until(lambda: page.locator(".video b").all_inner_texts() == [NAMES[1]])
        page.locator("#name-filter").fill("nothing of this name")
        page.locator("#no-videos", has_text="No video here has this in its name.").wait_for()
        page.locator("#name-filter").fill("")
        wait_until(lambda: page.locator(".video").count() == 2)

        page.locator("#several").click()
        page.get_by_role("button", name=f"Ask too: {BUDGET}").click()
        page.locator("#choose-all").click()
        page.locator("#ask-batch").click()
        page.locator("#batch-facts", has_text="2 of 2 videos answered").wait_for()
        names = page.locator("#batch-table tbody th").all_inner_texts()
        assert names == list(NAMES) and page.locator("#batch-table tbody b").count() == 2
        with page.expect_download() as loading:
            page.locator("#batch-csv").click()
        table = loading.value.path().read_text("utf-8-sig")
        assert table.count("start_timecode") == 1 and all(name in table for name in NAMES)
        body = {"videos": [video, other], "find": {"queries": ["somebody opens a green door"]}}
        before = page.evaluate("location.hash")
        cancelled = server.json("POST", "/api/batches", json=body)
        for row in cancelled["rows"]:
            server.json("POST", f"/api/jobs/{row['job']}/cancel")
        page.evaluate(f"location.hash = 'batch={cancelled['id']}'")
        page.locator("#batch-facts", has_text="0 of 2 videos answered · 2 cancelled").wait_for()
        page.evaluate(f"location.hash = '{before}'")
        page.locator("#batch-facts", has_text="2 of 2 videos answered").wait_for()
        page.reload()
        page.get_by_role("link", name=f"{NAMES[1]}: {BUDGET}: 0:").click()
        page.locator(".bar[aria-current=true]").wait_for()
