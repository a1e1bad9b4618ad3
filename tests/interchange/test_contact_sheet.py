"""Scenes begin with the frame after a cut, and a contact sheet shows a picture of each of them."""

from __future__ import annotations

import base64
import re
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from axe import barriers
from browser import open_browser

from whenabouts import Moment, Prediction
from whenabouts.commands.scenes import Scenes
from whenabouts.errors import InputError
from whenabouts.interchange import contact_sheet
from whenabouts.video import Video
from whenabouts.video.compose import Still, compose

LEVELS = (30, 90, 150, 210, 60)
QUERY = "<script>alert(1)</script> \u202e& 한국어"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "five shots.mp4"
    compose(path, [Still(np.full((90, 160, 3), level, np.uint8), 1.0) for level in LEVELS], size=(160, 90))
    return path


ANSWERS = [
    Prediction(QUERY, (Moment(3.2, 3.8, 0.9), Moment(0.0, 4.5, 0.4)), 5.0),
    Prediction("a helicopter", (Moment(1.0, 2.0, 0.1),), 5.0, presence=0.1),
]


def pictures(page: str) -> list[int]:
    """The mean levels of the pictures of a page."""
    found = []
    for data in re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page):
        with av.open(BytesIO(base64.b64decode(data)), format="mjpeg") as file:
            found.append(round(next(file.decode(video=0)).to_ndarray(format="rgb24").mean()))
    return found


def test_every_shot_has_its_picture_and_its_frames(path: Path, tmp_path: Path) -> None:
    with Video(path) as video:
        listed = Scenes().run(video, [tmp_path / "a.html"])
    assert [scene.timecode for scene in listed.scenes] == [(f"00:00:0{k}:00", f"00:00:0{k + 1}:00") for k in range(5)]
    assert [scene.frames for scene in listed.scenes] == [24] * 5
    page = (tmp_path / "a.html").read_text("utf-8")
    assert pictures(page) == pytest.approx(LEVELS, abs=4)
    assert "00:00:03:00 – 00:00:04:00" in page and "http:" not in page and "https:" not in page


def test_moments_may_overlap_and_what_is_absent_is_told(path: Path, tmp_path: Path) -> None:
    with Video(path) as video:
        listed = Scenes().run(video, [tmp_path / "a.html"], answers=ANSWERS)
    assert [scene.moment.start for scene in listed.scenes] == [0.0, 3.2]
    assert listed.notes == ("“a helicopter” is left out: it is probably not in this video",)
    page = (tmp_path / "a.html").read_text("utf-8")
    assert pictures(page) == pytest.approx([LEVELS[2], LEVELS[3]], abs=4)
    assert "<script" not in page and "\u202e" not in page and "한국어" in page


def test_shots_go_into_every_format_of_moments(path: Path, tmp_path: Path) -> None:
    with Video(path) as video:
        Scenes().run(video, [tmp_path / "a.csv"])
        with pytest.raises(InputError, match="suffix of a known format"):
            Scenes().run(video, [tmp_path / "a.docx"])
    assert (tmp_path / "a.csv").read_text().count(",shot,") == 5


def test_pictures_are_bounded_and_scenes_are_not(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_sheet, "MAX_PICTURES", 2)
    with Video(path) as video:
        Scenes().run(video, [tmp_path / "a.html"])
    page = (tmp_path / "a.html").read_text("utf-8")
    assert len(pictures(page)) == 2 and page.count("<li>") == 5


def test_the_pdf_has_every_scene(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("reportlab", reason="reportlab is not installed")
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    many = Prediction("a dog", tuple(Moment(k / 10, k / 10 + 0.5) for k in range(40)), 5.0)
    with Video(path) as video:
        Scenes().run(video, [tmp_path / "a.pdf"], answers=[many])
    pages = pypdf.PdfReader(tmp_path / "a.pdf").pages
    shown = " ".join(page.extract_text() for page in pages)
    assert len(pages) == 4 and all(f"{k}. a dog" in shown for k in range(1, 41))
    assert all(page.images for page in pages)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_has_no_accessibility_fault(path: Path, tmp_path: Path, scheme: str) -> None:
    with Video(path) as video:
        Scenes().run(video, [tmp_path / "a.html"], answers=ANSWERS)
    with open_browser() as browser:
        page = browser.new_page(color_scheme=scheme)
        page.goto((tmp_path / "a.html").as_uri())
        page.locator("li").nth(1).wait_for()
        assert barriers(page) == []
