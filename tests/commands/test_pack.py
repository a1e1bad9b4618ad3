"""A run becomes a folder that answers, with a card that says what it is beside blind answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.benchmarks import dataset  # noqa: E402
from whenabouts.benchmarks.features import with_features  # noqa: E402
from whenabouts.commands import Pack  # noqa: E402
from whenabouts.errors import InputError  # noqa: E402
from whenabouts.grounders import load  # noqa: E402
from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.checkpoint import save_head  # noqa: E402
from whenabouts.training.supervised.judge import by_windows  # noqa: E402


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """What `train` leaves of a run on four sentences, and their annotations for training and validation."""
    folder, rng = tmp_path / "run", np.random.default_rng(0)
    folder.mkdir()
    row = {"query": "a dog", "duration": 20, "relevant_windows": [[2, 10]], "split": "val"}
    own = tmp_path / "my.jsonl"
    own.write_text("".join(json.dumps(row | {"qid": qid, "vid": f"v{qid}"}) + "\n" for qid in range(4)))
    benchmark = dataset(own).load()
    video = {e.video: rng.normal(size=(10, 8)).astype(np.float32) for e in benchmark.examples}
    words = {str(e.qid): rng.normal(size=(3, 6)).astype(np.float32) for e in benchmark.examples}
    judge = by_windows(with_features(benchmark.examples, video, words), benchmark)
    torch.manual_seed(0)
    head = HEADS["moment-detr"].sized(8, 6, small=True)
    scores = judge(head)
    judge.write(folder, {"epoch": 1})
    facts = {"benchmark": str(own), "encoder": "builtin", "clip_seconds": 2.0, "scores": scores, "epoch": 1}
    save_head(head, folder / "best.pt", facts)
    return folder


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_folder_is_a_model_with_a_card(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "hub"
    packed = Pack.of(model=run, out=out, name="me/dogs", data=tmp_path / "my.jsonl", onnx=True).run()
    assert packed.push == f"hf upload me/dogs {out}"
    assert packed.difference is not None and packed.difference < 1e-5
    names = {"README.md", "best.pt", "config.json", "model.onnx", "validation.jsonl", "validation.receipt.json"}
    assert {path.name for path in out.iterdir()} == names
    config = json.loads((out / "config.json").read_text())
    assert config["head"] == "moment-detr" and config["facts"]["clip_seconds"] == 2.0
    card = (out / "README.md").read_text()
    for told in ("# dogs", "arXiv:2107.09609", "whenabouts find --model FOLDER", "| MR-full-mAP |", "| R1@0.5 |"):
        assert told in card
    assert "best blind baseline" in card and "whole video" in card
    assert load(str(out)).name == "learned"


def test_a_run_is_not_written_over_itself(run: Path) -> None:
    with pytest.raises(InputError, match="name another folder"):
        Pack.of(model=run, out=run).run()
