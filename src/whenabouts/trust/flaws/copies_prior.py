"""A grounder whose answers hardly depend on the video: where moments usually lie, whatever is shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.grounder import Grounder
from whenabouts.moment import tiou
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress
from whenabouts.trust.answers import answers_to, own_and_others, relative, videos_of
from whenabouts.trust.flaws.bounds import share_interval
from whenabouts.trust.flaws.whole_video import WHOLE, share_of_video
from whenabouts.trust.probe import Case, Finding, Flaw, Probe
from whenabouts.video import Video
from whenabouts.video.part import Part

__all__ = ["CopiesPrior"]

FEWEST = 8  # answers
ALIKE = 0.5  # mean tIoU of the answers to a query on two videos, from which on they are the same answer
PART = 0.6  # of a video, where there is only one: its first and its last part show each event at another time


class CopiesPrior(Probe):
    """Asks each query on another video too, and compares the two windows, in shares of the video and in seconds.

    What is left of an answer on a video in which the query does not happen is where the grounder thinks such moments
    lie. Whole videos are left to `whole-video`.
    """

    name: ClassVar[str] = "copies-prior"

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """Named where the two windows overlap by more than half on average."""
        videos = list({id(case.video): case.video for case in cases}.values())
        answers = answers_to(grounder, cases, progress=progress)
        used = [
            number
            for number, answer in enumerate(answers)
            if answer.best is not None and share_of_video(answer) < WHOLE
        ]
        if len(used) < FEWEST:
            return Finding(
                self.name,
                notes=(f"{len(used)} answers with a window shorter than the video; {FEWEST} are needed",),
            )
        asked = [cases[number] for number in used]
        here = [answers[number] for number in used]
        if len(videos) > 1:
            after = dict(zip(map(id, videos), [*videos[1:], videos[0]], strict=True))
            elsewhere = [Case(after[id(case.video)], case.query) for case in asked]
            there = answers_to(grounder, elsewhere, progress=progress, activity="asking about another video")
            place = "on another video"
        else:
            here = answers_to(grounder, asked, change=partial(_part, last=False), progress=progress)
            there = answers_to(grounder, asked, change=partial(_part, last=True), progress=progress)
            place = "on another part of the video"
        alike, measured = _alike(here, there)
        agreement = share_interval(alike, videos_of(asked))
        figures = {"agreement": agreement.mean, "agreement low": agreement.low}
        told = ""
        truths = [(answers[n], truth) for n in used if (truth := cases[n].truth) is not None and len(truth)]
        if len(truths) > 1:
            own, others = (float(each.mean()) for each in own_and_others(truths))
            figures |= {"tIoU with its own truth": own, "tIoU with other truths": others}
            told = f"; with its own truth the tIoU is {own:.2f}, with that of other queries {others:.2f}"
        flaw = Flaw(
            self.name,
            f"asked {place}, a query gets the same window, in {measured}: the two overlap by a tIoU of "
            f"{agreement.mean:.2f} (95 % at least {agreement.low:.2f}){told}",
        )
        return Finding(self.name, figures, flaws=(flaw,) if agreement.low > ALIKE else ())


def _part(video: Video, *, last: bool) -> Video:
    start = (1 - PART) * video.duration if last else 0.0
    return Part(video, start, start + PART * video.duration)


def _alike(here: Sequence[Prediction], there: Sequence[Prediction]) -> tuple[NDArray[np.float64], str]:
    """(Q,) tIoU of each pair of answers, in shares of the video or in seconds, whichever is more alike."""
    shares, seconds = np.zeros(len(here)), np.zeros(len(here))
    for number, (one, other) in enumerate(zip(here, there, strict=True)):
        if one.best is not None and other.best is not None:
            a, b = relative(one), relative(other)
            shares[number] = tiou(a, b)[0, 0]
            seconds[number] = tiou(a * one.duration, b * other.duration)[0, 0]
    if seconds.mean() > shares.mean():
        return seconds, "seconds"
    return shares, "shares of the video"
