"""A window around real grounders: what they find in a minute of pictures becomes the events of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.stream import load_online
from whenabouts.grounders.stream.event import Event
from whenabouts.grounders.stream.window import WindowGrounder
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.video import Video

Picture = NDArray[np.uint8]
RED, GREEN, GREY = ((220, 20, 20), (20, 200, 20), (120, 120, 120))


def plain(colour: tuple[int, int, int], width: int = 64, height: int = 48) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


class Colours:
    """A grounder that sees which pictures are red or green, whichever the query names."""

    def __init__(self, fps: float = 4.0) -> None:
        self.fps, self.looks = fps, 0
        self.fail: str | None = None
        self.error: Exception | None = None
        self.nothing = self.whole = False

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        self.looks += 1
        if self.error is not None:
            raise self.error
        if self.nothing:
            return [None] * len(queries)  # type: ignore[list-item]
        frames = list(video.sample(self.fps))
        found = []
        for query in queries:
            channel = 0 if "red" in query else 1
            on = [int(f.image[..., channel].mean()) > int(f.image[..., 1 - channel].mean()) + 50 for f in frames]
            edges = np.flatnonzero(np.diff([0, *map(int, on), 0]))
            moments = [
                Moment(a / self.fps, min(b / self.fps, video.duration), 0.9)
                for a, b in zip(edges[::2], edges[1::2], strict=True)
            ]
            found.append(Prediction(query, tuple(moments), video.duration, failure=self.fail))
        return [replace(each, moments=()) for each in found] if self.fail else found


def colour_at(t: float, red: Sequence[tuple[float, float]], green: Sequence[tuple[float, float]] = ()) -> Picture:
    if any(start <= t < end for start, end in red):
        return plain(RED)
    return plain(GREEN if any(start <= t < end for start, end in green) else GREY)


def run(window: WindowGrounder, until: float, *, fps: float = 2.0, start: float = 0.0, **on: Any) -> list[Event]:
    times = [start + k / fps for k in range(round((until - start) * fps))]
    return [event for t in times for event in window.push(colour_at(t, **on), t)]


def ended(events: list[Event]) -> list[tuple[str, float, float | None, bool]]:
    return [(event.query, event.start, event.end, event.seen_end) for event in events if event.state == "ended"]


def test_moments_of_two_queries_are_told_of_as_they_happen() -> None:
    window = WindowGrounder(Colours())
    window.add("something red")
    window.add("something green")
    red, green = [(12.0, 20.0), (33.5, 130.0)], [(140.0, 150.0)]
    events = run(window, 200, red=red, green=green)
    assert ended(events) == [
        *(("something red", *moment, True) for moment in red), ("something green", *green[0], True),
    ]  # fmt: skip
    assert [event.state for event in events] == ["started", "ended"] * 3
    for event in events:
        happened = event.start if event.state == "started" else event.end
        assert happened is not None and happened <= event.emitted <= happened + window.hop + window.rules.settle + 0.5


def test_many_pictures_cost_neither_memory_nor_looks() -> None:
    grounder = Colours(1.0)
    window = WindowGrounder(grounder, seconds=20, hop=5, fps=1, side=32)
    window.add("red")
    most = 0
    for k in range(6000):
        window.push(plain(GREY, 64, 36), 1000 + k / 30)
        most = max(most, window.resident_bytes)
    assert most <= 21 * 32 * 18 * 3 and grounder.looks == 200 // 5 - 1


def test_the_clock_of_the_stream_may_begin_anywhere_and_stand_still_between_pictures() -> None:
    window = WindowGrounder(Colours())
    window.add("red")
    events = run(window, 40, start=3.25, red=[(10.0, 20.0)])
    assert ended(events) == [("red", pytest.approx(10.0, abs=0.5), pytest.approx(20.0, abs=0.5), True)]
    assert window.push(plain(GREY), 400.0) == []  # nothing came for six minutes, and nobody said why
    assert ended(run(window, 460, start=401.0, red=[(410.0, 430.0)]))[0][3]


def test_a_look_that_fails_ends_nothing_and_says_why() -> None:
    grounder = Colours()
    window = WindowGrounder(grounder)
    window.add("red")
    run(window, 30, red=[(12.0, 60.0)])
    grounder.fail = "the answer has no interval"
    assert run(window, 50, start=30.0, red=[(12.0, 60.0)]) == []
    assert window.failures() == ["red: the answer has no interval"] and window.failures() == []
    grounder.fail = None
    assert ended(run(window, 80, start=50.0, red=[(12.0, 60.0)])) == [("red", 12.0, 60.0, True)]


@pytest.mark.parametrize("error", [ModelError, RuntimeError, KeyError, OSError])
def test_a_grounder_that_raises_anything_ends_nothing(error: type[Exception]) -> None:
    grounder = Colours()
    window = WindowGrounder(grounder)
    window.add("red")
    grounder.error = error("no luck")
    with pytest.raises(ModelError, match="no luck"):
        run(window, 5.5, red=[])
    grounder.error = None
    run(window, 30, start=5.5, red=[(12.0, 60.0)])
    grounder.error = error("no luck")
    assert run(window, 50, start=30.0, red=[(12.0, 60.0)]) == []
    [why] = window.failures()
    assert "no luck" in why
    grounder.error = None
    assert ended(run(window, 80, start=50.0, red=[(12.0, 60.0)])) == [("red", 12.0, 60.0, True)]


@pytest.mark.parametrize("whole", [False, True])
def test_a_grounder_that_answers_with_something_else_is_told_of(whole: bool) -> None:
    grounder = Colours()
    grounder.whole, grounder.nothing = whole, True
    window = WindowGrounder(grounder)
    window.add("red")
    with pytest.raises(ModelError, match="no list of predictions"):
        run(window, 6, red=[])


def test_what_went_on_while_looks_failed_for_longer_than_the_window_is_told_to_be_found_late() -> None:
    grounder = Colours()
    window = WindowGrounder(grounder, seconds=10, hop=2, fps=4, settle=1)
    window.add("red")
    events = run(window, 9, fps=4, red=[(6.0, 18.0)])
    grounder.error = RuntimeError("no luck")
    assert run(window, 25, start=9, fps=4, red=[(6.0, 18.0)]) == []
    grounder.error = None
    events += run(window, 40, start=25, fps=4, red=[(6.0, 18.0)])
    assert ended(events) == [("red", 6.0, 8.25, False), ("red", 16.0, 18.0, True)]
    assert window.failures()[-1] == "red: moment 2 was found late, and may have begun before 16.0 s"


stretches = st.tuples(st.sampled_from([1.25, 2.0, 5.0, 15.0]), st.sampled_from([0.75, 2.0, 7.25, 20.0, 53.0]))


@settings(max_examples=25)
@given(st.lists(stretches, min_size=1, max_size=4))
def test_what_a_perfect_grounder_sees_through_a_window_is_told_exactly(parts: list[tuple[float, float]]) -> None:
    ends = np.cumsum(np.ravel(parts)).tolist()
    red = list(zip(ends[::2], ends[1::2], strict=True))
    window = WindowGrounder(Colours(), seconds=10, hop=2, fps=4, settle=1, side=8)
    window.add("red")
    assert ended(run(window, ends[-1] + 12, fps=4, red=red)) == [("red", *each, True) for each in red]
    assert window.failures() == []


def test_what_is_lost_ends_unseen_and_what_was_seen_to_end_is_told_first() -> None:
    window = WindowGrounder(Colours())
    window.add("red")
    window.add("green")
    run(window, 30, red=[(12.0, 99.0)])
    run(window, 34, start=30.0, red=[(12.0, 31.0)], green=[(32.0, 99.0)])
    events = window.lost(34.0, 50.0)
    assert ended(events) == [("red", 12.0, 31.0, True), ("green", 32.0, 34.0, False)]
    assert window.resident_bytes == 0
    again = run(window, 70, start=50.0, red=[], green=[(32.0, 60.0)])
    assert [(event.number, event.start) for event in again if event.state == "started"] == [(2, 50.0)]
    assert window.finish(70.0) == []


def test_another_run_goes_on_where_the_first_was_saved() -> None:
    one, other = WindowGrounder(Colours()), WindowGrounder(Colours())
    one.add("red")
    started = run(one, 30, red=[(12.0, 60.0)])
    other.restore(one.snapshot())
    assert other.queries == ("red",) and [event.state for event in started] == ["started"]
    again = run(other, 80, start=26.0, red=[(12.0, 60.0)])
    assert ended(again) == [("red", 12.0, 60.0, True)] and [event.number for event in again] == [1]


def test_a_query_may_come_and_go() -> None:
    window = WindowGrounder(Colours())
    window.add("red")
    run(window, 30, red=[(12.0, 99.0)])
    window.remove("red")
    assert run(window, 40, start=30.0, red=[(12.0, 99.0)]) == []
    window.add("red")
    assert [event.number for event in run(window, 50, start=40.0, red=[(12.0, 99.0)])] == [2]


@pytest.mark.parametrize("frame", [np.zeros(512, np.float32), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)])
def test_what_is_no_picture_is_refused(frame: NDArray[Any]) -> None:
    with pytest.raises(InputError, match="a picture is needed"):
        WindowGrounder(Colours()).push(frame, 0.0)


def test_times_and_settings_that_make_no_sense_are_refused() -> None:
    window = WindowGrounder(Colours())
    window.push(plain(GREY), 5.0)
    for t in (4.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match=r"must not decrease|must be finite"):
            window.push(plain(GREY), t)
    for wrong in ({"hop": 0}, {"hop": 59}, {"seconds": float("nan")}, {"fps": 0.01}, {"threshold": 0}, {"patience": 0}):
        with pytest.raises(InputError, match="a window needs"):
            WindowGrounder(Colours(), **wrong)
    with pytest.raises(ModelError, match="unknown model"):
        load_online("window:nothing")
    with pytest.raises(ModelError, match="write window:MODEL"):
        load_online("window")


def scenes(*pictures: tuple[Picture, float]) -> list[tuple[float, Picture]]:
    """Pictures at 2 fps, each shown for so many seconds."""
    ends = np.cumsum([seconds for _, seconds in pictures])
    times = np.arange(0, ends[-1], 0.5)
    return [(float(t), pictures[int(np.searchsorted(ends, t, "right"))][0]) for t in times]


def test_the_embedded_grounder_finds_a_cat_in_a_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path))
    window = load_online("window:similarity", hop=8)
    window.add("a cat")
    stream = scenes(
        (data.coffee(), 12), (data.chelsea(), 9), (data.rocket(), 11), (data.chelsea(), 12), (data.coffee(), 12)
    )
    events = [event for t, picture in stream for event in window.push(picture, t)]
    assert ended(events) == [
        ("a cat", pytest.approx(12.0, abs=0.51), pytest.approx(21.0, abs=0.51), True),
        ("a cat", pytest.approx(32.0, abs=0.51), pytest.approx(44.0, abs=0.51), True),
    ]
    assert not list(tmp_path.rglob("*.np*")), "nothing of a stream is kept on disk"
    assert window.models and all(len(each) == 64 for each in window.models.values())


@pytest.mark.parametrize(
    ("shown", "cat", "options"),
    [
        ((("coffee", 30), ("chelsea", 45), ("rocket", 55)), [(30, 75)], {}),
        ((("chelsea", 20), ("coffee", 30), ("rocket", 20)), [(0, 20)], {}),
        (
            (("coffee", 20), ("chelsea", 8), ("rocket", 3), ("chelsea", 7), ("coffee", 30)), [(20, 28), (31, 38)],
            {"seconds": 40, "hop": 8},
        ),
    ],
)  # fmt: skip
def test_the_embedded_grounder_tells_once_of_what_fills_its_window(
    shown: Sequence[tuple[str, float]], cat: list[tuple[float, float]], options: dict[str, float]
) -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
    window = load_online("window:similarity", side=224, **options)
    window.add("a cat")
    stream = scenes(*((getattr(data, name)()[::2, ::2], seconds) for name, seconds in shown))
    events = [event for t, picture in stream for event in window.push(picture, t)]
    found = [(event.start, event.end) for event in [*events, *window.finish(stream[-1][0])] if event.state == "ended"]
    assert found == [(pytest.approx(start, abs=0.51), pytest.approx(end, abs=0.51)) for start, end in cat]


def test_a_detr_head_answers_through_a_window(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    from whenabouts.grounders.learned import HEADS
    from whenabouts.grounders.learned.checkpoint import save_head

    save_head(
        HEADS["moment-detr"].sized(1436, 384, small=True), tmp_path / "head.pt",
        {"encoder": "builtin", "clip_seconds": 2.0},
    )  # fmt: skip
    window = load_online(f"window:{tmp_path / 'head.pt'}", seconds=16, hop=8, threshold=0.01)
    window.add("a red circle")
    events = run(window, 24, red=[(6.0, 12.0)])
    assert events and all(event.end is None or event.end <= event.emitted for event in events)
    assert set(window.models) >= {"moment-detr"} and window.failures() == []


def test_a_server_that_goes_away_ends_nothing(tmp_path: Path) -> None:
    pytest.importorskip("httpx", reason="the extra llm is not installed")
    from chat_server import chat_server

    answers = ["<answer>6.00 to 10.00</answer>", 400, "I cannot say.", "<answer>6.00 to 14.00</answer>"]
    with chat_server(lambda request, number: answers[min(number, 3)]) as (address, got):
        window = load_online(f"window:openai:{address}#Time-R1-7B", seconds=40)
        window.add("it is red")
        events = run(window, 26, red=[])
    assert [(event.state, event.start, event.end) for event in events] == [("started", 6.0, None), ("ended", 6.0, 14.0)]
    assert len(got) >= 4 and len(window.failures()) == 2
    pictures = [part for part in got[0]["messages"][-1]["content"] if part["type"] == "image_url"]
    assert 4 <= len(pictures) <= 12


def test_a_server_that_was_never_there_is_told_at_once() -> None:
    pytest.importorskip("httpx", reason="the extra llm is not installed")
    from whenabouts.grounders.llm.engines.openai import OpenAIEngine
    from whenabouts.grounders.llm.grounder import VideoLLM

    window = WindowGrounder(VideoLLM(OpenAIEngine("http://127.0.0.1:9", "some-model", wait=0.0, retries=0)))
    window.add("it is red")
    with pytest.raises(ModelError, match="does not answer"):
        run(window, 26, red=[])


@pytest.mark.slow
def test_a_model_on_this_machine_answers_through_a_window(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="the extra hub is not installed")
    from tiny_checkpoints import make_checkpoint

    window = load_online(f"window:{make_checkpoint('qwen2_5_vl', tmp_path / 'base')}", seconds=8, hop=4, settle=1)
    window.add("it is red")
    events = run(window, 5, red=[(2.0, 4.0)])
    assert (events or window.failures()) and window.models
