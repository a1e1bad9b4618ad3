"""Saved questions: kept for one person or for all, to be asked again of other videos."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from whenabouts.server import schema
from whenabouts.server.audit import note
from whenabouts.server.body import json_body
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.openapi import ERRORS, takes
from whenabouts.server.questions import SavedQuestion
from whenabouts.server.routes.dependencies import (
    ID_PATTERN,
    NoParams,
    Params,
    StateDep,
    UserDep,
    changeable,
    own_or_administer,
)
from whenabouts.server.users import User

router = APIRouter(prefix="/api/questions", responses=ERRORS)
QuestionBody = Annotated[schema.QuestionBody, Depends(json_body(schema.QuestionBody))]
EXAMPLE = {"query": "a goal is scored", "owner": "me"}


class OwnerParams(Params):
    """Whose questions to list beside the shared ones."""

    owner: schema.Name | None = None


@router.get("")
def list_questions(params: Annotated[OwnerParams, Query()], state: StateDep, user: UserDep) -> schema.QuestionList:
    """List the shared questions, and those of one person."""
    if params.owner is not None:
        own_or_administer(user, params.owner)
    return schema.QuestionList(questions=[_shown(each, user) for each in state.questions.of(params.owner)])


@router.post("", status_code=201, openapi_extra=takes(schema.QuestionBody, EXAMPLE))
async def save_question(
    _: NoParams, body: QuestionBody, state: StateDep, user: UserDep, request: Request
) -> schema.SavedQuestion:
    """Save a question for one person, or for all; one that is there already stays."""
    note(request.scope, queries=[body.query])
    if body.owner is not None:
        own_or_administer(user, body.owner)
    made = await state.writes.run(lambda: state.questions.put(body.query, body.owner, user.name))
    if made is None:
        raise HTTPRefusal(409, "there are too many saved questions; delete some first")
    return _shown(made, user)


@router.delete("/{question}", status_code=204)
async def delete_question(
    question: Annotated[str, Path(pattern=ID_PATTERN, description="An opaque id.")],
    _: NoParams,
    state: StateDep,
    user: UserDep,
    request: Request,
) -> None:
    """Delete a saved question: one's own, or one that oneself has shared."""
    known = state.questions.get(question)
    note(request.scope, queries=[known.query] if known else [])
    if known is not None:
        own_or_administer(user, known.owner or known.author)
    if not await state.writes.run(lambda: state.questions.delete(question)):
        raise HTTPRefusal(404, "there is no such question")


def _shown(question: SavedQuestion, user: User) -> schema.SavedQuestion:
    return schema.SavedQuestion(
        id=question.id,
        query=question.query,
        owner=question.owner,
        changeable=changeable(user, question.owner or question.author),
    )
