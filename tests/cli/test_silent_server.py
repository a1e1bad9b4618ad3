"""A model whose server takes the request and never answers, as a person meets it at the terminal."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="the extra llm is not installed")

from chat_server import silent_server
from processes import LIMIT, running, wait_until
from subtitled import video

SRT = "1\n00:00:01,000 --> 00:00:03,000\nThe budget was approved on Tuesday.\n"


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = video(tmp_path / "talk.mp4")
    path.with_suffix(".srt").write_text(SRT, "utf-8")
    return path


def test_a_budget_holds_and_what_retrieval_found_is_the_answer(talk: Path) -> None:
    with silent_server() as (address, _):
        asked = [
            "find",
            talk,
            "the budget was approved",
            "--evidence",
            "said",
            "--budget",
            "8s",
            "--no-cache",
            "--json",
        ]
        with running(*asked, "--reader", f"openai:{address}#x") as process:
            out, err = process.communicate(timeout=LIMIT)
        assert process.returncode == 0, err
    [answer] = json.loads(out)
    assert answer["moments"][0]["start"] == 1.0
    assert any(note.startswith("the budget of 8 s was spent") for note in answer["notes"])


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
@pytest.mark.parametrize(
    "settings", [["--evidence", "said", "--no-cache", "--reader"], ["--no-cache", "--model"]], ids=["reader", "model"]
)
def test_ctrl_c_ends_the_program_while_a_request_is_under_way(talk: Path, settings: list[str]) -> None:
    with (
        silent_server() as (address, reached),
        running("find", talk, "the budget was approved", *settings, f"openai:{address}#x") as process,
    ):
        wait_until(reached)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=55)  # the request itself would last a minute
        assert process.returncode == 130 and "Traceback" not in err
