"""`Predict`: a model's answers on the videos of a benchmark, in a file that `Evaluate` reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from whenabouts.commands.answered import answer_row
from whenabouts.commands.grounding import Grounding
from whenabouts.commands.settings import read_settings
from whenabouts.commands.submitted import write_submission
from whenabouts.errors import InputError, WhenaboutsError
from whenabouts.files.actors import actors
from whenabouts.files.journal import Journal
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.benchmarks import Benchmark, Example

__all__ = ["Predict", "Predicted"]

Rows = list[dict[str, Any]]
Query = tuple[int | str, str]  # qid and sentence
Job = tuple[Path, Sequence[Query]]

TOP, TOP_ON_FEATURES = 10, 100  # moments: of QVHighlights' submissions, and the most that a protocol looks at
# settings that a head on features may have
ON_FEATURES = {"model", "top", "threshold", "understand", "device", "cache", "feature_order"}
WITHOUT_EFFECT = {"device", "timeout", "cache"}  # settings with which an answer stays the same


@dataclass(frozen=True, slots=True)
class Predicted:
    """The file of answers, the annotations that they are about, and the videos without answers, with the reason.

    notes: what is odd about the features, in sentences
    known: whether the annotations say what is right of any query, so that answers can be scored
    """

    path: Path
    truth: Path
    failures: dict[str, str]
    notes: tuple[str, ...] = ()
    known: bool = True


class Predict(Grounding):
    """Answer every query of a split, video by video; interrupted, the same command goes on where it stopped."""

    benchmark: str = Field(description="Benchmark, or a .jsonl file of your own annotations.")
    data: Path = Field(Path(), description="Annotation file, or a directory that has it.")
    videos: Path | None = Field(None, description="Folder of the videos, named as in the annotations.")
    features: tuple[Path, ...] | None = Field(
        None,
        description="In place of videos: folder of their features, for a trained head. Repeatable: features are "
        "concatenated; give SlowFast before CLIP.",
    )
    audio_features: tuple[Path, ...] | None = Field(
        None, description="Folder of features of sound, for a head that takes it. Repeatable."
    )
    text: Path | None = Field(
        None, description="Folder of the queries' features. Default: `text` in the first folder of features."
    )
    out: Path = Field(description="File of the answers, in JSON Lines; NAME.receipt.json is written beside it.")
    submission: Path | None = Field(
        None,
        description="Also put the answers into this .zip, as QVHighlights' server takes them; other splits in it stay.",
    )
    split: str | None = Field(None, description="Split. Default: the one that is scored.")
    limit: int | None = Field(None, ge=1, description="Answer only the first so many queries.")
    understand: bool = Field(False, description="Ask for plain events, as `find` does; benchmarks ask whole sentences.")
    top: int = Field(None, ge=1, description="At most this many moments per query. Default: 10, on features 100.")  # type: ignore[assignment]  # filled in below
    strict_official: bool = Field(
        False, description="On features: cut videos that are too long for the head off, as official evaluations do."
    )
    settings: Annotated[dict[str, Any], BeforeValidator(read_settings)] = Field(
        {}, description="Of a model stream:NAME: another setting, such as rise=0.2. Repeatable."
    )
    workers: int = Field(1, ge=1, description="Videos answered at once, each in a process.")
    engine: Literal["local", "ray"] = Field("local", description="Where the processes run: here, or on Ray.")
    address: str | None = Field(None, description="Address of a running Ray cluster.")

    @model_validator(mode="before")
    @classmethod
    def _as_many_as_are_scored(cls, fields: Any) -> Any:
        """By default as many moments as published figures look at: a head ranks them all at once."""
        if not isinstance(fields, dict) or fields.get("top") is not None:
            return fields
        return {**fields, "top": TOP_ON_FEATURES if fields.get("features") or fields.get("audio_features") else TOP}

    def run(self, *, progress: Progress | None = None) -> Predicted:
        """Write one QVHighlights row per query; rows that the file has already are kept.

        Raises InputError for a file that was made with another model or setting, or about other queries; ModelError.
        """
        from whenabouts.benchmarks import dataset

        benchmark = dataset(self.benchmark).load(self.data, self.split)
        made = {**self._receipt(), "benchmark": benchmark.name, "split": benchmark.split}
        if self.features or self.audio_features:
            return self._submitted(benchmark, self._run_on_features(benchmark, made, progress))
        if self.strict_official:
            raise InputError("strict_official has no effect on videos, only on features; leave it out")
        folder = self._folder()
        with Journal(self.out, made) as journal, self._engine() as answers:
            done = _answered(self.out, journal.rows, benchmark.examples)
            jobs, failures = self._jobs(benchmark.examples[: self.limit], done, folder)
            for number, (video, rows, problem) in enumerate(answers(self._answer_video, jobs), 1):
                journal.append(rows)
                if problem:
                    failures[video] = problem
                if progress:
                    progress("predicting", number / len(jobs))
        return self._submitted(benchmark, Predicted(self.out, benchmark.path, failures))

    def _submitted(self, benchmark: Benchmark, done: Predicted) -> Predicted:
        if self.submission is not None and benchmark.dataset.task != "TAL" and done.path.exists():
            write_submission(self.submission, done.path, benchmark.name, benchmark.split)
        known = any(len(e.windows) or e.saliency is not None or e.absent for e in benchmark.examples)
        return replace(done, known=bool(known))

    def _run_on_features(self, benchmark: Benchmark, made: dict[str, Any], progress: Progress | None) -> Predicted:
        from whenabouts.benchmarks.closed_set import class_names
        from whenabouts.benchmarks.features import check_ids
        from whenabouts.commands.featured import Featured
        from whenabouts.training.supervised.reading import FeatureFolders

        if self.videos is not None:
            raise InputError("videos and features are two ways to answer; leave one of them out")
        for name in Grounding.model_fields:
            if name not in ON_FEATURES and getattr(self, name) != type(self).model_fields[name].default:
                raise InputError(f"{name} has no effect on features; leave it out")
        folders = FeatureFolders(self.features or (), self.audio_features or (), self.text)
        run = Path(self.model) / "best.pt"
        checkpoint = run if run.is_file() else Path(self.model)
        featured = Featured(checkpoint, folders, self.device, self.top, self.threshold, self.feature_order)
        featured = replace(featured, strict_official=self.strict_official)
        notes = featured.check_folders()
        made["settings"] |= featured.settings()
        asked = benchmark.examples[: self.limit]
        if benchmark.dataset.task != "TAL":
            check_ids(benchmark.examples)
        if benchmark.dataset.task == "TAL":
            told = featured.write_detections(self.out, made, asked, class_names(benchmark.examples), progress)
        else:
            with Journal(self.out, made) as journal:
                done = _answered(self.out, journal.rows, benchmark.examples)
                told = featured.write_rows(journal, [e for e in asked if str(e.qid) not in done], progress)
        return Predicted(self.out, benchmark.path, told.failures, (*notes, *told.notes, *featured.uneven()))

    def _receipt(self) -> dict[str, Any]:
        """The model and the settings that were given, as far as they shape an answer."""
        shaping = set(Grounding.model_fields) - WITHOUT_EFFECT
        settings = self.model_dump(mode="json", include=shaping, exclude_none=True) | self.further
        return {"model": settings.pop("model"), "settings": settings}

    def _folder(self) -> Path:
        """The folder of the videos. Raises InputError."""
        from whenabouts.video.source import shown

        if self.videos is None:
            raise InputError("give --videos, or --features of them for a trained head")
        if not self.videos.is_dir():
            raise InputError(f"{shown(self.videos)} is not a directory")
        return self.videos

    @property
    def further(self) -> dict[str, Any]:
        """Settings of the method of a stream."""
        return {"settings": self.settings} if self.settings else {}

    def _jobs(self, examples: Iterable[Example], done: set[str], folder: Path) -> tuple[list[Job], dict[str, str]]:
        """Queries that are not answered yet, by the file of their video; and the videos that are missing."""
        from whenabouts.video.suffixes import is_sound, is_video

        queries: dict[str, list[Query]] = {}
        for example in examples:
            if str(example.qid) not in done:
                queries.setdefault(example.video, []).append((example.qid, example.query))
        paths = sorted(folder.iterdir())
        files = {path.stem: path for fits in (is_sound, is_video) for path in paths if fits(path)}
        missing = {name: f"no video of that name found in {folder}" for name in queries if name not in files}
        return [(files[name], rows) for name, rows in queries.items() if name in files], missing

    def _answer_video(self, job: Job) -> tuple[str, Rows, str]:
        """The name of a video with its rows; or with no rows and what was wrong."""
        from whenabouts.video import open_sound_too

        path, queries = job
        try:
            with open_sound_too(path) as video:
                predictions = self.answer(video, [query for _, query in queries])
        except WhenaboutsError as error:
            return path.stem, [], str(error)
        pairs = zip(queries, predictions, strict=True)
        return path.stem, [answer_row(p, qid, path.stem, query) for (qid, query), p in pairs], ""

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


class _Answerer:
    """An actor that answers about one video after another."""

    def __init__(self, answer: Callable[[Job], tuple[str, Rows, str]]) -> None:
        self._answer = answer

    def work(self, job: Job) -> tuple[str, Rows, str]:
        """Rows of one video; or no rows and what was wrong."""
        return self._answer(job)
