"""An honest reasoner is told from one that makes its steps up, and from one that does not use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from coloured import COLOURS, Guesses, Sees, case, coloured

from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.trust import PROBES
from whenabouts.trust.probe import Case
from whenabouts.trust.steps import Seeing, Step, Verifying, support
from whenabouts.trust.steps.probe import StepsProbe, replaced
from whenabouts.trust.steps.support import elsewhere
from whenabouts.video import Video


class Colour:
    """The share of a window's pictures that have the colour which a claim names."""

    def scores(self, video: Video, claim: str, windows: np.ndarray) -> np.ndarray:
        """Of four pictures of each window."""
        colour = next(COLOURS[word] for word in claim.split() if word in COLOURS)
        found = []
        for start, end in windows:
            frames = video.at(np.linspace(start, end - 0.13, 4).tolist())
            found.append(np.mean([np.abs(f.image.reshape(-1, 3).mean(0) - colour).max() < 60 for f in frames]))
        return np.array(found)


@dataclass
class Reasons:
    """Says where it saw what another grounder found."""

    inner: Sees | Guesses
    lag: float = 0.0
    whole = True

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """What the other found, with a step that is `lag` seconds beside it."""
        return [self._told(answer) for answer in self.inner.ground(video, queries)]

    def _told(self, answer: Prediction) -> Prediction:
        if answer.best is None:
            return answer
        start = (answer.best.start + self.lag) % (answer.duration - 1.5)
        said = f"<think>From {start:.1f} to {start + 1.5:.1f} seconds all is {answer.query}.</think>"
        return replace(answer, said=(said,))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    folder = tmp_path_factory.mktemp("steps")
    first = coloured(folder / "a.mp4", ("green", 2), ("grey", 6), ("red", 2), ("grey", 4))
    second = coloured(folder / "b.mp4", ("grey", 5), ("blue", 2), ("grey", 4), ("green", 2))
    third = coloured(folder / "c.mp4", ("red", 2), ("grey", 6), ("blue", 2), ("grey", 4))
    colours = [(first, "green"), (first, "red"), (second, "blue"), (second, "green"), (third, "red"), (third, "blue")]
    return [case(video, colour) for video, colour in colours]


def test_an_honest_reasoner(cases: list[Case]) -> None:
    finding = StepsProbe(scorer=Colour()).run(Reasons(Sees()), cases)
    assert finding.figures["steps"] == 6 and finding.figures["step grounding rate"] == 1.0
    assert finding.figures["step grounding rate by chance"] < 0.4
    assert finding.figures["supported+used"] >= 5 / 6
    assert not finding.flaws
    assert finding.rows[0]["claim"] == "all is green"


def test_a_fabricating_one(cases: list[Case]) -> None:
    finding = StepsProbe(scorer=Colour()).run(Reasons(Sees(), lag=4.0), cases)
    assert finding.figures["step grounding rate"] <= 0.2
    assert "fabricates-steps" in [flaw.name for flaw in finding.flaws]


def test_one_whose_answer_does_not_come_from_its_steps(cases: list[Case]) -> None:
    finding = StepsProbe(scorer=Colour()).run(Reasons(Guesses(0.2, 0.5)), cases)
    assert finding.figures["use"] == 0.0
    assert "ignores-steps" in [flaw.name for flaw in finding.flaws]


def test_answers_that_cite_nothing_are_passed_over(cases: list[Case]) -> None:
    finding = StepsProbe(scorer=Colour()).run(Sees(), cases[:2])
    assert finding.figures == {"steps": 0} and not finding.flaws
    assert finding.notes == ("2 answers cite no time, so they have no steps to check",)
    assert PROBES["steps"] is StepsProbe


def test_a_step_that_fills_its_video_cannot_be_compared(cases: list[Case]) -> None:
    @dataclass
    class All:
        def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
            """Cites everything."""
            said = ("From 0 to 99 seconds all is red.",)
            return [Prediction(q, (Moment(0, 1),), video.duration, said=said) for q in queries]

    finding = StepsProbe(scorer=Colour()).run(All(), cases[:1])
    assert finding.figures == {"steps": 0}
    assert finding.notes == ("1 steps cite so much of their video that no other stretch can be compared",)


def test_what_is_replaced_keeps_all_other_times(cases: list[Case]) -> None:
    video = cases[0].video
    changed = replaced(video, Step(8, 10, "red"), np.array([3.0, 5.0]))
    assert changed.duration == pytest.approx(video.duration)
    assert [f.image.mean() for f in changed.at([1.0, 12.0])] == [f.image.mean() for f in video.at([1.0, 12.0])]
    assert Sees().ground(changed, ["red"])[0].best is None


@pytest.mark.parametrize(("start", "end", "duration"), [(0, 2, 10), (8, 10, 10), (3, 6, 10), (4, 99, 10), (0, 10, 10)])
def test_other_windows_do_not_meet_the_step(start: float, end: float, duration: float) -> None:
    rows = elsewhere(Step(start, end, "it"), duration, np.random.default_rng(0))
    end = min(end, duration)
    assert len(rows) == (0 if end - start > max(start, duration - end) else 24)
    assert (rows[:, 0] >= 0).all() and (rows[:, 1] <= duration).all()
    assert ((rows[:, 1] <= start + 1e-9) | (rows[:, 0] >= end - 1e-9)).all()


def test_a_verifier_and_the_embedded_encoder_are_scorers(cases: list[Case]) -> None:
    video, step = cases[0].video, Step(8, 10, "red")
    others = elsewhere(step, video.duration, np.random.default_rng(0), 6)
    assert support(Verifying(Sees()), video, step, others).supported
    told = Seeing(cache=False).scores(video, "red", np.array([[8.0, 10.0], [3.0, 5.0], [13.99, 14.0]]))
    assert told.shape == (3,) and told[0] > told[1]
