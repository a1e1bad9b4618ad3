"""Logging in and out on the page: a token becomes a cookie that scripts cannot read."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from whenabouts.server import schema
from whenabouts.server.audit import note
from whenabouts.server.body import json_body
from whenabouts.server.guard import NOT_VALID, session_cookie, session_of
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.openapi import ERRORS, takes
from whenabouts.server.routes.dependencies import NoParams, StateDep, UserDep
from whenabouts.server.users import User

router = APIRouter(prefix="/api/session", responses=ERRORS)
LoginBody = Annotated[schema.LoginBody, Depends(json_body(schema.LoginBody))]


@router.get("")
async def get_session(_: NoParams, user: UserDep) -> schema.Session:
    """Get who is logged in."""
    return schema.Session(user=user_facts(user))


@router.post("", openapi_extra=takes(schema.LoginBody))
async def log_in(_: NoParams, body: LoginBody, request: Request, response: Response, state: StateDep) -> schema.Session:
    """Log in with a token, as the page does.

    The answer sets a cookie for the page.
    """
    if not state.users.exist:
        raise HTTPRefusal(409, "this server has no users, so nobody has to log in")
    client = str(request.scope["client"][0])
    state.attempts.check(client)
    user = state.users.by_token(body.token.strip())
    if user is None:
        state.attempts.failed(client)
        raise HTTPRefusal(401, NOT_VALID)
    session, seconds = await asyncio.to_thread(state.users.log_in, user)
    response.headers["Set-Cookie"] = session_cookie(request.scope, session, seconds)
    note(request.scope, user=user.name)
    return schema.Session(user=user_facts(user))


@router.delete("", status_code=204)
async def log_out(_: NoParams, request: Request, response: Response, state: StateDep) -> None:
    """Log out, as the page does.

    The session ends, and its cookie is deleted.
    """
    if session := session_of(request.headers):
        await asyncio.to_thread(state.users.log_out, session)
    response.headers["Set-Cookie"] = session_cookie(request.scope, "", 0)


def user_facts(user: User) -> schema.UserFacts | None:
    """A user as clients see them; None at a server without users, and where nobody is logged in."""
    return None if user.name is None else schema.UserFacts(name=user.name, scopes=sorted(user.scopes))
