"""Folders of features as examples: of pictures, of sound, and of words, named as on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.benchmarks.closed_set import whole_videos
from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import FeatureExample, Float, with_features
from whenabouts.encoders.folders import FeatureFolder, SideBySide
from whenabouts.errors import InputError
from whenabouts.grounders.learned.detr.streams import WIDTHS
from whenabouts.training.supervised.features import read_receipt
from whenabouts.training.supervised.packed import Packed

__all__ = ["FeatureFolders"]


@dataclass(frozen=True)
class FeatureFolders:
    """Where the features of a benchmark lie; each as `FeatureFolder` reads it.

    pictures: side by side in the order given, as officially SlowFast before CLIP; none for what is only heard
    sound:    side by side too, behind the pictures and their ends; none for what is only seen
    text:     of queries by their id; None is `text` in the first folder
    layered:  rows are hidden layers, as for heads that say so: read flat, and not scaled
    raw_words: whether rows of words are left as they are and not scaled to unit length

    Raises InputError where there are neither pictures nor sound.
    """

    pictures: Sequence[Path] = ()
    sound: Sequence[Path] = ()
    text: Path | None = None
    layered: bool = False
    raw_words: bool = False

    def __post_init__(self) -> None:
        if not self.pictures and not self.sound:
            raise InputError("no features are given; give --features of pictures, --audio-features of sound, or both")
        if self.layered and len(self.pictures) > 1:
            raise InputError("hidden layers lie in one folder, and are not put side by side; give one --features")

    def examples(
        self,
        examples: Sequence[Example],
        *,
        by_label: bool = False,
        windows: bool = True,
        seconds: float | None = None,
    ) -> list[FeatureExample]:
        """Examples with their features, as `with_features` picks and cuts them.

        windows: False keeps examples without windows, as of a test split
        seconds: of a row, for videos whose length is not known

        Raises InputError for a damaged file, and naming the folder and the example where one has no features.
        """
        return with_features(
            examples, self._kept_seen, self._words, sound=self._kept_heard, by_label=by_label, windows=windows,
            seconds=seconds,
        )  # fmt: skip

    def whole_videos(self, examples: Sequence[Example], *, seconds: float | None = None) -> list[FeatureExample]:
        """One example per video, as `closed_set.whole_videos` makes them of pictures alone. Raises InputError.

        Rows are not scaled, as officially.
        """
        if self.sound or not self.pictures:
            raise InputError("heads of a closed set take pictures alone; leave features of sound out")
        return whole_videos(examples, Packed(self._unscaled), seconds=seconds)

    def words(self, names: Iterable[str]) -> dict[str, Float]:
        """Features of queries or classes, by name. Raises InputError naming the first that has none."""
        try:
            return {name: self._words[name if name in self._words else f"qid{name}"] for name in names}
        except KeyError as error:
            raise InputError(f"no features of {error.args[0]} found; make them with `whenabouts features`") from error

    def names(self) -> list[str]:
        """What the folders are called, in the order of the columns, and then the one of the queries if there is one."""
        text = [self._text] if self._text.exists() else []
        return [path.resolve().name for path in (*self.pictures, *self.sound, *text)]

    def widths(self, *, words: bool = True) -> tuple[int, int, int]:
        """How many numbers a row of pictures, of words and of sound has, by the first of each; 0 without any.

        words: False for heads that take none
        """
        sides = (self._seen, self._words if words else None, self._heard)
        pictures, text, sound = (0 if side is None else _width(side) for side in sides)
        return pictures, text, sound

    def columns(self) -> list[tuple[str, int]]:
        """The folders of pictures by name, each with how many numbers a row has in it, in order; none of layers."""
        if not isinstance(self._seen, SideBySide):
            return []
        pairs = zip(self.pictures, self._seen.parts, strict=True)
        return [(path.resolve().name, _width(part)) for path, part in pairs]

    def notes(self, *, official: bool = False) -> tuple[str, ...]:
        """What is odd about the words, where a head takes them as they are.

        official: also where they are as wide as those of GloVe, which officially are not scaled, and are scaled
        """
        words = self._words[next(iter(self._words))]
        if self.raw_words and np.allclose(np.linalg.norm(words, axis=1), 1, atol=1e-3):
            return (
                f"rows of {self._text} have unit length, where the official words that this head takes are not scaled; "
                "were they made in another way?",
            )
        if official and not self.raw_words and words.shape[1] == WIDTHS["glove"]:
            return (
                f"rows of {self._text} are {WIDTHS['glove']} numbers, as those of GloVe, which officially are not "
                "scaled to unit length as here; say --set raw_words=true to leave them as they are",
            )
        return ()

    def uneven(self) -> tuple[str, ...]:
        """A note where folders that were read have unlike numbers of rows of a video."""
        notes = []
        for side, paths in ((self._seen, self.pictures), (self._heard, self.sound)):
            if not isinstance(side, SideBySide):
                continue
            for video, counts in list(side.uneven.items())[:1]:
                rows = ", ".join(f"{count} in {path}" for count, path in zip(counts, paths, strict=True))
                notes.append(
                    f"{len(side.uneven)} videos have unlike numbers of rows, such as {video} with "
                    f"{rows}: they are cut to the shortest; were they made with clips of one length?"
                )
        return tuple(notes)

    def made(self) -> dict[str, Any]:
        """How the features were made, by the receipts of `whenabouts features`: facts for `save_head`.

        `encoder` and `words` as `load_maker` takes them, `words` where another encoder made them; `clip_seconds`. Empty
        where a folder does not say, as official ones.

        Raises InputError where rows of pictures and of sound have different lengths.
        """
        folders = [*self.pictures, *self.sound]
        receipts = [read_receipt(folder) for folder in folders]
        lengths = {
            r["clip_seconds"]: folder for r, folder in zip(receipts, folders, strict=True) if "clip_seconds" in r
        }
        if len(lengths) > 1:
            (one, first), (other, second) = list(lengths.items())[:2]
            raise InputError(f"rows of {first} are {one:g} s and rows of {second} {other:g} s; make them of one length")
        if len(self.pictures) > 1 or len(self.sound) > 1 or not all("encoder" in r for r in receipts):
            return {"clip_seconds": next(iter(lengths))} if lengths else {}
        facts = {"encoder": "+".join(r["encoder"] for r in receipts), "clip_seconds": next(iter(lengths))}
        words = read_receipt(self._text).get("encoder")
        return facts | ({"words": words} if words not in (None, facts["encoder"]) else {})

    @property
    def _text(self) -> Path:
        return self.text or [*self.pictures, *self.sound][0] / "text"

    @cached_property
    def _seen(self) -> Mapping[str, Float] | None:
        if self.layered and self.pictures:
            return FeatureFolder(self.pictures[0], layered=True)
        return _side_by_side(self.pictures)

    @cached_property
    def _unscaled(self) -> SideBySide:
        return SideBySide([FeatureFolder(path, scaled=False) for path in self.pictures])

    @cached_property
    def _heard(self) -> SideBySide | None:
        return _side_by_side(self.sound)

    # of a video whose queries do not follow one another the rows are read and held once all the same

    @cached_property
    def _kept_seen(self) -> Packed | None:
        return None if self._seen is None else Packed(self._seen)

    @cached_property
    def _kept_heard(self) -> Packed | None:
        return None if self._heard is None else Packed(self._heard)

    @cached_property
    def _words(self) -> FeatureFolder:
        if self.text is None and not self._text.exists():
            raise InputError(f"{self._text} does not exist; name the folder of the queries' features with --text")
        return FeatureFolder(self._text, scaled=not self.raw_words, layered=self.layered)


def _width(side: Mapping[str, Float]) -> int:
    name = next(iter(side), None)
    if name is None:
        raise InputError("no video has features in all of the folders that are given; give folders of the same videos")
    parts = side.parts if isinstance(side, SideBySide) else [side]  # a look at one row is no use of that video
    return sum(part[name].shape[1] for part in parts)


def _side_by_side(paths: Sequence[Path]) -> SideBySide | None:
    return SideBySide([FeatureFolder(path) for path in paths]) if paths else None
