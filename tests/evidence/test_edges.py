"""Edges to the frame: hard cuts in H.264 of every awkward timing, changes that are no cuts, and what it may cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from whenabouts.encoders import load_encoder
from whenabouts.evidence.edges import PICTURES_PER_EDGE, refine, refined
from whenabouts.evidence.kinds import EvidenceModels
from whenabouts.files.cache import keeping
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import Prediction
from whenabouts.video import Frame, Video
from whenabouts.video.part import Part

STEP = 0.5
TICKS = 90_000
SHOTS = (31, 47, 25, 60, 38)  # pictures of each shot


def scene(number: int, moved: int = 0, size: tuple[int, int] = (160, 96)) -> np.ndarray:
    """A picture of smooth colours that differ by number; `moved` pixels to the left, as by a camera."""
    rng = np.random.default_rng(number)
    colours = rng.integers(20, 235, (4, 6, 3)).astype(np.float32)
    width, height = size
    rows, columns = np.linspace(0, 3, height), (np.linspace(0, 5, width) + moved * 0.01) % 5
    low, left = rows.astype(int).clip(0, 2), columns.astype(int).clip(0, 4)
    down, right = (rows - low)[:, None, None], (columns - left)[None, :, None]
    upper = colours[low][:, left] * (1 - right) + colours[low][:, left + 1] * right
    lower = colours[low + 1][:, left] * (1 - right) + colours[low + 1][:, left + 1] * right
    return (upper * (1 - down) + lower * down).round().astype(np.uint8)


def write(
    path: Path, pictures: Sequence[np.ndarray], times: Sequence[Fraction], *, offset: float = 0.0, gop: int = 48
) -> list[float]:
    """Write pictures as H.264 with B-frames, and return when each begins, in seconds of media time."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "23", "bf": "2", "sc_threshold": "0"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt, stream.gop_size = "yuv420p", gop
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
        for picture, time in zip(pictures, times, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round((time + Fraction(offset)) * TICKS), Fraction(1, TICKS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return [round(time * TICKS) / TICKS for time in times]


def variable(count: int) -> list[Fraction]:
    """Times of a camera that drops pictures: gaps of 1, 2 or 3 thirtieths of a second."""
    gaps = np.random.default_rng(5).integers(1, 4, count)
    return [Fraction(int(total), 30) for total in np.cumsum(gaps) - gaps[0]]


RATES = {
    "24": Fraction(24),
    "23.976": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "50": Fraction(50),
    "12": Fraction(12),
}


def cuts_of(
    path: Path, times: Sequence[Fraction] | None = None, rate: Fraction = Fraction(24), **how: Any
) -> list[float]:
    """A video of five shots with a moving camera; returns the true times of its cuts."""
    pictures = [scene(number, moved) for number, count in enumerate(SHOTS) for moved in range(count)]
    stamps = write(path, pictures, times or [k / rate for k in range(len(pictures))], **how)
    return [stamps[k] for k in np.cumsum(SHOTS)[:-1]]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Edges that another test placed are not known."""
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def seen(start: float, end: float) -> Moment:
    return Moment(start, end, 0.5, (Evidence("seen", start, end),))


def coarse(time: float) -> float:
    """Where frames half a second apart put an edge."""
    return int(time / STEP) * STEP + STEP / 2


@pytest.mark.parametrize("name", [*RATES, "variable", "mpeg-ts"])
def test_cuts_are_exact_to_the_picture(tmp_path: Path, name: str) -> None:
    path = tmp_path / ("video.ts" if name == "mpeg-ts" else "video.mp4")
    times = variable(sum(SHOTS)) if name == "variable" else None
    cuts = cuts_of(path, times, RATES.get(name, Fraction(25)), offset=1234.5 if name == "mpeg-ts" else 0.0)
    with Video(path) as video:
        spans = [(coarse(a), coarse(b)) for a, b in pairwise(cuts)]
        [found] = refined(video, [[seen(a, b) for a, b in spans]], step=STEP)
    expected = list(pairwise(cuts))
    assert [(moment.start, moment.end) for moment in found] == [pytest.approx(pair, abs=2e-5) for pair in expected]
    assert all(moment.evidence[0].start == moment.start and moment.evidence[0].end == moment.end for moment in found)
    assert all(0 < spread <= 0.13 for moment in found for spread in moment.spread or ())


def test_a_part_gives_the_same_edges_on_its_own_clock(tmp_path: Path) -> None:
    cuts = cuts_of(tmp_path / "video.mp4", offset=0.0)
    part = Part(Video(tmp_path / "video.mp4"), 1.0, 6.0)
    [[moment]] = refined(part, [[seen(coarse(cuts[0]) - 1, coarse(cuts[1]) - 1)]], step=STEP)
    assert (moment.start, moment.end) == pytest.approx((cuts[0] - 1, cuts[1] - 1), abs=2e-5)


def test_the_ends_of_a_video_are_exact_as_they_are(tmp_path: Path) -> None:
    cuts = cuts_of(tmp_path / "video.mp4")
    video = Video(tmp_path / "video.mp4")
    [found] = refined(video, [[seen(0.0, coarse(cuts[0])), seen(coarse(cuts[3]), video.duration)]], step=STEP)
    assert [(m.start, m.end) for m in found] == [(0.0, cuts[0]), (cuts[3], video.duration)]
    assert [(m.spread or (1, 1))[side] for m, side in zip(found, (0, 1), strict=True)] == [0.0, 0.0]


def test_no_change_keeps_the_edge_and_says_how_far_it_may_be_off(tmp_path: Path) -> None:
    write(tmp_path / "video.mp4", [scene(1)] * 96, [Fraction(k, 24) for k in range(96)])
    for encoder in (None, load_encoder("builtin")):
        [[moment]] = refined(Video(tmp_path / "video.mp4"), [[seen(1.25, 2.75)]], step=STEP, encoder=encoder)
        assert (moment.start, moment.end, moment.spread) == (1.25, 2.75, (STEP / 2, STEP / 2))


def test_a_flash_is_no_cut(tmp_path: Path) -> None:
    pictures = [scene(1)] * 96
    pictures[30] = np.full_like(pictures[0], 255)
    write(tmp_path / "video.mp4", pictures, [Fraction(k, 24) for k in range(96)])
    [[moment]] = refined(Video(tmp_path / "video.mp4"), [[seen(1.25, 2.75)]], step=STEP)
    assert (moment.start, moment.spread) == (1.25, (STEP / 2, STEP / 2))


def test_a_dissolve_is_placed_by_its_vectors(tmp_path: Path) -> None:
    class Mixture:
        """An encoder whose vector is how much of each scene a picture shows."""

        name, size, dim, sha256 = "mixture", 56, 2, "0" * 64
        pictures = 0

        def encode_images(self, images: Sequence[np.ndarray]) -> np.ndarray:
            self.pictures += len(images)
            a, b = (scene(n, size=(56, 56)).astype(float) for n in (1, 2))
            shares = [float(((image - a) * (b - a)).sum() / ((b - a) ** 2).sum()) for image in images]
            return np.array([[1 - share, share] for share in shares], dtype=np.float32)

        def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
            return np.zeros((len(texts), 2), dtype=np.float32)

    weights = [min(1.0, max(0.0, (k - 26) / 16)) for k in range(96)]  # half-way at picture 34
    pictures = [((1 - w) * scene(1) + w * scene(2)).round().astype(np.uint8) for w in weights]
    write(tmp_path / "video.mp4", pictures, [Fraction(k, 24) for k in range(96)])
    encoder = Mixture()
    [[moment]] = refined(Video(tmp_path / "video.mp4"), [[seen(1.25, 3.25)]], step=STEP, encoder=encoder)
    assert moment.start == pytest.approx(34 / 24, abs=0.06)
    assert (moment.spread or (0, 0))[0] == pytest.approx(4 / 24, abs=0.08)
    assert 0 < encoder.pictures <= 10


class Counting(Video):
    """A video that notes when every picture began that it gave."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.given: list[float] = []

    def around(self, *args: Any, **settings: Any) -> Iterator[Frame]:
        for frame in super().around(*args, **settings):
            self.given.append(frame.time)
            yield frame


def test_edges_that_coincide_are_read_once(tmp_path: Path) -> None:
    cuts = cuts_of(tmp_path / "video.mp4")
    once, often = Counting(tmp_path / "video.mp4"), Counting(tmp_path / "video.mp4")
    a, b, c = (coarse(cut) for cut in cuts[:3])
    with keeping(False):
        refined(once, [[seen(a, b), seen(b, c)]], step=STEP)
        answers = refined(often, [[seen(a, b), seen(b, c)], [seen(b, c)], [seen(a, b), seen(a, c)]], step=STEP)
    assert often.given == once.given != []
    assert len(set(often.given)) == len(often.given)
    assert often.decoded_pictures == once.decoded_pictures
    assert answers[1] == answers[0][1:]


def test_what_lies_far_from_a_keyframe_is_left_alone(tmp_path: Path) -> None:
    count = PICTURES_PER_EDGE + 200
    pictures = [scene(k // 50, size=(32, 32)) for k in range(count)]
    write(tmp_path / "video.mp4", pictures, [Fraction(k, 25) for k in range(count)], gop=10 * count)
    video = Video(tmp_path / "video.mp4")
    before = video.decoded_pictures
    [[near, far]] = refined(video, [[seen(0.0, 6.25), seen(0.0, 30.25)]], step=STEP)
    assert (near.end, far.end) == (6.0, 30.25)
    assert far.spread == (0.0, STEP / 2)
    assert video.decoded_pictures - before <= PICTURES_PER_EDGE


def test_words_keep_their_edges_and_decode_nothing(tmp_path: Path) -> None:
    cuts = cuts_of(tmp_path / "video.mp4")
    video = Video(tmp_path / "video.mp4")
    before = video.decoded_pictures
    said = Moment(coarse(cuts[0]), coarse(cuts[1]), 0.9, (Evidence("said", coarse(cuts[0]), coarse(cuts[1]), "hello"),))
    models = EvidenceModels(encoder="no such encoder")
    given = [Prediction("hello", (said,), video.duration), Prediction("nothing", (), video.duration)]
    assert refine(video, given, models, step=STEP) == given
    assert video.decoded_pictures == before


@pytest.mark.parametrize("keep", [False, True])
def test_the_same_question_has_the_same_answer(tmp_path: Path, keep: bool) -> None:
    cuts = cuts_of(tmp_path / "video.mp4", variable(sum(SHOTS)))
    moments = [[seen(coarse(a), coarse(b)) for a, b in pairwise(cuts)]]
    encoder = load_encoder("builtin")
    with keeping(keep):
        first, second = (refined(Video(tmp_path / "video.mp4"), moments, step=STEP, encoder=encoder) for _ in range(2))
    assert first == second


def test_an_edge_that_was_placed_is_not_looked_at_again_whatever_is_asked(tmp_path: Path) -> None:
    cuts = cuts_of(tmp_path / "video.mp4")
    a, b, c = (coarse(cut) for cut in cuts[:3])
    first, second, third = (Counting(tmp_path / "video.mp4") for _ in range(3))
    [[one]] = refined(first, [[seen(a, b)]], step=STEP)
    moved = Counting((tmp_path / "video.mp4").rename(tmp_path / "moved.mp4"))
    [[same]] = refined(moved, [[seen(a, b)]], step=STEP)
    assert same == one and first.given and not moved.given
    for video in (second, third):
        video.path = moved.path
    [[other]] = refined(second, [[seen(b, c)]], step=STEP)
    assert other.start == one.end and min(second.given) > one.end, "only the end was new"
    refined(third, [[seen(a, b)]], step=2 * STEP)
    assert third.given, "a coarser look may be further off"


@pytest.mark.parametrize("damage", [b"", b"[[1, 2]]", b"[[6.75, NaN, 0.1]]", b"{}", b"[1]", b"\xff"])
def test_damaged_edges_are_placed_again(tmp_path: Path, own_cache: Path, damage: bytes) -> None:
    cuts = cuts_of(tmp_path / "video.mp4")
    moments = [[seen(coarse(cuts[0]), coarse(cuts[1]))]]
    whole = refined(Video(tmp_path / "video.mp4"), moments, step=STEP)
    [path] = (own_cache / "edges").glob("*.json")
    content = path.read_bytes()
    path.write_bytes(damage)
    assert refined(Video(tmp_path / "video.mp4"), moments, step=STEP) == whole
    assert path.read_bytes() == content


def test_without_a_cache_no_edge_is_kept(tmp_path: Path, own_cache: Path) -> None:
    cuts = cuts_of(tmp_path / "video.mp4")
    with keeping(False):
        refined(Video(tmp_path / "video.mp4"), [[seen(coarse(cuts[0]), coarse(cuts[1]))]], step=STEP)
    assert not own_cache.exists()
