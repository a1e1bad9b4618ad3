"""Pictures as examples: uploaded, and shown small."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import FileResponse, Response

from whenabouts.server import schema
from whenabouts.server.body import refuse_encoded
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.openapi import ERRORS
from whenabouts.server.routes.dependencies import NoParams, StateDep, UserDep, declared_length

router = APIRouter(prefix="/api/pictures", responses=ERRORS)
BINARY = {"schema": {"type": "string", "format": "binary"}}
PICTURE_BODY = {"required": True, "content": {"application/octet-stream": BINARY, "image/*": BINARY}}
JPEG: dict[int | str, dict[str, Any]] = {200: {"description": "A thumbnail", "content": {"image/jpeg": BINARY}}}
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the picture's bytes.")]


@router.post("", status_code=201, openapi_extra={"requestBody": PICTURE_BODY})
async def upload_picture(_: NoParams, request: Request, user: UserDep, state: StateDep) -> schema.Picture:
    """Upload a picture to search by it: the body is the bytes of the file."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/octet-stream" and not media_type.startswith("image/"):
        raise HTTPRefusal(415, "send the bytes of the picture with Content-Type: application/octet-stream, or image/…")
    refuse_encoded(request)
    with state.quotas.taking(user, size=declared_length(request, user) or 0):
        sha256 = await state.pictures.receive(request.stream())
    return schema.Picture(like=f"picture:{sha256}", sha256=sha256, picture=f"/api/pictures/{sha256}")


@router.get("/{sha256}", response_class=Response, responses=JPEG)
def get_example_picture(sha256: Sha256, _: NoParams, state: StateDep) -> Response:
    """A thumbnail of an uploaded picture."""
    path = state.pictures.thumbnail(sha256)
    if not path.is_file():
        raise HTTPRefusal(404, "there is no such picture")
    return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})
