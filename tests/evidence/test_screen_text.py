from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from subtitled import video

from whenabouts.evidence import EvidenceSettings, new_pictures
from whenabouts.evidence.new_pictures import NewPictures, News, block_means, size_read
from whenabouts.evidence.screen_text import Reading, ScreenReader, blocks, follow, may_show_text
from whenabouts.evidence.written import Written
from whenabouts.grounders.similarity import Similarity
from whenabouts.video import Video


def picture(*texts: tuple[int, int, int, str]) -> np.ndarray:
    """White type on dark blue: (left, top, size, text) each."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (640, 360), (20, 20, 60))
    draw = ImageDraw.Draw(image)
    for left, top, size, text in texts:
        draw.text((left, top), text, fill="white", font=ImageFont.load_default(size))
    return np.asarray(image)


@pytest.fixture(scope="module")
def titles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("rapidocr", reason="needs the extra: ocr")
    pytest.importorskip("PIL", reason="needs pillow to draw titles")
    empty, title = picture(), picture((120, 100, 60, "INTRODUCTION"), (180, 240, 28, "in two parts"))
    end = picture((200, 150, 60, "THE END"))
    return video(
        tmp_path_factory.mktemp("titles") / "titles.mp4", seconds=8, pictures=[empty, title, title, end], fps=5
    )


def test_titles_are_read_with_their_times(titles: Path) -> None:
    progress: list[float] = []
    lines = ScreenReader().read(Video(titles), fps=1, progress=progress.append)
    assert {(line.text.upper(), line.start, line.end) for line in lines} == {
        ("INTRODUCTION", 2.0, 6.0),
        ("IN TWO PARTS", 2.0, 6.0),
        ("THE END", 6.0, 8.0),
    }
    assert {(line.kind, line.source) for line in lines} == {("written", "ocr")}
    assert progress == sorted(progress)


def test_what_was_read_once_is_remembered(titles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ScreenReader().read(Video(titles), fps=0.5)
    monkeypatch.setattr("rapidocr.RapidOCR", None)
    assert ScreenReader().read(Video(titles), fps=0.5) == first


def test_the_models_are_loaded_once_for_all_videos(titles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import rapidocr

    written = Written()
    assert written.weight_bytes == 0
    first = written.lines(Video(titles), EvidenceSettings(ocr_fps=1, cache=False))
    monkeypatch.setattr(rapidocr, "RapidOCR", None)
    assert written.lines(Video(titles), EvidenceSettings(ocr_fps=1, cache=False)) == first != []
    assert written.weight_bytes > 2**20


def test_lines_of_type_that_stand_together_are_one_text() -> None:
    readings = [Reading(text, 0.9) for text in ("of letters", "the fine art", "ARTE", "no. 7")]
    boxes = np.array([[100, 132, 250, 152], [100, 110, 260, 130], [500, 10, 600, 70], [262, 111, 330, 131]], float)
    assert [r.text for r in blocks(boxes, readings)] == ["ARTE", "the fine art no. 7 of letters"]


@given(st.lists(st.sets(st.sampled_from(["EXIT", "Chapter one", "1984"])), max_size=15))
def test_a_text_lasts_exactly_while_it_is_shown(shown: list[set[str]]) -> None:
    pictures = ((float(k), [Reading(text, 0.9) for text in sorted(texts)]) for k, texts in enumerate(shown))
    lines = list(follow(pictures, float(len(shown))))
    for k, texts in enumerate(shown):
        assert sorted(texts) == sorted(line.text for line in lines if line.start <= k < line.end)
    ends = {(line.text, line.end) for line in lines}
    assert not ends & {(line.text, line.start) for line in lines}


def test_the_surest_reading_gives_the_words() -> None:
    pictures = [(0.0, [Reading("INTRODUCTlON", 0.81)]), (1.0, [Reading("INTRODUCTION", 0.99)])]
    [line] = follow(iter(pictures), 2.0)
    assert (line.text, line.start, line.end) == ("INTRODUCTION", 0.0, 2.0)


def test_small_type_on_a_photograph_is_read(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="needs the extra: ocr")
    data = pytest.importorskip("skimage.data", reason="needs scikit-image's photographs")
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(data.astronaut()).resize((1280, 720))
    text = "Meet me at the old harbour"
    ImageDraw.Draw(image).text(
        (300, 640), text, "white", ImageFont.load_default(20), stroke_width=1, stroke_fill="black"
    )
    path = video(tmp_path / "photo.mp4", seconds=1, pictures=[np.asarray(image)])
    assert text in [line.text for line in ScreenReader().read(Video(path), fps=1)]


ASKED = """
import sys
from whenabouts.evidence.written import Written
from whenabouts.grounders.similarity import Similarity
from whenabouts.video import Video

made = []
Written.viewer = Written.lines = lambda *_: made.append("asked")
video = Video(sys.argv[1])
before = video.decoded_pictures
Similarity().answer(video, ["a red circle"])
decoded = video.decoded_pictures - before
Similarity(evidence=("seen", "said", "signal", "heard"), cache=False).answer(video, ["a red circle"])
assert 0 < decoded == video.decoded_pictures - before - decoded, "nothing more is decoded"
heavy = {"rapidocr", "cv2", "omegaconf", "whenabouts.evidence.screen_text"} & set(sys.modules)
assert not made and not heavy, (made, heavy)
"""


@pytest.mark.slow
def test_text_on_screen_costs_nothing_where_nobody_asks_for_it(titles: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ASKED, str(titles)]
    subprocess.run(command, check=True, env=os.environ | {"WHENABOUTS_CACHE": str(tmp_path)})


def test_seen_and_written_decode_a_video_once(titles: Path) -> None:
    decoded, lines = [], []
    for kinds in (("seen",), ("seen", "written")):
        with Video(titles) as video:
            grounder = Similarity(evidence=kinds, cache=False)
            grounder.answer(video, ["the words THE END"])
            decoded.append(video.decoded_pictures)
            lines = grounder._lines
    assert decoded[0] == decoded[1] > 0
    assert lines == ScreenReader().read(Video(titles), cache=False) != []


@pytest.mark.parametrize("room", [0, 300_000, 64 << 20])
def test_pictures_that_were_not_kept_are_decoded_again(
    titles: Path, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_pictures, "MAX_BYTES", room)
    video = Video(titles)
    plain = list(video.sample(2, size=size_read(video)))
    kept = NewPictures(video, 2)
    for frame in plain:
        kept.see(frame)
    before = video.decoded_pictures
    given = list(kept.and_the_rest())
    assert [frame.time for frame in given] == [frame.time for frame in plain]
    assert (video.decoded_pictures == before) == (room > 10**6)
    differ = [int(np.abs(a.image.astype(int) - b.image).max()) for a, b in zip(given, plain, strict=True)]
    assert max(differ) < 30, "a picture stands for others that are the same but for noise"


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 9))
def test_means_of_squares(height: int, width: int, side: int) -> None:
    plane = np.random.default_rng(height * width).integers(0, 256, (height, width), dtype=np.uint8)
    rows, columns = height // side, width // side
    squares = plane[: rows * side, : columns * side].reshape(rows, side, columns, side).mean(axis=(1, 3))
    np.testing.assert_allclose(block_means(plane, side), squares, rtol=1e-6)


def test_text_is_looked_for_where_type_could_be() -> None:
    ramp = np.repeat(np.linspace(0, 255, 640).astype(np.uint8)[None, :, None], 3, axis=2).repeat(360, axis=0)
    assert not may_show_text(picture()) and not may_show_text(ramp)
    assert not may_show_text(np.zeros((5, 9, 3), np.uint8))
    assert may_show_text(picture((120, 100, 12, "no. 7")))
    for colour in range(3):
        plane = np.zeros((360, 640, 3), np.uint8)
        news = News()
        assert news.new(plane) and not news.new(plane)
        plane[:, :, colour] = picture((120, 100, 12, "no. 7"))[:, :, 0]
        assert may_show_text(plane) and news.new(plane)


def test_faint_and_small_type_is_looked_for_wherever_it_stands() -> None:
    pytest.importorskip("PIL", reason="needs pillow to draw type")
    from PIL import Image, ImageDraw, ImageFont

    for size in (9, 12, 24, 60):
        for left in range(8):
            image = Image.new("RGB", (320, 120), (90, 90, 90))
            ImageDraw.Draw(image).text((100 + left, 20 + left), "Ab1", (115, 115, 115), ImageFont.load_default(size))
            assert may_show_text(np.asarray(image)), (size, left)
