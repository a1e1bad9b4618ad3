"""What the server is: its health, its formats, folders, kinds of evidence, and who asks."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from whenabouts.interchange.formats.format import Group
from whenabouts.server.users import Scope

__all__ = ["About", "Error", "EvidenceKindFacts", "FolderFacts", "FormatFacts", "Health", "UserFacts"]


class Error(BaseModel):
    """Why a request was refused, in one sentence."""

    error: str


class Health(BaseModel):
    """The server is running. It is degraded where nothing can be saved, and `reason` says why; reads go on."""

    status: Literal["ok", "degraded"]
    reason: str | None = None
    version: str


class FormatFacts(BaseModel):
    """A file format: its name in requests, the suffix of its files, and the programs that it is for.

    `group`: whether its files are for editing programs, for players and web pages, or data
    """

    name: str
    suffix: str
    use: str
    group: Group


class FolderFacts(BaseModel):
    """An allowed folder; `indexed` says whether the library holds any of its videos."""

    id: str
    name: str
    indexed: bool


class EvidenceKindFacts(BaseModel):
    """A kind of evidence: its name in requests and predictions, and words for people.

    `on_request`: it takes long, and is only looked at where a query is about it or a request names it
    """

    name: str
    label: str
    on_request: bool


class UserFacts(BaseModel):
    """A user of this server and what they may do: read, ask, correct, administer."""

    name: str
    scopes: list[Scope]


class About(BaseModel):
    """What this server offers; a presence below `absent_below` means that a query probably does not happen.

    `streams`: whether any addresses on the network may be watched
    `user`: who asks; null at a server without users
    """

    version: str
    models: list[str]
    evidence: list[EvidenceKindFacts]
    absent_below: float
    uploads: bool
    upload_limit: int
    formats: list[FormatFacts]
    folders: list[FolderFacts]
    library: bool
    streams: bool
    user: UserFacts | None
