"""What a trained head says of a split, on features in place of videos."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import InputError, MissingExtra, ModelError
from whenabouts.files.atomic import replacing
from whenabouts.files.journal import Journal
from whenabouts.prediction import Receipt
from whenabouts.progress import Progress
from whenabouts.version import __version__

if TYPE_CHECKING:
    from whenabouts.benchmarks import Example
    from whenabouts.benchmarks.features import FeatureExample
    from whenabouts.grounders.learned.checkpoint import Checkpoint
    from whenabouts.grounders.learned.detr.official import FeatureOrder
    from whenabouts.training.supervised.reading import FeatureFolders

__all__ = ["Featured", "Told"]

CLIP_SECONDS = 2.0  # of a row where nothing says it, as for QVHighlights
UNLIKE = 1.25  # times the length of a row in training, from which a note tells of it


@dataclass(frozen=True)
class Told:
    """What is to be said of videos, by name.

    failures: what was wrong
    unlike:   seconds of a row, and those that it should have, where they differ
    longer:   rows of a video, and how many the head takes at once, where it has more; cut: they are cut off
    divided:  where the fps is missing that would tell how long a row is, so that the length of the video was divided
    """

    failures: dict[str, str] = field(default_factory=dict)
    unlike: dict[str, tuple[float, float]] = field(default_factory=dict)
    divided: list[str] = field(default_factory=list)
    longer: dict[str, tuple[int, int]] = field(default_factory=dict)
    cut: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """In sentences."""
        notes = [
            f"{len(self.unlike)} videos have rows of another length than the {told:.4g} s of training, such as "
            f"{video} with {length:.2f} s; were their features made in another way?"
            for video, (length, told) in list(self.unlike.items())[:1]
        ]
        notes += [
            f"the annotations do not say the fps of {len(self.divided)} videos, such as {video}: their length was "
            'divided among their rows, which may place windows a row off; add "fps" to the annotations'
            for video in self.divided[:1]
        ]
        notes += [
            f"{len(self.longer)} videos have more than the {most} rows that the head takes at once, such as {video} "
            f"with {rows}: they are answered {most} rows at a time, where official evaluations cut them off, as "
            "--strict-official does"
            for video, (rows, most) in list(self.longer.items())[: not self.cut]
        ]
        return tuple(notes)


@dataclass(frozen=True)
class Featured:
    """A trained head and folders of features.

    checkpoint: our own file or an official one
    device:     None is a GPU if there is one
    top:        moments per query, none of which scores less than `threshold`
    feature_order: how features of SlowFast and CLIP stood in training, for official files that do not tell
    strict_official: videos with more rows than the head takes at once are cut off, and windows keep their shares of the
                     whole, as officially
    """

    checkpoint: Path
    folders: FeatureFolders
    device: str | None
    top: int
    threshold: float
    feature_order: FeatureOrder | None = None
    strict_official: bool = False

    @cached_property
    def _rows(self) -> FeatureFolders:
        """The folders, read as the head takes them."""
        head = self.loaded.head
        return replace(self.folders, layered=head.layered, raw_words=getattr(head, "raw_words", False))

    @cached_property
    def loaded(self) -> Checkpoint:
        """The head, on its device. Raises ModelError, MissingExtra."""
        try:
            from whenabouts.encoders.device import torch_device
            from whenabouts.grounders.learned.checkpoint import read_checkpoint

            device = torch_device(self.device)
        except ImportError as error:
            raise MissingExtra("hub", "a trained head") from error
        loaded = read_checkpoint(self.checkpoint, feature_order=self.feature_order)
        loaded.head.to(device)
        return loaded

    def seconds(self, e: Example | None = None) -> float | None:
        """Of a row in training, of that video where it depends on it; None where it is not known."""
        told = self.loaded.head.row_seconds(e.fps if e else None) or self.loaded.facts.get("clip_seconds")
        return float(told) if told else None

    def check_folders(self) -> tuple[str, ...]:
        """Notes on folders that may not be those of training.

        Raises InputError for those that cannot be read, and for the same in another order.
        """
        from whenabouts.training.supervised.columns import as_learned

        head, folders = self.loaded.head, self._rows
        folders.widths(words=not head.closed)
        notes = as_learned(folders.columns(), self.loaded.facts, head.config.video_dim - head.endpoints)
        return notes if head.closed else (*notes, *folders.notes())

    def uneven(self) -> tuple[str, ...]:
        """Notes on folders that were read and do not fit each other."""
        return self._rows.uneven()

    def settings(self) -> dict[str, Any]:
        """What shapes an answer: the weights, and the folders as they were named."""
        named = {"features": self.folders.pictures, "audio_features": self.folders.sound}
        folders: dict[str, Any] = {name: [str(path) for path in paths] for name, paths in named.items() if paths}
        folders |= {"strict_official": True} if self.strict_official else {}
        folders |= {"text": str(self.folders.text)} if self.folders.text else {}
        return {"head": self.loaded.head.name, "sha256": self.loaded.sha256, **folders}

    def write_rows(self, journal: Journal, asked: Sequence[Example], progress: Progress | None) -> Told:
        """Add a row of a submission for each query that has features, in order.

        Raises ModelError for features that the head does not take.
        """
        from whenabouts.grounders.learned.submission import answers, submission_row

        head, told = self.loaded.head, Told(cut=self.strict_official)
        models = {head.name: self.loaded.sha256}
        receipt = asdict(
            Receipt(__version__, head.name, None, models, {"clip_seconds": self.seconds() or CLIP_SECONDS})
        )
        del receipt["usage"]
        for number, (example, answer) in enumerate(answers(head, self._examples(asked, told)), 1):
            row = submission_row(example, answer)
            windows = [window for window in row["pred_relevant_windows"] if window[2] >= self.threshold]
            journal.append([row | {"pred_relevant_windows": windows[: self.top], "receipt": receipt}])
            if progress:
                progress("predicting", number / len(asked))
        return told

    def write_detections(
        self,
        out: Path,
        made: dict[str, Any],
        asked: Sequence[Example],
        classes: Sequence[str],
        progress: Progress | None,
    ) -> Told:
        """Write an ActivityNet submission: detections of all classes in every video that has features.

        What is done lies in NAME.part.jsonl, a video per row, until the whole is written.
        """
        from whenabouts.grounders.learned.detection import detect
        from whenabouts.grounders.learned.submission import evaluating

        told, part = Told(), out.with_suffix(".part.jsonl")
        with Journal(part, made) as journal:
            results = {row["video"]: row["detections"] for row in journal.rows}
            words = {} if self.loaded.head.closed else self._rows.words(classes)
            left = [e for e in {e.video: e for e in asked}.values() if e.video not in results]
            for number, e in enumerate(self._examples(left, told, by_label=True), 1):
                with evaluating(self.loaded.head):
                    length = e.duration / len(e.video)
                    found = detect(self.loaded.head, e.video, words, length, fps=e.example.fps)
                results[e.example.video] = found
                journal.append([{"video": e.example.video, "detections": found}])
                if progress:
                    progress("predicting", number / len(left))
        with replacing(out) as fresh:
            fresh.write_text(json.dumps({"version": "VERSION 1.3", "results": results, "external_data": {}}), "utf-8")
        with replacing(out.with_suffix(".receipt.json")) as fresh:
            fresh.write_text(json.dumps(made, indent=2) + "\n", "utf-8")
        return told

    def _examples(self, asked: Sequence[Example], told: Told, *, by_label: bool = False) -> Iterator[FeatureExample]:
        for _, group in groupby(asked, key=lambda e: e.video):
            for e in self._of_one_video(list(group), told, by_label):
                self._check_widths(e)
                length, wanted = e.duration / len(e.video), self.seconds(e.example)
                if wanted is not None and not 1 / UNLIKE < length / wanted < UNLIKE:
                    told.unlike[e.example.video] = length, wanted
                head = self.loaded.head
                if getattr(head, "stride", None) and head.row_seconds(e.example.fps) is None:
                    told.divided.append(e.example.video)
                yield e if by_label else self._cut(e, told)

    def _cut(self, e: FeatureExample, told: Told) -> FeatureExample:
        """Without the rows that are officially cut off, if that is asked for. Of heads over clips alone."""
        from whenabouts.grounders.learned.detr.head import ClipHead

        head, rows = self.loaded.head, len(e.video)
        if not isinstance(head, ClipHead) or head.longest is None or rows <= head.longest:
            return e
        told.longer[e.example.video] = rows, head.longest
        if not self.strict_official:
            return e
        return replace(e, video=e.video[: head.longest], sound=None if e.sound is None else e.sound[: head.longest])

    def _of_one_video(self, asked: list[Example], told: Told, by_label: bool) -> list[FeatureExample]:
        seconds = self.seconds(asked[0])
        try:
            if not self.loaded.head.closed:
                seconds = seconds or CLIP_SECONDS
                return self._rows.examples(asked, by_label=by_label, windows=False, seconds=seconds)
            if seconds is None and asked[0].duration is None:
                raise InputError("the annotations say neither the length of the video nor its fps; add one of them")
            return self._rows.whole_videos(asked, seconds=seconds)
        except InputError as error:
            if len(asked) > 1:
                return [e for one in asked for e in self._of_one_video([one], told, by_label)]
            told.failures[asked[0].video] = str(error)
            return []

    def _check_widths(self, e: FeatureExample) -> None:
        from whenabouts.grounders.learned.grounder import heard_width

        head = self.loaded.head
        heard = 0 if e.sound is None else e.sound.shape[1]
        wide = {
            "clip": (head.config.video_dim - head.endpoints, e.video.shape[1]),
            "clip of sound": (heard_width(head), heard),
            "word": (head.config.text_dim, e.text.shape[1]),
        }
        for what, (taken, given) in wide.items():
            if taken != given:
                raise ModelError(
                    f"{self.checkpoint} takes {taken} numbers per {what}, and the features of {e.example.video} have "
                    f"{given}; choose the features that it was trained on"
                )
