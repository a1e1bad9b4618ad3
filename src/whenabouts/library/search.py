"""Search a library: pictures by vectors, words by meaning and wording, and moments out of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.encoders import Encoder
from whenabouts.errors import InputError, QueryError
from whenabouts.evidence import TimedText, retrieve
from whenabouts.evidence.phrasing import parse_phrasing
from whenabouts.evidence.presence import CALIBRATION
from whenabouts.evidence.retrieve import LIKELY, line_moment
from whenabouts.library.store import Library
from whenabouts.library.vectors import nearest
from whenabouts.moment import Evidence, Moment

__all__ = ["Filters", "Hit", "search"]

CANDIDATES = 400  # stretches looked at per query
WORDED = 200  # lines looked at per query
GAP = 1.0  # seconds between stretches that are one moment


@dataclass(frozen=True, slots=True)
class Filters:
    """Which videos count: by a pattern such as `*/2024/*`, the file date (ISO), seconds of length, spoken language."""

    path: str | None = None
    since: str | None = None
    until: str | None = None
    shortest: float | None = None
    longest: float | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A moment and the file it is in; `copies` are other files with the same content."""

    path: str
    moment: Moment
    copies: tuple[str, ...] = ()


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

    A moment's score is the probability that it answers where the encoder is calibrated, as for `find`. With `refine`
    every moment's ends are found again in its video, two frames a second.
    """
    if not query.strip():
        raise QueryError("a query is empty; say in a few words what to look for")
    places = _allowed(library, filters or Filters())
    if not places:
        return []
    where = _where(places, library)
    with library.reading() as table:
        found = _seen(table("shots"), encoder, query, where) + _worded(table("lines"), query, where)
    hits = [Hit(places[sha256][0], moment, tuple(places[sha256][1:])) for sha256, moment in found if sha256 in places]
    best = sorted(hits, key=lambda hit: (-hit.moment.score, hit.path, hit.moment.start))[:top]
    return [_refined(hit, query, encoder) for hit in best] if refine else best


def _allowed(library: Library, filters: Filters) -> dict[str, list[str]]:
    """Paths by sha256 of the videos that count, and whose file is known."""
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


def _where(places: dict[str, list[str]], library: Library) -> str | None:
    """A condition of the store; None where every row counts."""
    if len(places) == len(library.videos()):
        return None
    return "sha256 IN ({})".format(", ".join(f"'{sha256}'" for sha256 in sorted(places)))


def _seen(shots: Any, encoder: Encoder, query: str, where: str | None) -> list[tuple[str, Moment]]:
    [vector] = encoder.encode_texts([query])
    rows = nearest(shots, vector, CANDIDATES, where).to_pylist()
    if not rows:
        return []
    calibration = CALIBRATION.get(encoder.name)
    heights = np.array([1 - row["_distance"] for row in rows])
    weight = parse_phrasing(query).weight("seen")
    low, high = float(heights.min()), float(heights.max())
    videos: dict[str, list[tuple[float, float, float]]] = {}
    for row, height in zip(rows, heights.tolist(), strict=True):
        score = calibration.probability(height) if calibration else (height - low) / max(high - low, 1e-12)
        videos.setdefault(row["sha256"], []).append((row["start"], row["end"], weight * score))
    return [(sha256, moment) for sha256, stretches in videos.items() for moment in _joined(stretches)]


def _joined(stretches: Sequence[tuple[float, float, float]]) -> list[Moment]:
    """Neighbouring stretches of nearly the same score as one moment."""
    moments: list[Moment] = []
    for start, end, score in sorted(stretches):
        last = moments[-1] if moments else None
        if last and start - last.end <= GAP and min(score, last.score) >= NEAR * max(score, last.score):
            moments[-1] = Moment(last.start, end, max(score, last.score), (Evidence("seen", last.start, end),))
        else:
            moments.append(Moment(start, end, round(score, 4), (Evidence("seen", start, end),)))
    return moments


NEAR = 0.9


def _worded(lines: Any, query: str, where: str | None) -> list[tuple[str, Moment]]:
    text = " ".join(word for word in parse_phrasing(query).text.split() if any(c.isalnum() for c in word))
    asked: Any = lines.search(text, query_type="fts").limit(WORDED)
    rows = (asked.where(where, prefilter=True) if where else asked).to_list() if text else []
    told = [TimedText(r["start"], r["end"], r["text"], r["kind"], r["sha256"]) for r in rows]
    if not told:
        return []
    from whenabouts.encoders.minilm import SentenceEncoder

    answers = retrieve(told, [query], SentenceEncoder())[0]
    likely = [(line, score) for line, score in answers if score >= LIKELY and line.start < line.end]
    return [(line.source, line_moment(line, score)) for line, score in likely]


def _refined(hit: Hit, query: str, encoder: Encoder) -> Hit:
    """The same moment with ends found again; as it was where nothing stands out there, or the file is gone."""
    from whenabouts.encoders.features import video_features
    from whenabouts.evidence.boundaries import level, maximal_segments, shots
    from whenabouts.video import Video
    from whenabouts.video.part import Part

    if any(evidence.kind != "seen" for evidence in hit.moment.evidence):
        return hit
    try:
        with Video(Path(hit.path)) as video:
            start, end = max(0.0, hit.moment.start - AROUND), min(video.duration, hit.moment.end + AROUND)
            frames = video_features(Part(video, start, end), encoder, fps=CLOSELY, cache=False)
    except InputError:
        return hit
    [scores] = encoder.encode_texts([query]) @ frames.vectors.T
    curve = level(scores, shots(frames.vectors))
    low, high = np.quantile(curve, LOW), curve.max()
    found = maximal_segments(curve - (low + high) / 2)
    if not found:
        return hit
    best = max(found, key=lambda segment: curve[segment[0] : segment[1]].max())
    edges = [start, *(start + (frames.times[1:] + frames.times[:-1]) / 2).tolist(), end]
    first, last = edges[best[0]], edges[best[1]]
    return replace(hit, moment=Moment(first, last, hit.moment.score, (Evidence("seen", first, last),)))


AROUND = 10.0  # seconds looked at on either side
CLOSELY = 2.0  # frames per second
LOW = 0.2  # of the frames around a moment that surely do not belong to it


def _stamp(date: str | None, *, whole_day: bool = False) -> int | None:
    """Nanoseconds since 1970 of a date or time; those of the end of a day that is named without a time."""
    if date is None:
        return None
    try:
        moment = datetime.fromisoformat(date)
        if whole_day and len(date) == len("2024-12-31"):
            moment += timedelta(days=1)
        return int(moment.timestamp() * 1e9)
    except (ValueError, OverflowError, OSError) as error:
        raise QueryError(f"{date!r} is not a date; write it as 2024-12-31") from error
