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
from whenabouts.trust.judged import RIGHT, ask_one, best_window, chosen_cases, mean, overlap
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

    most: int = 40
    seed: int = 0

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """`follows`: share of answers that are at the new place, by a tIoU of 0.5; `stays`: at the old one.

        With truth, only queries whose first answer is right count; `ground` is their share, and S-Ground the product.
        """
        asked, notes = chosen_cases(cases, self.most, self.seed)
        follows, stays, right = list[float](), list[float](), list[bool]()
        passed = 0
        for number, case in enumerate(asked):
            if progress:
                progress("moving moments", (number + 1) / len(asked))
            first = best_window(ask_one(grounder, case.video, case.query))
            if case.truth is not None and len(case.truth):
                right.append(overlap(first, case.truth) >= RIGHT)
                if not right[-1]:
                    continue
            elif case.truth is not None or not len(first):
                passed += 1
                continue
            moment = first if case.truth is None else case.truth[tiou(first, case.truth)[0].argmax()][None]
            video = moved_away(case.video, moment)
            if video is None:
                passed += 1
                continue
            after = best_window(ask_one(grounder, video, case.query))
            follows.append(float(overlap(after, video.time_map.windows(moment)) >= RIGHT))
            stays.append(float(overlap(after, moment) >= RIGHT))
        figures = {"ground": mean(right)} if right else {}
        if follows:
            figures |= {"queries": float(len(follows)), "follows": mean(follows), "stays": mean(stays)}
            figures |= {"S-Ground": mean(follows) * mean(right)} if right else {}
        if passed:
            notes = (
                *notes,
                f"{passed} queries do not happen, were not answered or fill their video, and were passed over",
            )
        return Finding(self.name, figures, flaws=_flaws(follows, stays), notes=notes)


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
