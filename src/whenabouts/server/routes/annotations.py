"""Annotations: saved, listed, compared, and exported for evaluation and training."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from whenabouts.server import schema
from whenabouts.server.agreement import agreement
from whenabouts.server.annotations import SavedAnnotation
from whenabouts.server.body import json_body
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.openapi import ERRORS, takes
from whenabouts.server.routes.dependencies import NoParams, Params, StateDep, UserDep, VideoDep, get_facts, own_name

router = APIRouter(prefix="/api", responses=ERRORS)
JSON_LINES: dict[int | str, dict[str, Any]] = {
    200: {"description": "JSON Lines", "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
}
CORRECTION_EXAMPLE = {"query": "a red car passes", "annotator": "mina", "windows": [[586.727, 590.4]]}
CorrectionBody = Annotated[schema.CorrectionBody, Depends(json_body(schema.CorrectionBody))]


class ExportParams(Params):
    """Whose annotations to export; everyone's by default."""

    annotator: schema.Name | None = None


@router.get("/videos/{video}/annotations")
def list_annotations(video: VideoDep, _: NoParams, state: StateDep) -> schema.AnnotationList:
    """List the annotations of a video."""
    return schema.AnnotationList(annotations=[_shown(each) for each in state.annotations.of_video(video.id)])


@router.put("/videos/{video}/annotations", openapi_extra=takes(schema.CorrectionBody, CORRECTION_EXAMPLE))
async def put_annotation(
    video: VideoDep, _: NoParams, body: CorrectionBody, user: UserDep, state: StateDep
) -> schema.Annotation:
    """Create or replace one annotator's windows for one query; the answer comes when they are on the disk."""
    duration = (await get_facts(state, video))["duration"]
    windows = sorted((start, min(end, duration)) for start, end in body.windows)
    if wrong := next((window for window in windows if not window[0] < window[1]), None):
        raise HTTPRefusal(409, f"windows: a window needs start < end within {duration:.3f} s, got {list(wrong)}")
    put, place = state.annotations.put, video.relative_path
    annotator = own_name(user, body.annotator)
    return _shown(await state.writes.run(lambda: put(video.id, place, duration, body.query, annotator, windows)))


@router.get("/videos/{video}/agreement")
def get_agreement(video: VideoDep, _: NoParams, state: StateDep) -> schema.Agreement:
    """Get how much the annotators of a video agree on each query."""
    windows: dict[str, dict[str, tuple[tuple[float, float], ...]]] = {}
    for each in state.annotations.of_video(video.id):
        windows.setdefault(each.query, {})[each.annotator] = each.windows
    queries = [
        schema.QueryAgreement(query=query, annotators=list(of_query), tiou=agreement(of_query))
        for query, of_query in windows.items()
    ]
    known = [each.tiou for each in queries if each.tiou is not None]
    return schema.Agreement(queries=queries, mean=sum(known) / len(known) if known else None)


@router.get("/annotations.jsonl", response_class=Response, responses=JSON_LINES)
def export_annotations(params: Annotated[ExportParams, Query()], state: StateDep) -> Response:
    """Export all annotations as JSON Lines, for `whenabouts evaluate`, `train`, `curate` and `post-train`."""
    return Response(
        "".join(row.to_line() for row in state.annotations.export(params.annotator)).encode(),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="annotations.jsonl"'},
    )


def _shown(saved: SavedAnnotation) -> schema.Annotation:
    """An annotation as clients see it."""
    return schema.Annotation(
        query=saved.query,
        annotator=saved.annotator,
        windows=[list(window) for window in saved.windows],
        saved=saved.saved,
    )
