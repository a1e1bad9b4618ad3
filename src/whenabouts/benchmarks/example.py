"""The values every benchmark is made of: `Example`, the `Dataset` it comes from, and one loaded split, `Benchmark`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import InputError

__all__ = ["NO_WINDOWS", "Benchmark", "Dataset", "Example", "Task", "Wordings"]

Task = Literal["TSG", "MR", "HL", "TAL"]
NO_WINDOWS: NDArray[np.float64] = np.zeros((0, 2))


@dataclass(frozen=True, slots=True)
class Wordings:
    """What a data set asks of one query to see whether answers agree.

    aligned:    sentences that say the same, misaligned: sentences that say something else of the same moment.
    yes, no:    questions about parts of the query, whose answers are these.
    shifted:    [start, end] in seconds to which the moment is moved in a changed video, with which it changes places.
    """

    aligned: tuple[str, ...]
    misaligned: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    shifted: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One query on one video, with what people said of it.

    windows:  (M, 2) float64 [start, end] in seconds, as annotated; `defects.check` reports invalid ones.
              Several are several moments, or in DiDeMo several opinions on one.
    duration: of the video, in seconds; None where the files do not say.
    clip_ids: (K,) the rated clips, and saliency: (K, annotators) their ratings, in highlight detection.
    clips:    (K, 2) the rated clips in seconds, where they are not a grid of 2 s.
    group:    what scores are averaged within, such as the domain of a highlight video.
    absent:   the kind of negative, such as "in-domain" or "colour", of a query that people say does not happen, which
              has no windows; None for all others, also for those that nobody looked for.
    difficulty: of a negative, as its authors grade it.
    original: the query that a negative was made of.
    provenance: how the windows came about, where a person corrected a model: see `benchmarks.annotations`.
    wordings: other wordings of the query and questions about it, where a data set has them.
    fps:      frames per second of the video, where the files say.
    numbered: whether the qid is counted here, as the file has none: other files and tools may count otherwise.
    where:    file and line.
    """

    qid: str | int
    video: str
    query: str
    windows: NDArray[np.float64]
    duration: float | None = None
    clip_ids: NDArray[np.int64] | None = None
    saliency: NDArray[np.float64] | None = None
    clips: NDArray[np.float64] | None = None
    group: str | None = None
    absent: str | None = None
    difficulty: str | None = None
    original: str | None = None
    provenance: str | None = None
    wordings: Wordings | None = None
    fps: float | None = None
    numbered: bool = False
    where: str = ""


@dataclass(frozen=True)
class Dataset:
    """A data set: where it comes from, which files make a split, and how they are read.

    task:      TSG a sentence -> one moment, MR a query -> several moments, HL a video -> rated clips,
               TAL a class -> its instances.
    protocol:  name of the official protocol in `whenabouts.evaluation.protocols.PROTOCOLS`.
    files:     the usual file names of each split, best first.
    read:      (file, split) -> examples, for any of these formats.
    path:      the one file that the data set is, where it is a user's own.
    confirmed: how the file format is known, in a few words.
    subsets:   what a split is called inside a file that holds several.
    """

    name: str
    title: str
    task: Task
    protocol: str
    licence: str
    source: str
    paper: str
    files: dict[str, tuple[str, ...]]
    read: Callable[[Path, str], list[Example]]
    confirmed: str
    default_split: str = "test"
    notes: str = ""
    subsets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    path: Path | None = None

    def load(self, data: Path | None = None, split: str | None = None) -> Benchmark:
        """Read one split from an annotation file or from a directory that has it.

        `data` may be left out for a data set that is a file. Raises InputError, AnnotationError.
        """
        split = split or self.default_split
        path = self.find(data, split)
        return Benchmark(self, split, tuple(self.read(path, split)), path)

    def file_names(self, split: str) -> tuple[str, ...]:
        """The usual file names of a split. Raises InputError with the splits there are."""
        if split not in self.files:
            raise InputError(f"{self.name} has no split {split!r}; choose one of: {', '.join(self.files)}")
        return self.files[split]

    def find(self, data: Path | None, split: str) -> Path:
        """The annotation file of a split: `data` itself, or the one in that directory or in a directory in it.

        Raises InputError, also for a split that the data set does not have.
        """
        names = self.file_names(split)
        if self.path is not None and (data is None or data.is_dir()):
            return self.path
        if data is None:
            raise InputError(f"the annotations of {self.name} are needed: a file, or a directory that has it")
        if not data.is_dir():
            return data
        for name in names:
            for path in [data / name, *sorted(data.glob(f"*/{name}"))]:
                if path.is_file() and (path == data / name or self._is_home(path.parent)):
                    return path
        raise InputError(f"{data} has no {' or '.join(names)}, the {split} split of {self.name}; see {self.source}")

    def _is_home(self, directory: Path) -> bool:
        plain = "".join(c for c in directory.name.lower() if c.isalnum())
        mine = "".join(c for c in self.name.lower() if c.isalnum())
        return plain.startswith(mine) or mine.startswith(plain)


@dataclass(frozen=True)
class Benchmark:
    """One split of a data set, read."""

    dataset: Dataset
    split: str
    examples: tuple[Example, ...] = field(repr=False)
    path: Path = Path()

    @property
    def name(self) -> str:
        """The data set's name."""
        return self.dataset.name

    @property
    def protocol(self) -> str:
        """The name of the official protocol."""
        return self.dataset.protocol
