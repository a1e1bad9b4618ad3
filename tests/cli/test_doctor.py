"""`whenabouts doctor` as a person or a program calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httpx", reason="the extra llm is not installed")

from chat_server import chat_server
from processes import LIMIT, running

from whenabouts.cli.doctor import without_user


@pytest.mark.slow
def test_the_exit_code_says_that_a_model_loses_time_and_nothing_else_is_wrong() -> None:
    def script(request: dict[str, Any], number: int) -> str:
        asked = "How long" in str(request["messages"][-1]["content"])
        return "52" if asked else "The event happens in 16.0 - 28.0 seconds."

    with (
        chat_server(script) as (address, _),
        running("doctor", "--model", f"openai:{address}#Qwen2.5-VL-7B", "--json") as process,
    ):
        out, err = process.communicate(timeout=LIMIT)
    checks = {check["name"]: check for check in json.loads(out)}
    assert process.returncode == 1 and "Traceback" not in err
    assert [name for name, check in checks.items() if check["state"] == "broken"] == ["time"]
    assert {"video", "cache", "telemetry", "extra llm", "moment"} <= checks.keys()


def test_a_report_has_neither_the_name_nor_the_home_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "anna.muster"
    home.mkdir()
    for variable, value in {"HOME": str(home), "USERPROFILE": str(home), "LOGNAME": "anna.muster"}.items():
        monkeypatch.setenv(variable, value)
    for variable in ("XDG_CACHE_HOME", "WHENABOUTS_CACHE", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    (home / "broken").mkdir()
    with running("doctor", "--json", "--library", str(home / "broken")) as process:
        out, err = process.communicate(timeout=LIMIT)
    checks = {check["name"]: check for check in json.loads(out)}
    assert process.returncode == 1 and "Traceback" not in err and "muster" not in out
    assert checks["cache"]["told"].startswith("~") and checks["library ~/broken"]["state"] == "broken"
    assert checks["dependencies"]["facts"]["numpy"]
    assert without_user(["/var/tmp/x_anna.muster/a", "anna.muster-like"]) == ["/var/tmp/x_USER/a", "anna.muster-like"]
