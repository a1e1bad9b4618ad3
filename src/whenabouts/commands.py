"""What can be asked, told once: command line, HTTP API and MCP all fill these models.

    Find    when do sentences happen in one video
    Search  which moments of a library answer a sentence
    Index   how the videos of a folder are taken into a library

Names and defaults are those of the command line. A model checks its own fields; files, videos and folders come from
whoever asks, since each has a way of its own to allow them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from whenabouts.errors import QueryError

if TYPE_CHECKING:
    from whenabouts.grounders import Grounder
    from whenabouts.library.run import Settings
    from whenabouts.library.search import Filters

__all__ = ["LONG", "EvidenceName", "Find", "Index", "Query", "Request", "Search"]

EvidenceName = Literal["seen", "said", "written"]
Watch = Callable[[str, float], None]
LONG = 900.0  # seconds from which a video is searched first


def _worded(query: str) -> str:
    if not query.strip():
        raise PydanticCustomError("blank", "a query is empty; say in a few words what to look for")
    return query


Query = Annotated[
    str,
    Field(max_length=2000, json_schema_extra={"pattern": r"\S"}, examples=["a man opens the fridge"]),
    AfterValidator(_worded),
]


class Request(BaseModel):
    """Fields that are checked, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def of(cls, **fields: Any) -> Self:
        """The request of these fields. Raises QueryError, one sentence, where the constructor raises ValidationError.

        >>> Search.of(query=" ")
        Traceback (most recent call last):
        whenabouts.errors.QueryError: a query is empty; say in a few words what to look for
        """
        try:
            return cls(**fields)
        except ValidationError as error:
            [first, *_] = error.errors()
            where = ".".join(str(part) for part in first["loc"])
            blank = first["type"] == "blank"
            raise QueryError(
                first["msg"] if blank else f"{where}: {first['msg'][0].lower()}{first['msg'][1:]}"
            ) from None


class Find(Request):
    """When each query happens in one video."""

    queries: Annotated[list[Query], Field(min_length=1, max_length=100, description="What to look for.")]
    top: int = Field(5, ge=1, description="At most this many moments per query.")
    threshold: float = Field(0.0, ge=0, le=1, description="Leave out moments that score less.")
    evidence: tuple[EvidenceName, ...] | None = Field(None, description="What may answer; all that is installed.")
    model: str = Field("similarity", description="What answers: a name, a checkpoint, openai:URL#NAME …")
    system: str | None = Field(None, description="How to ask a model on a server.")
    samples: int | None = Field(None, ge=1, description="Answers asked of a model; several are joined.")
    long: str | None = Field(None, description="Plan for videos too long for a video-language model.")
    send: str | None = Field(None, description="What a server is sent: frames or video.")
    quantised: str | None = Field(None, description="Load a video-language model in 8bit or 4bit.")
    search: bool | None = Field(None, description="Shortlist regions first; from 15 minutes on by itself.")
    budget: str | None = Field(None, description="Stop with the best so far: 30s, 500frames, 20000tokens …")
    verify: str | None = Field(None, description="A video-language model that looks a second time.")
    encoder: str | None = Field(None, description="Frame and text encoder: builtin, or hub:NAME_OR_FOLDER.")
    fps: float | None = Field(None, ge=0.01, le=120, description="Frames looked at per second; 2 by default.")
    speech_model: str | None = Field(None, description="Recognise speech with this faster-whisper model.")
    cache: bool = Field(True, description="Keep frame features for the next query on the same file.")

    def grounder(self, duration: float, progress: Watch | None = None) -> Grounder:
        """What answers this on a video of `duration` seconds. Raises ModelError, InputError, MissingExtra."""
        from whenabouts.grounders import load
        from whenabouts.grounders.search.budget import Budget

        common: dict[str, Any] = {"top": self.top, "threshold": self.threshold, "cache": self.cache}
        common |= {"progress": progress}
        if self.budget:
            common["budget"] = Budget.parse(self.budget)
        given = self._given()
        if self._searches(duration):
            return load("search", grounder=self.model, **common, **_around(given, self.verify))
        return load(self.model, **common, **given)

    def _given(self) -> dict[str, Any]:
        """Settings that not every grounder has, where they were asked for."""
        names = ("encoder", "fps", "speech_model", "evidence", "system", "samples", "long", "send", "quantised")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    def _searches(self, duration: float) -> bool:
        if self.model.startswith(("agent:", "search")):  # these search by themselves
            return False
        if self.search is not None:
            return self.search
        seen = self.evidence is None or "seen" in self.evidence
        return bool(self.verify or self.budget) or (duration >= LONG and seen)


def _around(given: dict[str, Any], verify: str | None) -> dict[str, Any]:
    """Settings of a search from those of the grounder inside it."""
    inner = {name: value for name, value in given.items() if name not in {"encoder", "evidence", "speech_model"}}
    made: dict[str, Any] = {"settings": inner}
    made |= {name: given[name] for name in ("encoder", "speech_model", "evidence") if name in given}
    if verify:
        from whenabouts.grounders.llm.grounder import VideoLLM
        from whenabouts.grounders.search.verify import Ask

        made["verifier"] = Ask(VideoLLM(verify).engine)
    return made


class Search(Request):
    """The moments of all videos of a library that answer a query."""

    query: Query
    top: int = Field(10, ge=1, le=1000, description="At most this many moments.")
    path: str | None = Field(None, description="Only files like this: */2024/*")
    since: str | None = Field(None, description="Only files from this date on.", examples=["2024-12-31"])
    until: str | None = Field(None, description="Only files up to this date.", examples=["2024-12-31"])
    min_duration: float | None = Field(None, ge=0, description="Seconds at least.")
    max_duration: float | None = Field(None, ge=0, description="Seconds at most.")
    language: str | None = Field(None, description="Of the sound, as the file says.")
    refine: bool = Field(False, description="Look at each moment again for its ends.")

    @property
    def filters(self) -> Filters:
        """Which videos count."""
        from whenabouts.library.search import Filters

        return Filters(self.path, self.since, self.until, self.min_duration, self.max_duration, self.language)


class Index(Request):
    """How the videos of a folder are taken into a library."""

    fps: float = Field(1.0, ge=0.01, le=120, description="Frames looked at per second.")
    written: bool = Field(False, description="Read text on screen too; slow.")
    again: bool = Field(False, description="Try files again that failed before.")

    def settings(self, encoder: str) -> Settings:
        """What shapes the rows of a library that is made with an encoder."""
        from whenabouts.library.run import Settings

        return Settings(encoder, self.fps, ("said", "written") if self.written else ("said",))
