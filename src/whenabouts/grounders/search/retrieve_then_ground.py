"""Retrieve, then ground, then verify: the default for long video (after arXiv:2606.12300).

1. A retriever names a few regions; `Shortlist` reads the video once at a low rate for that, its pictures and words.
2. Any grounder looks at each region, as at a video of its own.
3. Moments are ranked by the grounder's score times the region's, and by a verifier's where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from whenabouts.encoders import DEFAULT_ENCODER, Encoder
from whenabouts.evidence import EvidenceModels, HeldKinds, MomentKind
from whenabouts.evidence.edges import refine
from whenabouts.evidence.kinds import FPS
from whenabouts.grounders import load
from whenabouts.grounders.distinct import distinct
from whenabouts.grounders.grounder import BaseGrounder, Grounder
from whenabouts.grounders.search.budget import Budget
from whenabouts.grounders.search.operators import constrain
from whenabouts.grounders.search.regions import CONTEXT, REGIONS, SHORTLIST_FPS, Region, Retriever, Shortlist
from whenabouts.grounders.search.verify import Verifier
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction, Receipt
from whenabouts.progress import Fraction
from whenabouts.query import ParsedQuery, parse_query
from whenabouts.video import Video
from whenabouts.video.part import Part

__all__ = ["RetrieveThenGround"]

VERIFIED = 5  # moments that are looked at a second time


@dataclass
class RetrieveThenGround(BaseGrounder):
    """The grounder behind `find` on long videos.

    grounder:  looks at the regions: a name for `load`, or a grounder        settings: what `load` gives it
    encoder:   what makes the shortlist: a name for `load_encoder`, or an encoder
    regions:   at most so many per query        fps: frames per second that the shortlist looks at
    context:   seconds of video around what the shortlist found
    evidence:  kinds that count, as for `Similarity`; lines of text make regions, the other kinds answer inside them
    speech_model: what recognises speech where there are no subtitles, as `EvidenceModels` has it
    retriever: what names regions, in place of the shortlist and its settings
    verifier:  looks at moments a second time        budget: what may be spent on one call of `ground`

    Queries may ask for the first, the last or every occurrence, and for what is before, after, between or while
    something else: see `query`. How each was read stands in the prediction's `understood`, every step in its `trace`.
    With a budget the answer is the best found when it is spent, and `notes` say so.
    """

    name = "retrieve-then-ground"
    weights = ("grounder", "encoder", "speech_model", "device", "settings", "retriever", "verifier")

    grounder: str | Grounder = "similarity"
    encoder: str | Encoder = DEFAULT_ENCODER
    regions: int = REGIONS
    fps: float = SHORTLIST_FPS
    context: float = CONTEXT
    evidence: Sequence[str] | None = None
    speech_model: str | None = None
    retriever: Retriever | None = None
    verifier: Verifier | None = None
    budget: Budget | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query, in their order; without a budget with exact edges of what was seen."""
        found = super().ground(video, queries)
        if self.budget:
            return found
        step = 1 / getattr(self.__dict__.get("_inner"), "fps", FPS)
        return refine(video, found, self._kinds.models, step=step, progress=self.stage("placing edges"))

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query with all its moments: best first, or by time if the query means every occurrence."""
        if self.budget:
            self.budget.restart()
        parsed = [parse_query(query) for query in queries]
        events = list(dict.fromkeys(event for query in parsed for event in (query.event, *query.anchors)))
        retriever = self.retriever or self._shortlist()
        regions = retriever.regions(video, events, self.stage("searching"))
        looks = _Looks(video, self._looking(), self.verifier, self.budget)
        found = dict(zip(events, looks.at(events, regions, self.stage("looking closely")), strict=True))
        for one in found.values():
            one.notes[:0] = getattr(retriever, "notes", [])
        encoder = self._kinds.models.frame_encoder
        own = {} if self.retriever else {encoder.name: encoder.sha256}
        receipt = self._receipt(video, own | looks.models, looks.settings)
        return [
            _prediction(query, read, [found[event] for event in (read.event, *read.anchors)], video, receipt)
            for query, read in zip(queries, parsed, strict=True)
        ]

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights held by now."""
        inner = getattr(self.__dict__.get("_inner"), "weight_bytes", 0)
        return self._kinds.weight_bytes + (inner if self.grounder != "similarity" else 0)  # it has the same encoder

    def _shortlist(self) -> Shortlist:
        return Shortlist(
            self._kinds, self.evidence, self.fps, self.regions, self.context, cache=self.cache, budget=self.budget
        )

    @cached_property
    def _kinds(self) -> HeldKinds:
        return HeldKinds(EvidenceModels(self.encoder, self.speech_model, self.device))

    @cached_property
    def _inner(self) -> Grounder:
        """What looks closely, made once."""
        if not isinstance(self.grounder, str):
            return self.grounder
        own = {"encoder": self._kinds.models.frame_encoder} if self.grounder == "similarity" else {}
        return load(self.grounder, **(own | self.settings))

    def _looking(self) -> Grounder | None:
        """What looks closely, with the settings of this question; None where lines of text alone may answer.

        A grounder that was given keeps its own settings.
        """
        if not isinstance(self.grounder, str):
            return self.grounder
        now: dict[str, Any] = {"top": self.top, "cache": self.cache, "device": self.device}
        if self.grounder == "similarity":
            chosen = self._kinds.chosen(self.evidence)
            now["evidence"] = tuple(kind.name for kind in chosen if isinstance(kind, MomentKind))
            if not now["evidence"]:
                return None
        known = {each.name for each in fields(self._inner)} if isinstance(self._inner, BaseGrounder) else set()
        for name in now.keys() & known - self.settings.keys():
            setattr(self._inner, name, now[name])
        return self._inner

    def _receipt(self, video: Video, models: Mapping[str, str], inside: Mapping[str, Any]) -> Receipt:
        given = self.grounder
        inner = given if isinstance(given, str) else getattr(given, "name", type(given).__name__)
        names = ("regions", "fps", "context", "evidence", "speech_model")
        settings: dict[str, Any] = {"grounder": inner, **{name: getattr(self, name) for name in names}}
        settings |= {"verifier": self.verifier.name} if self.verifier else {}
        settings |= {"retriever": type(self.retriever).__name__} if self.retriever else {}
        settings |= {"inside": dict(inside)} if inside else {}
        return self.receipt(video, models, **(settings | self.settings))


def _prediction(query: str, parsed: ParsedQuery, found: Sequence[_Found], video: Video, receipt: Receipt) -> Prediction:
    """The moments of the event that stand to the others as the query asks."""
    event, *anchors = found
    moments = tuple(constrain(parsed, event.moments, [anchor.moments for anchor in anchors]))
    steps = [step for one in found for step in one.steps]
    if not parsed.plain:
        steps.insert(0, {"step": "understand", **asdict(parsed), "anchors": list(parsed.anchors)})
    presence = event.presence if event.presence is None or moments or parsed.plain else 0.0
    return Prediction(
        query,
        moments,
        video.duration,
        presence,
        video=str(video.path),
        receipt=receipt,
        failure=None if moments or event.heard else event.failure,
        said=tuple(event.said),
        notes=tuple(dict.fromkeys(note for one in found for note in one.notes)),
        trace=tuple(steps),
        understood=parsed,
    )


@dataclass(slots=True)
class _Found:
    """What was found of one event."""

    moments: list[Moment] = field(default_factory=list)
    presence: float | None = None
    steps: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    failure: str | None = None
    heard: bool = False


@dataclass(slots=True)
class _Looks:
    """Close looks at regions, best regions of all events first, while the budget lasts."""

    video: Video
    grounder: Grounder | None
    verifier: Verifier | None
    budget: Budget | None
    models: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def at(self, events: Sequence[str], named: Sequence[Sequence[Region]], progress: Fraction | None) -> list[_Found]:
        found = [_Found(steps=[_shortlisted(event, of_one)]) for event, of_one in zip(events, named, strict=True)]
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
        return self.grounder.ground(Part(self.video, *place), events)

    def _take(self, event: str, region: Region, inside: Prediction, found: _Found) -> None:
        moments = [_moved(moment, region) for moment in inside.moments]
        found.moments += [*moments, *region.lines]
        found.said += inside.said
        found.notes += inside.notes
        found.failure = found.failure or inside.failure
        found.heard |= inside.failure is None
        known = [p for p in (found.presence, inside.presence, *(line.score for line in region.lines)) if p is not None]
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
            self.budget.read, self.budget.written = used.prompt_tokens, used.completion_tokens
        self.budget.looked += round(seconds * getattr(self.grounder, "fps", FPS))

    def _rank(self, event: str, found: _Found) -> None:
        moments = distinct(found.moments)
        if self.verifier and moments and not (self.budget and self.budget.spent()):
            looked = moments[:VERIFIED]
            sure = self.verifier.verify(self.video, event, looked)
            again = [replace(m, score=round(m.score * s, 4)) for m, s in zip(looked, sure, strict=True)]
            moments = distinct([*again, *moments[VERIFIED:]])
            found.steps.append({"step": "verify", "event": event, "scores": [round(s, 4) for s in sure]})
        found.moments = moments


def _moved(moment: Moment, region: Region) -> Moment:
    """From the region's clock to the video's; the score is that of moment and region together."""
    evidence = tuple(replace(e, start=e.start + region.start, end=e.end + region.start) for e in moment.evidence)
    score = round(moment.score * region.score, 4)
    return replace(
        moment, start=moment.start + region.start, end=moment.end + region.start, score=score, evidence=evidence
    )


def _shortlisted(event: str, regions: Sequence[Region]) -> dict[str, Any]:
    rows = [[round(r.start, 3), round(r.end, 3), round(r.score, 4)] for r in regions]
    return {"step": "shortlist", "event": event, "regions": rows}


def _rows(moments: Sequence[Moment]) -> list[list[float]]:
    return [[round(m.start, 3), round(m.end, 3), m.score] for m in moments]
