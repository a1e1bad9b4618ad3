"""`videomind:FOLDER` on a real file: its roles, its order, its rules where a role fails, and what it says of itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
from tiny_videomind import tiny_videomind  # noqa: E402

from whenabouts.errors import InputError, ModelError  # noqa: E402
from whenabouts.grounders import load  # noqa: E402
from whenabouts.grounders.llm.conversation import Frames  # noqa: E402
from whenabouts.grounders.llm.systems.videomind.grounder import VideoMind  # noqa: E402
from whenabouts.prediction import Prediction  # noqa: E402
from whenabouts.video import Video  # noqa: E402
from whenabouts.video.compose import Still, compose  # noqa: E402

SIZE = (168, 112)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_videomind(tmp_path_factory.mktemp("zoo"))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds, each of its own grey."""
    path = tmp_path_factory.mktemp("video") / "video.mp4"
    greys = [np.full((*SIZE[::-1], 3), 20 * k, np.uint8) for k in range(12)]
    compose(path, [Still(grey, 1.0, 1.0) for grey in greys], size=SIZE, rate=4)
    return path


@dataclass
class Actor:
    """A model that plays the roles by heart: spans in fractions of the video and their scores, sureness, words."""

    spans: list[list[float]] | None = None
    sure: list[float] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    adapters: frozenset[str] = frozenset({"grounder", "planner", "verifier"})
    identities: dict[str, str] = field(default_factory=dict)
    weight_bytes: int = 5
    role: str = ""
    heard: list[tuple[str, str, Frames]] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)

    def playing(self, role: str) -> Actor:
        self.role = role
        return self

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...

    def say(self, text: str, frames: Frames) -> str:
        self.heard.append((self.role, text, frames))
        return self.words[self.role]

    def ground(self, text: str, frames: Frames) -> tuple[object, str]:
        self.heard.append((self.role, text, frames))
        return (None if self.spans is None else torch.tensor(self.spans)), "The relevant moment happens in <|reg|>."

    def agrees(self, text: str, frames: Frames, marks: tuple[int, int]) -> tuple[float, float]:
        self.heard.append((self.role, text, frames))
        self.marks.append(marks)
        return self.sure[len(self.marks) - 1], 0.0


def asked(path: Path, actor: Actor, query: str = "it gets lighter", **settings: object) -> Prediction:
    grounder = VideoMind("played", **settings)  # type: ignore[arg-type]
    grounder.__dict__["loaded"] = actor
    with Video(path) as video:
        [prediction] = grounder.ground(video, [query])
    return prediction


def spans(prediction: Prediction) -> list[tuple[float, float]]:
    return [(moment.start, moment.end) for moment in prediction.moments]


SIX = [[i / 12, (i + 2) / 12, 0.9 - i / 10] for i in range(6)]


def test_a_published_folder_answers_about_a_file(folder: Path, path: Path) -> None:
    with Video(path) as video:
        grounder = load(f"videomind:{folder}", device="cpu")
        first, second = grounder.ground(video, ["it gets lighter.", "a dog barks"])
        [again] = grounder.ground(video, ["it gets lighter."])
    assert again.moments == first.moments and first.receipt is not None and second.moments
    assert [step["step"] for step in first.trace] == ["ground", "verify"]
    assert set(first.receipt.models) == {
        "Qwen2-VL-2B-Instruct",
        *(f"VideoMind-2B/{part}" for part in ("grounder", "planner", "verifier", "head")),
    }
    assert all(len(sha) == 64 for sha in first.receipt.models.values())
    roles = first.receipt.settings["roles"]
    assert {role: (each["fps"], each["frames"]) for role, each in roles.items()} == {
        "grounder": (1.0, 150),
        "verifier": (2.0, 64),
    }
    json.dumps(first.to_dict())


def test_the_verifier_ranks_the_five_best(path: Path) -> None:
    actor = Actor(SIX, sure=[0.1, 0.3, 0.2, 0.5, 0.4])
    prediction = asked(path, actor)
    assert spans(prediction) == [(3, 5), (4, 6), (1, 3), (2, 4), (0, 2)]
    assert prediction.moments[0].score == pytest.approx(1 / (1 + np.exp(-0.5)))
    assert [step["step"] for step in prediction.trace] == ["ground", "verify"]
    assert prediction.trace[0]["moments"][0] == [0, 2, 0.9] and prediction.notes == ()
    [grounded, *verified] = actor.heard
    assert grounded[0] == "grounder" and len(grounded[2].images) == 12
    assert [role for role, _, _ in verified] == ["verifier"] * 5
    assert [len(frames.images) for _, _, frames in verified] == [6, 8, 8, 8, 8]  # 2 per second of twice the moment
    assert actor.marks == [(0, 2), (1, 3), (1, 3), (1, 3), (1, 3)]
    assert len(verified[1][2].times) == 8 and verified[1][2].times[-1] <= 4.0


def test_without_a_verifier_the_grounder_decides(path: Path) -> None:
    prediction = asked(path, Actor(SIX), roles=())
    assert spans(prediction) == [(i, i + 2) for i in range(5)] and not prediction.notes  # `top` is five
    assert [m.score for m in prediction.moments] == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.5])
    lacking = asked(path, Actor(SIX, adapters=frozenset({"grounder"})))
    assert spans(lacking) == spans(prediction)
    assert lacking.notes == ("the checkpoint has no verifier; the grounder's own order stands",)
    one = asked(path, Actor([[0.5, 0.75, 0.3]]))
    assert spans(one) == [(6, 9)] and one.moments[0].score == pytest.approx(0.3)  # nothing to choose from


def test_where_the_grounder_fails_the_authors_rule_holds_and_is_said(path: Path) -> None:
    verified = asked(path, Actor(sure=[0.1, 0.2, 0.5, 0.3, 0.4]))
    assert spans(verified) == [(4, 8), (8, 12), (6, 10), (2, 6), (0, 4)]
    assert verified.notes == ("the grounder named no moment; the verifier chose among five thirds of the video",)
    alone = asked(path, Actor(), roles=())
    assert spans(alone) == [(0, 12)] and alone.moments[0].score == 0
    assert alone.notes == ("the grounder named no moment; the answer is the whole video",)


def test_the_planner_rewords_or_looks_for_nothing(path: Path) -> None:
    plan = '[{"type": "grounder", "value": "Light  comes up."}, {"type": "verifier"}, {"type": "answerer"}]'
    actor = Actor(SIX, words={"planner": plan, "answerer": "The sun rises."})
    told = asked(path, actor, "why is it lighter?", roles=("planner", "answerer"))
    assert [step["step"] for step in told.trace] == ["plan", "ground", "answer"]
    assert told.query == "why is it lighter?" and told.trace[1]["event"] == "Light  comes up."
    assert told.said == (plan, "The relevant moment happens in <|reg|>.", "The sun rises.")
    planned, grounded, answered = actor.heard
    assert "'why is it lighter?'" in planned[1] and "'Light comes up'" in grounded[1]
    assert answered[1] == "why is it lighter?" and told.trace[2]["moment"] == [0.0, 12.0]  # 32 s at least

    direct = Actor(SIX, words={"planner": '{"type": "Answerer"}', "answerer": "Yes."})
    plain = asked(path, direct, "is it a film?", roles=("planner", "verifier", "answerer"))
    assert plain.moments == () and plain.said[-1] == "Yes."
    assert plain.failure == "the planner answers without looking for a moment"

    lost = asked(path, Actor(SIX, words={"planner": "hm"}), roles=("planner",))
    assert lost.notes == ("the plan could not be read; the query was asked as it is",) and lost.moments


def test_spans_are_put_into_the_video_and_rounded_before_they_are_verified(path: Path) -> None:
    rows = [[-0.2, 0.11, 0.9], [0.95, 1.4, 0.8], [0.401, 0.4011, 0.7]]
    assert spans(asked(path, Actor(rows), roles=())) == [(0, 1.32), (11.4, 12), (4.812, 4.813)]
    assert spans(asked(path, Actor(rows), roles=(), unit=2.0)) == [(0, 2)]  # of the others nothing is left


def test_what_cannot_be_played_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match="VideoMind has no role 'judge'"):
        VideoMind("x", roles=("judge",))
    with pytest.raises(ModelError, match="played has no planner; leave that role out"):
        asked(path, Actor(SIX, adapters=frozenset({"grounder"})), roles=("planner",))
    with pytest.raises(ModelError, match="the head of played gives no numbers"):
        asked(path, Actor([[0.1, float("nan"), 0.5]]))
    with Video(path) as video, pytest.raises(ModelError, match="no VideoMind checkpoint as its authors publish them"):
        load(f"videomind:{path.parent}").ground(video, ["x"])


def test_fewer_frames_and_another_rate_reach_the_grounder_alone(path: Path) -> None:
    actor = Actor(SIX, sure=[0.1] * 5)
    told = asked(path, actor, frames=6, fps=2.0)
    assert len(actor.heard[0][2].images) == 6 and len(actor.heard[2][2].images) == 8
    assert told.receipt is not None and told.receipt.settings["roles"]["grounder"]["frames"] == 6
