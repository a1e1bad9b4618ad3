"""Whether the answer goes along when its moment is moved to another place of the video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.grounder import Grounder
from whenabouts.moment import tiou
from whenabouts.progress import Progress
from whenabouts.trust.answered import RIGHT
from whenabouts.trust.answers import answers_to, best_window, mean, overlap
from whenabouts.trust.chosen import by_moment, chosen_cases
from whenabouts.trust.probe import Case, Finding, Flaw, Probe
from whenabouts.video import Video
from whenabouts.video.edit import Edited, Move

__all__ = ["ShiftProbe", "moved_away"]

FEWEST = 8  # queries of which a flaw is spoken


@dataclass(frozen=True)
class ShiftProbe(Probe):
    """Moves the true window, or without truth the answer, to the other end of the video, as S-Ground does.

    The paper lets two stretches change places; here one is moved, and what was between moves up.

    most: queries, at most, chosen by seed
    """

    name: ClassVar[str] = "shift"

    most: int = 12
    seed: int = 0

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """`follows`: share of answers that are at the new place, by a tIoU of 0.5; `stays`: at the old one.

        With truth, only queries whose first answer is right count; `ground` is their share, and S-Ground the product.
        """
        first = {id(c): best_window(a) for c, a in zip(cases, answers_to(grounder, cases), strict=True)}
        right = [overlap(first[id(c)], c.truth) >= RIGHT for c in cases if c.truth is not None and len(c.truth)]
        moments = {id(c): _moment(c, first[id(c)]) for c in cases}
        asked, notes = chosen_cases([c for c in cases if len(moments[id(c)])], self.most, self.seed)
        remarks = list(notes)
        follows, stays = list[float](), list[float]()
        passed = sum(not len(first[id(c)]) if c.truth is None else not len(c.truth) for c in cases)
        groups = by_moment(asked, [moments[id(case)] for case in asked])
        for done, group in enumerate(groups, 1):
            moment = moments[id(asked[group[0]])]
            video = moved_away(asked[group[0]].video, moment)
            if video is None:
                passed += len(group)
                continue
            for answer in answers_to(grounder, [Case(video, asked[number].query) for number in group]):
                follows.append(float(overlap(best_window(answer), video.time_map.windows(moment)) >= RIGHT))
                stays.append(float(overlap(best_window(answer), moment) >= RIGHT))
            if progress:
                progress("moving moments", done / len(groups))
        figures = {"ground": mean(right)} if right else {}
        if follows:
            figures |= {"queries": float(len(follows)), "follows": mean(follows), "stays": mean(stays)}
            figures |= {"S-Ground": mean(follows) * mean(right)} if right else {}
        if passed:
            remarks.append(
                f"{passed} queries do not happen, were not answered or fill their video, and were passed over"
            )
        return Finding(self.name, figures, flaws=_flaws(follows, stays), notes=tuple(remarks))


def _moment(case: Case, first: NDArray[np.float64]) -> NDArray[np.float64]:
    """(1, 2) what is to be moved: the true window that was found, or without truth the answer; (0, 2) of nothing."""
    if case.truth is None or not len(case.truth):
        return first if case.truth is None else case.truth
    found = overlap(first, case.truth) >= RIGHT
    return case.truth[tiou(first, case.truth)[0].argmax()][None] if found else np.zeros((0, 2))


def moved_away(video: Video, moment: NDArray[np.float64]) -> Edited | None:
    """The video with a moment (1, 2) at its other end; None where its old and new place overlap by more than 0.1."""
    start, end = max(0.0, float(moment[0, 0])), min(float(moment[0, 1]), video.duration)
    if not start < end:
        return None
    to = 0.0 if start > video.duration - end else video.duration
    if to in (start, end):
        return None
    edited = Edited(video, [Move(start, end, to)])
    new = edited.time_map.windows(np.array([[start, end]]))
    return None if float(tiou(new, moment).max()) > 0.1 else edited


def _flaws(follows: Sequence[float], stays: Sequence[float]) -> tuple[Flaw, ...]:
    if len(follows) < FEWEST or mean(stays) <= mean(follows):
        return ()
    told = (
        f"Of {len(follows)} moments that were moved in their video, {mean(follows):.0%} of the answers follow and "
        f"{mean(stays):.0%} stay where the moment was."
    )
    return (Flaw("keeps-the-place", told),)
