"""The player and the timeline of the page: always in sight, exact to the frame, and fit for moments of one picture."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from browser import open_browser, shown, window
from media import make_video
from processes import wait_until
from serving import Server, serving

pytest.importorskip("fastapi", reason="the extra serve is not installed")

RATE = Fraction(30_000, 1001)
FLASH = "a flash"
SUBTITLES = "1\n00:00:01,000 --> 00:00:02,000\nTom & <Jerry>\n\n2\n00:00:03,000 --> 00:00:05,000\nGood night\n"


def make_stamped(path: Path) -> None:
    """Six seconds at 29.97 with sound, of which the first picture is called 01:00:00;00, and subtitles beside it."""
    make_video(path, fps=RATE, seconds=6, bframes=0, audio=(0, 6), timecode="01:00:00;00")
    path.with_suffix(".srt").write_text(SUBTITLES, encoding="utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder, data = tmp_path_factory.mktemp("videos"), tmp_path_factory.mktemp("data")
    make_stamped(folder / "stamped.mp4")
    with serving(folder, "--data", data, WHENABOUTS_CACHE=str(data / "cache")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def video(server: Server) -> str:
    """The video, on which a moment of one picture was marked, and one of a second."""
    found = server.video("stamped.mp4")
    body = {"query": FLASH, "annotator": "me", "windows": [[float(60 / RATE), float(61 / RATE)], [4.0, 5.0]]}
    server.json("PUT", f"/api/videos/{found}/annotations", json=body, status=200)
    return found


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (390, 844)])
def test_the_player_stays_in_sight_while_lanes_scroll(
    browser: Any, server: Server, video: str, size: tuple[int, int]
) -> None:
    width, height = size
    with window(browser, server, f"#video={video}", viewport={"width": width, "height": height}) as page:
        page.locator(".lane").wait_for()
        page.locator("#queries").fill("\n".join(f"query {k}" for k in range(12)))
        page.locator("#by-hand").click()
        lanes = page.locator(".lane")
        wait_until(lambda: lanes.count() == 13)
        for lane in (lanes.nth(5), lanes.nth(12)):
            lane.evaluate("lane => lane.scrollIntoView({ block: 'center' })")
            player, box = page.locator("video").bounding_box(), lane.bounding_box()
            assert player["y"] >= 0 and player["y"] + player["height"] <= height
            assert player["height"] >= 150 and page.locator("#play").bounding_box()["y"] + 36 <= height
            assert player["y"] + player["height"] < box["y"] and box["y"] + box["height"] <= height
            middle = box["x"] + box["width"] / 2, box["y"] + box["height"] - 20
            assert page.evaluate("([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.lane'))", list(middle))
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1440, 390])
def test_the_ends_of_one_picture_are_taken_one_by_one(browser: Any, server: Server, video: str, width: int) -> None:
    def marked() -> Any:
        return server.json("GET", f"/api/videos/{video}/annotations")["annotations"][0]["windows"]

    def in_frames() -> list[int]:
        return [round(end * RATE) for end in marked()[0]]

    with window(browser, server, f"#video={video}", viewport={"width": width, "height": 900}) as page:
        bar = page.locator(".bar").first
        bar.wait_for()
        bar.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("k")
        ends = [page.locator(f".handle.{end}") for end in ("start", "end")]
        boxes = [end.bounding_box() for end in ends]
        assert all(round(min(box["width"], box["height"])) >= 24 for box in [*boxes, bar.bounding_box()])
        assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
        for end, name in zip(ends, ("Start", "End"), strict=True):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.ariaLabel") == f"{name} of {FLASH}"
            assert end.get_attribute("aria-valuetext").endswith(f" · {60 if name == 'Start' else 61}")
        page.keyboard.press("ArrowRight")
        wait_until(lambda: in_frames() == [60, 62])
        page.keyboard.press("ArrowLeft")
        wait_until(lambda: in_frames() == [60, 61])

        x, y = boxes[1]["x"] + 12, ends[1].bounding_box()["y"] + 20
        lane = page.locator("#overlay").bounding_box()
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + lane["width"] / 6, y, steps=4)
        said = page.locator("#chosen").inner_text()
        assert "01:00:02;00 – 01:00:03;01" in said and "frames 60–91" in said, "the readout follows the hand"
        listed = page.locator(".frames").first.inner_text().split()
        assert listed == ["01:00:02;00", "–", "01:00:03;01", "frames", "60–91"]
        page.mouse.up()
        wait_until(lambda: in_frames() == [60, 91])
        assert shown(page) == 90
        page.keyboard.press("u")
        wait_until(lambda: in_frames() == [60, 61])


def test_times_are_copied_as_seconds_timecode_and_frame(browser: Any, server: Server, video: str) -> None:
    with window(browser, server, f"#video={video}&t=2.002") as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.locator(".bar").first.wait_for()
        assert shown(page) == 60 and page.locator("#head").inner_text() == "0:02.0 · 01:00:02;00 · 60"
        page.keyboard.press(".")
        assert shown(page) == 61
        copied = "navigator.clipboard.readText()"
        for key, text in (("t", "01:00:02;01"), ("n", "61"), ("s", "2.035")):
            page.keyboard.press(key)
            wait_until(lambda text=text: page.evaluate(copied) == text)
        page.get_by_title("Copy the timecode", exact=True).click()
        wait_until(lambda: page.evaluate(copied) == "01:00:02;01")
        readout = page.locator("#readout")
        for key in ["ArrowLeft"] * 2 + ["ArrowRight", ",", "ArrowRight", "l", "ArrowLeft"]:  # to edges, and the end
            page.keyboard.press(key)
            number = shown(page)
            told = f"{float(number / RATE):.3f} s", f"frame {number}"
            wait_until(lambda told=told: all(each in readout.inner_text().replace("\n", " ") for each in told))


def test_marks_are_the_pictures_on_screen_wherever_the_video_was_paused(
    browser: Any, server: Server, video: str
) -> None:
    def marked() -> list[list[float]]:
        told = server.json("GET", f"/api/videos/{video}/annotations")["annotations"]
        return next((each["windows"] for each in told if each["annotator"] == "Ivo"), [])

    with window(browser, server, f"#video={video}") as page:
        page.locator(".bar").first.wait_for()
        page.locator("#annotator input").fill("Ivo")
        page.keyboard.press("Enter")
        page.locator("#queries").fill("by hand")
        page.locator("#by-hand").click()
        for key, place in (("i", 100.9), ("o", 110.97)):  # near the end of a picture, where playing may stop
            page.evaluate("time => { document.querySelector('video').currentTime = time; }", float(place / RATE))
            assert shown(page) == int(place)
            page.locator("#readout", has_text=str(int(place))).wait_for()
            page.keyboard.press(key)
        [[start, end]] = wait_until(marked)
        assert start * RATE == pytest.approx(100, abs=1e-3) and end * RATE == pytest.approx(111, abs=1e-3)
        page.keyboard.press("Backspace")  # whoever deletes a mark of their own has not said that it is nowhere
        wait_until(lambda: not marked())
        page.locator("#list", has_text="Not marked yet").wait_for()


def test_captions_are_switched_on_by_a_key_and_the_sound_is_drawn(browser: Any, server: Server, video: str) -> None:
    cue = """(track => track && track.mode === 'showing' && track.activeCues?.[0]?.text)(
        document.querySelector('video').textTracks[0])"""
    with window(browser, server, f"#video={video}&t=1.5") as page:
        page.locator("#captions").wait_for()
        assert not page.evaluate(cue)
        page.keyboard.press("c")
        wait_until(lambda: page.evaluate(cue) == "Tom &amp; &lt;Jerry&gt;")
        page.keyboard.press("c")
        assert page.locator("#captions").get_attribute("aria-pressed") == "false" and not page.evaluate(cue)
        painted = """canvas => canvas.width > 0 && canvas.getContext('2d')
          .getImageData(0, 0, canvas.width, canvas.height).data.some(each => each > 0)"""
        wait_until(lambda: page.locator(".wave canvas").evaluate(painted))


SOUGHT = "document.querySelector('video').currentTime"
KNOWS_PICTURES = """async () => {
  const {media} = await import(new URL("page/shared/video.js", document.baseURI));
  return media.pictures !== null;
}"""


@pytest.mark.parametrize(
    "times",
    [
        [Fraction(k * k, 500) for k in range(45)],  # ever longer pictures, none of them on a grid
        [Fraction(k, 50) + Fraction(k // 5 * 2, 5) for k in range(45)],  # of five one that stays on screen
    ],
    ids=["longer", "held"],
)
def test_a_video_of_a_variable_rate_is_named_by_the_picture_on_screen(
    browser: Any, tmp_path: Path, times: list[Fraction]
) -> None:
    (tmp_path / "videos").mkdir()
    make_video(tmp_path / "videos" / "uneven.mp4", fps=Fraction(25), seconds=2, times=times)
    with serving(tmp_path / "videos", "--data", tmp_path / "data") as server:
        video = server.video("uneven.mp4")
        rate = Fraction(*server.json("GET", f"/api/videos/{video}")["labels"]["rate"])
        with window(browser, server, f"#video={video}&t=0.5") as page:
            readout, seen = page.locator("#readout"), set()
            page.locator("#title", has_text="uneven").wait_for()
            wait_until(lambda: page.evaluate(KNOWS_PICTURES))
            for key in ("ArrowRight", ".", ".", ".", "ArrowRight", ",", ",", "j", "."):
                here = page.evaluate(SOUGHT)
                before = sum(begin <= here for begin in times) - 1
                page.keyboard.press(key)
                number = shown(page)
                seen.add(number)
                if key in {",", "."}:  # to the very next picture
                    begin = times[min(before + (1 if key == "." else -1), len(times) - 1)]
                    assert page.evaluate(SOUGHT) == pytest.approx(float(begin), abs=0.0015)
                wait_until(lambda number=number: f"{float(times[number]):.3f} s" in readout.inner_text())
                frame = round(times[number] * rate)  # as exports write it
                assert f"frame {frame}" in readout.inner_text().replace("\n", " "), number
            assert len(seen) > 2, "no picture holds the key fast"
