"""Grounders that stay loaded: weights are read once, settings are each question's own, and memory is bounded."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from media import make_video
from weight_files import weight_reads

import whenabouts
from whenabouts import Moment, Prediction
from whenabouts.commands.keywords import FindOptions
from whenabouts.errors import ModelError
from whenabouts.grounders import GROUNDERS
from whenabouts.grounders.grounder import BaseGrounder
from whenabouts.grounders.warm import WARM, WarmGrounders
from whenabouts.video import Video

LENGTH = 4.0


@dataclass
class Heavy(BaseGrounder):
    """Says which grounder answered, and holds as many bytes as its name says once it was asked."""

    name: ClassVar[str] = "heavy"
    weights: ClassVar[tuple[str, ...]] = ("size", "device")

    size: int = 100
    end: float = 1.0
    asked: list[str] = field(default_factory=list, init=False)

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        self.asked += queries
        return [Prediction(query, (Moment(0, self.end),), LENGTH, said=(str(id(self)),)) for query in queries]

    @property
    def weight_bytes(self) -> int:
        return self.size if self.asked else 0


@pytest.fixture(autouse=True)
def _heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GROUNDERS.own, "heavy", Heavy)


@pytest.fixture
def video(tmp_path: Path) -> Video:
    make_video(tmp_path / "video.mp4", fps=5, seconds=LENGTH)
    return Video(tmp_path / "video.mp4")


def ask(warm: WarmGrounders, video: Video, **settings: Any) -> Prediction:
    with warm.borrow("heavy", **settings) as grounder:
        [answer] = grounder.ground(video, ["a dog"])
        return answer


def test_the_same_weights_are_one_grounder_with_the_settings_of_each_question(video: Video) -> None:
    warm = WarmGrounders()
    first, second, third = (ask(warm, video, **each) for each in ({}, {"end": 2.0}, {"size": 200}))
    assert first.said == second.said != third.said
    assert (first.best, second.best) == (Moment(0, 1), Moment(0, 2))
    assert ask(warm, video).best == Moment(0, 1), "settings do not stay for who asks next"


def test_progress_belongs_to_who_asked_even_after_an_error() -> None:
    warm = WarmGrounders()
    with pytest.raises(RuntimeError), warm.borrow("heavy", progress=lambda what, done: None) as grounder:
        assert isinstance(grounder, Heavy) and grounder.progress
        raise RuntimeError
    assert grounder.progress is None


def test_what_was_used_least_recently_goes_first_when_memory_is_short(video: Video) -> None:
    warm = WarmGrounders(limit_bytes=250)
    one, two = (ask(warm, video, size=size).said for size in (100, 101))
    assert ask(warm, video, size=100).said == one
    ask(warm, video, size=102)  # 303 bytes: the one of 101 goes
    assert ask(warm, video, size=100).said == one
    assert ask(warm, video, size=101).said != two


def test_what_is_larger_than_the_bound_is_not_kept(video: Video) -> None:
    warm = WarmGrounders(limit_bytes=99)
    with warm.borrow("heavy") as first:
        first.ground(video, ["a dog"])
    with warm.borrow("heavy") as second:
        assert second is not first


def test_a_file_that_was_written_anew_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Heavy, "weights", ("device",))
    warm, file = WarmGrounders(), tmp_path / "best.pt"
    file.write_bytes(b"first")
    with warm.borrow("heavy", device=str(file)) as first:
        pass
    with warm.borrow("heavy", device=str(file)) as again:
        assert again is first
    file.write_bytes(b"the second")
    with warm.borrow("heavy", device=str(file)) as second:
        assert second is not first


def test_one_thread_at_a_time_has_a_grounder() -> None:
    warm, inside, most = WarmGrounders(), [0], [0]
    guard = threading.Lock()
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        for _ in range(20):
            with warm.borrow("heavy"):
                with guard:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                threading.Event().wait(0.0005)
                with guard:
                    inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == [1] and inside == [0]


def test_a_question_within_a_question_has_a_grounder_of_its_own(video: Video) -> None:
    warm = WarmGrounders()
    with warm.borrow("heavy", top=4) as outer:
        inner = ask(warm, video, top=1)
        assert isinstance(outer, Heavy) and outer.top == 4
        assert inner.said != (str(id(outer)),)
    assert ask(warm, video, top=2).moments  # both are free again


def test_two_threads_that_ask_within_their_questions_do_not_wait_for_each_other(video: Video) -> None:
    warm, both = WarmGrounders(), threading.Barrier(2)
    with warm.borrow("heavy"):
        ask(warm, video)  # now there are two

    def nested() -> None:
        with warm.borrow("heavy"):
            both.wait(60)
            ask(warm, video)

    threads = [threading.Thread(target=nested, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


def test_a_name_that_is_unknown_is_an_error_and_leaves_nothing() -> None:
    with pytest.raises(ModelError), WarmGrounders().borrow("crystal-ball"):
        pass


def test_finding_twice_on_two_videos_reads_the_weights_once(tmp_path: Path) -> None:
    WARM.clear()
    for number in (1, 2):
        make_video(tmp_path / f"{number}.mp4", fps=5, seconds=number + 1)
    options: FindOptions = {"evidence": ["seen"], "cache": False}
    with weight_reads() as first:
        whenabouts.find(tmp_path / "1.mp4", "a dog", **options)
    with weight_reads() as second:
        whenabouts.find(tmp_path / "2.mp4", "a cat", top=1, fps=1.0, **options)
        whenabouts.find(tmp_path / "2.mp4", "a cat", search=True, **options)
    assert first["efficientnet-lite0.onnx"] and second == {}


def test_a_search_around_a_trained_head_reads_its_checkpoint_once(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    from whenabouts.grounders.learned import HEADS
    from whenabouts.grounders.learned.checkpoint import save_head

    checkpoint = tmp_path / "best.pt"
    save_head(HEADS["univtg"].sized(1436, 384, small=True), checkpoint, {"encoder": "builtin", "clip_seconds": 2.0})
    make_video(tmp_path / "long.mp4", times=[float(k) for k in range(1200)], size=(96, 64))
    make_video(tmp_path / "short.mp4", fps=5, seconds=10)
    options: FindOptions = {"model": str(checkpoint), "cache": False, "search": True}
    with weight_reads() as reads:
        answers = whenabouts.find(tmp_path / "long.mp4", ["white bars", "a grey wall", "a red car"], **options)
        whenabouts.find(tmp_path / "short.mp4", "white bars", **options)
    assert reads["best.pt"] == 1
    looked = {tuple(step["region"]) for each in answers for step in each.trace if step["step"] == "ground"}
    assert len(looked) >= 5
