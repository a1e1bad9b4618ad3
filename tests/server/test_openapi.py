"""The schema tells the truth: whatever is made from it is answered as it says, and never with a failure."""

from __future__ import annotations

from typing import Any

import pytest
from serving import Server

schemathesis = pytest.importorskip("schemathesis")


@pytest.fixture
def api(server: Server) -> Any:
    config = schemathesis.Config.from_dict({"seed": 7})
    return schemathesis.openapi.from_url(f"{server.address}/openapi.json", config=config)


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
def test_what_the_schema_allows_is_answered_as_it_says(case: Any, server: Server) -> None:
    case.call_and_validate(base_url=server.address)


def test_every_address_of_the_api_is_told_with_its_errors(server: Server) -> None:
    told = server.json("GET", "/openapi.json")
    for path, methods in told["paths"].items():
        for method, facts in methods.items():
            assert path.startswith("/api/") and facts["description"], (method, path)
            assert {"401", "403", "422"} <= set(facts["responses"]), (method, path)
            assert facts["responses"]["422"]["content"]["application/json"]["schema"]["$ref"].endswith("/Error")
