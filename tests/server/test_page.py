"""The page of the server, in a real browser beside a real server: every act that a person does, by hand and by keys.

With WHENABOUTS_SCREENSHOTS=docs/images the pictures of the documentation are taken too.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from browser import HOSTILE, open_browser, shown, window
from media import draw, read_number
from processes import wait_until
from serving import Server, serving
from subtitled import video as subtitled_video

from whenabouts.language import translations

pytest.importorskip("fastapi", reason="the extra serve is not installed")

LINES = [(1.0, 2.0, "Parliament approved the budget."), (2.6, 3.4, f"Nobody reads {HOSTILE} aloud.")]
BUDGET = "they say the budget was approved"


def decoded(source: str) -> Any:
    content = base64.b64decode(source.partition(",")[2]) if source.startswith("data:") else httpx.get(source).content
    with av.open(BytesIO(content), format="mjpeg") as picture:
        return next(picture.decode(video=0)).to_ndarray(format="rgb24")


def make_video(path: Path) -> Path:
    """Four seconds at 25 pictures a second, each with its number, and two lines of subtitles inside."""
    pictures = [draw(number) for number in range(100)]
    return subtitled_video(path, seconds=4, fps=25, pictures=pictures, encoder="libx264", codec="mov_text", lines=LINES)


def corrections(server: Server, video: str) -> list[dict[str, Any]]:
    """All that people said about a video."""
    told: list[dict[str, Any]] = server.json("GET", f"/api/videos/{video}/annotations")["annotations"]
    return told


def windows(server: Server, video: str, annotator: str = "me") -> list[list[float]]:
    """What an annotator says about the one query that was corrected."""
    return next((each["windows"] for each in corrections(server, video) if each["annotator"] == annotator), [])


def say(server: Server, video: str, query: str, annotator: str, windows: list[list[float]]) -> None:
    body = {"query": query, "annotator": annotator, "windows": windows}
    server.json("PUT", f"/api/videos/{video}/annotations", status=200, json=body)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("videos")
    make_video(folder / "numbers.mp4")
    data = tmp_path_factory.mktemp("data")
    with serving(folder, "--data", data, WHENABOUTS_CACHE=str(data / "cache")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


def ask(page: Any, *queries: str) -> None:
    """Ask only what is said, which takes no look at pictures."""
    for kind in ("seen", "written"):
        if page.locator(f"#evidence [value={kind}]").get_attribute("aria-pressed") == "true":
            page.locator(f"#evidence [value={kind}]").click()
    page.locator("#queries").fill("\n".join(queries))
    page.keyboard.press("Enter")
    for query in queries:
        page.locator(".lane h2", has_text=query).wait_for()
    wait_until(lambda: page.locator("#video-jobs .job").count() == 0)  # the first answers came while it was looking


@pytest.fixture(scope="module")
def asked(browser: Any, server: Server) -> str:
    """The id of the video in the folder, on which a find has been done."""
    video = server.video("numbers.mp4")
    with window(browser, server, f"#video={video}") as page:
        ask(page, BUDGET)
    return video


def bar(page: Any, query: str = BUDGET) -> Any:
    return page.get_by_role("button", name=re.compile(f"^{re.escape(query)}: 0:"))


def test_upload_ask_look_correct_and_export(browser: Any, server: Server, tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mp4")
    name = f"{HOSTILE.replace('/', '')}.mp4"
    with window(browser, server) as page:
        page.locator("#file").set_input_files({"name": name, "mimeType": "video/mp4", "buffer": video.read_bytes()})
        wait_until(lambda: HOSTILE in page.locator("#title").inner_text())
        assert page.locator("#title img").count() == 0
        ask(page, BUDGET, HOSTILE)
        bar(page).click()
        assert page.locator("#chosen").inner_text().startswith("0:01.0 – 0:02.0")
        page.keyboard.press("k")
        page.keyboard.press("[")
        page.locator(".moment").first.click()
        wait_until(lambda: shown(page) >= 25)
        page.keyboard.press("k")
        bar(page).dispatch_event("click")
        page.evaluate("document.querySelector('video').pause()")
        assert 25 <= shown(page) < 50  # it plays from its first picture on

        identity = re.search("video=([^&]+)", page.url)[1]
        box, lane = page.locator(".handle.end").first.bounding_box(), page.locator("#overlay").bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(lane["x"] + 0.6 * lane["width"], box["y"] + 10, steps=5)
        page.mouse.move(lane["x"] + 0.75 * lane["width"], box["y"] + 10, steps=5)
        page.mouse.up()
        [[start, end]] = wait_until(lambda: windows(server, identity))
        assert start == 1.0 and end == pytest.approx(3.0, abs=0.05)
        assert end * 25 == pytest.approx(round(end * 25), abs=1e-6)  # between two pictures
        assert shown(page) == round(end * 25) - 1  # the last picture of the moment
        assert page.locator("#saved").inner_text() == "Saved as"
        rows = [json.loads(line) for line in server.client.get("/api/annotations.jsonl?annotator=me").text.splitlines()]
        assert [row["relevant_windows"] for row in rows if row["query"] == BUDGET] == [[[start, end]]]

        page.locator("#export").click()
        with page.expect_download() as waiting:
            page.locator("#formats").get_by_role("button", name="spreadsheets").click()
        table = Path(waiting.value.path()).read_text("utf-8")
        assert (
            waiting.value.suggested_filename.endswith(".csv") and BUDGET in table and f"{end:.2f}".rstrip("0") in table
        )
        bar(page).click()
        with page.expect_download() as waiting:
            page.locator("#clip").click()
        assert Path(waiting.value.path()).read_bytes()[4:8] == b"ftyp"
        assert page.title() != "taken" and page.locator("img[src=x]").count() == 0
        page.locator("#tab-words").click()
        known = server.json("GET", f"/api/videos/{identity}/words")["lines"]
        assert [line["text"] for line in known] == page.locator("#lines .text").all_inner_texts()
        assert any("Nobody reads" in line["text"] for line in known) and page.locator("#lines img").count() == 0


def test_a_correction_that_is_not_saved_says_so_until_one_is(browser: Any, server: Server, asked: str) -> None:
    def refuse(route: Any) -> None:
        route.fulfill(status=507, content_type="application/json", body=json.dumps({"error": "disk full"}))

    with window(browser, server, f"#video={asked}", refused="507") as page:
        bar(page).wait_for()
        page.locator("#annotator input").fill("Eve")
        page.keyboard.press("Enter")
        page.route("**/annotations", refuse)
        right = page.get_by_role("button", name=re.compile("^Right, says Eve"))
        right.click()
        page.locator("#list", has_text="Corrected by you, but not saved").wait_for()
        assert page.locator("#saved").inner_text() == "Not saved as" and not windows(server, asked, "Eve")
        page.unroute("**/annotations")
        right.click()
        wait_until(lambda: windows(server, asked, "Eve"))
        assert "not saved" not in page.locator("#list").inner_text()


def test_the_keyboard_alone_does_all_of_it(browser: Any, server: Server, asked: str) -> None:
    with window(browser, server, f"#video={asked}&t=0") as page:
        bar(page).wait_for()
        press = page.keyboard.press
        page.locator("#annotator input").fill("Ada")
        press("Enter")
        for key, picture in (("]", 25), (".", 26), (",", 25), ("Shift+ArrowRight", 50), ("ArrowLeft", 25)):
            press(key)
            assert shown(page) == picture, key
        bar(page).focus()
        press("Enter")
        press("k")
        press("Tab")
        assert page.evaluate("document.activeElement.ariaLabel") == f"Start of {BUDGET}"
        press("ArrowRight")
        press("ArrowRight")
        assert shown(page) == 27
        press("Shift+ArrowLeft")
        assert shown(page) == 2
        wait_until(lambda: windows(server, asked, "Ada") == [[pytest.approx(0.08), 2.0]])

        page.locator("#ruler").focus()
        press("l")
        press("j")
        press("i")
        press("Shift+ArrowRight")
        press("o")
        made = [pytest.approx(0.0, abs=0.01), pytest.approx(1.04, abs=0.01)]
        wait_until(lambda: windows(server, asked, "Ada") == [made, [pytest.approx(0.08), 2.0]])
        assert page.locator(".bar[aria-current=true]").count() == 1
        press("u")
        wait_until(lambda: windows(server, asked, "Ada") == [[pytest.approx(0.08), 2.0]])
        press("[")
        press("Backspace")
        wait_until(lambda: page.locator(".lane .bar").count() == 0)
        assert "Marked by you as not in this video" in page.locator("#answers").inner_text()
        absent = {"query": BUDGET, "annotator": "Ada", "windows": []}.items()
        wait_until(lambda: any(absent <= each.items() for each in corrections(server, asked)))

        press("/")
        assert page.evaluate("document.activeElement.id") == "queries"
        page.keyboard.type("a title card")
        for _ in range(page.locator("#evidence button").count() + 5):
            press("Tab")
        assert page.evaluate("document.activeElement.id") == "by-hand"
        press("Enter")
        page.locator(".lane h2", has_text="a title card").wait_for()


def test_a_finger_drags_an_end(browser: Any, server: Server, asked: str) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with window(browser, server, f"#video={asked}", **phone) as page:
        bar(page).wait_for()
        page.locator("#annotator input").fill("Dora")
        page.keyboard.press("Enter")
        bar(page).tap()
        page.locator("#play").tap()
        page.locator(".lane").first.scroll_into_view_if_needed()
        box, lane = bar(page).bounding_box(), page.locator("#overlay").bounding_box()
        x, y = box["x"] + box["width"] + 4, box["y"] + box["height"] / 2
        finger = page.context.new_cdp_session(page)
        for kind, dx in (("touchStart", 0), *(("touchMove", lane["width"] * k / 40) for k in range(1, 11))):
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x + dx, "y": y}]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        [[start, end]] = wait_until(lambda: windows(server, asked, "Dora"))
        assert start == 1.0 and end == pytest.approx(3.0, abs=0.08)


def test_a_second_annotator_is_shown_with_the_agreement(browser: Any, server: Server, asked: str) -> None:
    for annotator, marked in (("Björn", [[1.0, 2.0]]), ("Cleo", [[1.0, 3.0]])):
        say(server, asked, BUDGET, annotator, marked)
    with window(browser, server, f"#video={asked}") as page:
        page.locator(".other").first.wait_for()
        assert page.locator(".other").count() >= 2
        assert re.search(r"Björn, Cleo.*agreement \d+ %", page.locator(".agreement").first.inner_text())


def test_an_address_leads_back_to_video_and_time(browser: Any, server: Server, asked: str) -> None:
    with window(browser, server, f"#video={asked}&t=2.2") as page:
        bar(page).wait_for()
        assert shown(page) == 55
        page.keyboard.press(".")
        wait_until(lambda: "t=2.24" in page.evaluate("location.hash"))
        page.reload()
        bar(page).wait_for()
        assert shown(page) == 56
        page.locator("#home").click()
        page.locator(".video", has_text="numbers.mp4").click()
        bar(page).wait_for()


def test_a_running_job_is_shown_again_after_a_reload_and_can_be_cancelled(
    browser: Any, server: Server, asked: str
) -> None:
    folder = server.json("GET", "/api/about")["folders"][0]["id"]
    with window(browser, server, f"#folder={folder}") as page:
        page.locator("#watch").click()
        page.locator("#all-jobs .job").wait_for()
        page.reload()
        page.locator("#all-jobs .job").wait_for()
        page.get_by_role("button", name="Cancel Watching").click()
        page.locator("#all-jobs .job").wait_for(state="detached")
    states = [job["state"] for job in server.json("GET", "/api/jobs?limit=20")["jobs"] if job["kind"] == "watch"]
    assert states == ["cancelled"]


def test_a_search_of_the_library_leads_to_video_and_moment(browser: Any, server: Server) -> None:
    pytest.importorskip("lancedb", reason="the extra library is not installed")
    with window(browser, server) as page:
        page.locator("#index").click()
        page.locator("#sought").wait_for()
        page.locator("#sought").fill(BUDGET)
        page.keyboard.press("Enter")
        hit = page.locator(".hit", has_text="Parliament approved").first
        hit.wait_for()
        wait_until(lambda: hit.locator("img").evaluate("picture => picture.naturalWidth"))
        hit.click()
        bar(page).first.wait_for()
        assert shown(page) == 25


def pictures(page: Any) -> list[int]:
    """The numbers of the pictures along the timeline."""
    sources = page.locator(".strip img").evaluate_all("images => images.map(image => image.src)")
    return [read_number(decoded(source)) for source in sources]


def test_the_timeline_is_magnified_to_one_frame_and_its_map_is_dragged(
    browser: Any, server: Server, asked: str
) -> None:
    left = "e => e.getBoundingClientRect().left"
    with window(browser, server, f"#video={asked}&t=1") as page:
        bar(page).wait_for()
        head, whole = page.locator("#head").evaluate(left), bar(page).bounding_box()["width"]
        page.keyboard.press("+")
        page.keyboard.press("+")
        assert page.locator("#head").evaluate(left) == pytest.approx(head, abs=2)
        assert bar(page).bounding_box()["width"] == pytest.approx(whole * 1.6**2, rel=0.02)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1440
        lane = page.locator("#overlay").bounding_box()
        span = 4 / 1.6**2
        page.mouse.click(lane["x"] + lane["width"] / 2, page.locator("#ruler").bounding_box()["y"] + 8)
        assert shown(page) == pytest.approx(25 * (1 - span / 4 + span / 2), abs=1)
        while page.locator("#zoom-in").is_enabled():
            page.keyboard.press("+")
        number = shown(page)
        wait_until(lambda: number in pictures(page) and len(pictures(page)) <= 2)
        start, map = float(page.locator("#part").get_attribute("aria-valuenow")), page.locator("#map").bounding_box()
        assert start <= (number + 1) / 25 and start + 0.04 >= number / 25
        assert page.locator("#ruler").inner_text() in {f"00:00:01:{n:02}" for n in (number % 25, number % 25 + 1)} | {
            ""
        }

        part = page.locator("#part").bounding_box()
        page.mouse.move(part["x"] + part["width"] / 2, part["y"] + 10)
        page.mouse.down()
        page.mouse.move(map["x"] + 0.75 * map["width"], part["y"] + 10, steps=3)
        page.mouse.up()
        moved = float(page.locator("#part").get_attribute("aria-valuenow"))
        assert moved == pytest.approx(3.0, abs=0.1) and shown(page) == number, "the view moves, the player does not"
        wait_until(lambda: pictures(page) and all(abs(each - 25 * moved) <= 2 for each in pictures(page)))
        page.keyboard.press("0")
        assert bar(page).bounding_box()["width"] == pytest.approx(whole, abs=1)
        wait_until(lambda: len(pictures(page)) > 8 and pictures(page) == sorted(pictures(page)))


def test_words_follow_the_playhead_and_lead_to_their_time(browser: Any, server: Server, asked: str) -> None:
    with window(browser, server, f"#video={asked}&t=1.5") as page:
        page.locator("#tab-words").click()
        lines = page.locator(".line")
        lines.first.wait_for()
        wait_until(lambda: "now" in lines.nth(0).get_attribute("class").split())
        lines.nth(1).click()
        assert shown(page) == 65
        wait_until(lambda: "now" in lines.nth(1).get_attribute("class").split())


def test_what_is_refused_is_told_in_a_line(browser: Any, server: Server) -> None:
    with window(browser, server, "#video=0", refused="4") as page:
        page.locator("#notice").wait_for()
        assert page.locator("#videos-view").is_visible() and "no such video" in page.locator("#notice").inner_text()
        page.evaluate("""() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["no video"], "video.mp4"));
          for (const name of ["dragenter", "drop"]) dispatchEvent(new DragEvent(name, { dataTransfer }));
        }""")
        wait_until(lambda: "no such video" not in page.locator("#notice").inner_text())
        assert "cannot be read as a video" in page.locator("#notice").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 800, 1440])
def test_nothing_runs_over_the_edge_and_every_control_has_a_name(
    browser: Any, server: Server, asked: str, width: int, scheme: str
) -> None:
    options = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme, "has_touch": width < 500}
    with window(browser, server, f"#video={asked}", **options) as page:
        bar(page).wait_for()
        for place in ("video-view", "videos-view"):
            page.locator(f"#{place}").wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            unnamed = """[...document.querySelectorAll('button, a, input, textarea, select, [role=slider]')].filter(
                e => e.offsetParent && !(e.ariaLabel || e.title || e.textContent.trim() || e.labels?.length))
                .map(e => e.outerHTML)"""
            assert page.evaluate(unnamed) == []
            page.locator("#home").click()
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", dark))) < 200) == (scheme == "dark")


@pytest.mark.skipif("WHENABOUTS_SCREENSHOTS" not in os.environ, reason="WHENABOUTS_SCREENSHOTS names no folder")
def test_pictures_for_the_documentation(browser: Any, tmp_path: Path) -> None:
    from whenabouts.synthetic.demo_video import make_demo_video

    (tmp_path / "videos").mkdir()
    demo = make_demo_video(tmp_path / "videos" / "A museum of small things.mp4")
    sizes: dict[str, dict[str, Any]] = {
        "1440": {"viewport": {"width": 1440, "height": 900}},
        "1024": {"viewport": {"width": 1024, "height": 768}},
        "390": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2},
    }
    looks = [(size, scheme) for size in sizes for scheme in ("light", "dark")]
    with serving(tmp_path / "videos", "--data", tmp_path / "data") as server:
        video, rocket = server.video(demo.path.name), "a rocket on the launch pad"
        with window(browser, server, f"#video={video}") as page:
            page.locator("#queries").fill("\n".join(question.query for question in demo.questions))
            page.keyboard.press("Enter")
            page.locator(".lane").last.wait_for()
            wait_until(lambda: page.locator("#video-jobs .job").count() == 0)
        say(server, video, rocket, "Ada", [[23.0, 30.0]])
        say(server, video, rocket, "me", [[23.0, 30.6]])
        for size, scheme in looks:
            with window(browser, server, f"#video={video}", color_scheme=scheme, **sizes[size]) as page:
                page.locator(".agreement").wait_for()
                bar(page, rocket).click()
                page.wait_for_timeout(800)
                page.keyboard.press("k")
                page.mouse.move(1, 1)
                page.wait_for_timeout(1500)
                page.evaluate("scrollTo(0, 0)")
                picture = Path(os.environ["WHENABOUTS_SCREENSHOTS"]) / f"serve-{size}-{scheme}.jpg"
                page.screenshot(path=picture, full_page=size != "390", type="jpeg", quality=80)
                assert picture.stat().st_size < 200_000


def test_the_page_speaks_the_language_of_the_browser_until_another_is_chosen(
    browser: Any, server: Server, asked: str
) -> None:
    with window(browser, server, f"#video={asked}", refused="404", locale="ko-KR") as page:
        bar(page).wait_for()
        assert page.locator("html").get_attribute("lang") == "ko"
        assert page.locator("#by-hand").inner_text() == "직접 표시하기"  # in the page itself
        assert page.locator("#queries").get_attribute("placeholder").startswith("무엇을 찾으십니까?")
        assert page.locator("#play").get_attribute("aria-label") == "재생"  # made by a script
        assert page.locator("#facts").inner_text().endswith("질의 1개")
        assert "말" in page.locator("#evidence [value=said]").inner_text()
        page.locator("#help").click()
        assert "재생, 일시 정지" in page.locator("#keys").inner_text()
        page.keyboard.press("Escape")
        page.evaluate("location.hash = 'video=nothing'")  # an error of the server
        page.locator("#notice", has_text="그런 비디오가 없습니다").wait_for()
        left = page.evaluate("document.body.innerText").replace("whenabouts", "")
        assert not re.search(r"\b(?:Find|Export|Jobs|Words|Answers|Saved|Mark|Delete|Upload)\b", left)

        with page.expect_navigation():
            page.locator("#language").select_option("en")
        page.locator("#language").wait_for()
        wait_until(lambda: page.locator("#upload").inner_text() == "Choose a video")
        page.reload()
        wait_until(lambda: page.locator("#upload").inner_text() == "Choose a video")  # the choice is kept
        assert page.locator("html").get_attribute("lang") == "en"


def test_a_browser_of_another_language_shows_english(browser: Any, server: Server) -> None:
    with window(browser, server, locale="xx-YY") as page:
        wait_until(lambda: page.locator("#upload").inner_text() == "Choose a video")


SENTENCES = [
    "there is no such video",
    "video of a dog.mp4 is not a directory",
    "a.jsonl, line 3: the field qid is missing",
    "a.srt cannot be read: permission denied",
    "Input should be greater than or equal to 1",
    "queries: field required",
    "{1} is empty is empty",
    "said by nobody",
]


def test_browser_and_program_translate_alike(browser: Any, server: Server) -> None:
    korean = translations("ko")
    assert korean is not None
    script = "async (texts) => texts.map((await import('/page/shared/language.js')).translate)"
    with window(browser, server, locale="ko-KR") as page:
        wait_until(lambda: page.locator("#upload").inner_text() == "비디오 고르기")
        assert page.evaluate(script, SENTENCES) == [korean.translate(sentence) for sentence in SENTENCES]
