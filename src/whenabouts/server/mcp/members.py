"""The users of a server at the tools: each has those of their scopes, in their own folders, within their quota."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken

from whenabouts.commands import Command
from whenabouts.errors import InputError
from whenabouts.server.audit import AuditLog
from whenabouts.server.http_refusal import HTTPRefusal
from whenabouts.server.mcp.arguments import FindArguments
from whenabouts.server.mcp.folders import Folders
from whenabouts.server.mcp.resources import Resources
from whenabouts.server.mcp.toolbox import Toolbox
from whenabouts.server.quota import Quotas
from whenabouts.server.users import NOBODY, Scope, User, UserStore
from whenabouts.video import Video

__all__ = ["Members"]

NEEDS: dict[str, Scope] = {
    "videos": "read",
    "frame": "read",
    "frames": "read",
    "listen": "read",
    "transcript": "read",
    "find": "ask",
    "search": "ask",
    "clip": "ask",
    "export": "ask",
}  # other tools are for administrators of all folders
COUNTED = frozenset({"find", "clip"})  # which are jobs on the page; a search is none there either


class Members:
    """The users in `store`, who share the tools of one server. It verifies their tokens, as the SDK asks for it."""

    def __init__(self, toolbox: Toolbox, store: UserStore, audit: AuditLog) -> None:
        self._toolbox, self._store, self._audit = toolbox, store, audit
        self._quotas, self._running = Quotas(store), Counter[str | None]()
        self._seen: dict[tuple[str | None, frozenset[Scope], tuple[Path, ...] | None], Toolbox] = {}
        self._lock = Lock()

    async def verify_token(self, token: str) -> AccessToken | None:
        """The client, or None."""
        user = self._store.by_token(token)
        return AccessToken(token=token, client_id=user.name or "", scopes=sorted(user.scopes)) if user else None

    def toolbox(self, request: Any) -> Toolbox:
        """The tools of the user who sent an HTTP request; their answers are resources of theirs alone."""
        user = self._user(request)
        key = user.name, user.scopes, user.folders
        with self._lock:
            if key not in self._seen:
                self._seen[key] = _seen_by(self._toolbox, user)
            return self._seen[key]

    @contextmanager
    def calling(self, request: Any, tool: str, arguments: Command, toolbox: Toolbox) -> Iterator[None]:
        """Count a call for the user, and write it in the audit log. Raises InputError where the quota is used up."""
        user = self._user(request)
        needs = NEEDS.get(tool, "administer")
        said = {name: getattr(arguments, name, None) for name in ("video", "queries", "query", "like")}
        detail = {name: value for name, value in said.items() if value}
        if "query" in detail:
            detail["queries"] = [detail.pop("query")]
        jobs, seconds = int(tool in COUNTED), 0.0
        if isinstance(arguments, FindArguments) and user.quota.seconds_a_day is not None:
            with Video(toolbox.folders.video(arguments.video)) as video:
                seconds = video.duration
        try:
            with self._quotas.taking(user, jobs=jobs, seconds=seconds, open_jobs=lambda: self._running[user.name]):
                with self._lock:
                    self._running[user.name] += jobs
                try:
                    yield
                finally:
                    with self._lock:
                        self._running[user.name] -= jobs
        except HTTPRefusal as refusal:
            self._tell(request, user, "refused", tool, refusal.status_code, detail)
            raise InputError(refusal.detail) from None
        if needs != "read":
            self._tell(request, user, "asked" if needs == "ask" else "administered", tool, 200, detail)

    def _tell(self, request: Any, user: User, action: str, tool: str, status: int, detail: dict[str, Any]) -> None:
        client = request.client.host if request.client else "local"
        self._audit.add(user.name, client, action, f"MCP {tool}", status, detail)

    def _user(self, request: Any) -> User:
        caller = request.user
        assert isinstance(caller, AuthenticatedUser), "the SDK lets nobody else in"
        return self._store.by_token(caller.access_token.token) or NOBODY


def _seen_by(toolbox: Toolbox, user: User) -> Toolbox:
    """The tools as a user has them; clips of a user are theirs alone, as the videos are that they are cut from."""
    roots = [each for root in toolbox.folders.roots for each in user.granted(root)]
    offered = frozenset(name for name, scope in NEEDS.items() if scope in user.scopes) | (
        {"index"} if "administer" in user.scopes and user.folders is None else set()
    )
    clips = toolbox.clips / user.name if toolbox.clips and user.name else None
    folders, whole = Folders(roots), toolbox.folders
    return replace(toolbox, folders=folders, whole=whole, offered=offered, clips=clips, resources=Resources())
