"""`whenabouts calibrate` from files to a table, and on to `find`."""

from __future__ import annotations

from pathlib import Path

from answered import write
from typer.testing import CliRunner

from whenabouts.cli.app import app


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["calibrate", *arguments], catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def test_figures_stand_beside_those_of_answers_that_know_nothing(tmp_path: Path) -> None:
    answers, annotations = write(tmp_path)
    code, out, err = run(str(answers), str(annotations), "--out", str(tmp_path / "cal.json"), "--risk", "0.3")
    assert code == 0
    assert "from 400 queries on 40 videos" in out and "20 videos held out, 200 queries" in out
    for name in ("AUROC", "ECE", "FPR at 95 % TPR", "E-AURC", "rejection F1", "calibrated", "prior", "random"):
        assert name in out, name
    assert "left unanswered below a presence of" in out and "ranges hold start and end of" in out
    assert f"--calibrator {tmp_path / 'cal.json'}" in err.replace("\n", "")
    assert max(map(len, out.splitlines())) <= 100
