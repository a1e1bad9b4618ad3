"""Choosing training samples from the command line: ask, drop, draw, prove."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("trl", reason="the extra rl is not installed")

from whenabouts.cli.app import app
from whenabouts.training.post.samples import Sample, read_samples, write_samples

POOL = [
    Sample("easy", "a.mkv", "a dog barks", ((1.0, 3.0),), 8.0, (0.9, 0.8)),
    Sample("fair", "a.mkv", "rain falls", ((1.0, 3.0),), 8.0, (0.5, 0.6)),
    Sample("hard", "b.mkv", "a door opens", ((1.0, 3.0),), 8.0, (0.0, 0.2)),
    Sample("open", "video.mkv", "a light goes on", ((1.0, 3.0),), 8.0),
    Sample("leak", "3MSZA.mp4", "somebody sneezes", ((1.0, 3.0),), 8.0, (0.5,)),
]


def curate(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["curate", *map(str, words)])
    return result.exit_code, result.output + str(result.exception or "")


def test_a_pool_becomes_training_data_with_a_manifest(tmp_path: Path) -> None:
    pool, out, val = tmp_path / "pool.jsonl", tmp_path / "train.jsonl", tmp_path / "charades_sta_test.txt"
    write_samples(pool, POOL)
    val.write_text("3MSZA 24.3 30.4##person turn a light on.\n")
    with av.open(str(tmp_path / "video.mkv"), "w") as file:
        stream = file.add_stream("ffv1", rate=1, width=24, height=24, pix_fmt="bgr0")
        for _ in range(8):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((24, 24, 3), dtype=np.uint8), format="rgb24")))
        file.mux(stream.encode())
    asked = ["--data", pool, "--out", out, "--against", f"charades-sta={val}", "--absent", "2"]
    code, said = curate("time-r1", *asked)
    assert code == 1 and "open: no ious; let the reference model answer" in said
    code, said = curate("timelens", *asked, "--model", "tiny", "--times", "1")
    assert code == 0, said
    assert "1 leaking, 0 too easy, 0 impossible, 0 not drawn, 6 chosen (train.manifest.json)" in said
    chosen = read_samples(out)
    assert [one.sample for one in chosen if one.windows] == ["easy", "fair", "hard", "open"]
    assert sum(not one.windows for one in chosen) == 2
    manifest = json.loads((tmp_path / "train.manifest.json").read_text("utf-8"))
    assert (manifest["reference"], manifest["against"]) == ("tiny", [f"charades-sta={val}"])
    assert read_samples(tmp_path / "train.scored.jsonl")[-1].ious == (0.0,)
    (tmp_path / "video.mkv").unlink()  # what was scored once is not asked again
    assert curate("timelens", *asked, "--model", "tiny", "--times", "1")[0] == 0


def test_what_cannot_be_curated_is_told(tmp_path: Path) -> None:
    pool = tmp_path / "pool.jsonl"
    write_samples(pool, POOL[:1])
    assert (
        "the recipe sft has no rule for choosing samples; choose one of: time-r1, timelens, timelens2, tempsamp-r1"
        in curate("sft", "--data", pool, "--out", tmp_path / "o")[1]
    )
    assert "is a file that is read here" in curate("time-r1", "--data", pool, "--out", pool)[1]
    code, said = curate("time-r1", "--data", pool, "--out", tmp_path / "o", "--easiest", "0.7")
    assert code == 1 and "no sample is left to train on: 0 leaking, 1 too easy" in said
