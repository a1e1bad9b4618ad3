"""Videos and streams that are watched with standing queries."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from whenabouts.commands import Query

__all__ = ["StandingQuery", "Watch", "WatchBody", "WatchList", "WatchQueryBody"]


class WatchBody(BaseModel):
    """What to watch, either a video of this server or an address that its operator allowed, and the queries.

    `follow`: the video is still being written. `speed`: how many times as fast as it plays; 1 by default.
    """

    model_config = ConfigDict(extra="forbid")

    video: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    url: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    queries: Annotated[
        list[Query], Field(min_length=1, max_length=100), AfterValidator(lambda given: list(dict.fromkeys(given)))
    ]
    follow: bool = False
    speed: Annotated[FiniteFloat, Field(gt=0, le=1000)] | None = None
    threshold: Annotated[FiniteFloat, Field(ge=0, le=1)] | None = None

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.video is None) == (self.url is None):
            raise ValueError("name either a video or a url")
        return self


class WatchQueryBody(BaseModel):
    """One more query for a watch."""

    model_config = ConfigDict(extra="forbid")

    query: Query


class StandingQuery(BaseModel):
    """A query of a watch, in seconds of the stream.

    `since`: when what happens now began; `last`: the moment that ended last; `moments`: how many there were
    """

    query: str
    since: float | None = None
    last: tuple[float, float] | None = None
    moments: int = 0


class Watch(BaseModel):
    """A watch as it stands. `told` are the newest rows, newest first, as `whenabouts watch --json` writes them.

    `clock`: seconds of the stream that were looked at; `rate`: pictures a second; `behind`: seconds that the newest had
    waited; `lost`: the source is away; `changeable`: whether who asks may change, stop and delete it
    """

    id: str
    source: str
    video: str | None
    state: Literal["running", "ended", "failed"]
    error: str | None
    created: str
    clock: float
    rate: float
    behind: float
    lost: bool
    queries: list[StandingQuery]
    told: list[dict[str, Any]]
    changeable: bool


class WatchList(BaseModel):
    """Watches, newest first."""

    watches: list[Watch]
