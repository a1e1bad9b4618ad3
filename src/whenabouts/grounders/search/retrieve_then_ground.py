"""Retrieve, then ground, then verify: the default for long video (after arXiv:2606.12300).

1. A retriever names a few regions; `Shortlist` reads the video once at a low rate for that, its pictures and words.
2. Any grounder looks at each region, as at a video of its own.
3. Moments are ranked by the grounder's score times the region's, and by a verifier's where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from whenabouts import __version__
from whenabouts.encoders import Encoder, load_encoder
from whenabouts.errors import QueryError
from whenabouts.grounders import Grounder, load
from whenabouts.grounders.search.budget import Budget
from whenabouts.grounders.search.operators import constrain
from whenabouts.grounders.search.regions import Region, Retriever, Shortlist
from whenabouts.grounders.search.verify import Verifier
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction, Receipt
from whenabouts.query import parse_query
from whenabouts.video import Video
from whenabouts.video.part import Part

__all__ = ["RetrieveThenGround"]

Watch = Callable[[str, float], None]
SAME = 0.5  # tIoU from which two moments are one


@dataclass(slots=True)
class RetrieveThenGround:
    """The grounder behind `find` on long videos.

    grounder: looks at the regions: a name for `load`, or a grounder        encoder: what makes the shortlist
    regions:  at most so many per query        fps: frames per second that the shortlist looks at
    context:  seconds of video around what the shortlist found
    words:    whether subtitles, speech and text on screen count; `speech_model` as for `Similarity`
    retriever: what names regions, in place of the shortlist and its settings
    verifier: looks at moments a second time        budget: what may be spent on one call of `ground`
    top, threshold, cache, progress: as for `Similarity`

    Queries may ask for the first, the last or every occurrence, and for what is before, after, between or while
    something else: see `query`. Every step stands in the prediction's `trace`. With a budget the answer is the best
    found when it is spent, and `notes` say so.
    """

    grounder: str | Grounder = "similarity"
    encoder: str | Encoder = "builtin"
    regions: int = 6
    fps: float = 0.5
    context: float = 5.0
    words: bool = True
    speech_model: str | None = None
    retriever: Retriever | None = None
    verifier: Verifier | None = None
    budget: Budget | None = None
    top: int = 5
    threshold: float = 0.0
    cache: bool = True
    settings: dict[str, Any] = field(default_factory=dict)
    progress: Watch | None = field(default=None, repr=False)

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query. Raises VideoError, QueryError, ModelError, MissingExtra."""
        if any(not query.strip() for query in queries):
            raise QueryError("a query is empty; say in a few words what to look for")
        if self.budget:
            self.budget.restart()
        wants = [parse_query(query) for query in queries]
        events = list(dict.fromkeys(event for want in wants for event in (want.event, *want.anchors)))
        retriever, models = self._retriever()
        named = retriever.regions(video, events, self._watch("searching"))
        looks = _Looks(video, self._inner(), self.verifier, self.budget)
        found = dict(zip(events, looks.at(events, named, self._watch("looking closely")), strict=True))
        for one in found.values():
            one.notes[:0] = getattr(retriever, "notes", [])
        receipt = self._receipt(video, models | looks.models)
        return [
            self._prediction(query, want, [found[e] for e in (want.event, *want.anchors)], video, receipt)
            for query, want in zip(queries, wants, strict=True)
        ]

    def _retriever(self) -> tuple[Retriever, dict[str, str]]:
        """What names regions, and the models in it by name."""
        if self.retriever:
            return self.retriever, {}
        encoder = load_encoder(self.encoder) if isinstance(self.encoder, str) else self.encoder
        shortlist = Shortlist(
            encoder, self.fps, self.regions, self.context, self.words, self.speech_model, self.cache, self.budget
        )
        return shortlist, {encoder.name: encoder.sha256}

    def _inner(self) -> Grounder:
        if not isinstance(self.grounder, str):
            return self.grounder
        more = {"evidence": ("seen",), "encoder": self.encoder} if self.grounder == "similarity" else {}
        return load(self.grounder, **({"top": self.top, "cache": self.cache} | more | self.settings))

    def _prediction(self, query: str, want: Any, found: Sequence[_Found], video: Video, receipt: Receipt) -> Prediction:
        event, *anchors = found
        moments = constrain(want, event.moments, [anchor.moments for anchor in anchors])
        kept = tuple(moment for moment in moments if moment.score >= self.threshold)[: self.top]
        steps = [step for one in found for step in one.steps]
        if not want.plain:
            told = {"event": want.event, "which": want.which, "relation": want.relation, "anchors": list(want.anchors)}
            steps.insert(0, {"step": "understand"} | told)
        known = event.presence is not None
        return Prediction(
            query,
            kept,
            video.duration,
            (event.presence if moments or want.plain else 0.0) if known else None,
            None,
            str(video.path),
            receipt,
            failure=None if kept or event.heard else event.failure,
            said=tuple(event.said),
            notes=tuple(dict.fromkeys(note for one in found for note in one.notes)),
            trace=tuple(steps),
        )

    def _receipt(self, video: Video, models: dict[str, str]) -> Receipt:
        inner = self.grounder if isinstance(self.grounder, str) else type(self.grounder).__name__
        names = ("regions", "fps", "context", "words", "top", "threshold")
        settings: dict[str, Any] = {"grounder": inner, **{name: getattr(self, name) for name in names}}
        settings |= {"verifier": self.verifier.name} if self.verifier else {}
        settings |= {"retriever": type(self.retriever).__name__} if self.retriever else {}
        return Receipt(__version__, "retrieve-then-ground", video.sha256, models, settings | self.settings)

    def _watch(self, what: str) -> Callable[[float], None] | None:
        watch = self.progress
        return None if watch is None else lambda done: watch(what, done)


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
    grounder: Grounder
    verifier: Verifier | None
    budget: Budget | None
    models: dict[str, str] = field(default_factory=dict)

    def at(
        self, events: Sequence[str], named: Sequence[Sequence[Region]], watch: Callable[[float], None] | None
    ) -> list[_Found]:
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
                left = f"the budget of {limit} was spent: {number} of {len(sharing)} regions were looked at"
                for one in found:
                    one.notes.append(left)
                break
            inside = self.grounder.ground(Part(self.video, *place), [events[i] for i, _ in sharing[place]])
            for (i, region), prediction in zip(sharing[place], inside, strict=True):
                self._take(events[i], region, prediction, found[i])
            if self.budget:
                self._pay(place[1] - place[0])
            if watch:
                watch((number + 1) / len(sharing))
        for event, one in zip(events, found, strict=True):
            self._rank(event, one)
        return found

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
        found.steps.append(
            {"step": "ground", "event": event, "region": [region.start, region.end], "moments": _rows(moments)}
        )

    def _pay(self, seconds: float) -> None:
        assert self.budget is not None
        if used := getattr(self.grounder, "usage", None):
            self.budget.read, self.budget.written = used.prompt_tokens, used.completion_tokens
        self.budget.looked += round(seconds * getattr(self.grounder, "fps", 2.0))

    def _rank(self, event: str, found: _Found) -> None:
        moments = _distinct(found.moments)
        if self.verifier and moments and not (self.budget and self.budget.spent()):
            looked = moments[:VERIFIED]
            sure = self.verifier.verify(self.video, event, looked)
            again = [replace(m, score=round(m.score * s, 4)) for m, s in zip(looked, sure, strict=True)]
            moments = _distinct([*again, *moments[VERIFIED:]])
            found.steps.append({"step": "verify", "event": event, "scores": [round(s, 4) for s in sure]})
        found.moments = moments


VERIFIED = 5  # moments that are looked at a second time


def _moved(moment: Moment, region: Region) -> Moment:
    """From the region's clock to the video's; the score is that of moment and region together."""
    evidence = tuple(replace(e, start=e.start + region.start, end=e.end + region.start) for e in moment.evidence)
    score = round(moment.score * region.score, 4)
    return replace(
        moment, start=moment.start + region.start, end=moment.end + region.start, score=score, evidence=evidence
    )


def _distinct(moments: Sequence[Moment]) -> list[Moment]:
    kept: list[Moment] = []
    for moment in sorted(moments, key=lambda m: -m.score):
        twin = next((i for i, better in enumerate(kept) if better.tiou(moment) > SAME), None)
        if twin is None:
            kept.append(moment)
        else:
            kept[twin] = replace(kept[twin], evidence=tuple(dict.fromkeys(kept[twin].evidence + moment.evidence)))
    return kept


def _shortlisted(event: str, regions: Sequence[Region]) -> dict[str, Any]:
    rows = [[round(r.start, 3), round(r.end, 3), round(r.score, 4)] for r in regions]
    return {"step": "shortlist", "event": event, "regions": rows}


def _rows(moments: Sequence[Moment]) -> list[list[float]]:
    return [[round(m.start, 3), round(m.end, 3), m.score] for m in moments]
