"""Every route declares what it needs, and refuses those who have it not."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from server_users import Shared

from whenabouts.server.users import Scope


def filled(path: str) -> str:
    """The path with ids that nothing has."""
    return re.sub(r"\{\w+\}", "x", path.replace("{name:path}", "main.js"))


def test_every_route_is_in_the_table_and_the_table_names_no_other() -> None:
    pytest.importorskip("fastapi")
    from whenabouts.server.routes import ROUTERS
    from whenabouts.server.scopes import NEEDS

    found = {f"{method} {route.path}" for router in ROUTERS for route in router.routes for method in route.methods}
    assert found == set(NEEDS)


def test_the_schema_tells_the_scope_of_every_address(shared_server: Shared) -> None:
    from whenabouts.server.scopes import NEEDS

    routes = shared_server.routes()
    assert len(routes) > 30
    for method, path, operation in routes:
        scope = NEEDS[f"{method} {path}"]
        assert operation.get("security") == (None if scope is None else [{"token": [scope]}]), (method, path)


def test_each_scope_opens_its_own_routes_and_no_others(shared_server: Shared) -> None:
    from whenabouts.server.scopes import NEEDS

    clients = {name: shared_server.as_user(name) for name in (None, *get_args(Scope))}
    for route, needed in NEEDS.items():
        method, path = route.split(" ")
        if path.endswith(("/session", "/audit.jsonl")):
            continue  # logs this client in or out; see test_users.py and test_audit.py
        for scope, client in clients.items():
            status = client.request(method, filled(path)).status_code
            if needed is None or scope == needed:
                assert status not in {401, 403}, (scope, route)
            else:
                assert status == (401 if scope is None else 403), (scope, route)


def test_a_refusal_is_one_sentence_and_says_what_is_missing(shared_server: Shared) -> None:
    nobody = shared_server.as_user(None).get("/api/videos")
    assert nobody.headers["www-authenticate"] == "Bearer" and "login" in nobody.json()["error"]
    reader = shared_server.as_user("read").get("/metrics")
    assert "'administer'" in reader.json()["error"]
