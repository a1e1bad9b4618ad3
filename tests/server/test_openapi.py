"""The schema tells the truth: whatever is made from it is answered as it says, and never with a failure."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from processes import LIMIT
from serving import Server, serving

DEEP = ("--max-examples", "3")  # in every phase: what each limit of the schema separates, and chains of requests too
A_LITTLE = ("--max-examples", "2", "--phases", "examples,fuzzing")


@pytest.mark.parametrize("depth", [A_LITTLE, pytest.param(DEEP, marks=pytest.mark.slow)], ids=["a little", "deep"])
def test_schemathesis_finds_nothing(depth: tuple[str, ...], videos: Path, tmp_path: Path) -> None:
    pytest.importorskip("schemathesis")
    bounds = [*depth, "--checks", "all", "--seed", "7", "--no-color", "--request-timeout", "300"]
    bounds += ["--max-response-time", "300"]  # a busy machine is slow, and not wrong
    bounds += ["--exclude-path-regex", "annotations/events$"]  # a stream that never ends
    with serving(videos / "old", "--data", tmp_path / "data") as fresh:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{fresh.address}/openapi.json", *bounds]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stdout[-6000:]
        assert not [line for line in fresh.said if "Traceback" in line], "".join(fresh.said)


def test_every_address_of_the_api_is_told_with_its_errors(server: Server) -> None:
    told = server.json("GET", "/openapi.json")
    for path, methods in told["paths"].items():
        for method, facts in methods.items():
            assert path.startswith("/api/") and facts["description"], (method, path)
            assert {"401", "403", "422"} <= set(facts["responses"]), (method, path)
            assert facts["responses"]["422"]["content"]["application/json"]["schema"]["$ref"].endswith("/Error")


def test_operations_read_as_methods_of_a_client(server: Server) -> None:
    told = server.json("GET", "/openapi.json")
    operations = [facts for methods in told["paths"].values() for facts in methods.values()]
    names = [facts["operationId"] for facts in operations]
    assert len(set(names)) == len(names) and {"find_moments", "list_videos", "get_job", "create_watch"} <= set(names)
    known = {tag["name"] for tag in told["tags"]}
    for facts in operations:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", facts["operationId"]), facts["operationId"]
        assert len(facts["tags"]) == 1 and set(facts["tags"]) <= known, facts["operationId"]
        assert len(facts["summary"].split()) >= 3 and facts["summary"][0].isupper(), facts["operationId"]
        assert facts["description"].startswith(facts["summary"].split(". ")[0][:20]), facts["operationId"]


def test_examples_are_what_their_operations_take(server: Server) -> None:
    told = server.json("GET", "/openapi.json")
    seen = 0
    for methods in told["paths"].values():
        for facts in methods.values():
            parts = [facts.get("requestBody", {}), *facts["responses"].values()]
            for media in (media for part in parts for media in part.get("content", {}).values()):
                if "example" in media:
                    seen += 1
                    jsonschema.validate(media["example"], media["schema"] | {"components": told["components"]})
    assert seen > 10


def test_a_whole_number_may_be_written_with_a_point_and_text_is_none(server: Server) -> None:
    video = server.video("cat.mp4")
    for top, status in ((2.0, 202), (2.5, 422), ("2", 422), (True, 422), (None, 422)):
        asked = {"queries": ["a guide"], "evidence": ["said"], "top": top}
        assert server.client.post(f"/api/videos/{video}/find", json=asked).status_code == status, top


def test_405_says_which_methods_there_are(server: Server) -> None:
    answer = server.client.put("/api/videos")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
