"""Who is logged in, and the audit log."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from whenabouts.server.schema.about import UserFacts

__all__ = ["AuditFacts", "AuditList", "LoginBody", "Session"]


class LoginBody(BaseModel):
    """The token of a user, as the operator gave it."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(min_length=1, max_length=200)]


class Session(BaseModel):
    """Who is logged in; null for nobody, and at a server without users."""

    user: UserFacts | None


class AuditFacts(BaseModel):
    """One thing that somebody did: when, who, from which address, by which request, and with which status."""

    number: int
    at: str
    user: str | None
    client: str
    action: str
    request: str
    status: int
    detail: dict[str, Any]


class AuditList(BaseModel):
    """Rows of the audit log, the newest first."""

    rows: list[AuditFacts]
