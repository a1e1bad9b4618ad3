"""`Predict`: a model's answers on the videos of a benchmark, in a file that `Evaluate` reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from whenabouts.commands.grounding import Grounding
from whenabouts.commands.settings import read_settings
from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.files.actors import actors
from whenabouts.files.journal import append, resume
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.benchmarks import Example

__all__ = ["Predict", "Predicted"]

Rows = list[dict[str, Any]]
Query = tuple[int | str, str]  # qid and sentence
Job = tuple[Path, Sequence[Query]]

WITHOUT_EFFECT = {"device", "timeout", "cache"}  # settings with which an answer stays the same


@dataclass(frozen=True, slots=True)
class Predicted:
    """The file of answers, the annotations that they are about, and the videos without answers, with the reason."""

    path: Path
    truth: Path
    failures: dict[str, str]


class Predict(Grounding):
    """Answer every query of a split, video by video; interrupted, the same command goes on where it stopped."""

    benchmark: str = Field(description="Benchmark, or a .jsonl file of your own annotations.")
    data: Path = Field(Path(), description="Annotation file, or a directory that has it.")
    videos: Path = Field(description="Folder of the videos, named as in the annotations.")
    out: Path = Field(description="File of the answers, in JSON Lines; NAME.receipt.json is written beside it.")
    split: str | None = Field(None, description="Split. Default: the one that is scored.")
    limit: int | None = Field(None, ge=1, description="Answer only the first so many queries.")
    understand: bool = Field(False, description="Ask for plain events, as `find` does; benchmarks ask whole sentences.")
    top: int = Field(10, ge=1, description="At most this many moments per query.")
    settings: Annotated[dict[str, Any], BeforeValidator(read_settings)] = Field(
        {}, description="Of a model stream:NAME: another setting, such as rise=0.2. Repeatable."
    )
    workers: int = Field(1, ge=1, description="Videos answered at once, each in a process.")
    engine: Literal["local", "ray"] = Field("local", description="Where the processes run: here, or on Ray.")
    address: str | None = Field(None, description="Address of a running Ray cluster.")

    def run(self, *, progress: Progress | None = None) -> Predicted:
        """Write one QVHighlights row per query; rows that the file has already are kept.

        Raises InputError for a file that was made with another model or setting, or about other queries; ModelError.
        """
        from whenabouts.benchmarks import dataset
        from whenabouts.video.source import shown

        if not self.videos.is_dir():
            raise InputError(f"{shown(self.videos)} is not a directory")
        benchmark = dataset(self.benchmark).load(self.data, self.split)
        made = {**self._receipt(), "benchmark": benchmark.name, "split": benchmark.split}
        done = _answered(self.out, resume(self.out, made), benchmark.examples)
        jobs, failures = self._jobs(benchmark.examples[: self.limit], done)
        with self._engine() as answers:
            for number, (video, rows, problem) in enumerate(answers(self._answer_video, jobs), 1):
                append(self.out, rows)
                if problem:
                    failures[video] = problem
                if progress:
                    progress("predicting", number / len(jobs))
        return Predicted(self.out, benchmark.path, failures)

    def _receipt(self) -> dict[str, Any]:
        """The model and the settings that were given, as far as they shape an answer."""
        shaping = set(Grounding.model_fields) - WITHOUT_EFFECT
        settings = self.model_dump(mode="json", include=shaping, exclude_none=True) | self.further
        return {"model": settings.pop("model"), "settings": settings}

    @property
    def further(self) -> dict[str, Any]:
        """Settings of the method of a stream."""
        return {"settings": self.settings} if self.settings else {}

    def _jobs(self, examples: Iterable[Example], done: set[str]) -> tuple[list[Job], dict[str, str]]:
        """Queries that are not answered yet, by the file of their video; and the videos that are missing."""
        from whenabouts.video.suffixes import is_video

        queries: dict[str, list[Query]] = {}
        for example in examples:
            if str(example.qid) not in done:
                queries.setdefault(example.video, []).append((example.qid, example.query))
        files = {path.stem: path for path in sorted(self.videos.iterdir()) if is_video(path)}
        missing = {name: f"no video of that name found in {self.videos}" for name in queries if name not in files}
        return [(files[name], rows) for name, rows in queries.items() if name in files], missing

    def _answer_video(self, job: Job) -> tuple[str, Rows, str]:
        """The name of a video with its rows; or with no rows and what was wrong."""
        from whenabouts.video import Video

        path, queries = job
        try:
            with Video(path) as video:
                predictions = self.answer(video, [query for _, query in queries])
        except WhenaboutsError as error:
            return path.stem, [], str(error)
        pairs = zip(queries, predictions, strict=True)
        rows = [
            p.to_qvhighlights(qid, path.stem) | {"query": query} | _for_calibration(p) | _for_diagnosis(p) | _as_made(p)
            for (qid, query), p in pairs
        ]
        return path.stem, rows, ""

    @contextmanager
    def _engine(self) -> Iterator[Callable[..., Iterator[Any]]]:
        """A `map` that runs here, in several processes, or on Ray."""
        if self.engine == "ray":

            def on_ray(answer: Callable[..., Any], jobs: Iterable[Job]) -> Iterator[Any]:
                pool = actors(_Answerer, (answer,), jobs, workers=self.workers, address=self.address)
                with closing(pool):
                    yield from (result for _, result in pool)

            yield on_ray
        elif self.workers == 1:
            yield map
        else:
            with ProcessPoolExecutor(self.workers, mp_context=get_context("spawn")) as pool:
                yield pool.map


def _answered(path: Path, rows: Sequence[dict[str, Any]], examples: Sequence[Example]) -> set[str]:
    """The qids of rows that were read from a file. Raises InputError for one that answers none of the queries."""
    asked = {str(example.qid): (example.video, example.query) for example in examples}
    for number, row in enumerate(rows, 1):
        qid = str(row.get("qid"))
        if asked.get(qid) != (row.get("vid"), row.get("query")):
            raise InputError(
                f"{path}, line {number}: this answers another query than qid {qid} of the annotations; "
                "name another file with --out"
            )
    return {str(row["qid"]) for row in rows}


def _for_calibration(prediction: Prediction) -> dict[str, Any]:
    """How likely the query happens, where the model says so, and the length of the video: `calibrate` reads them."""
    row: dict[str, Any] = {} if prediction.presence is None else {"presence": prediction.presence}
    return row | {"duration": prediction.duration}


def _for_diagnosis(prediction: Prediction) -> dict[str, Any]:
    """What `whenabouts diagnose` and `evaluate --online` read of how an answer came about.

    Regions that a search looked at, or what was told of a stream; and why an answer could not be read.
    """
    row: dict[str, Any] = {}
    if prediction.trace and prediction.trace[-1]["step"] == "played":
        row = {"trace": list(prediction.trace)}
    elif prediction.trace:
        regions = [region[:2] for step in prediction.trace if step["step"] == "shortlist" for region in step["regions"]]
        row = {"shortlist": regions}
    return row | ({"failure": prediction.failure} if prediction.failure else {})


def _as_made(prediction: Prediction) -> dict[str, Any]:
    """The words of a language model, for any parser, and how the answer was made, with what is to be told of it."""
    row: dict[str, Any] = {"said": list(prediction.said)} if prediction.said else {}
    row |= {"notes": list(prediction.notes)} if prediction.notes else {}
    if prediction.receipt is None:
        return row
    receipt = asdict(prediction.receipt)
    del receipt["usage"]  # of all queries together, and another one when a run is resumed
    return row | {"receipt": receipt}


class _Answerer:
    """An actor that answers about one video after another."""

    def __init__(self, answer: Callable[[Job], tuple[str, Rows, str]]) -> None:
        self._answer = answer

    def work(self, job: Job) -> tuple[str, Rows, str]:
        """Rows of one video; or no rows and what was wrong."""
        return self._answer(job)
