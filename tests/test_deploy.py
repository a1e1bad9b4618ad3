"""What `deploy/` gives an operator names only what there is: extras, files, options, metrics, addresses."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from whenabouts.cli.app import app

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
CONTAINER = (DEPLOY / "Containerfile").read_text("utf-8")
LINES = re.sub(r"\\\n", " ", CONTAINER).splitlines()
SERVE = {
    name: command
    for name, command in typer.main.get_group(app).commands.items()  # type: ignore[attr-defined]
    if name in {"serve", "users"}
}


def instructions(name: str) -> list[str]:
    return [line.partition(" ")[2].strip() for line in LINES if line.startswith(f"{name} ")]


def check(arguments: list[str]) -> None:
    """That the program takes these arguments."""
    name, *rest = arguments
    command = SERVE[name]
    while hasattr(command, "commands"):
        name, *rest = rest
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {each for each in rest if each.startswith("--")} <= known, arguments


def expressions(board: dict[str, Any]) -> Iterator[str]:
    for panel in board["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_the_container_is_made_of_what_there_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    [extras] = re.findall(r"'\.\[([a-z,]+)\]'", CONTAINER)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    for copied in instructions("COPY"):
        if not copied.startswith("--from"):
            assert all((ROOT / source).exists() for source in shlex.split(copied)[:-1]), copied
    [locked] = re.findall(r"\(addprefix --extra ,([a-z ]+)\)", (ROOT / "Makefile").read_text("utf-8"))
    assert extras.split(",") == locked.split(), "what is locked, as test_lock.py says, is what is installed"


def test_the_container_runs_as_nobody_and_says_whether_it_is_well() -> None:
    assert len(instructions("FROM")) == 2 and not [image for image in instructions("FROM") if ":latest" in image]
    user = instructions("USER")[-1].partition(":")[0]
    assert user.isdecimal() and int(user) >= 10000
    assert LINES.index(next(line for line in LINES if line.startswith("USER"))) > max(
        number for number, line in enumerate(LINES) if line.startswith("RUN")
    )
    [health] = instructions("HEALTHCHECK")
    assert "/api/health" in health
    code = json.loads(health[health.index("[") :])
    compile(code[2], "healthcheck", "exec")
    assert instructions("ENTRYPOINT") == ['["whenabouts"]']
    arguments = json.loads(instructions("CMD")[0])
    check(arguments)
    assert arguments[-1] == instructions("EXPOSE")[0]


def test_the_composition_is_read_only_and_names_options_that_there_are() -> None:
    yaml = pytest.importorskip("yaml")
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    server = services["whenabouts"]
    assert server["read_only"] and server["cap_drop"] == ["ALL"] and "ports" not in server
    assert (DEPLOY / server["build"]["context"] / server["build"]["dockerfile"]).is_file()
    check(server["command"])
    assert all((DEPLOY / each.partition(":")[0]).exists() for each in services["caddy"]["volumes"] if each[0] == ".")


@pytest.mark.parametrize("name", ["compose.yaml", "Caddyfile", "nginx.conf", "prometheus.yaml"])
def test_the_commands_in_comments_are_commands(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    comments = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
    found = re.findall(r"whenabouts ((?:serve|users)(?: [^`()]*?)?)(?:`|$)", comments)
    assert found or "serve" in text
    for command in found:
        check(shlex.split(command))


def test_the_dashboard_shows_what_the_server_tells(tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    from whenabouts.server.disk import Disk
    from whenabouts.server.jobs.store import JobStore
    from whenabouts.server.metrics import Metrics

    store = JobStore(tmp_path / "jobs.sqlite")
    told = Metrics(store, Disk(tmp_path)).text().decode()
    store.close()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", told, re.MULTILINE))
    exposed = {
        name
        for name, kind in kinds.items()
        for name in ([f"{name}_{part}" for part in ("bucket", "sum", "count")] if kind == "histogram" else [name])
    }
    board = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
    shown = {name for each in expressions(board) for name in re.findall(r"whenabouts_\w+", each)}
    assert shown <= exposed, shown - exposed
    assert exposed - shown <= {"whenabouts_job_seconds_sum", "whenabouts_job_seconds_count"} | {
        name for name in exposed if name.endswith("_created")
    }, "the dashboard leaves nothing out"
    places = [tuple(panel["gridPos"].values()) for panel in board["panels"]]
    assert len(set(places)) == len(places) == len({panel["id"] for panel in board["panels"]})


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    """Where nginx is installed; the certificate that it names is not there, and nothing else may be wrong."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    (tmp_path / "whole.conf").write_text(f"events {{}} http {{ {(DEPLOY / 'nginx.conf').read_text('utf-8')} }}")
    command = ["nginx", "-t", "-c", str(tmp_path / "whole.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "syntax is ok" in done.stderr or "cannot load certificate" in done.stderr, done.stderr
