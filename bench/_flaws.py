"""Whether grounders with one known flaw each are called by its name, and those without are not."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from _size import Size

from whenabouts.grounders.similarity import Similarity
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.synthetic.composed import Split
from whenabouts.trust import Case
from whenabouts.trust.stress import cases, stress
from whenabouts.trust.stress.flawed import FLAWED
from whenabouts.trust.stress.remembered import Remembered
from whenabouts.video import Video

__all__ = ["NAMED", "flaws"]

NAMED = ("always-answers", "whole-video", "copies-prior", "one-frame", "subtitles-only")


class Oracle:
    """Knows the truth of some cases by the hash of the file."""

    whole = True

    def __init__(self, asked: Sequence[Case]) -> None:
        nothing = np.zeros((0, 2))
        self.known = {(case.video.sha256, case.query): nothing if case.truth is None else case.truth for case in asked}

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """The true windows, and nothing on any other video."""
        return [self._answer(query, self.known.get((video.sha256, query)), video.duration) for query in queries]

    def _answer(self, query: str, truth: Any, duration: float) -> Prediction:
        found = () if truth is None else tuple(Moment(start, end) for start, end in truth)
        return Prediction(query, found, duration, presence=float(bool(found)))


def flaws(size: Size, split: Split = "held-out", seed: int = 0) -> dict[str, Any]:
    """`flaws_named` of 5, the names that each flawed grounder got, and of what honest ones are `accused`."""
    videos, scenes, limit = size.pick((4, 8, 120), (3, 6, 90), (1, 3, 4))
    named: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        made = cases.synthetic(Path(folder), videos=videos, split=split, seed=seed, scenes=scenes, limit=limit)
        honest = Remembered(Similarity(cache=False))
        for name in NAMED:
            named[name] = _names(FLAWED[name](honest), made.cases)
        accused = {"similarity": _names(honest, made.cases), "oracle": _names(Oracle(made.cases), made.cases)}
    for name, got in {**named, **accused}.items():
        print(f"  {name}: {', '.join(got) or 'no flaw'}")
    return {
        "flaws_named": sum(name in got for name, got in named.items()),
        "named": named,
        "accused": accused,
    }


def _names(grounder: Any, asked: Sequence[Case]) -> list[str]:
    report = stress(grounder, asked, probes=[*NAMED, "random"])
    return [flaw.name for flaw in report.flaws]
