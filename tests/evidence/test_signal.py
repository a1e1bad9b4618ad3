"""Black, frozen, blank, bars, flashes, cuts and fades: found to the frame in real files, and only where they are."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from media import make_video

from whenabouts.evidence import Answer, EvidenceSettings
from whenabouts.evidence.signal import Signal
from whenabouts.synthetic.signals import Fault, write_faulty
from whenabouts.video import Video
from whenabouts.video.part import Part

SIZE = (128, 72)
FAULTS = (
    Fault("black", 2.0, 3.2),
    Fault("frozen", 5.0, 7.3),
    Fault("bars", 8.3, 9.1),
    Fault("blank white", 10.0, 10.5),
    Fault("flash", 11.5, 11.58),
    Fault("cut", 12.4, 12.4),
    Fault("fade out", 13.0, 14.0),
    Fault("black", 14.0, 15.0),
    Fault("fade in", 15.0, 16.0),
)
QUERIES = {
    "black": "black screen",
    "frozen": "the picture freezes",
    "bars": "colour bars",
    "blank white": "a white screen",
    "flash": "a camera flash",
    "cut": "a hard cut",
    "fade out": "fade to black",
    "fade in": "a fade in",
}


def constant(rate: Fraction | int, seconds: float) -> list[Fraction]:
    return [Fraction(k) / rate for k in range(int(seconds * rate))]


def ask(path: Path, *queries: str, cache: bool = False) -> list[Answer]:
    with Video(path) as video:
        return Signal().answers(video, queries, EvidenceSettings(cache=cache))


def spans(answer: Answer, least: float = 0.3) -> list[tuple[float, float]]:
    return sorted((moment.start, moment.end) for moment in answer.moments if moment.score >= least)


@pytest.mark.parametrize(
    ("rate", "suffix", "offset"),
    [(25, ".mkv", 0.0), (Fraction(30000, 1001), ".mp4", 7.0), (Fraction(24000, 1001), ".ts", 0.0)],
)
def test_every_signal_is_found_to_the_frame(tmp_path: Path, rate: Fraction | int, suffix: str, offset: float) -> None:
    path = tmp_path / f"a{suffix}"
    truth = write_faulty(path, FAULTS, times=constant(rate, 17), size=SIZE, offset=offset)
    frame = 1 / float(rate)
    answers = dict(zip(QUERIES, ask(path, *QUERIES.values()), strict=True))
    for name in ("bars", "blank white", "flash"):
        [(start, end)] = spans(answers[name])
        [fault] = [each for each in truth if each.what == name]
        assert (start, end) == pytest.approx((fault.start, fault.end), abs=0.002), name
    first, faded = spans(answers["black"])
    assert first == pytest.approx((truth[0].start, truth[0].end), abs=0.002)
    assert 13.7 < faded[0] <= truth[7].start + 0.002 and truth[7].end - 0.002 <= faded[1] < 15.3, "nearly black"
    [(start, end)] = spans(answers["frozen"])
    assert start == pytest.approx(truth[1].start, abs=frame + 0.002) and end == pytest.approx(truth[1].end, abs=0.002)
    cuts = spans(answers["cut"])
    for time in (truth[5].start, truth[0].start, truth[0].end, truth[2].start):
        assert (time - frame, time + frame) in [pytest.approx(cut, abs=0.002) for cut in cuts], "one frame either way"
    assert not any(start < 11.6 < end for start, end in cuts), "a flash is no cut"
    [(start, end)] = spans(answers["fade out"])
    assert start == pytest.approx(13.0, abs=2 * frame) and 13.7 < end < 14.05
    [(start, end)] = spans(answers["fade in"])
    assert 14.95 < start < 15.3 and end == pytest.approx(16.0, abs=2 * frame)


def test_uneven_frame_times(tmp_path: Path) -> None:
    """Pictures from 20 to 120 ms apart, and one that is held for three seconds while the clock goes on."""
    times = [Fraction(0)]
    while times[-1] < 14:
        gap = Fraction(20 + (len(times) * 37) % 100, 1000)
        times.append(times[-1] + (Fraction(3) if 9 < times[-1] < Fraction(91, 10) else gap))
    truth = write_faulty(tmp_path / "a.mkv", [Fault("black", 4.0, 5.7)], times=times, size=SIZE)
    black, frozen = ask(tmp_path / "a.mkv", "black screen", "the picture freezes")
    assert spans(black) == [pytest.approx((truth[0].start, truth[0].end), abs=0.002)]
    [(start, end)] = spans(frozen)
    held = next(time for time, after in pairwise(times) if after - time == 3)
    assert (start, end) == pytest.approx((float(held), float(held) + 3), abs=0.13)


@pytest.mark.parametrize(
    "settings",
    [
        {"full_range": True},
        {"pix_fmt": "yuv420p10le", "options": {"preset": "ultrafast", "crf": "23"}},
        {"codec": "mpeg4", "options": {"qscale": "6"}},
        {"codec": "ffv1", "options": {}},
    ],
    ids=["full range", "ten bits", "mpeg4", "lossless"],
)
def test_levels_do_not_depend_on_how_they_are_stored(tmp_path: Path, settings: dict[str, object]) -> None:
    faults = [Fault("black", 2.0, 3.0), Fault("blank white", 4.0, 5.0), Fault("bars", 6.0, 7.0)]
    write_faulty(tmp_path / "a.mkv", faults, times=constant(25, 8), size=SIZE, **settings)  # type: ignore[arg-type]
    answers = ask(tmp_path / "a.mkv", "black screen", "white screen", "colour bars")
    assert [spans(answer) for answer in answers] == [
        [pytest.approx(span, abs=0.002)] for span in ((2, 3), (4, 5), (6, 7))
    ]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("moving", {}),
        ("fast", {"motion": 4.0}),
        ("static with noise", {"motion": 0.0, "noise": 4.0}),
        ("night", {"brightness": 0.2}),
    ],
)
def test_a_video_without_any_has_none(tmp_path: Path, name: str, settings: dict[str, float]) -> None:
    write_faulty(tmp_path / "a.mkv", times=constant(25, 10), size=SIZE, **settings)  # type: ignore[arg-type]
    for query, answer in zip(QUERIES.values(), ask(tmp_path / "a.mkv", *QUERIES.values()), strict=True):
        assert spans(answer) == [], (name, query)


def test_slides_are_still_pictures_and_nothing_froze(tmp_path: Path) -> None:
    slides = [Fault("still", float(at), at + 5.0) for at in range(0, 20, 5)]
    write_faulty(tmp_path / "a.mkv", slides, times=constant(10, 20), size=SIZE, noise=0.0)
    frozen, still = ask(tmp_path / "a.mkv", "the picture freezes", "a still picture")
    assert spans(frozen) == [] and len(spans(still)) == 4


def test_the_break_is_black_for_long(tmp_path: Path) -> None:
    faults = [Fault("black", 2.0, 2.6), Fault("black", 6.0, 16.0)]
    write_faulty(tmp_path / "a.mkv", faults, times=constant(10, 20), size=SIZE)
    broken, longest = ask(tmp_path / "a.mkv", "the break", "a long black screen")
    assert spans(broken) == [pytest.approx((6.0, 16.0), abs=0.002)] == spans(longest)
    assert broken.moments[0].score < 0.7, "others may know better"


def test_the_shared_interview(data: Path) -> None:
    black, bars, frozen = ask(
        data / "interview" / "interview.mp4", "black screen", "colour bars", "the picture freezes"
    )
    assert spans(black) == [(1475.0, 1516.0)] and spans(bars) == spans(frozen) == []


@pytest.mark.parametrize("name", ["3MSZA.mp4", "univtg_charades.mp4"])
def test_real_videos_without_any(data: Path, name: str) -> None:
    assert [spans(answer) for answer in ask(data / "videos" / name, *QUERIES.values())] == [[]] * len(QUERIES)


def test_a_part_has_a_clock_of_its_own(tmp_path: Path) -> None:
    write_faulty(tmp_path / "a.mkv", [Fault("black", 4.0, 5.0)], times=constant(25, 8), size=SIZE)
    with Video(tmp_path / "a.mkv") as whole:
        [answer] = Signal().answers(Part(whole, 3.0, 7.0), ["black screen"], EvidenceSettings(cache=False))
    assert spans(answer) == [pytest.approx((1.0, 2.0), abs=0.002)]


def test_black_from_beginning_to_end(tmp_path: Path) -> None:
    write_faulty(tmp_path / "a.mkv", [Fault("black", 0.0, 9.0)], times=constant(25, 3), size=SIZE)
    black, cut = ask(tmp_path / "a.mkv", "black screen", "a cut")
    assert spans(black) == [pytest.approx((0.0, 3.0), abs=0.05)] and spans(cut) == []


def test_a_turned_video(tmp_path: Path) -> None:
    make_video(tmp_path / "a.mp4", seconds=3, turn="90")
    assert [spans(answer) for answer in ask(tmp_path / "a.mp4", "black screen", "colour bars")] == [[], []]


def test_a_second_question_decodes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_faulty(tmp_path / "a.mkv", [Fault("black", 1.0, 2.0)], times=constant(25, 4), size=SIZE)
    [first] = ask(tmp_path / "a.mkv", "black screen", cache=True)
    decoded = counted(monkeypatch)
    again, bars = ask(tmp_path / "a.mkv", "the screen goes black", "colour bars", cache=True)
    assert again == first and bars == Answer() and decoded == []


def test_a_query_for_something_else_decodes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_faulty(tmp_path / "a.mkv", times=constant(25, 1), size=SIZE)
    decoded = counted(monkeypatch)
    assert ask(tmp_path / "a.mkv", "she talks about her mother") == [Answer()] and decoded == []


def counted(monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """Names of the methods that decode pictures, whenever one is called."""
    decoded: list[str] = []
    for name in ("sample", "around", "keyframes"):

        def count(self: Video, *given: object, name: str = name, **more: object) -> object:
            decoded.append(name)
            raise AssertionError(name)

        monkeypatch.setattr(Video, name, count)
    return decoded
