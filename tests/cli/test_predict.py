"""`whenabouts predict`: a split's videos become a file that evaluation reads, killed or not, in one process or two."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from chat_server import chat_server
from processes import LIMIT, started, wait_until

from whenabouts.commands import Predict
from whenabouts.synthetic.rendered import Rendered


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    Rendered(4, scenes=4, queries=2).write(folder, "val")
    return folder


def command(videos: Path, out: Path, *more: str) -> list[str]:
    asked = [
        "predict",
        "qvhighlights",
        "--data",
        str(videos),
        "--split",
        "val",
        "--videos",
        str(videos),
        "--out",
        str(out),
    ]
    return [sys.executable, "-m", "whenabouts", *asked, *more]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, capture_output=True, text=True, timeout=LIMIT, check=False)


def test_every_query_is_answered_and_can_be_evaluated(videos: Path, tmp_path: Path) -> None:
    out = tmp_path / "one.jsonl"
    done = run(*command(videos, out))
    assert done.returncode == 0, done.stderr
    truth = videos / "highlight_val_release.jsonl"
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [r["qid"] for r in rows] == [json.loads(line)["qid"] for line in truth.read_text().splitlines()]
    assert all(len(r["pred_relevant_windows"]) <= 10 and r["pred_saliency_scores"] for r in rows)
    scored = run(
        sys.executable, "-m", "whenabouts", "evaluate", str(out), "--benchmark", "qvhighlights", "--ground-truth",
        str(truth), "--json",
    )  # fmt: skip
    assert scored.returncode == 0, scored.stderr
    two = tmp_path / "two.jsonl"
    assert run(*command(videos, two, "--workers", "2")).returncode == 0
    assert two.read_text() == out.read_text()


def test_videos_of_every_suffix_that_a_library_takes_are_found(videos: Path, tmp_path: Path) -> None:
    some = tmp_path / "videos"
    some.mkdir()
    for path in videos.glob("*.mp4"):
        (some / f"{path.stem}.M2TS").write_bytes(path.read_bytes())
    answers = tmp_path / "answers.jsonl"
    truth = videos / "highlight_val_release.jsonl"
    done = Predict(benchmark="qvhighlights", data=truth, split="val", videos=some, out=answers, fps=1.0).run()
    assert done.failures == {}
    assert len(answers.read_text().splitlines()) == len(truth.read_text().splitlines())
    assert json.loads((tmp_path / "answers.receipt.json").read_text())["settings"]["fps"] == 1.0


def test_ctrl_c_tells_that_the_same_command_goes_on(videos: Path, tmp_path: Path) -> None:
    out, over = tmp_path / "out.jsonl", threading.Event()

    def script(request: dict[str, Any], number: int) -> str:
        if number >= 2:
            over.wait(LIMIT)
        return "The event happens in 1.0 - 3.0 seconds."

    with chat_server(script) as (url, got):
        model = ["--model", f"openai:{url}#Qwen2.5-VL"]
        with started(command(videos, out, *model)) as process:
            wait_until(lambda: out.exists() and len(got) > 2)
            process.send_signal(signal.SIGINT)
            over.set()
            _, told = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert told == "whenabouts: interrupted; the same command goes on where it stopped\n"
    assert len(out.read_text().splitlines()) == 2


@pytest.mark.slow
def test_a_killed_run_goes_on(videos: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.jsonl", tmp_path / "broken.jsonl"
    assert run(*command(videos, whole)).returncode == 0
    with started(command(videos, broken), stderr=subprocess.DEVNULL):
        wait_until(lambda: broken.exists() and broken.read_text().count("\n") >= 2)
    with broken.open("a") as file:
        file.write('{"qid": 5, "half a ro')
    assert run(*command(videos, broken)).returncode == 0
    assert broken.read_text() == whole.read_text()


def test_missing_videos_and_foreign_files_are_told(videos: Path, tmp_path: Path) -> None:
    some = tmp_path / "some"
    some.mkdir()
    first = sorted(videos.glob("*.mp4"))[0]
    (some / first.name).write_bytes(first.read_bytes())
    (some / "rendered_0_1.mp4").write_bytes(b"no video")
    out = tmp_path / "out.jsonl"
    arguments = command(videos, out)
    arguments[arguments.index("--videos") + 1] = str(some)
    done = run(*arguments)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "rendered_0_2: no video of that name found" in done.stderr and "3 videos are not answered" in done.stderr
    assert len(out.read_text().splitlines()) == 2
    other = run(*command(videos, out, "--top", "3"))
    assert other.returncode == 1 and "made with another model or setting" in other.stderr


def test_ray_gives_the_same_answers(videos: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    here, there = tmp_path / "here.jsonl", tmp_path / "there.jsonl"
    assert run(*command(videos, here)).returncode == 0
    done = run(*command(videos, there, "--engine", "ray", "--workers", "2"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("wrote ") and done.stderr.count("\n") == 1  # nothing of Ray's own
    assert sorted(there.read_text().splitlines()) == sorted(here.read_text().splitlines())
