"""What annotators say: saved, given back, compared, and as lines for evaluation and training."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from whenabouts.server import schema
from whenabouts.server.agreement import agreement
from whenabouts.server.annotations import Saved
from whenabouts.server.openapi import ERRORS, body, takes
from whenabouts.server.refusal import Refusal
from whenabouts.server.routes.parts import Nothing, These, ThisVideo

router = APIRouter(prefix="/api", responses=ERRORS)
LINES: dict[int | str, dict[str, Any]] = {
    200: {"description": "JSON Lines", "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
}


class By(BaseModel):
    """Whose."""

    model_config = ConfigDict(extra="forbid")
    annotator: schema.Name | None = None


@router.get("/videos/{video}/annotations")
def of_video(video: ThisVideo, _: Annotated[Nothing, Query()], parts: These) -> schema.Annotations:
    """All annotations of a video."""
    return schema.Annotations(annotations=[_told(each) for each in parts.annotations.of(video.id)])


@router.put("/videos/{video}/annotations", openapi_extra=takes(schema.Correction))
async def annotate(
    video: ThisVideo,
    _: Annotated[Nothing, Query()],
    asked: Annotated[schema.Correction, Depends(body(schema.Correction))],
    parts: These,
) -> schema.Annotation:
    """Save what an annotator says about a query, in place of what they said before."""
    duration = (await parts.looks.ask(video, "facts", {"path": str(video.path)}))["duration"]
    windows = [(start, min(end, duration)) for start, end in asked.windows]
    if bad := next((window for window in windows if not window[0] < window[1]), None):
        raise Refusal(409, f"windows: a window needs start < end within {duration:.3f} s, got {list(bad)}")
    return _told(parts.annotations.put(video.id, video.name, duration, asked.query, asked.annotator, sorted(windows)))


@router.get("/videos/{video}/agreement")
def agree(video: ThisVideo, _: Annotated[Nothing, Query()], parts: These) -> schema.Agreement:
    """How much annotators agree on each query of a video."""
    queries: dict[str, dict[str, tuple[tuple[float, float], ...]]] = {}
    for each in parts.annotations.of(video.id):
        queries.setdefault(each.query, {})[each.annotator] = each.windows
    told = [
        schema.QueryAgreement(query=query, annotators=list(windows), tiou=agreement(windows))
        for query, windows in queries.items()
    ]
    known = [each.tiou for each in told if each.tiou is not None]
    return schema.Agreement(queries=told, mean=sum(known) / len(known) if known else None)


@router.get("/annotations.jsonl", response_class=Response, responses=LINES)
def lines(asked: Annotated[By, Query()], parts: These) -> Response:
    """All annotations, or one annotator's, as QVHighlights has them."""
    return Response(
        "".join(parts.annotations.lines(asked.annotator)).encode(),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="annotations.jsonl"'},
    )


def _told(saved: Saved) -> schema.Annotation:
    return schema.Annotation(
        query=saved.query,
        annotator=saved.annotator,
        windows=[list(window) for window in saved.windows],
        saved=saved.saved,
    )
