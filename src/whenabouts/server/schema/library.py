"""What a search of the library finds, and pictures to search by."""

from __future__ import annotations

from pydantic import BaseModel

from whenabouts.moment import Moment

__all__ = ["LibraryHit", "LibraryHits", "Picture"]


class LibraryHit(BaseModel):
    """A moment of a video of the library, the address of its thumbnail, and what is damaged of the video.

    unlikely: whether it is listed only as the nearest that there is
    """

    video: str | None
    name: str
    moment: Moment
    picture: str | None
    notes: list[str] = []
    unlikely: bool = False


class LibraryHits(BaseModel):
    """Moments, best first, and whether what is sought is in any of the videos.

    presence: P(it happens in one of them), null where scores only rank; `absent` is whether it is probably in none, and
    the moments are then only the nearest. `videos` is how many were searched. `notes` say what must be known.
    """

    hits: list[LibraryHit]
    presence: float | None = None
    absent: bool = False
    videos: int = 0
    notes: list[str] = []


class Picture(BaseModel):
    """An uploaded picture: what the field `like` of a find or a search takes, and the address of a thumbnail."""

    like: str
    sha256: str
    picture: str
