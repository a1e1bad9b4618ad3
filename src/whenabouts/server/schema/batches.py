"""Saved questions, and the same questions asked of many videos."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from whenabouts.commands import Find, Query
from whenabouts.server.jobs.store import JobState
from whenabouts.server.schema.fields import Body, Name

__all__ = [
    "Batch",
    "BatchAnswer",
    "BatchBody",
    "BatchList",
    "BatchRow",
    "BatchSummary",
    "QuestionBody",
    "QuestionList",
    "SavedQuestion",
]


class QuestionBody(Body):
    """A question to save, for the person `owner`; for everybody where that is null."""

    query: Query
    owner: Name | None = None


class SavedQuestion(BaseModel):
    """A saved question; `owner` is null where everybody shares it, `changeable` says whether who asks may delete it."""

    id: str
    query: str
    owner: str | None
    changeable: bool


class QuestionList(BaseModel):
    """Saved questions, in the order in which they were saved."""

    questions: list[SavedQuestion]


class BatchBody(Body):
    """The videos to ask, by their ids, and what each of them is asked."""

    videos: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]], Field(min_length=1, max_length=1000)
    ]
    find: Find


class BatchAnswer(BaseModel):
    """What a video says to a question: how likely it happens, how many moments were found, and the earliest of them."""

    query: str
    presence: float | None
    absent: bool
    moments: int
    first: tuple[float, float] | None
    failure: str | None


class BatchRow(BaseModel):
    """A video of a batch, how far its job is, and its answers once that is done."""

    video: str
    name: str
    job: str
    state: JobState
    step: str
    progress: float
    error: str | None
    answers: list[BatchAnswer]


class Batch(BaseModel):
    """The table of a batch: a row for each video."""

    id: str
    queries: list[str]
    rows: list[BatchRow]


class BatchSummary(BaseModel):
    """A batch in a list: the number of its videos, and its questions."""

    id: str
    videos: int
    queries: list[str]
    created: str


class BatchList(BaseModel):
    """Batches, newest first."""

    batches: list[BatchSummary]
