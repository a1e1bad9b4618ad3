"""No command replaces a file that it reads, whatever option names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from media import make_video
from typer.testing import CliRunner

from whenabouts.cli.app import app

ROW = {"qid": 1, "query": "a light", "vid": "video", "duration": 2.0, "relevant_windows": [[0.5, 1.5]]}
ANSWER = {"qid": 1, "query": "a light", "vid": "video", "pred_relevant_windows": [[0.5, 1.5, 0.9]], "said": "0.5 to 1"}
CUE = "1\n00:00:00,500 --> 00:00:01,500\na light goes on\n"
COMMANDS = (
    "find {}/video.mp4 light --report {}/video.mp4",
    "find {}/video.mp4 light --report {}/video.srt",
    "find {}/video.mp4 light --save {}/video.srt",
    "find {}/video.mp4 light --save {}/out.srt --save {}/out.srt",
    "export {}/answers.csv --to {}/answers.csv --video {}/video.mp4",
    "export {}/answers.csv --to {}/video.mp4 --format srt --video {}/video.mp4",
    "evaluate {}/answers.jsonl --benchmark {}/own.jsonl --lmms-log {}/answers.jsonl",
    "evaluate {}/answers.jsonl --benchmark {}/own.jsonl --lmms-log {}/own.jsonl",
    "dataset negatives {}/own.jsonl --out {}/own.jsonl",
    "curate time-r1 --data {}/own.jsonl --out {}/own.jsonl",
    "stress {}/own.jsonl --videos {} --answers {}/own.jsonl",
    "edit {}/video.mp4 cut:0-1 --out {}/video.mp4",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_read_is_not_replaced(tmp_path: Path, command: str) -> None:
    make_video(tmp_path / "video.mp4", fps=8, seconds=2)
    (tmp_path / "video.srt").write_text(CUE)
    (tmp_path / "own.jsonl").write_text(json.dumps(ROW) + "\n")
    (tmp_path / "answers.jsonl").write_text(json.dumps(ANSWER) + "\n")
    (tmp_path / "answers.csv").write_text("query,start,end\na light,0.5,1.5\n")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    done = CliRunner().invoke(app, command.format(*[tmp_path] * command.count("{}")).split())
    assert done.exit_code != 0 and {path: path.read_bytes() for path in tmp_path.iterdir()} == before, done.output
    assert any(word in f"{done.exception}" for word in ("read here", "written twice", "video itself", "is there"))
