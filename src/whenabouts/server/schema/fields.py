"""What several bodies and answers have: times in seconds, names, and the refusal of unknown fields."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

__all__ = ["Body", "Name", "Seconds", "Window"]

Seconds = Annotated[FiniteFloat, Field(ge=0, le=1e9)]

Window = Annotated[list[Seconds], Field(min_length=2, max_length=2)]

Name = Annotated[str, Field(min_length=1, max_length=200)]


class Body(BaseModel):
    """What a request sends: no field that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)
