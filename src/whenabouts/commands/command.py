"""What all commands have in common: fields that are checked, and errors that are one sentence."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from whenabouts.errors import QueryError

__all__ = ["MAX_QUERY_CHARS", "Command", "Query"]

MAX_QUERY_CHARS = 2000


def _not_blank(query: str) -> str:
    if not query.strip():
        raise PydanticCustomError("blank_query", "a query is empty; say in a few words what to look for")
    return query


Query = Annotated[
    str,
    Field(max_length=MAX_QUERY_CHARS, json_schema_extra={"pattern": r"\S"}, examples=["a man opens the fridge"]),
    AfterValidator(_not_blank),
]


class Command(BaseModel):
    """Fields that are checked, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def of(cls, **fields: Any) -> Self:
        """The command of these fields. Raises QueryError, one sentence, where the constructor raises ValidationError.

        >>> from whenabouts.commands import Search
        >>> Search.of(query=" ")
        Traceback (most recent call last):
        whenabouts.errors.QueryError: a query is empty; say in a few words what to look for
        >>> Search.of(query="a dog", topp=3)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        whenabouts.errors.QueryError: unknown option topp; choose from: query, top, path, since, until, ...
        """
        try:
            return cls(**fields)
        except ValidationError as error:
            raise QueryError(cls._sentence(error.errors()[0])) from None

    @classmethod
    def _sentence(cls, fault: ErrorDetails) -> str:
        field, message = ".".join(str(part) for part in fault["loc"]), fault["msg"]
        if fault["type"] == "blank_query":
            return message
        if fault["type"] == "extra_forbidden":
            return f"unknown option {field}; choose from: {', '.join(cls.model_fields)}"
        return f"{field}: {message[0].lower()}{message[1:]}"
