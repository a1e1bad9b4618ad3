"""Corrections of people, and how far they agree."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from whenabouts.benchmarks.annotations import Provenance
from whenabouts.commands import Query
from whenabouts.server.schema.fields import Body, Name, Window

__all__ = ["Agreement", "Annotation", "AnnotationList", "CorrectionBody", "QueryAgreement"]


class CorrectionBody(Body):
    """One annotator's windows [start, end] for one query, in seconds; none mean that it does not happen.

    `window_provenance`: of each window, edited where it is left out. `job`: the find whose answer is corrected.
    """

    query: Query
    annotator: Name
    windows: Annotated[list[Window], Field(max_length=1000)]
    window_provenance: Annotated[list[Provenance], Field(max_length=1000)] | None = None
    job: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None

    @model_validator(mode="after")
    def _one_for_each(self) -> Self:
        if self.window_provenance is not None and len(self.window_provenance) != len(self.windows):
            raise ValueError("window_provenance needs one entry for each of windows")
        return self


class Annotation(BaseModel):
    """A saved correction: when it was saved, and its version, which in quotes is its ETag.

    `provenance`: edited, or confirmed where the model's windows are all right as they are, or model where some of the
    model's are among them that nobody has checked. It is null for what an older version of whenabouts saved.
    `job`: the find whose answer was corrected.
    """

    query: str
    annotator: str
    windows: list[list[float]]
    saved: str
    version: int
    provenance: Provenance | None
    window_provenance: list[Provenance] | None
    job: str | None


class AnnotationList(BaseModel):
    """The annotations of one video. A change that got a version of at most `version` is in them."""

    annotations: list[Annotation]
    version: int


class QueryAgreement(BaseModel):
    """Mean tIoU between the annotators of a query, from 0 to 1; null for a single annotator."""

    query: str
    annotators: list[str]
    tiou: float | None


class Agreement(BaseModel):
    """Agreement by query, and the mean over the queries with several annotators."""

    queries: list[QueryAgreement]
    mean: float | None
