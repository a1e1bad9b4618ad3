"""Every probe, on cases that have little to tell, and on models that answer nothing: none may stop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.trust import PROBES, Case
from whenabouts.trust.stress import stress
from whenabouts.video import Video
from whenabouts.video.frame import Frame
from whenabouts.video.in_memory import InMemoryVideo

TRUE = np.array([[1.0, 3.0]])
NONE = np.zeros((0, 2))


def video(level: int) -> InMemoryVideo:
    frames = [Frame(float(t), np.full((16, 16, 3), (level + 20 * t) % 256, np.uint8)) for t in range(8)]
    return InMemoryVideo(frames, 0.0, 8.0)


class Silent:
    """Answers nothing."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        return [Prediction(query, (), video.duration) for query in queries]


class Middle:
    """Answers the middle, without presence."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        third = video.duration / 3
        return [Prediction(query, (Moment(third, 2 * third, 0.5),), video.duration) for query in queries]


FEW = {
    "one case": [Case(video(0), "a dog", TRUE)],
    "no truth": [Case(video(0), "a dog"), Case(video(0), "a cat after a dog"), Case(video(90), "a bird")],
    "all present": [Case(video(level), query, TRUE) for level in (0, 90) for query in ("a dog", "a cat and a bird")],
    "all absent": [Case(video(level), query, NONE) for level in (0, 90) for query in ("a dog", "a cat and a bird")],
}


@pytest.mark.parametrize("model", [Silent(), Middle()], ids=["silent", "middle"])
@pytest.mark.parametrize("cases", FEW.values(), ids=FEW.keys())
@pytest.mark.parametrize("name", PROBES.own)
def test_few_cases_stop_no_probe(name: str, cases: list[Case], model: Silent | Middle) -> None:
    report = stress(model, cases, probes=[name], most=2)
    assert not report.failed and len(report.findings) == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "gave 0 answers to 1 queries"),
        ("nonsense", "returned str"),
        ([Prediction("a dog", (), 8.0, presence=3.0)], "presence of 3"),
        ([Prediction("a dog", (Moment(9.0, 10.0),), 8.0)], "after the end of the video"),
    ],
)
def test_a_model_that_returns_what_cannot_be_is_told_of(given: list[Prediction], sentence: str) -> None:
    class Broken:
        def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
            return given

    report = stress(Broken(), FEW["one case"], probes=["whole-video"])
    assert sentence in report.failed["whole-video"]
