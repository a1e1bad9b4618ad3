"""The page, in a real browser: it plays, seeks to the picture, takes keys, asks nobody, shows hostile text as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import new_page, open_browser
from media import make_video, read_number
from processes import wait_until

from whenabouts import Evidence, Moment, Prediction, Receipt, Saliency
from whenabouts.interchange.report import write_report
from whenabouts.video import Video

HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> & \u2028 &lt;"
SHOWN = """() => {
  const canvas = document.createElement("canvas"), brush = canvas.getContext("2d");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  brush.drawImage(video, 0, 0);
  return [...brush.getImageData(0, 0, canvas.width, canvas.height).data];
}"""


def predictions(duration: float) -> list[Prediction]:
    receipt = Receipt("0", "similarity", "ab" * 32, {"builtin": "cd" * 32}, {"fps": 2.0})
    said = Evidence("said", 1.0, 2.0, HOSTILE)
    curve = Saliency((0.0, 1.0, 2.0, 3.0), (0.1, 0.9, 0.4, 0.1))
    grey = (Moment(1.0, 2.0, 0.9, (said,)), Moment(3.0, 3.5, 0.4, spread=(0.4, 0.2)))
    return [
        Prediction("grey", grey, duration, 0.996, curve, None, receipt),
        Prediction(HOSTILE, (Moment(0.5, 1.5, 0.1),), duration, presence=0.05),
        Prediction("nothing", (), duration, failure="no interval in the answer", notes=("<b>an end was cut",)),
    ]


def build(folder: Path, name: str, answers: list[Prediction], **made: Any) -> Path:
    make_video(folder / name, **made)
    with Video(folder / name) as video:
        return write_report(answers, video, folder / "page.html", truth={"grey": [(1.0, 2.0)]})


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("page"), "<b>video.mp4", predictions(4.0), audio=(0, 4))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@contextmanager
def opened(browser: Any, file: Path, **options: Any) -> Iterator[Any]:
    """The page in a new window; any console message, error or request that leaves it fails the test."""
    page = new_page(browser, **{"viewport": {"width": 1200, "height": 900}, **options})
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda asked: None if asked.url[:5] in ("file:", "data:") else trouble.append(asked.url))
    page.goto(file.as_uri())
    until(page, "!page.source || video.readyState >= 2")
    yield page
    page.close()
    assert trouble == []


@pytest.fixture
def page(browser: Any, page_file: Path) -> Iterator[Any]:
    with opened(browser, page_file) as page:
        yield page


def until(page: Any, condition: str) -> None:
    """Wait for a condition; the page's own policy forbids Playwright's way of waiting inside it."""
    wait_until(lambda: page.evaluate(condition))


def shown(page: Any) -> int:
    """The number of the picture that the player shows."""
    until(page, "!video.seeking && video.readyState >= 2")
    width, height = page.evaluate("[video.videoWidth, video.videoHeight]")
    return read_number(np.array(page.evaluate(SHOWN), np.uint8).reshape(height, width, 4)[:, :, :3])


VIDEOS = {
    "mp4": ("video.mp4", Fraction(25), {}),
    "29.97 per second": ("video.mp4", Fraction(30_000, 1001), {}),
    "23.976 per second, no rounding": ("video.mp4", Fraction(24_000, 1001), {"bframes": 0}),
    "stamps from 7 s on": ("video.ts", Fraction(25), {"offset": 7.0}),
    "uneven pictures": ("video.mp4", Fraction(25), {"times": [Fraction(k * k, 500) for k in range(45)]}),
}


@pytest.mark.parametrize(("name", "fps", "made"), VIDEOS.values(), ids=VIDEOS)
def test_a_click_on_a_moment_shows_the_picture_it_begins_with(
    browser: Any, tmp_path: Path, name: str, fps: Fraction, made: dict[str, Any]
) -> None:
    numbers = [1, 13, 14, 31, 40]
    times = made.get("times") or [Fraction(k) / fps for k in range(50)]
    moments = tuple(Moment(float(times[k]), float(times[k]) + 0.1) for k in numbers)
    file = build(tmp_path, name, [Prediction("a", moments, 4.0)], fps=fps, seconds=2.0, **made)
    with opened(browser, file) as page:
        page.evaluate("video.play = () => Promise.resolve()")
        lines = page.locator(".moment").all()
        for k, line in zip(numbers, lines, strict=True):
            line.dispatch_event("click")
            assert shown(page) == k


def test_a_click_plays_and_space_pauses_then(page: Any) -> None:
    page.get_by_role("button", name=re.compile("grey: 0:01.0 – 0:02.0, score 0.90")).click()
    until(page, "!video.paused && video.currentTime > 1.02")
    page.keyboard.press(" ")
    until(page, "video.paused")
    assert page.evaluate("video.currentTime") > 1.02


def test_the_keyboard_reaches_every_moment(page: Any) -> None:
    page.locator(".bar").first.focus()
    page.keyboard.press("Enter")
    until(page, "!video.paused && video.currentTime >= 1")
    assert page.locator(".bar[aria-current=true]").count() == page.locator(".moment[aria-current=true]").count() == 1


def test_keys_step_by_picture_and_jump_between_moments(page: Any) -> None:
    steps = {
        "]": [12, 25],
        ".": [26, 27],
        ",": [26, 25],
        "]]": [75],
        "[": [25],
        "l": [99],
        "j": [0],
        "ArrowRight": [25],
    }
    for key, pictures in steps.items():
        for picture in pictures:
            page.keyboard.press(key[0] if key == "]]" else key)
            if picture != 99:  # the last instant is past every picture
                assert shown(page) == picture, key


def test_a_loop_returns_to_the_start_of_its_moment(page: Any) -> None:
    page.locator("#loop").click()
    page.locator(".bar").nth(1).click()
    for _ in range(2):
        until(page, "video.currentTime > 3.3")
        until(page, "video.currentTime < 3.3")
    assert page.evaluate("video.currentTime") >= 3.0 and not page.evaluate("video.paused")


def test_the_timeline_is_a_scrubber(page: Any) -> None:
    box = page.locator("#overlay").bounding_box()
    ruler = page.locator("#ruler").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, ruler["y"] + 10)
    assert page.locator("#ghost").inner_text() == "0:01.0 · 00:00:01:00 · 25"
    page.mouse.down()
    assert shown(page) == 25
    page.mouse.move(box["x"] + box["width"] / 2 + 2, ruler["y"] + 200)
    page.mouse.up()
    assert shown(page) == 50
    assert page.locator("#head").inner_text() == "0:02.0 · 00:00:02:00 · 50"
    assert page.locator("#ruler").get_attribute("aria-valuetext") == "0:02.0 of 0:04.0"


def test_bars_pictures_and_the_playhead_stand_at_their_times(page: Any) -> None:
    at = "e => [e.getBoundingClientRect().left, e.getBoundingClientRect().right]"
    left, right = page.locator("#overlay").evaluate(at)
    scale = (right - left) / page.evaluate("page.duration")
    assert page.locator(".bar").first.evaluate(at) == pytest.approx([left + scale, left + 2 * scale], abs=1)
    assert page.locator(".truth").first.evaluate(at) == pytest.approx([left + scale, left + 2 * scale], abs=1)
    assert page.locator(".strip .track").evaluate(at) == pytest.approx([left, right], abs=1)


def test_uncertain_ends_show_how_far(page: Any) -> None:
    left, second = page.evaluate(
        "(box => [box.left, box.width / page.duration])(byId('overlay').getBoundingClientRect())"
    )
    boxes = page.evaluate(
        "[...document.querySelectorAll('.spread')].map(each => each.getBoundingClientRect().toJSON())"
    )
    ends = [[(box["left"] - left) / second, (box["right"] - left) / second] for box in boxes]
    assert ends == [pytest.approx([2.6, 3.4], abs=0.01), pytest.approx([3.3, 3.7], abs=0.01)]
    assert "0:03.0 ± 0.4 s, 0:03.5 ± 0.2 s" in page.locator(".moment").nth(1).inner_text()


def test_hostile_text_is_shown_as_text(page: Any) -> None:
    assert "taken" not in page.title()
    assert page.locator("h1").inner_text() == "<b>video.mp4"
    assert "</script><script>document.title" in page.locator("#answers").inner_text()
    assert page.locator("img:not([src^='data:image/jpeg'])").count() == 0


def test_likelihood_is_said_plainly(page: Any) -> None:
    here, absent, nothing = (article.inner_text() for article in page.locator(".answer").all())
    assert "Probably here" in here and "over 99 %" in here
    assert "Probably not in this video" in absent and "5 %" in absent
    assert "No usable answer" in nothing and "no interval in the answer" in nothing and "<b>an end was cut" in nothing


def test_the_download_is_the_one_json(page: Any) -> None:
    page.locator("summary").click()
    assert "ab" * 32 in page.locator("#receipt").inner_text()
    with page.expect_download() as waiting:
        page.locator("#download").click()
    rows = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    assert [Prediction.from_dict(row) for row in rows] == predictions(4.0)


@pytest.mark.parametrize("width", [390, 800, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_over_the_edge_and_every_control_has_a_name(
    browser: Any, page_file: Path, width: int, scheme: str
) -> None:
    with opened(browser, page_file, viewport={"width": width, "height": 844}, color_scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        rights = "[...document.querySelectorAll('#transport > *')].map(e => e.getBoundingClientRect().right)"
        assert max(page.evaluate(rights)) < width - 14
        unnamed = "[...document.querySelectorAll('button')].filter(b => !(b.ariaLabel || b.textContent.trim())).length"
        assert page.evaluate(unnamed) == 0
        paper = "getComputedStyle(document.body).backgroundColor"
        before = page.evaluate(paper)
        page.locator("#theme").click()
        assert page.evaluate(paper) != before


def test_a_page_beside_its_video_plays_it(browser: Any, tmp_path: Path) -> None:
    make_video(tmp_path / "a#b?c 100%.mp4")
    with Video(tmp_path / "a#b?c 100%.mp4") as video:
        file = write_report(predictions(4.0), video, tmp_path / "page.html", embed=False)
    with opened(browser, file) as page:
        page.keyboard.press("]")
        until(page, "video.currentTime >= 0.5 && !video.seeking && video.readyState >= 2")
        assert "not embedded in this page" in page.locator("#note").inner_text()


def test_a_page_without_a_player_still_has_its_timeline(browser: Any, tmp_path: Path) -> None:
    make_video(tmp_path / "video.mkv")
    with Video(tmp_path / "video.mkv") as video:
        file = write_report(predictions(4.0), video, tmp_path / "page.html", embed=False)
    with opened(browser, file) as page:
        assert not page.locator("#stage").is_visible()
        page.locator(".bar").first.click()
        assert page.locator("#head").inner_text() == "0:01.0 · 00:00:01:00 · 25"


def test_the_report_speaks_the_language_of_its_reader(browser: Any, page_file: Path, tmp_path: Path) -> None:
    said = Prediction("q", (), 4.0, failure="the answer has no interval", notes=("no answer within 3 s",), presence=0.1)
    file = build(tmp_path, "video.mp4", [said])
    with opened(browser, file, locale="ko-KR") as page:
        assert page.locator("html").get_attribute("lang") == "ko"
        assert page.locator("summary").inner_text() == "이 답을 만든 방법"
        remarks = page.locator(".remark").all_inner_texts()
        assert remarks[:2] == ["답에 구간이 없습니다", "3초 안에 응답이 없습니다"]
        assert page.locator("#play").get_attribute("aria-label") == "재생"
        assert page.locator("#facts").inner_text().endswith("질의 1개")
    with opened(browser, page_file, locale="ko-KR") as page:  # hostile text is text in every language
        assert page.title() != "taken"
        assert page.locator("img[src=x]").count() == 0
    with opened(browser, file, locale="de-DE") as page:
        assert page.locator("summary").inner_text() == "How these answers were made"
