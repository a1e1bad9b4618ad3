"""`Refusal`: an answer of one sentence and a status, in place of what was asked."""

from __future__ import annotations

from pydantic import ValidationError
from starlette.exceptions import HTTPException

__all__ = ["Refusal", "sentence"]


class Refusal(HTTPException):
    """What a client reads as {"error": sentence}."""

    def __init__(self, status: int, why: str, **headers: str) -> None:
        super().__init__(status, why, headers or None)


def sentence(error: ValidationError) -> str:
    """The first fault of a request, without what was sent."""
    fault = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    told = fault["msg"] if fault["type"] == "blank" else f"{fault['msg'][:1].lower()}{fault['msg'][1:]}"
    return f"{where}: {told}" if where else told
