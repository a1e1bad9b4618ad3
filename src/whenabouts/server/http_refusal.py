"""`HTTPRefusal`: a status and one sentence in place of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException

from whenabouts.commands.command import QUERY_ERROR
from whenabouts.errors import DataUnavailable

__all__ = ["HTTPRefusal", "unavailable_refusal", "validation_sentence"]


class HTTPRefusal(HTTPException):
    """A request that is not answered; the client reads {"error": sentence}."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(status, sentence, headers or None)


def unavailable_refusal(error: DataUnavailable) -> HTTPRefusal:
    """507 where the disk is full, 503 where it cannot be used for another reason."""
    if error.reason == "full":
        return HTTPRefusal(507, str(error))
    return HTTPRefusal(503, str(error), **{"Retry-After": "5"})


def validation_sentence(errors: Sequence[Any]) -> str:
    """The first of pydantic's errors as one sentence, without the value that was sent.

    >>> validation_sentence([{"type": "missing", "loc": ("queries",), "msg": "Field required"}])
    'queries: field required'
    """
    [first, *_] = errors
    field = ".".join(str(part) for part in first["loc"])
    message = first["msg"] if first["type"] == QUERY_ERROR else f"{first['msg'][:1].lower()}{first['msg'][1:]}"
    return f"{field}: {message}" if field else message
