"""Search a library: frames by their vectors, lines of text by meaning and wording; matches become moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.encoders import Encoder
from whenabouts.errors import InputError, QueryError
from whenabouts.evidence import EvidenceModels, TimedText
from whenabouts.evidence.likeness import Likeness
from whenabouts.evidence.phrasing import parse_phrasing
from whenabouts.evidence.presence import CALIBRATION
from whenabouts.evidence.retrieve import retrieve
from whenabouts.library.notes import notes_of
from whenabouts.library.schema import among
from whenabouts.library.store import Library
from whenabouts.library.vectors import nearest
from whenabouts.moment import Evidence, Moment
from whenabouts.query import queries_of

__all__ = ["Filters", "Hit", "search"]

MAX_STRETCHES = 400  # candidates per query
MAX_LINES = 200  # candidates per query
MAX_GAP = 1.0  # seconds between stretches that are joined to one moment
MIN_SCORE_RATIO = 0.9  # of the scores of stretches that are joined
REFINE_MARGIN = 10.0  # seconds examined before and after a moment
REFINE_FPS = 2.0  # frames per second
WORTH = 0.05  # a match of lines below this probability is not shown
BACKGROUND = 0.2  # fraction of the frames around a moment that are assumed not to belong to it


@dataclass(frozen=True, slots=True)
class Filters:
    """Which videos are searched.

    path:              pattern of whole paths, such as `*/2024/*`
    since, until:      dates of files (ISO)
    shortest, longest: durations in seconds
    language:          of the audio track, as the file states it
    """

    path: str | None = None
    since: str | None = None
    until: str | None = None
    shortest: float | None = None
    longest: float | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A moment and the path of its file.

    `copies` are other files with the same content, `notes` say what is damaged of them.
    """

    path: str
    moment: Moment
    copies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def search(
    library: Library,
    encoder: Encoder,
    query: str,
    *,
    top: int = 10,
    filters: Filters | None = None,
    refine: bool = False,
) -> list[Hit]:
    """The best moments of all videos, best first. Raises QueryError, LibraryError.

    A moment's score is the probability that it answers the query if the encoder is calibrated, as for `find`. With
    `refine` the ends of every moment are determined again from its video, at two frames per second.
    """
    [query] = queries_of(query)
    allowed = _allowed(library, filters) if filters and filters != Filters() else None
    if allowed is None:
        missing = library.missing()
        where = f"NOT {among('sha256', missing)}" if missing else None
    elif allowed:
        where = among("sha256", allowed)
    else:
        return []
    with library.reading() as table:
        found = _from_frames(table("shots"), encoder, query, where) + _from_lines(table("lines"), query, where)
    # Those of all files would have to be read for each query: a hundred thousand rows for a few.
    paths = library.paths({sha256 for sha256, _ in found}) if allowed is None else allowed
    notes = {sha256: notes_of(library.path, sha256) for sha256 in paths.keys() & {sha256 for sha256, _ in found}}
    hits = [
        Hit(paths[sha256][0], moment, tuple(paths[sha256][1:]), notes[sha256])
        for sha256, moment in found
        if sha256 in paths
    ]
    best = sorted(hits, key=lambda hit: (-hit.moment.score, hit.path, hit.moment.start))[:top]
    return [_refined(hit, query, encoder) for hit in best] if refine else best


def _allowed(library: Library, filters: Filters) -> dict[str, list[str]]:
    """The paths, by sha256, of the videos that pass the filters and whose file is known."""
    videos = library.videos()
    low, high = _stamp(filters.since), _stamp(filters.until, whole_day=True)
    allowed: dict[str, list[str]] = {}
    for path, row in sorted(library.places().items()):
        video = videos.get(row["sha256"])
        if video is None or (filters.path and not fnmatch(path, filters.path)):
            continue
        if (low and row["mtime"] < low) or (high and row["mtime"] > high):
            continue
        if filters.shortest is not None and video["duration"] < filters.shortest:
            continue
        if filters.longest is not None and video["duration"] > filters.longest:
            continue
        if filters.language and video["language"] != filters.language:
            continue
        allowed.setdefault(row["sha256"], []).append(path)
    return allowed


def _from_frames(shots: Any, encoder: Encoder, query: str, where: str | None) -> list[tuple[str, Moment]]:
    [vector] = encoder.encode_texts([query])
    rows = nearest(shots, vector, MAX_STRETCHES, where).to_pylist()
    if not rows:
        return []
    calibration = CALIBRATION.get(encoder.name)
    products = np.array([1 - row["_distance"] for row in rows])
    if calibration:  # which was fitted to what is left where pictures that resemble every query are lowered
        vectors = np.array([row["vector"] for row in rows], dtype=np.float32)
        [products] = Likeness.of(encoder).curves(vector[None], vectors)
    weight = parse_phrasing(query).weight("seen")
    low, high = float(products.min()), float(products.max())
    videos: dict[str, list[tuple[float, float, float]]] = {}
    for row, product in zip(rows, products.tolist(), strict=True):
        score = calibration.probability(product) if calibration else (product - low) / max(high - low, 1e-12)
        videos.setdefault(row["sha256"], []).append((row["start"], row["end"], weight * score))
    return [(sha256, moment) for sha256, stretches in videos.items() for moment in _joined(stretches)]


def _joined(stretches: Sequence[tuple[float, float, float]]) -> list[Moment]:
    """Moments, each of neighbouring stretches with similar scores."""
    moments: list[Moment] = []
    for start, end, score in sorted(stretches):
        last = moments[-1] if moments else None
        if last and start - last.end <= MAX_GAP and min(score, last.score) >= MIN_SCORE_RATIO * max(score, last.score):
            moments[-1] = Moment(last.start, end, max(score, last.score), (Evidence("seen", last.start, end),))
        else:
            moments.append(Moment(start, end, round(score, 4), (Evidence("seen", start, end),)))
    return moments


def _from_lines(lines: Any, query: str, where: str | None) -> list[tuple[str, Moment]]:
    text = " ".join(word for word in parse_phrasing(query).text.split() if any(c.isalnum() for c in word))
    matching: Any = lines.search(text, query_type="fts").limit(MAX_LINES)
    rows = (matching.where(where, prefilter=True) if where else matching).to_list() if text else []
    candidates = [TimedText(r["start"], r["end"], r["text"], r["kind"], r["sha256"]) for r in rows]
    if not candidates:
        return []
    matches = retrieve(candidates, [query], _models())[0]
    likely = [match for match in matches if match.probability >= WORTH and match.start < match.end]
    return [(match.lines[0].source, match.moment()) for match in likely]


@cache
def _models() -> EvidenceModels:
    """Held for the next search."""
    return EvidenceModels()


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


def _stamp(date: str | None, *, whole_day: bool = False) -> int | None:
    """Nanoseconds since 1970 of an ISO date or time; with `whole_day`, a date without a time is the end of its day."""
    if date is None:
        return None
    try:
        moment = datetime.fromisoformat(date)
        if whole_day and len(date) == len("2024-12-31"):
            moment += timedelta(days=1)
        return int(moment.timestamp() * 1e9)
    except (ValueError, OverflowError, OSError) as error:
        raise QueryError(f"{date!r} is not a date; write it as 2024-12-31") from error
