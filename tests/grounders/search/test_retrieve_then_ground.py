"""Search on real videos: the right region is found, looked at closely, and every step is told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import pytest

pytest.importorskip("skimage", reason="the extra bench is not installed")

from whenabouts import Prediction
from whenabouts.grounders import load
from whenabouts.grounders.search.budget import Budget
from whenabouts.grounders.search.regions import Whole
from whenabouts.grounders.search.retrieve_then_ground import RetrieveThenGround
from whenabouts.grounders.similarity import Similarity
from whenabouts.moment import Moment, tiou
from whenabouts.query import ParsedQuery
from whenabouts.synthetic.composed import ComposedVideo
from whenabouts.synthetic.long_video import LongVideos
from whenabouts.video import Video
from whenabouts.video.compose import Line, Still, compose


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> LongVideos:
    return LongVideos.prepare(tmp_path_factory.mktemp("long"), variations=2)


@pytest.fixture(scope="module")
def video_path(videos: LongVideos) -> ComposedVideo:
    return videos.video(videos.folder / "video.mp4", 300.0)


def overlap(prediction: Prediction, truth: Sequence[Sequence[float]]) -> float:
    best = prediction.best
    return 0.0 if best is None else float(tiou([[best.start, best.end]], truth).max())


def test_search_sees_what_the_same_frames_spread_over_the_video_miss(video_path: ComposedVideo) -> None:
    questions = video_path.questions[::3]
    queries = [question.query for question in questions]
    with Video(video_path.path) as video:
        spread = Similarity(frames=32, evidence=("seen",), cache=False).ground(video, queries)
        searched = RetrieveThenGround(evidence=("seen",), cache=False).ground(video, queries)
    found, missed = (
        float(np.mean([overlap(p, q.truth) for p, q in zip(answers, questions, strict=True)]))
        for answers in (searched, spread)
    )
    assert found > 0.4 and found > 2 * missed


def test_every_step_is_told(video_path: ComposedVideo) -> None:
    with Video(video_path.path) as video:
        [prediction] = RetrieveThenGround(evidence=("seen",), regions=3).ground(video, ["a cup of coffee"])
    first, *looks = prediction.trace
    assert first["step"] == "shortlist" and 1 <= len(first["regions"]) <= 3
    assert [step["region"] for step in looks] and all(step["step"] == "ground" for step in looks)
    assert sorted(step["region"] for step in looks) == sorted(region[:2] for region in first["regions"])
    again = Prediction.from_dict(json.loads(json.dumps(prediction.to_dict())))
    assert again.trace == prediction.trace
    assert prediction.receipt is not None and "builtin" in prediction.receipt.models
    assert prediction.best is not None and prediction.best.evidence[0].start == prediction.best.start


def test_occurrences_that_nobody_looked_for_are_told(video_path: ComposedVideo) -> None:
    grounder = RetrieveThenGround(evidence=("seen",))
    with Video(video_path.path) as video:
        plain, every = grounder.ground(video, ["a cup of coffee", "every time a cup of coffee appears"])
        [whole] = replace(grounder, retriever=Whole()).ground(video, ["every time a cup of coffee appears"])
    assert plain.notes == whole.notes == ()
    assert every.notes == ("only the likeliest stretches were looked at (1): there may be more",)


def test_weights_are_read_once_for_all_regions_and_questions(
    video_path: ComposedVideo, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    monkeypatch.setattr("whenabouts.encoders.session._sessions", WeakValueDictionary())  # none from other tests
    made: list[object] = []
    start = onnxruntime.InferenceSession.__init__

    def counted(self: object, *args: object, **settings: object) -> None:
        made.append(args)
        start(self, *args, **settings)

    monkeypatch.setattr(onnxruntime.InferenceSession, "__init__", counted)
    grounder = RetrieveThenGround(evidence=("seen",), cache=False, regions=3)
    assert grounder.weight_bytes == 0
    with Video(video_path.path) as video:
        [first] = grounder.ground(video, ["grey paving"])
        grounder.top = 1
        [second] = grounder.ground(video, ["grey paving"])
    assert len([step for step in first.trace if step["step"] == "ground"]) > 1
    assert len(made) == 2 and grounder.weight_bytes > 30 * 2**20
    assert second.moments == first.moments[:1]


@dataclass
class Watcher:
    """A grounder that says what it was shown: the whole of every part."""

    seen: list[float] = field(default_factory=list)

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        self.seen.append(video.duration)
        return [Prediction(q, (Moment(0.0, video.duration, 0.5),), video.duration, 0.5) for q in queries]


def test_any_grounder_looks_at_regions_and_stops_when_the_budget_is_spent(video_path: ComposedVideo) -> None:
    watcher = Watcher()
    with Video(video_path.path) as video:
        [whole] = RetrieveThenGround(watcher, evidence=("seen",)).ground(video, ["grey paving"])
        looked = len(watcher.seen)
        few = RetrieveThenGround(watcher, evidence=("seen",), budget=Budget(frames=40)).ground(video, ["grey paving"])
    assert looked == len(whole.trace) - 1 > 1 and max(watcher.seen) <= 120
    assert len(watcher.seen) == looked + 1
    read, spent = few[0].notes
    assert read == "the budget of 40 frames: the video was read at a lower rate"
    assert spent.startswith("the budget of 40 frames was spent: 1 of ") and few[0].best is not None


def test_little_time_reads_the_video_here_and_there(video_path: ComposedVideo) -> None:
    budget = Budget(seconds=1e-9)
    with Video(video_path.path) as video:
        [some] = RetrieveThenGround(Watcher(), budget=budget, cache=False).ground(video, ["a cup of coffee"])
        [all_of_it] = RetrieveThenGround(Watcher(), budget=Budget(seconds=600), cache=False).ground(video, ["a cup"])
    share = 32 / (0.5 * video.duration)
    assert f"the budget of 1e-09 s: {share:.0%} of the video was read" in some.notes and some.best is not None
    assert not any("budget" in note for note in all_of_it.notes)


@dataclass(frozen=True)
class Second:
    """A verifier that believes in the second moment only."""

    name: str = "second"

    def verify(self, video: Video, query: str, moments: Sequence[Moment]) -> list[float]:
        return [float(i == 1) for i, _ in enumerate(moments)]


def test_a_verifier_has_the_last_word(video_path: ComposedVideo) -> None:
    with Video(video_path.path) as video:
        plain, checked = (
            RetrieveThenGround(evidence=("seen",), verifier=v).ground(video, ["grey paving"])[0]
            for v in (None, Second())
        )
    assert checked.best is not None and checked.best.start == plain.moments[1].start
    assert checked.trace[-1]["step"] == "verify"


def test_words_lead_to_regions_and_constraints_hold(tmp_path: Path) -> None:
    grey = np.full((96, 128, 3), 128, np.uint8)
    lines = [Line(at, at + 3, text) for at, text in ((30, "Welcome to the show."), (200, "We admit our mistake."))]
    lines += [Line(400, 403, "Once more we admit our mistake."), Line(500, 503, "Goodbye everyone.")]
    compose(tmp_path / "video.mp4", [Still(grey, 600.0, 1.0)], lines=lines, size=(128, 96), rate=1)
    asked = [
        "they say we admit our mistake",
        "the last time they say we admit our mistake",
        'someone says "we admit our mistake" after someone says "goodbye everyone"',
    ]
    with Video(tmp_path / "video.mp4") as video:
        some, last, after = load("search").ground(video, asked)
    assert {round(m.start) for m in some.moments[:2]} == {200, 400}
    assert [round(m.start) for m in last.moments] == [400]
    assert after.moments == () and after.presence == 0.0
    assert last.trace == (), "words answer, so nothing was searched"
    assert some.understood == ParsedQuery(
        "they say we admit our mistake", words="we admit our mistake", kind="said", language="en"
    )
    assert last.understood == replace(some.understood, which=-1)


def test_the_command_line_searches_and_tells_why_it_misses(videos: LongVideos, tmp_path: Path) -> None:
    video_path = videos.video(videos.folder / "short.mp4", 120.0)
    command = [
        sys.executable,
        "-m",
        "whenabouts",
        "find",
        str(video_path.path),
        "a cup of coffee",
        "--json",
        "--search",
    ]
    done = subprocess.run([*command, "--budget", "60s"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [row] = json.loads(done.stdout)
    assert row["receipt"]["grounder"] == "retrieve-then-ground"
    wrong = subprocess.run([*command, "--budget", "soon"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 1 and "a budget is" in wrong.stderr

    truth = next(q.truth for q in video_path.questions if q.query == "a cup of coffee")
    rows: list[dict[str, Any]] = [
        {"qid": n, "video_id": "video", "question": "a cup of coffee", "correct_interval": truth[0]}
        | {"video_duration_s": 120, "category": "x"}
        for n in range(1)
    ]
    (tmp_path / "extremewhenbench.json").write_text(json.dumps(rows))
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / "video.mp4").symlink_to(video_path.path)
    out = tmp_path / "answers.jsonl"
    base = [sys.executable, "-m", "whenabouts"]
    options = ["--data", str(tmp_path / "extremewhenbench.json"), "--videos", str(folder), "--out", str(out)]
    ran = subprocess.run(
        [*base, "predict", "extremewhenbench", *options, "--search"], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    asked = [*base, "diagnose", str(out), "extremewhenbench"]
    told = subprocess.run(
        [*asked, "--ground-truth", str(tmp_path / "extremewhenbench.json"), "--json"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    stages = json.loads(told.stdout)["stages"]
    assert sum(stages[name] for name in ("hit", "search", "recognition", "localisation")) == 1
