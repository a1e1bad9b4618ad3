"""What all commands have in common: fields that are checked, and errors that are one sentence."""

from __future__ import annotations

from typing import Annotated, Any, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from whenabouts.errors import QueryError
from whenabouts.printable import encodable
from whenabouts.query import queries_of

__all__ = ["MAX_QUERY_CHARS", "QUERY_ERROR", "Command", "Queries", "Query"]

MAX_QUERY_CHARS = 2000
QUERY_ERROR = "query"  # type of a fault whose message is a sentence by itself


def checked_queries(queries: Any) -> Any:
    """Queries, of which a string is one; what is neither a string nor a list of them is left to pydantic."""
    listed = isinstance(queries, list | tuple) and all(isinstance(query, str) for query in queries)
    try:
        return queries_of(queries) if isinstance(queries, str) or listed else queries
    except QueryError as error:
        raise PydanticCustomError(QUERY_ERROR, encodable(str(error))) from None


Query = Annotated[
    str,
    Field(
        description="What to look for, in a few words.",
        max_length=MAX_QUERY_CHARS,
        json_schema_extra={"pattern": r"\S"},
        examples=["a man opens the fridge"],
    ),
    AfterValidator(lambda query: checked_queries(query)[0]),
]
Queries = Annotated[
    list[Query],
    Field(min_length=1, max_length=100, description="What to look for, in a few words."),
    BeforeValidator(checked_queries),
]


def _takes_truth(annotation: Any) -> bool:
    return annotation in (bool, Any) or any(map(_takes_truth, get_args(annotation)))


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
        whenabouts.errors.QueryError: unknown option topp; choose from: like, query, top, path, since, ...
        """
        for name, value in fields.items():  # pydantic takes `True` for 1
            field = cls.model_fields.get(name)
            if isinstance(value, bool) and field is not None and not _takes_truth(field.annotation):
                raise QueryError(f"{name}: must not be true or false")
        try:
            return cls(**fields)
        except ValidationError as error:
            raise QueryError(cls._sentence(error.errors()[0])) from None

    @classmethod
    def _sentence(cls, fault: ErrorDetails) -> str:
        field, message = ".".join(str(part) for part in fault["loc"]), fault["msg"]
        if fault["type"] == QUERY_ERROR or not field:
            return message
        if fault["type"] == "extra_forbidden":
            return f"unknown option {field}; choose from: {', '.join(cls.model_fields)}"
        return f"{field}: {message[0].lower()}{message[1:]}"
