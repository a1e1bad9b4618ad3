"""What a learned head sees of an example: rows of pictures and of sound, and vectors of words.

One row is one clip, of pictures and of sound alike, and rows divide the video's length evenly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.errors import InputError

__all__ = ["FeatureExample", "WordsOfQueries", "check_ids", "with_features"]

Float = NDArray[np.float32]
Number = TypeVar("Number", bound=np.generic)
RATED = 2.0  # seconds of a rated clip where the files do not say


@dataclass(frozen=True, eq=False)
class FeatureExample:
    """An example with its features: `video` (L, D), `text` (T, D'), and `sound` (L, A) or None, float32.

    Of an example that is only heard `video` is (L, 0). `labels`: the class of every window, where an example is a whole
    video of a closed set (`benchmarks.closed_set.whole_videos`) and not one class in it.
    """

    example: Example
    video: Float
    text: Float
    sound: Float | None = None
    labels: tuple[str, ...] | None = None

    @property
    def duration(self) -> float:
        """Of the video, in seconds."""
        assert self.example.duration is not None
        return self.example.duration

    @property
    def windows(self) -> NDArray[np.float64]:
        """True moments (M, 2) in seconds."""
        return self.example.windows

    def centres(self) -> NDArray[np.float64]:
        """The middle of every row in seconds: (L,), read-only."""
        return self._centres

    def inside(self) -> NDArray[np.bool_]:
        """Which rows are inside a moment, by their middle: (L,), read-only."""
        return self._inside

    def ratings(self) -> Float:
        """The sum of three annotators' scores of every row, 0..12: (L,), read-only.

        Without any, 1 in moments and 0 elsewhere.
        """
        return self._ratings

    # training asks for them at every step

    @cached_property
    def _centres(self) -> NDArray[np.float64]:
        return _kept((np.arange(len(self.video)) + 0.5) * self.duration / len(self.video))

    @cached_property
    def _inside(self) -> NDArray[np.bool_]:
        middle = self._centres[:, None]
        covers: NDArray[np.bool_] = np.logical_and(self.windows[:, 0] <= middle, middle < self.windows[:, 1])
        found: NDArray[np.bool_] = np.any(covers, axis=1)
        return _kept(found)

    @cached_property
    def _ratings(self) -> Float:
        e = self.example
        if e.saliency is None or e.clip_ids is None:
            return _kept(self._inside.astype(np.float32))
        place = (e.clip_ids + 0.5) * RATED if e.clips is None else e.clips.mean(axis=1)
        row = np.minimum((place / self.duration * len(self.video)).astype(int), len(self.video) - 1)
        rated = np.zeros(len(self.video), dtype=np.float32)
        np.maximum.at(rated, row, e.saliency.sum(axis=1).astype(np.float32))
        return _kept(rated)


def _kept(values: NDArray[Number]) -> NDArray[Number]:
    values.flags.writeable = False
    return values


@runtime_checkable
class WordsOfQueries(Protocol):
    """Features of words that may say which query they are of."""

    def query(self, name: str) -> str | None:
        """The query, where it is known."""


def check_ids(examples: Iterable[Example]) -> None:
    """Raises InputError naming both rows where one id is of two queries, whose words would lie in one file.

    Ids that a reader counted are left to `with_features`, which takes none that is not known to be of its query.
    """
    seen: dict[str, Example] = {}
    for e in (e for e in examples if not e.numbered):
        first = seen.setdefault(str(e.qid), e)
        if not _same(first.query, e.query):
            raise InputError(
                f"{first.where} and {e.where} have the qid {e.qid} and different queries; features are found by their "
                "qid, so give each query one of its own"
            )


def _same(one: str, other: str) -> bool:
    return one.casefold().split() == other.casefold().split()


def _check_query(e: Example, text: WordsOfQueries, name: str) -> None:
    told = text.query(name)
    if told is None and e.numbered:
        raise InputError(
            f"{e.where}: this file has no qids, and {name!r} may be features of another query; take annotations with "
            "qids, such as the authors' *_tvr_format.jsonl, or write the features with `whenabouts features --queries`"
        )
    if told is not None and not _same(told, e.query):
        raise InputError(f"{e.where}: {name!r} is features of another query, {told!r}; write those of {e.query!r} anew")


def _is_there(
    e: Example,
    key: str,
    video: Mapping[str, Float] | None,
    text: Mapping[str, Float],
    sound: Mapping[str, Float] | None,
) -> bool:
    sides = [side for side in (video, sound) if side is not None]
    return all(e.video in side for side in sides) and (key in text or f"qid{key}" in text)


def with_features(
    examples: Sequence[Example],
    video: Mapping[str, Float] | None,
    text: Mapping[str, Float],
    *,
    sound: Mapping[str, Float] | None = None,
    by_label: bool = False,
    windows: bool = True,
    seconds: float | None = None,
) -> list[FeatureExample]:
    """Examples with the features of their video, by its name, and of their query, by its id.

    Pictures and sound are cut to the shorter; either may be None. With `by_label` a query's features are found by its
    words, as for the classes of a closed set, and examples without windows are absent classes; else they are left out
    if `windows` is true. So are videos of unknown length, unless `seconds` says how long a row is. Raises InputError
    naming the first example that has no features, and where: KeyErrors of the mappings say so; and for features of
    another query, which one is known by what `WordsOfQueries` say, and must be known of ids that a reader counted.
    """
    found: list[FeatureExample] = []
    seen = heard = None
    name = ""
    for e in examples:
        if (e.duration is None and seconds is None) or not (len(e.windows) or by_label or not windows):
            continue
        key = e.query if by_label else str(e.qid)
        key = key if key in text else f"qid{key}"
        try:
            words = text[key]
            if e.video != name:  # queries of one video follow one another, and share its rows
                seen = None if video is None else video[e.video]
                heard = None if sound is None else sound[e.video]
                name = e.video
        except KeyError as error:
            lacking = sum(not _is_there(o, o.query if by_label else str(o.qid), video, text, sound) for o in examples)
            if lacking > 1:
                raise InputError(
                    f"no features of {error.args[0]} found ({e.where}), and none for {lacking - 1} more rows; "
                    "make them with `whenabouts features`"
                ) from error
            raise InputError(
                f"no features of {error.args[0]} found ({e.where}); make them with `whenabouts features`"
            ) from error
        if not by_label and isinstance(text, WordsOfQueries):
            _check_query(e, text, key)
        count = min(len(rows) for rows in (seen, heard) if rows is not None)
        pictures = np.zeros((count, 0), np.float32) if seen is None else seen[:count]
        known = e if e.duration is not None else replace(e, duration=count * (seconds or 0.0))
        found.append(FeatureExample(known, pictures, words, None if heard is None else heard[:count]))
    return found
