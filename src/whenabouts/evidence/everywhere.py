"""What answers over a whole video, cheapest first: lines at hand, their meaning, sound and signal, recognition.

After every step there is an answer, so whoever asked sees the first one while the rest is still being looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from whenabouts.evidence.gather import read_lines
from whenabouts.evidence.kinds import Answer, EvidenceKind, EvidenceModels, EvidenceSettings, MomentKind, WordKind
from whenabouts.evidence.recorded import record
from whenabouts.evidence.timed_text import TimedText, tidy
from whenabouts.moment import Moment
from whenabouts.prediction import LIKE_BEST, Saliency
from whenabouts.progress import Fraction, Progress, stage
from whenabouts.query import ParsedQuery

if TYPE_CHECKING:
    from whenabouts.evidence.retrieve import Match
    from whenabouts.video import Video

__all__ = ["Chosen", "Everywhere", "Found", "SecondOpinion", "add", "asked_kind", "wants_words"]

Answers = Callable[["Video", Sequence[str], EvidenceSettings], list[Answer]]
Opinion = tuple[list["Match"], tuple[str, ...]]  # the matches of one query, best first, and notes on them
SecondOpinion = Callable[
    [Sequence[TimedText], Sequence[ParsedQuery], Sequence[Sequence["Match"]], Fraction | None], list[Opinion]
]

OTHER_KIND = 0.25  # of the score of evidence of another kind than the query asks for
WORTH = 0.01  # a match below this probability is not shown; whether it is there at all, presence tells
MOST_OCCURRENCES = 5_000  # of one query: lines that are as likely as one
MOST_MATCHES = 50  # lines that may answer one query beside


@dataclass(slots=True)
class Found:
    """What is known of one query: moments, the best probability of each kind, and the curve of one of them.

    uncertain: kinds whose scores only rank
    """

    moments: list[Moment] = field(default_factory=list)
    likely: dict[str, float] = field(default_factory=dict)
    uncertain: set[str] = field(default_factory=set)
    saliency: Saliency | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def presence(self) -> float | None:
        """How likely the best of all kinds is; None where a kind that only ranks is all there is."""
        known = [score for kind, score in self.likely.items() if kind not in self.uncertain]
        # Scores that only rank may hide what happens, so a weak line beside them says nothing about presence.
        return None if self.uncertain and max(known, default=0.0) < 0.5 else max(known, default=0.0)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Kinds of evidence that may answer; `by_name` says that whoever asks has named them.

    Where they were not named, each looks only at the queries that are about it: text on screen, which takes long to
    read, where a query asks for what is written, and pictures not where it asks for words and there are words.
    """

    kinds: Sequence[EvidenceKind]
    by_name: bool = False

    def words(self, queries: Sequence[ParsedQuery]) -> list[WordKind]:
        """The kinds that give lines and are asked for."""
        wanted = {query.kind for query in queries}
        words = [kind for kind in self.kinds if isinstance(kind, WordKind)]
        return [kind for kind in words if self.by_name or not kind.on_request or kind.name in wanted]

    def concerned(self, kind: MomentKind, queries: Sequence[ParsedQuery], *, lines: bool) -> list[int]:
        """Which of the queries a kind looks for; `lines` is whether there are lines that could answer."""
        about = [i for i, query in enumerate(queries) if kind.concerns(query)]
        return [i for i in about if self.by_name or not (kind.regional and lines and wants_words(queries[i]))]

    def left_out(self, query: ParsedQuery) -> list[str]:
        """A sentence on each kind that was not looked at and might have an answer."""
        if self.by_name or asked_kind(query) is not None:
            return []
        skipped = [kind for kind in self.kinds if kind.on_request]
        return [f"what is {kind.label} was not looked at: name the evidence {kind.name} for it" for kind in skipped]


def wants_words(query: ParsedQuery) -> bool:
    """Whether a query asks for what somebody says, or for text."""
    return asked_kind(query) in {"said", "written"}


def asked_kind(query: ParsedQuery) -> str | None:
    """The kind of evidence that a query asks for, if it does: an answer to a question, and an admission, are said."""
    return query.kind or ("said" if query.act or query.asks else None)


class _Enough(Exception):
    """What was allowed is spent; its text says which limit."""


@dataclass
class Everywhere:
    """Answers of several kinds over the whole of a video.

    enough: tells which limit is reached, so that the rest must be left out; None goes on
    reader: reads all lines once more when they are known, and says how likely the matches are then
    early:  whether somebody waits for a first answer, so that a glimpse comes before a long look

    `lines` and `identities` are those of what was read, and of the weights that took part.
    """

    chosen: Chosen
    models: EvidenceModels
    settings: EvidenceSettings
    progress: Progress | None = None
    enough: Callable[[], str | None] = lambda: None
    reader: SecondOpinion | None = None
    early: bool = False
    identities: dict[str, str] = field(default_factory=dict)
    lines: list[TimedText] = field(default_factory=list)

    def steps(self, video: Video, queries: Sequence[ParsedQuery], *, regional: bool = True) -> Iterator[list[Found]]:
        """What is known of each query after each step; at least once.

        regional: whether kinds that look only at parts of a long video look at all of this one

        Raises VideoError, ModelError, MissingExtra.
        """
        words = self.chosen.words(queries)
        found = [Found(notes=_unanswerable(query, self.chosen.kinds)) for query in queries]
        matches: list[list[Match]] = [[] for _ in queries]
        at_hand = {kind.name: kind.lines_at_hand(video) for kind in words}
        self.lines = tidy((line for lines in at_hand.values() for line in lines), video.duration)
        for one in found:
            one.notes += (note for kind in words for note in kind.notes(video))
        try:
            if self.lines:
                for name, lines in at_hand.items():
                    record(video, name, lines)
                from whenabouts.evidence.retrieve import retrieve  # most videos have no lines at hand

                matches = retrieve(self.lines, queries, self.models, meaning=False)
                yield _with(found, matches, queries)
                matches = self._understood(queries)
                yield _with(found, matches, queries)
            silent = [kind for kind in words if not at_hand[kind.name]]
            viewers = (kind.viewer(video, self.settings) for kind in silent)
            looking = replace(self.settings, viewer=next((viewer for viewer in viewers if viewer), None))
            for kind in self.chosen.kinds:
                if isinstance(kind, MomentKind) and (regional or not kind.regional):
                    if self.early:
                        glimpsed = [_copy(one) for one in found]
                        if self._ask(kind, kind.glimpses, video, queries, glimpsed, self.settings):
                            yield _with(glimpsed, matches, queries)
                    self._ask(kind, kind.answers, video, queries, found, looking)
                    yield _with(found, matches, queries)
            if silent:
                settings = replace(looking, progress=self._progress("reading words"))
                recognised = read_lines(video, silent, settings)
                for kind in silent:
                    self.identities |= kind.identities
                if recognised:
                    self.lines = tidy([*self.lines, *recognised], video.duration)
                    matches = self._understood(queries)
            if self.reader and self.lines:
                yield _with(found, matches, queries)
                opinions = self.reader(self.lines, queries, matches, stage(self.progress, "reading the transcript"))
                matches = [of_query for of_query, _ in opinions]
                for one, (_, notes) in zip(found, opinions, strict=True):
                    one.notes += notes
        except _Enough as limit:
            for one in found:
                one.notes.append(f"the budget of {limit} was spent before all evidence was looked at")
        yield _with(found, matches, queries)

    def _progress(self, what: str) -> Fraction:
        """Progress of a step, which ends the step when the limit is reached."""
        told = stage(self.progress, what)

        def report(done: float) -> None:
            if told:
                told(done)
            if limit := self.enough():
                raise _Enough(limit)

        report(0.0)
        return report

    def _understood(self, queries: Sequence[ParsedQuery]) -> list[list[Match]]:
        from whenabouts.evidence.retrieve import retrieve

        progress = self._progress("comparing words")
        matches = retrieve(self.lines, queries, self.models, cache=self.settings.cache, progress=progress)
        self.identities |= self.models.text_identities
        return matches

    def _ask(
        self,
        kind: MomentKind,
        answers: Answers,
        video: Video,
        queries: Sequence[ParsedQuery],
        found: Sequence[Found],
        settings: EvidenceSettings,
    ) -> bool:
        """Take up the answers of a kind, or glimpses, to the queries that concern it; whether there are any."""
        about = self.chosen.concerned(kind, queries, lines=bool(self.lines))
        if not about:
            return False
        settings = replace(settings, progress=self._progress(kind.activity))
        answered = answers(video, [queries[i].event for i in about], settings)
        if not answered:  # a glimpse that would gain nothing
            return False
        for i, answer in zip(about, answered, strict=True):
            weight = 1.0 if asked_kind(queries[i]) in {None, kind.name} else OTHER_KIND
            add(found[i], kind.name, answer.moments, weight, probability=answer.probability)
            found[i].saliency = answer.saliency or found[i].saliency
            found[i].notes += answer.notes
        self.identities |= kind.identities
        return True


def _unanswerable(query: ParsedQuery, kinds: Sequence[EvidenceKind]) -> list[str]:
    if not query.negated or any(isinstance(kind, MomentKind) and kind.negates(query) for kind in kinds):
        return []
    return ["that something does not happen can be told only of what is heard, so nothing was weighed"]


def add(found: Found, kind: str, moments: Sequence[Moment], weight: float = 1.0, *, probability: bool = True) -> None:
    """Take up what a kind found, with scores that count so much."""
    weighted = [replace(moment, score=round(weight * moment.score, 4)) for moment in moments]
    found.moments += weighted
    if not probability:
        found.uncertain.add(kind)
    best = max((moment.score for moment in weighted), default=0.0)
    found.likely[kind] = max(best, found.likely.get(kind, 0.0))


def _with(found: Sequence[Found], matches: Sequence[Sequence[Match]], queries: Sequence[ParsedQuery]) -> list[Found]:
    """What was found, and the lines that match; a copy, as lines are matched again later."""
    both = []
    for one, of_query, query in zip(found, matches, queries, strict=True):
        copy = _copy(one)
        best = of_query[0].probability if of_query else 0.0
        for rank, match in enumerate(of_query[:MOST_OCCURRENCES] if not query.negated else ()):
            if match.probability >= (WORTH if rank < MOST_MATCHES else max(WORTH, LIKE_BEST * best)):
                add(copy, match.lines[0].kind, [match.moment()])  # they are weighed already
        both.append(copy)
    return both


def _copy(found: Found) -> Found:
    """What is known, to be added to for a while."""
    return replace(
        found,
        moments=[*found.moments],
        likely={**found.likely},
        uncertain={*found.uncertain},
        notes=[*found.notes],
    )
