"""A plugin for whenabouts: a grounder, an encoder, an evidence kind, a format and a benchmark.

Each is one object here and one line in pyproject.toml. Copy the ones that you need.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts import Moment, Prediction, Video
from whenabouts.benchmarks import Dataset, Example
from whenabouts.evidence.kinds import EvidenceSettings, WordKind
from whenabouts.evidence.timed_text import TimedText
from whenabouts.grounders import BaseGrounder
from whenabouts.interchange.formats.format import Format
from whenabouts.interchange.timeline import Timeline


@dataclass(kw_only=True)
class Middle(BaseGrounder):
    """Grounder: the middle of the video, whatever the query. `whenabouts find v.mp4 "a cup" --model middle`."""

    name = "middle"
    share: float = 1 / 3  # of the video's length

    def answer(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        half = self.share / 2
        moment = Moment(video.duration * (0.5 - half), video.duration * (0.5 + half), score=0.5)
        made = self.receipt(video, models={}, share=self.share)
        return [Prediction(q, (moment,), video.duration, video=str(video.path), receipt=made) for q in queries]


class Brightness:
    """Encoder: knows bright from dark. `whenabouts find v.mp4 "a bright picture" --encoder brightness`."""

    name, size, dim, sha256 = "brightness", 8, 2, "1"

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        bright = np.array([image.mean() / 255 for image in images], np.float32)
        return np.stack([bright, 1 - bright], axis=1)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([["bright" in text, "dark" in text] for text in texts], np.float32)


class Noted(WordKind):
    """Evidence: lines "START<tab>END<tab>words" beside the video. `whenabouts find v.mp4 "a cup" --evidence noted`."""

    name, label, help = "noted", "noted", "What notes beside the video say, in VIDEO.notes."

    def lines(self, video: Video, settings: EvidenceSettings) -> list[TimedText]:
        notes = video.path.with_suffix(".notes")
        rows = [line.split("\t") for line in notes.read_text().splitlines()] if notes.exists() else []
        return [TimedText(float(start), float(end), words, self.name, notes.name) for start, end, words in rows]


def _write(predictions: Sequence[Prediction], timeline: Timeline) -> str:
    return "".join(f"{m.start:.3f}\t{m.end:.3f}\t{p.query}\n" for p in predictions for m in p.moments)


LINES = Format(".lines", use="spreadsheets", times="seconds", write=_write)


def _read(path: Path, split: str) -> list[Example]:
    with path.open(newline="") as file:
        return [
            Example(
                qid=row["qid"],
                video=row["video"],
                query=row["query"],
                windows=np.array([[row["start"], row["end"]]], float),
                duration=float(row["duration"]),
            )
            for row in csv.DictReader(file)
        ]


KITCHEN = Dataset(
    name="kitchen",
    title="Videos of our kitchen",
    task="TSG",
    protocol="charades-sta",
    licence="ours",
    source="https://example.org/kitchen",
    paper="",
    files={"test": ("kitchen_test.csv",)},
    read=_read,
    confirmed="defined here",
)
