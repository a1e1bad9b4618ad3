"""`Stress`: what is wrong with a model, beyond its score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from whenabouts.commands.choices import OneOf
from whenabouts.commands.command import Query, checked_queries
from whenabouts.commands.grounding import Grounding
from whenabouts.commands.settings import read_settings
from whenabouts.errors import InputError
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.trust.stress import Report
    from whenabouts.trust.stress.cases import Cases
    from whenabouts.video import Video

__all__ = ["Stress"]

WITHOUT_EFFECT = {"device", "timeout", "cache"}  # settings with which an answer stays the same
LIMIT = 120

ProbeName = Annotated[str, OneOf("whenabouts.trust:PROBES", "probe")]


class Stress(Grounding):
    """Ask a model about a video, a benchmark or composed videos, changed in many ways, and name its flaws."""

    subject: str | None = Field(
        None, description="A video, a benchmark, or a .jsonl file of your own annotations; none with --synthetic."
    )
    queries: Annotated[tuple[Query, ...], BeforeValidator(checked_queries)] | None = Field(
        None, max_length=100, description="Of a video: what to ask. Repeatable."
    )
    synthetic: bool = Field(False, description="Compose videos whose truth is known; needs no data.")
    data: Path | None = Field(None, description="Of a benchmark: annotation file, or a directory that has it.")
    videos: Path | None = Field(None, description="Of a benchmark: folder of the videos, named as in the annotations.")
    split: str | None = Field(None, description="Split. Default: the one that is scored.")
    limit: int = Field(LIMIT, ge=1, description="At most this many queries, half of which do not happen.")
    most: int | None = Field(
        None,
        ge=1,
        description="At most so many queries for a probe that edits videos. Default: a few; its notes say how many.",
    )
    negatives: bool = Field(
        True, description="Where all queries happen, ask videos for what only others show, as queries that do not."
    )
    probes: tuple[ProbeName, ...] | None = Field(None, description="Only these probes. Repeatable. Default: all.")
    search: bool | None = Field(
        False, description="Question the model with a search around it, as `find` has on long videos."
    )
    seed: int = Field(0, ge=0, description="Random seed of the choice of queries, and of edits.")
    settings: Annotated[dict[str, Any], BeforeValidator(read_settings)] = Field(
        {}, description="Of a model stream:NAME: another setting, such as rise=0.2. Repeatable."
    )
    answers: Path | None = Field(
        None,
        description="Keep every answer in this file, with which the same command goes on where it stopped. "
        "Default: beside the page of --out.",
    )

    def run(self, *, progress: Progress | None = None) -> Report:
        """The report of all probes.

        Raises InputError, AnnotationError, VideoError, QueryError, MissingExtra.
        """
        from whenabouts.trust.stress import stress

        with self._cases(progress) as cases:
            return stress(
                self,
                cases.cases,
                probes=self.probes,
                model=self.model,
                subject=cases.subject,
                settings=self._shaping(),
                seed=self.seed,
                most=self.most,
                notes=cases.notes,
                journal=self.answers,
                progress=progress,
            )

    whole: ClassVar[bool] = True  # queries are taken apart by `answer`

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """What `find` answers: the command is the grounder that is put to the test."""
        return self.answer(video, queries)

    @property
    def further(self) -> dict[str, Any]:
        """Settings of the method of a stream."""
        return {"settings": self.settings} if self.settings else {}

    def _shaping(self) -> dict[str, Any]:
        """The settings that were given, as far as they shape an answer."""
        shaping = set(Grounding.model_fields) - WITHOUT_EFFECT - {"model"}
        return self.model_dump(mode="json", include=shaping, exclude_none=True) | self.further

    @contextmanager
    def _cases(self, progress: Progress | None) -> Iterator[Cases]:
        from whenabouts.trust.stress import cases
        from whenabouts.video.suffixes import is_video

        if self.synthetic == (self.subject is not None):
            raise InputError("stress needs a video, a benchmark or --synthetic, and one of them only")
        if self.subject is None:
            with TemporaryDirectory() as folder:
                yield cases.synthetic(Path(folder), limit=self.limit, seed=self.seed, progress=progress)
        elif is_video(Path(self.subject)):
            if not self.queries:
                raise InputError(f"say what to ask {self.subject}, with -q; more than ten different queries tell most")
            yield cases.of_video(Path(self.subject), self.queries[: self.limit])
        else:
            if self.queries:
                raise InputError("a benchmark has its own queries; leave -q out")
            if self.videos is None:
                raise InputError(f"the videos of {self.subject} are needed: a folder, with --videos")
            yield cases.of_benchmark(
                self.subject,
                self.data,
                self.videos,
                split=self.split,
                limit=self.limit,
                negatives=self.negatives,
                seed=self.seed,
            )
