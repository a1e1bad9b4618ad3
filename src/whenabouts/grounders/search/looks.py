"""Close looks at the regions of a long video, by any grounder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from whenabouts.evidence.kinds import FPS
from whenabouts.grounders.distinct import distinct
from whenabouts.grounders.grounder import Grounder
from whenabouts.grounders.llm.grounder import VideoLLM
from whenabouts.grounders.search.budget import Budget
from whenabouts.grounders.search.regions import Region
from whenabouts.grounders.search.verify import Ask, Verifier
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction
from whenabouts.progress import Fraction
from whenabouts.video import Video
from whenabouts.video.part import Part

__all__ = ["Look", "Looks"]

VERIFIED = 5  # moments that are looked at a second time


@dataclass(slots=True)
class Look:
    """What was found of one event in its regions."""

    moments: list[Moment] = field(default_factory=list)
    presence: float | None = None
    steps: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    failure: str | None = None
    heard: bool = False


@dataclass(slots=True)
class Looks:
    """Close looks at regions, best regions of all events first, while the budget lasts.

    `models` and `settings` are those that the receipts of the grounder name.
    """

    video: Video
    grounder: Grounder | None
    verifier: Verifier | None
    budget: Budget | None
    models: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    paid: tuple[int, int] = field(default=(0, 0), init=False)  # tokens of the grounder that are counted already

    def __post_init__(self) -> None:
        if used := getattr(self.grounder, "usage", None):  # by questions before this one
            self.paid = used.prompt_tokens, used.completion_tokens

    def at(
        self,
        events: Sequence[str],
        named: Sequence[Sequence[Region]],
        known: Sequence[Sequence[Moment]],
        progress: Fraction | None,
    ) -> list[Look]:
        """For each event the moments of its regions together with those that are `known`, best first."""
        found = [
            Look(list(moments), steps=[_shortlisted(event, of_one)])
            for event, of_one, moments in zip(events, named, known, strict=True)
        ]
        first: dict[tuple[float, float], int] = {}
        sharing: dict[tuple[float, float], list[tuple[int, Region]]] = {}
        for i, of_one in enumerate(named):
            for rank, region in enumerate(of_one):
                place = region.start, region.end
                first[place] = min(rank, first.get(place, rank))
                sharing.setdefault(place, []).append((i, region))
        for number, place in enumerate(sorted(sharing, key=lambda one: (first[one], one))):
            if number and self.budget and (limit := self.budget.spent()):
                undone = f"the budget of {limit} was spent: {number} of {len(sharing)} regions were looked at"
                for one in found:
                    one.notes.append(undone)
                break
            inside = self._inside(place, [events[i] for i, _ in sharing[place]])
            for (i, region), prediction in zip(sharing[place], inside, strict=True):
                self._take(events[i], region, prediction, found[i])
                if prediction.failure and self.budget and (limit := self.budget.spent()):
                    found[i].notes.append(f"the budget of {limit} was spent while a region was looked at")
            if self.budget:
                self._pay(place[1] - place[0])
            if progress:
                progress((number + 1) / len(sharing))
        for event, one in zip(events, found, strict=True):
            self._rank(event, one)
        return found

    def _inside(self, place: tuple[float, float], events: Sequence[str]) -> list[Prediction]:
        """What the grounder finds in a region, on the region's own clock."""
        if self.grounder is None:
            return [Prediction(event, (), place[1] - place[0]) for event in events]
        if isinstance(self.grounder, VideoLLM):
            self.grounder.seconds = self.budget.left() if self.budget else None
        whole = place == (0.0, self.video.duration)
        return self.grounder.ground(self.video if whole else Part(self.video, *place), events)

    def _take(self, event: str, region: Region, inside: Prediction, found: Look) -> None:
        # A probability stands by itself; any other score only ranks moments within their region.
        weight = 1.0 if inside.presence is not None else region.score
        moments = [_moved(moment, region, weight) for moment in inside.moments]
        found.moments += moments
        found.said += inside.said
        found.notes += inside.notes
        found.failure = found.failure or inside.failure
        found.heard |= inside.failure is None
        known = [p for p in (found.presence, inside.presence) if p is not None]
        found.presence = max(known, default=None)
        if inside.receipt:
            self.models |= inside.receipt.models
            self.settings = inside.receipt.settings
        found.steps.append(
            {"step": "ground", "event": event, "region": [region.start, region.end], "moments": _rows(moments)}
        )

    def _pay(self, seconds: float) -> None:
        assert self.budget is not None
        if used := getattr(self.grounder, "usage", None):
            counted = used.prompt_tokens, used.completion_tokens
            self.budget.read += counted[0] - self.paid[0]
            self.budget.written += counted[1] - self.paid[1]
            self.paid = counted
        self.budget.looked += round(seconds * (getattr(self.grounder, "fps", None) or FPS))

    def _rank(self, event: str, found: Look) -> None:
        moments = distinct(found.moments)
        if self.verifier and moments and not (self.budget and self.budget.spent()):
            looked = moments[:VERIFIED]
            verifier = self.verifier
            if isinstance(verifier, Ask) and self.budget:
                verifier = replace(verifier, seconds=self.budget.left())
            sure = verifier.verify(self.video, event, looked)
            again = [replace(m, score=round(m.score * s, 4)) for m, s in zip(looked, sure, strict=True)]
            moments = distinct([*again, *moments[VERIFIED:]])
            found.steps.append({"step": "verify", "event": event, "scores": [round(s, 4) for s in sure]})
        found.moments = moments


def _moved(moment: Moment, region: Region, weight: float) -> Moment:
    """From the region's clock to the video's, with a score that counts so much."""
    evidence = tuple(replace(e, start=e.start + region.start, end=e.end + region.start) for e in moment.evidence)
    score = round(moment.score * weight, 4)
    return replace(
        moment, start=moment.start + region.start, end=moment.end + region.start, score=score, evidence=evidence
    )


def _shortlisted(event: str, regions: Sequence[Region]) -> dict[str, Any]:
    rows = [[round(r.start, 3), round(r.end, 3), round(r.score, 4)] for r in regions]
    return {"step": "shortlist", "event": event, "regions": rows}


def _rows(moments: Sequence[Moment]) -> list[list[float]]:
    return [[round(m.start, 3), round(m.end, 3), m.score] for m in moments]
