"""The example of research shows what its README says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "examples" / "research"


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FOLDER / "rewards.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_transport_orders_most_groups_in_which_every_answer_misses() -> None:
    done = _run("--queries", "150", "--json")
    assert done.returncode == 0, done.stderr
    shares = json.loads(done.stdout)["beginner"]
    assert shares["both constant"]["high"] < shares["overlap constant"]["low"]
    assert shares["missed, both constant"]["mean"] < 0.2 < shares["missed, both flat"]["mean"]
    assert shares["missed, both flat"]["groups"] == round(shares["missed"]["mean"] * 150)


def test_a_file_of_annotations_is_answered(tmp_path: Path) -> None:
    rows = [
        {"qid": 1, "vid": "a", "query": "x", "duration": 60, "relevant_windows": [[0, 60]]},
        {"qid": 2, "vid": "a", "query": "y", "duration": 60, "relevant_windows": []},
    ]
    truth = tmp_path / "truth.jsonl"
    truth.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = json.loads(_run("--data", truth, "--json").stdout)
    assert all(shares["missed"] == {"mean": 0, "low": 0, "high": 0, "groups": 1} for shares in found.values())


@pytest.mark.parametrize(
    ("options", "told"),
    [(["--data", "no.jsonl"], "does not exist"), (["--queries", "0"], "1 or more")],
)
def test_what_cannot_be_measured_is_told_in_a_sentence(options: list[str], told: str) -> None:
    done = _run(*options)
    assert done.returncode == 2 and told in done.stderr and "Traceback" not in done.stderr


def test_the_readme_has_what_the_program_prints() -> None:
    assert _run().stdout in (FOLDER / "README.md").read_text("utf-8")
