"""A server with users, for the tests of what each may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from processes import LIMIT
from serving import Server, serving

from whenabouts.server.users import SCOPES, Quota, Scope, open_users


class Shared:
    """A running server with users; `as_user` gives a client with one's token."""

    def __init__(self, server: Server, tokens: dict[str, str]) -> None:
        self.server, self.tokens = server, tokens

    def as_user(self, name: str | None) -> httpx.Client:
        headers = {} if name is None else {"Authorization": f"Bearer {self.tokens[name]}"}
        return httpx.Client(base_url=self.server.address, headers=headers, timeout=LIMIT)

    def routes(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Every method and path of the API, with what the schema says of it."""
        schema = self.as_user("root").get("/openapi.json").json()
        return [
            (method.upper(), path, operation)
            for path, methods in schema["paths"].items()
            for method, operation in methods.items()
        ]


@contextmanager
def shared(videos: Path, data: Path, *more: str | Path, **environment: str) -> Iterator[Shared]:
    """root may do everything; ann asks and corrects everywhere, bob in `old` alone; one more user for each scope."""
    tokens: dict[str, str] = {}
    everything: tuple[Scope, ...] = SCOPES
    with open_users(data) as users:

        def add(name: str, scopes: tuple[Scope, ...], folders: list[Path] | None = None, **quota: Any) -> None:
            users.add(name, scopes, folders, Quota(**quota))
            tokens[name] = users.issue(name, days=1)

        add("root", everything)
        add("ann", ("read", "ask", "correct"))
        add("eve", ("read", "ask", "correct"))
        add("bob", everything, [videos / "old"])
        add("small", ("read", "ask"), None, jobs_at_once=2, jobs_a_day=3, seconds_a_day=20.0, upload_bytes_a_day=1000)
        add("one", ("read", "ask"), None, jobs_at_once=1)
        add("brief", ("read", "ask"), None, seconds_a_day=5.0)
        for scope in SCOPES:
            add(scope, (scope,))
    with serving(videos, "--data", data, *more, **environment) as running:
        found = Shared(running, tokens)
        yield found
        with found.as_user("root") as root:
            assert 'status="500"' not in root.get("/metrics").text, "".join(running.said)
