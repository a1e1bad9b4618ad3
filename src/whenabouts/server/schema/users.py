"""Who is logged in, and the audit log."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from whenabouts.server.audit import AuditRow
from whenabouts.server.schema.about import UserFacts

__all__ = ["AuditList", "LoginBody", "Session"]


class LoginBody(BaseModel):
    """The token of a user, as the operator gave it."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(min_length=1, max_length=200)]


class Session(BaseModel):
    """Who is logged in; null for nobody, and at a server without users."""

    user: UserFacts | None


class AuditList(BaseModel):
    """Rows of the audit log, the newest first."""

    rows: list[AuditRow]
