"""Stretches of videos laid end to end: what an edited video is made of."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from whenabouts.video.edit.time_map import Segment, TimeMap
from whenabouts.video.part import Part
from whenabouts.video.video import Video

__all__ = ["Piece", "PiecedVideo", "Pieces", "between", "joined", "length", "map_from", "of_files", "pieced", "played"]


@dataclass(frozen=True, slots=True)
class Piece:
    """[start, end) of a video, in exact seconds of its clock, shown `speed` times as fast, or from its end on."""

    video: Video
    start: Fraction
    end: Fraction
    backward: bool = False
    speed: Fraction = Fraction(1)

    @classmethod
    def whole(cls, video: Video) -> Piece:
        """All of a video, as it is."""
        return cls(video, Fraction(0), Fraction(video.duration))

    @property
    def length(self) -> Fraction:
        """Seconds that it takes."""
        return (self.end - self.start) / self.speed

    def part(self, start: Fraction, end: Fraction) -> Piece:
        """From `start` to `end` seconds after it begins."""
        first, last = start * self.speed, end * self.speed
        if self.backward:
            return replace(self, start=self.end - last, end=self.end - first)
        return replace(self, start=self.start + first, end=self.start + last)


Pieces = tuple[Piece, ...]


def length(pieces: Iterable[Piece]) -> Fraction:
    """Seconds that they take together."""
    return sum((piece.length for piece in pieces), Fraction(0))


def between(pieces: Sequence[Piece], start: Fraction, end: Fraction) -> Pieces:
    """What is shown from `start` to `end`."""
    found: list[Piece] = []
    at = Fraction(0)
    for piece in pieces:
        first, last = max(start, at), min(end, at + piece.length)
        if first < last:
            found.append(piece.part(first - at, last - at))
        at += piece.length
    return tuple(found)


def played(pieces: Sequence[Piece], *, backward: bool = False, speed: Fraction = Fraction(1)) -> Pieces:
    """All of them, as a whole `speed` times as fast, or from the end on."""
    ordered = reversed(pieces) if backward else pieces
    return tuple(replace(p, backward=p.backward != backward, speed=p.speed * speed) for p in ordered)


def joined(pieces: Iterable[Piece]) -> Pieces:
    """The same, neighbours that go on with each other as one piece: edits that undo each other leave no trace."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last and (last.video, last.backward, last.speed) == (piece.video, piece.backward, piece.speed):
            if not piece.backward and last.end == piece.start:
                found[-1] = replace(last, end=piece.end)
                continue
            if piece.backward and piece.end == last.start:
                found[-1] = replace(last, start=piece.start)
                continue
        found.append(piece)
    return tuple(found)


def map_from(video: Video, pieces: Sequence[Piece]) -> TimeMap:
    """Where the times of one of the videos lie in what the pieces show."""
    segments: list[Segment] = []
    at = Fraction(0)
    for piece in pieces:
        if piece.video is video:
            segments.append(Segment(piece.start, piece.end, at, at + piece.length, piece.backward))
        at += piece.length
    return TimeMap(tuple(segments), Fraction(video.duration), at)


class PiecedVideo(Video):
    """A video that is made of stretches of others and has no file of its own."""

    @property
    @abstractmethod
    def pieces(self) -> Pieces:
        """What is shown, heard and said when, stretch by stretch."""


def pieced(video: Video) -> bool:
    """Whether a video is made of stretches of others, or a part of one that is."""
    return pieced(video.whole) if isinstance(video, Part) else isinstance(video, PiecedVideo)


def of_files(video: Video) -> Pieces:
    """What is heard and said when, as stretches of videos that are neither made of others nor parts of them."""
    if isinstance(video, Part):
        return between(of_files(video.whole), Fraction(video.start), Fraction(video.end))
    if not isinstance(video, PiecedVideo):
        return (Piece.whole(video),)
    parts = (
        played(between(of_files(p.video), p.start, p.end), backward=p.backward, speed=p.speed) for p in video.pieces
    )
    return tuple(piece for part in parts for piece in part)
