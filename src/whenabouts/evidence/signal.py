"""What the picture signal shows without being understood: black, one colour, colour bars, frozen, flashes, cuts, fades.

Two passes, each run only when a query asks for what it finds, over the whole video, and kept by content: one over a
few pictures a second with exact edges (`signals.levels`), one over every picture (`signals.changes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from whenabouts.evidence.asking import Thing, is_long, thing_asked
from whenabouts.evidence.found import Found, remembered_stretches
from whenabouts.evidence.kinds import Answer, EvidenceSettings, MomentKind
from whenabouts.evidence.signals import SIGNALS
from whenabouts.evidence.signals.weights import probability
from whenabouts.moment import Evidence, Moment
from whenabouts.plugins import resolve
from whenabouts.progress import Fraction
from whenabouts.query import ParsedQuery

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["Signal", "shots"]

FORMAT = 1  # raised when the same video gives other stretches than before
LEAST = 0.05  # probability below which a stretch is not told
PASSES = {  # over the video, each imported where a query asks for what it tells
    "change_stretches": "whenabouts.evidence.signals.changes:change_stretches",
    "level_stretches": "whenabouts.evidence.signals.levels:level_stretches",
}
OF_CHANGES = {"cut", "flash"}


class Signal(MomentKind):
    """Pictures that are black, frozen, of one colour, colour bars; flashes, cuts and fades, exact to the frame."""

    name, label = "signal", "signal"
    help = "A black, frozen or blank picture, colour bars, a flash, a cut, a fade."
    activity = "looking at the signal"

    @classmethod
    def words_sought(cls, query: str) -> str | None:
        """The query, where it asks for a signal alone."""
        thing = thing_asked(query, SIGNALS)
        return query if thing and thing.alone else None

    def concerns(self, query: ParsedQuery) -> bool:
        """Whether the query names a signal, and that it is there."""
        return not query.negated and thing_asked(query.event, SIGNALS) is not None

    def answers(self, video: Video, queries: Sequence[str], settings: EvidenceSettings) -> list[Answer]:
        """The stretches of what each query names, most probable first; nothing runs for a query that names none."""
        asked = [thing_asked(query, SIGNALS) for query in queries]
        stretches: dict[str, list[Found]] = {}
        for thing in filter(None, asked):
            scan = "change_stretches" if thing.name in OF_CHANGES else "level_stretches"
            if scan not in stretches:
                stretches[scan] = _kept(video, scan, settings)
        every = [one for found in stretches.values() for one in found]
        return [
            Answer() if thing is None else _answer(thing, every, long=is_long(query))
            for query, thing in zip(queries, asked, strict=True)
        ]


def _kept(video: Video, scan: str, settings: EvidenceSettings) -> list[Found]:
    def compute() -> list[Found]:
        found: list[Found] = resolve(PASSES[scan])(video, settings.progress)
        return found

    return remembered_stretches(compute, cache=settings.cache, video=video.sha256, made_by=scan, format=FORMAT)


def shots(video: Video, *, cache: bool = True, progress: Fraction | None = None) -> list[tuple[float, float]]:
    """The stretches [start, end) in seconds between hard cuts, in order and without gaps; each begins with a picture.

    Every picture is decoded, small, and what was found is kept by content. Fades and dissolves end no shot. Raises
    VideoError.
    """
    found = _kept(video, "change_stretches", EvidenceSettings(cache=cache, progress=progress))
    times = video.times  # a cut is found from the picture before it to the one after
    edges = {float(times[np.searchsorted(times, one.start, side="right")]) for one in found if one.what == "cut"}
    borders = [0.0, *sorted(edge for edge in edges if 0 < edge < video.duration), video.duration]
    return list(pairwise(borders))


def _answer(thing: Thing, found: Sequence[Found], *, long: bool) -> Answer:
    moments = []
    for one in found:
        sure = probability(one, thing.name, long=long)
        if sure is not None and sure >= LEAST and one.end > one.start:
            evidence = Evidence(Signal.name, one.start, one.end, one.what)
            moments.append(Moment(one.start, one.end, round(sure, 4), (evidence,)))
    return Answer(tuple(sorted(moments, key=lambda moment: (-moment.score, -moment.duration, moment.start))))
