"""The page, in a real browser: it plays, seeks, takes keys, asks nobody, and shows hostile text as text."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from browser import open_browser

from whenabouts import Evidence, Moment, Prediction, Receipt, Saliency
from whenabouts.errors import InputError
from whenabouts.interchange.report import write_report
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose

HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> & \u2028 &lt;"


def predictions(duration: float) -> list[Prediction]:
    receipt = Receipt("0", "similarity", "ab" * 32, {"builtin": "cd" * 32}, {"fps": 2.0})
    said = Evidence("said", 1.0, 2.0, HOSTILE)
    curve = Saliency((0.0, 1.0, 2.0, 3.0), (0.1, 0.9, 0.4, 0.1))
    return [
        Prediction(
            "grey", (Moment(1.0, 2.0, 0.9, (said,)), Moment(3.0, 3.5, 0.4)), duration, 0.9, curve, None, receipt
        ),
        Prediction(HOSTILE, (Moment(0.5, 1.5, 0.1),), duration, presence=0.05),
        Prediction("nothing", (), duration),
    ]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "<b>film.mp4"
    stills = [Still(np.full((90, 160, 3), level, np.uint8), 1.0) for level in (40, 120, 220, 60)]
    compose(path, stills, size=(160, 90), rate=25)
    return path


@pytest.fixture(scope="module")
def page_file(film: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "page.html"
    with Video(film) as video:
        return write_report(predictions(video.duration), video, out, truth={"grey": [(1.0, 2.0)]})


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


def until(page: Any, condition: str) -> None:
    """Wait for a condition; the page's own policy forbids Playwright's way of waiting inside it."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        time.sleep(0.05)
    pytest.fail(f"still not true after 5 s: {condition}")


@pytest.fixture
def page(browser: Any, page_file: Path) -> Iterator[Any]:
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    trouble: list[str] = []
    opened.on("console", lambda message: trouble.append(message.text))
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on(
        "request", lambda request: trouble.append(request.url) if request.url[:5] not in ("file:", "data:") else None
    )
    opened.goto(page_file.as_uri())
    until(opened, "film.readyState >= 2")
    yield opened
    opened.close()
    assert trouble == []


def test_a_click_on_a_moment_seeks_to_its_first_frame(page: Any) -> None:
    page.get_by_role("button", name=re.compile("grey: 0:01.0 to 0:02.0")).click()
    page.keyboard.press("k")
    until(page, "film.paused")
    assert page.evaluate("film.currentTime") == pytest.approx(1.0, abs=0.5)
    page.evaluate("film.currentTime = 0")
    page.keyboard.press("]")
    until(page, "!film.seeking")
    assert page.evaluate("film.currentTime") == pytest.approx(0.5, abs=0.04)


def test_keys_step_by_frame_and_jump_between_moments(page: Any) -> None:
    for key, moment in [
        ("]", 0.5),
        ("]", 1.0),
        (".", 1.04),
        (",", 1.0),
        ("]", 3.0),
        ("[", 1.0),
        ("l", 4.0),
        ("j", 0.0),
    ]:
        page.keyboard.press(key)
        until(page, "!film.seeking")
        assert page.evaluate("film.currentTime") == pytest.approx(moment, abs=0.02), key


def test_hostile_text_is_shown_as_text(page: Any) -> None:
    assert "taken" not in page.title()
    assert page.locator("h1").inner_text() == "<b>film.mp4"
    assert "</script><script>document.title" in page.locator("#answers").inner_text()
    assert page.locator("#answers img:not([src^='data:image/jpeg'])").count() == 0


def test_absence_is_said_plainly(page: Any) -> None:
    absent, nothing = page.locator(".answer").all()[1:]
    assert "Probably not in this video (5 % likely)" in absent.inner_text()
    assert "Nothing found" in nothing.inner_text()


def test_the_download_is_the_one_json(page: Any, film: Path) -> None:
    page.locator("summary").click()
    with page.expect_download() as waiting:
        page.locator("#download").click()
    rows = json.loads(Path(waiting.value.path()).read_text("utf-8"))
    assert [Prediction.from_dict(row) for row in rows] == predictions(Video(film).duration)


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_over_the_edge_and_every_control_has_a_name(
    browser: Any, page_file: Path, width: int, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    unnamed = "[...document.querySelectorAll('button')].filter(b => !(b.ariaLabel || b.textContent.trim())).length"
    assert page.evaluate(unnamed) == 0
    page.close()


def test_a_film_that_browsers_do_not_play_comes_as_a_copy(film: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "film.avi"
    with av.open(str(film)) as source, av.open(str(foreign), "w") as target:
        stream = target.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    with Video(foreign) as video:
        text = write_report([], video, tmp_path / "page.html").read_text("utf-8")
    assert "data:video/mp4;base64," in text and "small silent copy" in text


def test_a_page_that_cannot_be_written_leaves_nothing_behind(film: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with Video(film) as video, pytest.raises(InputError, match="cannot be written"):
        write_report([], video, tmp_path / "page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
