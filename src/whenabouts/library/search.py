"""Search a library: events are matched with its rows, and constraints applied within each video, as `find` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.encoders import Encoder
from whenabouts.encoders.example import EncodedExample
from whenabouts.errors import InputError
from whenabouts.evidence import word_kinds
from whenabouts.evidence.phrasing import parse_phrasing
from whenabouts.grounders.understanding import Questions
from whenabouts.library.filters import Chosen, Filters, chosen
from whenabouts.library.hits import Hit, Hits
from whenabouts.library.matching import MAX_LINES, MAX_STRETCHES, Matches, from_lines, like_example, like_words
from whenabouts.library.notes import notes_of
from whenabouts.library.schema import among as in_set
from whenabouts.library.store import Library
from whenabouts.library.verdict import GROWTH, among
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import Prediction
from whenabouts.query import parse_query, queries_of

__all__ = ["Filters", "Hit", "Hits", "search", "searched"]

MAX_CONSTRAINED = 50  # videos in which occurrences are counted and relations applied
REFINE_MARGIN = 10.0  # seconds examined before and after a moment
REFINE_FPS = 2.0  # frames per second
BACKGROUND = 0.2  # fraction of the frames around a moment that are assumed not to belong to it


def search(
    library: Library,
    encoder: Encoder,
    query: str | None = None,
    *,
    like: EncodedExample | None = None,
    top: int = 10,
    filters: Filters | None = None,
    refine: bool = False,
    videos: int | None = None,
) -> Hits:
    """The best moments of all videos, best first, and whether any video has what is sought.

    query:  as for `find`: which occurrence, and what stands before or after what, are meant within each video
    like:   an example, in place of words or beside them
    refine: determine the ends of every moment again from its video, at two frames per second
    videos: how many are searched in all, where this library is one of several

    A moment's score is the probability that it answers the query if the encoder is calibrated, as for `find`, but lower
    the more videos there are (`library.verdict`). Raises QueryError, LibraryError.
    """
    asked = _query(query, like)
    questions = Questions.of([asked], parse_query if like is None else _reader(like))
    choice = _choice(library, filters)
    allowed = None if choice is None else choice.paths
    count = _count(library, allowed)
    understood = questions.parsed[asked]
    if not count:
        return Hits(understood=understood)
    if allowed is None:
        missing = library.missing()
        where = f"NOT {in_set('sha256', missing)}" if missing else None
    else:
        where = in_set("sha256", allowed)
    sought = _Sought(library, encoder, like, frozenset() if choice is None else choice.unquoted)
    found = sought.matches(understood.event, where) if understood.plain else sought.constrained(questions, where)
    size = count if videos is None else videos
    weighed = {
        sha256: [_among(moment, size, like) if found.probable else moment for moment in moments]
        for sha256, moments in found.moments.items()
    }
    # Those of all files would have to be read for each query: a hundred thousand rows for a few.
    paths = library.paths(weighed.keys()) if allowed is None else allowed
    notes = {sha256: notes_of(library.path, sha256) for sha256 in paths.keys() & weighed.keys()}
    hits = [
        Hit(paths[sha256][0], moment, tuple(paths[sha256][1:]), notes[sha256])
        for sha256, moments in weighed.items()
        if sha256 in paths
        for moment in moments
    ]
    best = sorted(hits, key=lambda hit: (-hit.moment.score, hit.path, hit.moment.start))[:top]
    unread = tuple(f'"{part}" was not understood and is not applied' for part in understood.unread)
    return Hits(
        tuple(_refined(hit, asked, encoder) for hit in best) if refine and like is None else tuple(best),
        count,
        max((hit.moment.score for hit in hits), default=0.0) if found.probable else None,
        understood,
        (*found.notes, *(unread if understood.plain else ())),
    )


def searched(library: Library, filters: Filters | None = None) -> int:
    """How many videos a search with these filters goes through. Raises QueryError, LibraryError."""
    choice = _choice(library, filters)
    return _count(library, None if choice is None else choice.paths)


def _choice(library: Library, filters: Filters | None) -> Chosen | None:
    return chosen(library, filters) if filters and filters != Filters() else None


def _count(library: Library, allowed: Mapping[str, list[str]] | None) -> int:
    if allowed is not None:
        return len(allowed)
    with library.reading() as table:
        rows: int = table("videos").count_rows()
    return rows - len(library.missing())


def _query(query: str | None, like: EncodedExample | None) -> str:
    if like is None:
        return queries_of([] if query is None else query)[0]
    return like.example.query(query or "")


def _reader(like: EncodedExample) -> Any:
    return lambda query: like.example.read(query) if like.example.named_in(query) else parse_query(query)


@dataclass(frozen=True, slots=True)
class _Sought:
    """Events are looked for in this library, and not in the words of some of its videos."""

    library: Library
    encoder: Encoder
    like: EncodedExample | None
    unquoted: frozenset[str]

    def matches(self, event: str, where: str | None, *, rows: int = MAX_STRETCHES, lines: int = MAX_LINES) -> Matches:
        """All moments of one event: of `rows` stretches and `lines` lines that come nearest."""
        with self.library.reading() as table:
            if self.like is not None and self.like.example.named_in(event):
                words = self.like.example.words(event) or ""
                return like_example(table("shots"), self.encoder, self.like, words, where, rows)
            seen = like_words(table("shots"), self.encoder, event, where, rows)
            read = from_lines(table("lines"), event, self._quoted(where), lines)
        both = {sha256: [*moments] for sha256, moments in seen.moments.items()}
        for sha256, moments in read.moments.items():
            both.setdefault(sha256, []).extend(moments)
        kind = parse_phrasing(event).kind
        if kind in {None, "seen", *word_kinds()}:
            return Matches(both, seen.probable, seen.notes)
        unheard = f"a library holds pictures and words, and nothing of the kind {kind!r}: ask each video with `find`"
        return Matches(both, False, (*seen.notes, unheard))

    def _quoted(self, where: str | None) -> str | None:
        if not self.unquoted:
            return where
        others = f"NOT {in_set('sha256', self.unquoted)}"
        return others if where is None else f"({where}) AND {others}"

    def constrained(self, questions: Questions, where: str | None) -> Matches:
        """The moments that are left of the query, decided within each video that may have its event.

        All rows of these videos are looked at, so that occurrences are counted among all that there are.
        """
        events = questions.events
        first = self.matches(events[0], where)
        ranked = sorted(first.moments, key=lambda sha256: -max(moment.score for moment in first.moments[sha256]))
        chosen = ranked[:MAX_CONSTRAINED]
        if not chosen:
            return Matches({}, first.probable, first.notes)
        inside = in_set("sha256", chosen)
        with self.library.reading() as table:
            rows, lines = (max(1, table(name).count_rows(inside)) for name in ("shots", "lines"))
            told = table("videos").search().where(inside).select(["sha256", "duration"]).to_list()
        found = {event: self.matches(event, inside, rows=rows, lines=lines) for event in events}
        kept: dict[str, list[Moment]] = {}
        reasons: list[str] = []
        for row in told:
            [answer] = questions.answers([_prediction(event, found[event], row) for event in events])
            if answer.moments:
                kept[row["sha256"]] = list(answer.moments)
            else:
                reasons.extend(answer.notes)
        notes = [*first.notes, WITHIN, *([] if kept else dict.fromkeys(reasons))]
        if len(ranked) > len(chosen):
            notes.append(f"only the {MAX_CONSTRAINED} videos that match best were looked at for it")
        return Matches(kept, all(each.probable for each in found.values()), tuple(dict.fromkeys(notes)))


WITHIN = "which time is meant, and what stands before or after what, is decided within each video"


def _prediction(event: str, found: Matches, video: Mapping[str, Any]) -> Prediction:
    """What is known of an event in one video of the library."""
    moments = sorted(found.moments.get(video["sha256"], []), key=lambda moment: -moment.score)
    presence = max((moment.score for moment in moments), default=0.0) if found.probable else None
    return Prediction(event, tuple(moments), video["duration"], presence)


def _among(moment: Moment, videos: int, like: EncodedExample | None) -> Moment:
    """A moment with its score as one of so many videos; what lines of text say keeps its own."""
    if any(evidence.kind != "seen" for evidence in moment.evidence):
        return moment
    growth = GROWTH["text" if like is None else "like"]
    return replace(moment, score=round(among(moment.score, videos, growth), 4))


def _refined(hit: Hit, query: str, encoder: Encoder) -> Hit:
    """The hit with more exact ends; unchanged if no segment stands out, or if the file cannot be opened."""
    from whenabouts.encoders.features import video_features
    from whenabouts.evidence.boundaries import level, maximal_segments, shots
    from whenabouts.video import Video
    from whenabouts.video.part import Part

    if any(evidence.kind != "seen" for evidence in hit.moment.evidence):
        return hit
    try:
        with Video(Path(hit.path)) as video:
            start = max(0.0, hit.moment.start - REFINE_MARGIN)
            end = min(video.duration, hit.moment.end + REFINE_MARGIN)
            frames = video_features(Part(video, start, end), encoder, fps=REFINE_FPS, cache=False)
    except InputError:
        return hit
    [scores] = encoder.encode_texts([query]) @ frames.vectors.T
    curve = level(scores, shots(frames.vectors))
    low, high = np.quantile(curve, BACKGROUND), curve.max()
    found = maximal_segments(curve - (low + high) / 2)
    if not found:
        return hit
    best = max(found, key=lambda segment: curve[segment[0] : segment[1]].max())
    edges = [start, *(start + (frames.times[1:] + frames.times[:-1]) / 2).tolist(), end]
    first, last = edges[best[0]], edges[best[1]]
    return replace(hit, moment=Moment(first, last, hit.moment.score, (Evidence("seen", first, last),)))
