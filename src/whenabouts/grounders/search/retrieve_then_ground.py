"""Retrieve, then ground, then verify: the default for long video (after arXiv:2606.12300).

1. What can be told of the whole video is: words, sounds, the signal.
2. A retriever names a few regions; `Shortlist` looks at the video once at a low rate for that.
3. Any grounder looks at each region, as at a video of its own.
4. Moments are ranked together, and by a verifier's judgement where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, partial
from typing import Any

from whenabouts.encoders import Encoder
from whenabouts.evidence import EvidenceSettings, MomentKind
from whenabouts.evidence.edges import refine
from whenabouts.evidence.everywhere import Chosen, Everywhere, Found
from whenabouts.evidence.kinds import FPS
from whenabouts.evidence.phrasing import sought
from whenabouts.files.cache import keeping
from whenabouts.grounders import load
from whenabouts.grounders.distinct import distinct
from whenabouts.grounders.evidence import SURE, EvidenceGrounder
from whenabouts.grounders.grounder import BaseGrounder, Grounder
from whenabouts.grounders.search.budget import Budget
from whenabouts.grounders.search.looks import Look, Looks
from whenabouts.grounders.search.regions import CONTEXT, READING, REGIONS, SHORTLIST_FPS, Retriever, Shortlist
from whenabouts.grounders.search.verify import Verifier
from whenabouts.grounders.similarity import Similarity
from whenabouts.moment import Moment
from whenabouts.prediction import Prediction, Receipt
from whenabouts.query import ParsedQuery
from whenabouts.video import Video

__all__ = ["RetrieveThenGround"]


@dataclass
class RetrieveThenGround(EvidenceGrounder):
    """The grounder behind `find` on long videos.

    grounder:  looks at the regions: a name for `load`, or a grounder        settings: what `load` gives it
    regions:   at most so many per query        fps: frames per second that the shortlist looks at
    context:   seconds of video around what the shortlist found
    evidence:  kinds that count; those that are `regional` look only inside regions
    retriever: what names regions, in place of the shortlist and its settings
    verifier:  looks at moments a second time        budget: what may be spent on one call of `ground`

    With a budget the answer is the best found when it is spent, and `notes` say so.
    """

    name = "retrieve-then-ground"
    weights = (
        "grounder",
        "encoder",
        "speech_model",
        "sound_model",
        "reader",
        "device",
        "settings",
        "retriever",
        "verifier",
    )

    grounder: str | Grounder = "similarity"
    regions: int = REGIONS
    fps: float = SHORTLIST_FPS
    context: float = CONTEXT
    retriever: Retriever | None = None
    verifier: Verifier | None = None
    budget: Budget | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    _inside: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query, in their order; without a budget with exact edges of what was seen."""
        with keeping(self.cache):
            found = super().ground(video, queries)
            if self.budget:
                return found
            step = 1 / (getattr(self.__dict__.get("_inner"), "fps", None) or FPS)
            return refine(video, found, self._kinds.models, step=step, progress=self.stage("placing edges"))

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """One prediction per query with all its moments, best first."""
        if self.budget:
            self.budget.restart()
        parsed = [sought(query) for query in queries]
        everywhere, self._inside = self._everywhere(), {}
        known = [Found() for _ in queries]
        for known in everywhere.steps(video, parsed, regional=False):
            self._lines = everywhere.lines
            self.tell([self._prediction(*each, video, everywhere) for each in zip(queries, parsed, known, strict=True)])
        grounder = self._looking()
        about = self._looked_for(everywhere, parsed) if grounder or self.retriever else []
        looked: dict[int, Look] = {}
        if about:
            asked = [queries[i] for i in about]
            retriever = self.retriever or self._shortlist({queries[i]: distinct(known[i].moments) for i in about})
            regions = retriever.regions(video, asked, self.stage("searching"))
            looks = Looks(video, grounder, self.verifier, self.budget)
            moments = [known[i].moments for i in about]
            looked = dict(zip(about, looks.at(asked, regions, moments, self.stage("looking closely")), strict=True))
            for query, named, one in zip(asked, regions, looked.values(), strict=True):
                one.notes[:0] = getattr(retriever, "notes", [])
                looked_at = sum(region.end - region.start for region in named)
                if looked_at < video.duration and self._counted(query):
                    one.notes.append(f"only the likeliest stretches were looked at ({len(named)}): there may be more")
            if not self.retriever:
                everywhere.identities |= {self._encoder.name: self._encoder.sha256}
            everywhere.identities |= looks.models
            self._inside = looks.settings
        return [
            self._prediction(query, read, one, video, everywhere, looked.get(i))
            for i, (query, read, one) in enumerate(zip(queries, parsed, known, strict=True))
        ]

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights held by now."""
        inner = getattr(self.__dict__.get("_inner"), "weight_bytes", 0)
        return super().weight_bytes + (inner if self.grounder != "similarity" else 0)  # it has the same encoder

    def _everywhere(self) -> Everywhere:
        """What answers without looking at regions; a budget of time holds for it too."""
        budget = self.budget
        chosen = Chosen(self._kinds.chosen(self.evidence), by_name=bool(self.evidence))
        settings = EvidenceSettings(required=bool(self.evidence), cache=self.cache)
        enough = (lambda: budget.spent(READING)) if budget is not None else (lambda: None)
        everywhere = Everywhere(chosen, self._kinds.models, settings, self.progress, enough)
        if self._reader:
            reader = replace(self._reader, cache=self.cache)
            everywhere.reader = partial(reader.second_opinion, budget=budget, share=READING)
            everywhere.identities |= {reader.engine.name: reader.engine.identity}
        return everywhere

    def _looked_for(self, everywhere: Everywhere, parsed: Sequence[ParsedQuery]) -> list[int]:
        """Which queries are looked for in regions: all for a model of its own, else what kinds of evidence look for."""
        if self.grounder != "similarity" and not isinstance(self.grounder, Similarity):
            return list(range(len(parsed)))
        kinds = [kind for kind in everywhere.chosen.kinds if isinstance(kind, MomentKind) and kind.regional]
        lines = bool(everywhere.lines)
        return sorted({i for kind in kinds for i in everywhere.chosen.concerned(kind, parsed, lines=lines)})

    def _counted(self, event: str) -> bool:
        """Whether a query counts the occurrences of an event."""
        read = self._questions.parsed.values() if self._questions else ()
        return any(each.event == event and each.which is not None for each in read)

    def _shortlist(self, known: Mapping[str, Sequence[Moment]]) -> Shortlist:
        return Shortlist(
            self._encoder, self.fps, self.regions, self.context, known, cache=self.cache, budget=self.budget
        )

    @property
    def _encoder(self) -> Encoder:
        return self._kinds.models.frame_encoder

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
            now["evidence"] = tuple(kind.name for kind in chosen if isinstance(kind, MomentKind) and kind.regional)
            if not now["evidence"]:
                return None
        known = {each.name for each in fields(self._inner)} if isinstance(self._inner, BaseGrounder) else set()
        for name in now.keys() & known - self.settings.keys():
            setattr(self._inner, name, now[name])
        return self._inner

    def _prediction(
        self,
        query: str,
        read: ParsedQuery,
        known: Found,
        video: Video,
        everywhere: Everywhere,
        look: Look | None = None,
    ) -> Prediction:
        """What is known of a query over the whole video, and what was found in regions, ranked together."""
        look = look or Look(distinct(known.moments))
        presence = max((p for p in (known.presence, look.presence) if p is not None), default=None)
        left_out = everywhere.chosen.left_out(read) if (presence or 0.0) < SURE else []
        return Prediction(
            query,
            tuple(look.moments),
            video.duration,
            presence,
            video=str(video.path),
            receipt=self._receipt(video, everywhere.identities, self._inside),
            failure=None if look.moments or look.heard else look.failure,
            said=tuple(look.said),
            notes=tuple(dict.fromkeys([*known.notes, *look.notes, *left_out])),
            trace=tuple(look.steps),
        )

    def _receipt(self, video: Video, models: Mapping[str, str], inside: Mapping[str, Any]) -> Receipt:
        given = self.grounder
        inner = given if isinstance(given, str) else getattr(given, "name", type(given).__name__)
        names = ("evidence", "speech_model", "sound_model") + (() if self.retriever else ("regions", "fps", "context"))
        settings: dict[str, Any] = {"grounder": inner, **{name: getattr(self, name) for name in names}}
        settings |= {"reader": self._reader.engine.name} if self._reader else {}
        settings |= {"verifier": self.verifier.name} if self.verifier else {}
        if (selector := getattr(self.verifier, "selector", None)) is not None:
            settings |= {"verifier_select": selector.name}
            models = {**models, **getattr(self.verifier, "models", {})}
        settings |= {"retriever": type(self.retriever).__name__} if self.retriever else {}
        settings |= {"inside": dict(inside)} if inside else {}
        return self.receipt(video, models, **(settings | self.settings))
