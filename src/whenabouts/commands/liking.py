"""The field `like` of the commands that look for moments: an example, beside the words or in place of them."""

from __future__ import annotations

from abc import abstractmethod
from os import PathLike, fspath
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from whenabouts.commands.command import Command
from whenabouts.errors import QueryError
from whenabouts.printable import encodable
from whenabouts.query import Example

__all__ = ["Liking"]


def _checked(like: str) -> str:
    try:
        return str(Example.parse(like))
    except QueryError as error:
        raise PydanticCustomError("value_error", encodable(str(error))) from None  # of the right type, but senseless


class Liking(Command):
    """A command that may be given an example of what it looks for, with words or without."""

    like: Annotated[
        str | None,
        BeforeValidator(lambda like: fspath(like) if isinstance(like, PathLike) else like),
        AfterValidator(lambda like: like if like is None else _checked(like)),
    ] = Field(
        None,
        max_length=4096,
        description="Look for what resembles an example, beside the words or without any: a picture, a frame of a "
        "video (VIDEO@12.5), or a moment (VIDEO@12.5-15; @12.5-15 in the same video).",
        examples=["picture.jpg", "video.mp4@12.5", "@12.5-15"],
    )

    @property
    def example(self) -> Example | None:
        """The example, None where there is none."""
        return None if self.like is None else Example.parse(self.like)

    @model_validator(mode="after")
    def _something_asked(self) -> Self:
        if self.like is None and not self._words:
            raise PydanticCustomError("value_error", "no query given; say in a few words what to look for")
        return self

    @property
    @abstractmethod
    def _words(self) -> Any:
        """What is asked in words."""
