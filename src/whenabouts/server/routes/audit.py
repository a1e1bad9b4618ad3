"""The audit log, for administrators of all folders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from whenabouts.server import schema
from whenabouts.server.openapi import ERRORS
from whenabouts.server.routes.annotations import JSON_LINES
from whenabouts.server.routes.dependencies import NoParams, Params, SeesAll, StateDep

router = APIRouter(prefix="/api", responses=ERRORS)


class AuditParams(Params):
    """Which rows: the newest before number `before`, of one user or one action."""

    before: Annotated[int | None, Field(ge=1, le=1 << 60)] = None
    user: schema.Name | None = None
    action: schema.Name | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


@router.get("/audit", dependencies=[SeesAll])
def list_audit(params: Annotated[AuditParams, Query()], state: StateDep) -> schema.AuditList:
    """List who did what and when, the newest first."""
    rows = state.audit.newest(params.limit, params.before, params.user, params.action)
    return schema.AuditList(rows=rows)


@router.get("/audit.jsonl", dependencies=[SeesAll], response_class=Response, responses=JSON_LINES)
def export_audit(_: NoParams, state: StateDep) -> Response:
    """Export the whole audit log as JSON Lines, the oldest row first."""

    def lines() -> Iterator[str]:
        for row in state.audit.all():
            yield json.dumps(asdict(row), ensure_ascii=False) + "\n"

    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=headers)
