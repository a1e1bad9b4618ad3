"""What each address needs: one table for all routes. A route that is not in it is for administrators alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Security
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer, SecurityScopes

from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.users import Scope, User

__all__ = ["NEEDS", "declare_scopes"]

NEEDS: dict[str, Scope | None] = {
    # open to everybody: these show nothing of any video
    "GET /": None,
    "GET /page/languages.json": None,
    "GET /page/{name:path}": None,
    "GET /api/health": None,
    "GET /api/session": None,
    "POST /api/session": None,
    "DELETE /api/session": None,
    # looking
    "GET /docs": "read",
    "GET /openapi.json": "read",
    "GET /api/about": "read",
    "GET /api/videos": "read",
    "GET /api/videos/{video}": "read",
    "GET /api/videos/{video}/stream": "read",
    "GET /api/videos/{video}/picture": "read",
    "GET /api/videos/{video}/strip": "read",
    "GET /api/videos/{video}/pictures": "read",
    "GET /api/videos/{video}/waveform": "read",
    "GET /api/videos/{video}/captions": "read",
    "GET /api/videos/{video}/words": "read",
    "GET /api/videos/{video}/frame": "read",
    "GET /api/videos/{video}/frames": "read",
    "GET /api/videos/{video}/sound": "read",
    "GET /api/pictures/{sha256}": "read",
    "GET /api/videos/{video}/transcript": "read",
    "POST /api/videos/{video}/copy": "read",  # some videos cannot be played without it; all users share the copy
    "POST /api/videos/{video}/export": "read",
    "POST /api/videos/{video}/transcript": "read",
    "POST /api/stringout": "read",
    "GET /api/videos/{video}/annotations": "read",
    "GET /api/videos/{video}/annotations/events": "read",
    "GET /api/videos/{video}/agreement": "read",
    "GET /api/annotations.jsonl": "read",
    "GET /api/jobs": "read",
    "GET /api/jobs/{job}": "read",
    "GET /api/jobs/{job}/events": "read",
    "GET /api/jobs/{job}/file": "read",
    "GET /api/questions": "read",
    "GET /api/batches": "read",
    "GET /api/batches/{batch}": "read",
    "GET /api/batches/{batch}/moments.csv": "read",
    "GET /api/watches": "read",
    "GET /api/watches/{watch}": "read",
    "GET /api/watches/{watch}/events": "read",
    # what takes time of the server, or space on its disk
    "POST /api/videos": "ask",
    "DELETE /api/videos/{video}": "ask",
    "POST /api/videos/{video}/find": "ask",
    "POST /api/videos/{video}/clip": "ask",
    "POST /api/videos/{video}/scenes": "ask",
    "POST /api/pictures": "ask",
    "POST /api/search": "ask",
    "POST /api/batches": "ask",
    "POST /api/questions": "ask",
    "DELETE /api/questions/{question}": "ask",
    "POST /api/jobs/{job}/cancel": "ask",
    "DELETE /api/jobs/{job}": "ask",
    "POST /api/watches": "ask",
    "DELETE /api/watches/{watch}": "ask",
    "POST /api/watches/{watch}/stop": "ask",
    "POST /api/watches/{watch}/queries": "ask",
    "DELETE /api/watches/{watch}/queries": "ask",
    # what becomes training data
    "PUT /api/videos/{video}/annotations": "correct",
    "DELETE /api/videos/{video}/annotations": "correct",
    # the whole server
    "POST /api/folders/{folder}/index": "administer",
    "POST /api/folders/{folder}/watch": "administer",
    "GET /api/audit": "administer",
    "GET /api/audit.jsonl": "administer",
    "GET /metrics": "administer",
}


def declare_scopes(router: APIRouter) -> None:
    """Let each route of a router demand its scope of the user."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                scope: Scope | None = NEEDS.get(f"{method} {route.path}", "administer")
                if scope is not None:
                    route.dependencies.append(_demands(scope))


def _demands(scope: Scope) -> Dependency:
    demand: Dependency = Security(_permit, scopes=[scope])
    return demand


async def _permit(
    request: Request,
    needed: SecurityScopes,
    _described: Annotated[object, Depends(HTTPBearer(scheme_name="token", auto_error=False))],
) -> None:
    """Raises HTTPRefusal: 401 where nobody is logged in, 403 where the user's scopes are others."""
    user: User = request.scope["user"]
    missing = [scope for scope in needed.scopes if scope not in user.scopes]
    if missing and user.name is None:
        sentence = "this server needs a login: send Authorization: Bearer TOKEN, or log in on its page"
        raise HTTPRefusal(401, sentence, **{"WWW-Authenticate": "Bearer"})
    if missing:
        raise HTTPRefusal(403, f"this needs the scope {missing[0]!r}, which your token does not have")
