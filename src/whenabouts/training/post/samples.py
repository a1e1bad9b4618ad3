"""Training samples: the rows of an annotation file (`benchmarks.annotations`), one query on one video each.

    {"qid": "q1", "video": "a.mp4", "query": "a man sits down", "relevant_windows": [[1.5, 7.0]], "duration": 30.0}

What the page saves is such a file. An empty list of windows is a query that does not happen. `ious` are the tIoU of K
answers of a reference model. Here every row needs `relevant_windows` and `duration`; one without `qid` goes by the
number of its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from whenabouts.benchmarks.annotations import Annotation, Checked, Provenance, checked_annotations, write_annotations
from whenabouts.errors import AnnotationError, InputError
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target
from whenabouts.video.suffixes import is_video

__all__ = ["Sample", "read_samples", "with_files", "write_samples"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A query on a video with its true windows, in seconds.

    sample: its name
    video:  path of the file in the directory of videos, or the name of the video
    ious:   tIoU of K answers of a reference model
    provenance: whether a person edited or confirmed the windows, where the file says
    """

    sample: str
    video: str
    query: str
    windows: tuple[Window, ...]
    duration: float
    ious: tuple[float, ...] = ()
    provenance: Provenance | None = None

    @property
    def target(self) -> Target:
        """What an answer is scored against."""
        return Target(self.windows, self.duration, sample=self.sample)


def read_samples(path: Path, provenance: Checked | None = None) -> list[Sample]:
    """The samples of a file, of its corrections those of one `provenance` alone where it is given.

    Raises InputError with file, line and field, also for two samples of one name.
    """
    samples = [_sample(annotation) for annotation in checked_annotations(path, provenance)]
    names: set[str] = set()
    for one in samples:
        if one.sample in names:
            raise InputError(f"{path}: two samples are named {one.sample!r}; every name must be its own")
        names.add(one.sample)
    return samples


def write_samples(path: Path, samples: Iterable[Sample]) -> None:
    """Write samples as an annotation file, which appears whole or not at all. Raises OSError."""
    write_annotations(path, (_annotation(one) for one in samples))


def with_files(samples: Sequence[Sample], videos: Path) -> list[Sample]:
    """The samples, with the file in the directory `videos` for those that have only the name of their video.

    What is not found stays as it is.
    """
    if not videos.is_dir():
        return list(samples)
    files = {path.stem: path.name for path in sorted(videos.iterdir()) if is_video(path)}
    return [
        one if (videos / one.video).is_file() else replace(one, video=files.get(one.video, one.video))
        for one in samples
    ]


def _sample(row: Annotation) -> Sample:
    if row.relevant_windows is None or row.duration is None:
        missing = "relevant_windows" if row.relevant_windows is None else "duration"
        raise AnnotationError(f"{row.where}: the field {missing} is missing")
    name = str(row.qid)
    return Sample(
        name, row.video or row.vid, row.query, row.relevant_windows, row.duration, row.ious or (), row.provenance
    )


def _annotation(one: Sample) -> Annotation:
    return Annotation(
        Path(one.video).stem,
        one.query,
        one.duration,
        one.windows,
        qid=one.sample,
        video=one.video,
        ious=one.ious or None,
        provenance=one.provenance,
    )
