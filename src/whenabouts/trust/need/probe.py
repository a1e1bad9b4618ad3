"""The probe `need`: what is left of the answers when frames are withheld, query by query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind.constant import WHOLE_VIDEO, best_constant
from whenabouts.grounders.grounder import Grounder
from whenabouts.progress import Progress
from whenabouts.trust.answered import RIGHT
from whenabouts.trust.answers import answers_to, best_window, mean, overlap, reference
from whenabouts.trust.chosen import by_moment, chosen_cases
from whenabouts.trust.probe import Case, Curve, Finding, Flaw, Probe
from whenabouts.trust.views import Blank, Outside, SingleFrame
from whenabouts.video import Video
from whenabouts.video.edit import Edited, Reverse, Shuffle

__all__ = ["CONDITIONS", "Need", "NeedProbe"]

Windows = NDArray[np.float64]
Class = Literal["wrong", "answered blind", "frame-agnostic", "temporally sensitive"]

CONDITIONS = ("blank", "single frame", "shuffle", "reverse", "intact")  # of more and more of what a video tells
CLASSES: tuple[Class, ...] = ("temporally sensitive", "frame-agnostic", "answered blind", "wrong")
FEWEST = 5  # right answers of which a flaw is spoken
NOT_NEEDED = 0.5  # share of the right answers that need no frame of their moment, from which it is a flaw


@dataclass(frozen=True, slots=True)
class Need:
    """What a query needs: the tIoU of the answer in each condition, and of the blind prior.

    outside: shown only frames outside the truth; NaN where there are none
    """

    video: str
    query: str
    tiou: dict[str, float]
    outside: float
    prior: float

    @property
    def fss(self) -> float:
        """Frame-selection sensitivity: tIoU(intact) − tIoU(shown only frames outside the truth)."""
        return self.tiou["intact"] - self.outside

    def kind(self, right: float, sensitive: float) -> Class:
        """In this order: not answered; answered without any frame; needing its frames, or not."""
        if self.tiou["intact"] < right:
            return "wrong"
        if max(self.tiou["blank"], self.prior) >= right:
            return "answered blind"
        return "temporally sensitive" if self.fss >= sensitive else "frame-agnostic"


@dataclass(frozen=True)
class NeedProbe(Probe):
    """Asks each query on its video intact, reversed, shuffled, with one frame, with none, and without its moment.

    right:     tIoU from which an answer is right            sensitive: FSS from which a query needs its frames
    stretch:   seconds of what is shuffled                   most: queries, at most, chosen by seed
    All four are ours. The blind prior is the share of a video that fits the queries on all other videos best.
    """

    name: ClassVar[str] = "need"

    right: float = RIGHT
    sensitive: float = 0.3
    stretch: float = 1.0
    most: int = 8
    seed: int = 0

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """TIoU by condition, `FSS`, `LIS`, and the share of each class; a row a query."""
        happening = [case for case in cases if case.truth is None or len(case.truth)]
        asked, notes = chosen_cases(happening, self.most, self.seed)
        groups: dict[int, list[Case]] = {}
        for case in asked:
            groups.setdefault(id(case.video), []).append(case)
        known: list[tuple[Case, Windows, dict[str, float], float]] = []
        for done, group in enumerate(groups.values(), 1):
            known += self._measured(grounder, group)
            if progress:
                progress("withholding frames", done / len(groups))
        needs = [
            Need(case.video.path.name, case.query, tiou, outside, prior)
            for (case, _, tiou, outside), prior in zip(known, _priors([(k[0], k[1]) for k in known]), strict=True)
        ]
        remarks = list(notes)
        if passed := len(cases) - len(happening):
            remarks.append(f"{passed} queries do not happen and need no frames")
        if unanswered := len(asked) - len(known):
            remarks.append(f"{unanswered} queries have neither truth nor answer")
        if any(case.truth is None for case in asked):
            remarks.append("where no truth is known, the answer on the video as it is stands for it")
        if full := sum(bool(np.isnan(need.outside)) for need in needs):
            remarks.append(f"{full} queries happen all the time: there is no frame outside")
        return self._finding(needs, tuple(remarks))

    def _measured(
        self, grounder: Grounder, group: Sequence[Case]
    ) -> list[tuple[Case, Windows, dict[str, float], float]]:
        """The queries on one video, each condition asked for all at once."""
        video = group[0].video
        turned = Edited(video, [Reverse(0.0, video.duration)])
        views: dict[str, Video] = {
            "blank": Blank(video),
            "single frame": SingleFrame(video),
            "shuffle": Edited(video, [Shuffle(self.stretch, self.seed)]),
            "reverse": turned,
            "intact": video,
        }
        answers = {
            name: answers_to(grounder, [replace(case, video=view) for case in group]) for name, view in views.items()
        }
        given = {name: [best_window(answer) for answer in listed] for name, listed in answers.items()}
        truths = [reference(case, answer) for case, answer in zip(group, answers["intact"], strict=True)]
        outside = [float("nan")] * len(group)
        for alike in by_moment(group, truths):
            without = Outside(video, truths[alike[0]])
            if without.possible:
                shown = answers_to(grounder, [replace(group[number], video=without) for number in alike])
                for number, answer in zip(alike, shown, strict=True):
                    outside[number] = overlap(best_window(answer), truths[number])
        found: list[tuple[Case, Windows, dict[str, float], float]] = []
        for number, (case, truth) in enumerate(zip(group, truths, strict=True)):
            if len(truth):
                tiou = {name: overlap(given[name][number], truth) for name in CONDITIONS}
                tiou["reverse"] = overlap(given["reverse"][number], turned.time_map.windows(truth))
                found.append((case, truth, tiou, outside[number]))
        return found

    def _finding(self, needs: Sequence[Need], notes: tuple[str, ...]) -> Finding:
        if not needs:
            return Finding(self.name, {"queries": 0}, notes=notes)
        means = {name: mean([need.tiou[name] for need in needs]) for name in CONDITIONS}
        kinds = [need.kind(self.right, self.sensitive) for need in needs]
        outside = [need for need in needs if not np.isnan(need.outside)]
        figures = {"queries": float(len(needs))} | {f"tIoU {name}": value for name, value in means.items()}
        if outside:
            figures |= {"tIoU outside": mean([n.outside for n in outside]), "FSS": mean([n.fss for n in outside])}
        figures |= {"LIS blank": means["blank"], "LIS prior": mean([need.prior for need in needs])}
        figures |= {name: kinds.count(name) / len(kinds) for name in CLASSES}
        curve = Curve(
            tuple(float(k) for k in range(len(CONDITIONS))),
            tuple(means[name] for name in CONDITIONS),
            ", ".join(f"{k} {name}" for k, name in enumerate(CONDITIONS)),
            "mean tIoU",
        )
        rows = tuple(self._row(need) for need in needs)
        return Finding(self.name, figures, {"necessity": curve}, _flaws(kinds), notes, rows)

    def _row(self, need: Need) -> dict[str, str | float | None]:
        row: dict[str, str | float | None] = {"video": need.video, "query": need.query}
        row |= {f"tIoU {name}": value for name, value in need.tiou.items()}
        row |= {"tIoU outside": _known(need.outside), "FSS": _known(need.fss), "LIS prior": need.prior}
        return row | {"class": need.kind(self.right, self.sensitive)}


def _flaws(kinds: Sequence[Class]) -> tuple[Flaw, ...]:
    right = [kind for kind in kinds if kind != "wrong"]
    unneeded = sum(kind != "temporally sensitive" for kind in right)
    if len(right) < FEWEST or unneeded / len(right) < NOT_NEEDED:
        return ()
    sentence = (
        f"{unneeded} of {len(right)} right answers are right without the frames of their moment: "
        "what is said, what surrounds the moment or the length of the video gives them, or their queries do."
    )
    return (Flaw("needs-no-frames", sentence),)


def _priors(known: Sequence[tuple[Case, Windows]]) -> list[float]:
    """The tIoU of the best constant window, in shares, of the queries on all other videos; else the whole video."""
    examples = [
        Example(number, case.video.sha256, case.query, truth, case.video.duration)
        for number, (case, truth) in enumerate(known)
    ]
    windows: dict[str, tuple[float, float]] = {}
    for example in examples:
        if example.video not in windows:
            others = [each for each in examples if each.video != example.video]
            windows[example.video] = best_constant(others) if others else WHOLE_VIDEO
    return [
        overlap(np.array([windows[each.video]]) * case.video.duration, truth)
        for each, (case, truth) in zip(examples, known, strict=True)
    ]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
