"""A grounder that reads one frame, such as the middle one, and guesses the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.grounder import Grounder
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress
from whenabouts.trust.answers import answers_to, relative, same, videos_of
from whenabouts.trust.flaws.deciding import decides
from whenabouts.trust.probe import Case, Finding, Flaw, Probe
from whenabouts.trust.views import Painted

__all__ = ["OneFrame"]

FEWEST = 10  # queries
STEPS = 4  # halvings: to a sixteenth of the video
STAY = 0.8  # of the answers must be as before when a half is grey, to go on into the other half


class OneFrame(Probe):
    """Paints all but a stretch grey, and halves the stretch as long as nearly all answers stay as they were.

    Queries that happen within the stretch, or are answered there where no truth is known, may rest on it: that their
    answers stay does not count. A grounder that looks at the whole video changes its answers at the first step.
    """

    name: ClassVar[str] = "one-frame"

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """Named where a sixteenth of each video decides: answers stay without the rest, and change without it."""
        if len(cases) < FEWEST:
            return Finding(self.name, notes=(f"{len(cases)} queries are too few; {FEWEST} are needed",))
        plain = answers_to(grounder, cases, progress=progress)
        places = [
            relative(answer) if case.truth is None else case.truth / case.video.duration
            for case, answer in zip(cases, plain, strict=True)
        ]
        start, width, outside = 0.0, 1.0, list(range(len(cases)))
        alone: list[Prediction] = []
        for _ in range(STEPS):
            width /= 2
            tried = [
                (
                    low,
                    answers_to(grounder, cases, change=partial(Painted, start=low, end=low + width), progress=progress),
                )
                for low in (start, start + width / 2, start + width)
            ]
            start, alone = max(tried, key=lambda each: sum(map(same, plain, each[1])))
            outside = [n for n, place in enumerate(places) if not _meets(place, start, start + width)]
            if len(outside) < FEWEST:
                note = f"fewer than {FEWEST} queries happen outside {width:.0%} of the video"
                return Finding(self.name, notes=(note,))
            stays = float(np.mean([same(plain[n], alone[n]) for n in outside]))
            if stays < STAY:
                return Finding(self.name, {"stretch": 2 * width, "stay": stays})
        end = start + width
        without = answers_to(grounder, cases, change=partial(Painted, start=start, end=end, inside=True))
        found = decides(plain, alone, without, videos_of(cases), counted=outside)
        figures = {
            "stretch": width,
            "stretch start": start,
            "stay": found.stay.mean,
            "stay low": found.stay.low,
            "changed without it": found.changed / found.queries,
        }
        flaw = Flaw(
            self.name,
            f"{found.stay.mean:.0%} of its answers (95 % at least {found.stay.low:.0%}) stay as they are when all but "
            f"{start:.0%} to {end:.0%} of the video is grey, and {found.changed} of {found.queries} change when only "
            "that is grey: it reads one frame there",
        )
        return Finding(self.name, figures, flaws=(flaw,) if found.flawed else ())


def _meets(place: NDArray[np.float64], start: float, end: float) -> bool:
    return bool(((place[:, 0] < end) & (place[:, 1] > start)).any())
