"""An audit tells a system that looked from one that did not, and says what could not be made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import whenabouts
from whenabouts.auditing.audited import Audit
from whenabouts.documents.text import text
from whenabouts.language import translate

WORDS = ("opens the door", "sits down", "drinks water", "leaves the room")


def rows(split: str, videos: int, *, seed: int, durations: bool = True) -> list[dict[str, Any]]:
    draw = np.random.default_rng(seed)
    made = []
    for number in range(videos):
        for query in WORDS:
            start = float(draw.uniform(0, 40))
            row = {"qid": f"{split}{number}{query[0]}", "vid": f"{split}{number}", "query": query, "split": split}
            made.append(row | {"relevant_windows": [[start, start + 12]]} | ({"duration": 60} if durations else {}))
    return made


def written(path: Path, lines: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return written(tmp_path / "own.jsonl", rows("train", 30, seed=0) + rows("test", 30, seed=1))


def truth(path: Path) -> dict[str, Any]:
    lines = map(json.loads, path.read_text().splitlines())
    return {row["qid"]: row["relevant_windows"] for row in lines if row["split"] == "test"}


def test_who_looked_gains_and_who_did_not_does_not(own: Path) -> None:
    looked = whenabouts.audit(own, truth(own))
    assert looked.headline is not None and looked.headline.gain_interval is not None
    assert looked.headline.model == 100.0 and looked.headline.gain_interval[0] > 0
    assert "cannot give" in looked.verdicts[0]
    blind = whenabouts.audit(own, {qid: [[0.0, 30.0]] for qid in truth(own)})
    assert blind.headline is not None and blind.headline.gain_interval is not None
    assert blind.headline.gain_interval[0] <= 0 and "cannot give" not in blind.verdicts[0]
    assert blind.headline.gain == pytest.approx((blind.headline.model or 0.0) - (blind.headline.best_score or 0.0))


def test_everything_shown_is_json_and_text(own: Path) -> None:
    found = whenabouts.audit(own, truth(own))
    content = json.loads(json.dumps(found.to_dict()))
    assert set(content["metrics"]["R1@0.5"]["blind"]) == set(whenabouts.audit(own).headline.blind)  # type: ignore[union-attr]
    assert content["biases"] and content["verdicts"][0] in " ".join(found.document().verdicts)
    assert "Blind baselines" in text(found.document(), translate)


def test_the_kind_of_predictor_is_named(own: Path) -> None:
    found = whenabouts.audit(own, {qid: [[0.0, 1000.0]] for qid in truth(own)})
    assert [trait.name for trait in found.traits] == ["hedger"] and found.traits[0].sentence in found.verdicts
    assert found.to_dict()["traits"][0]["name"] == "hedger" and not whenabouts.audit(own).traits


def test_without_training_annotations_it_says_what_could_not_be_made(tmp_path: Path) -> None:
    own = written(tmp_path / "own.jsonl", rows("test", 4, seed=1))
    found = whenabouts.audit(own)
    assert set(found.gains[0].blind) == {"whole video"} and found.name is None
    assert any("vote of similar sentences; name such annotations with --train" in note for note in found.notes)


def test_a_leak_is_told(own: Path) -> None:
    found = whenabouts.audit(own, train=own, split="train")
    assert any("have seen the answers" in note for note in found.notes)


def test_negatives_of_training_are_seen(tmp_path: Path) -> None:
    train, test = rows("train", 30, seed=0), rows("test", 30, seed=1)
    absent = [row | {"relevant_windows": []} for row in test[:48]]
    copied = [row | {"qid": f"copy of {row['qid']}", "split": "train"} for row in absent]
    found = whenabouts.audit(written(tmp_path / "own.jsonl", train + copied + absent + test[48:]))
    assert leaked(found)["rows in training with the same signs and windows"] == 48


def test_both_splits_are_read_as_annotated_for_a_leak(data: Path, tmp_path: Path) -> None:
    """Also where a protocol scores windows that it clamped to the video."""
    folder = data / "charades_sta"
    lines = (folder / "charades_sta_test.txt").read_text().splitlines(keepends=True)[:300]
    for split in ("train", "test"):
        (tmp_path / f"charades_sta_{split}.txt").write_text("".join(lines))
        (tmp_path / f"durations_{split}.csv").write_bytes((folder / "durations_test.csv").read_bytes())
    figures = leaked(whenabouts.audit("charades-sta", truth=tmp_path))
    assert figures["rows in training"] == figures["rows in training with the same signs and windows"] == 300


def leaked(found: Audit) -> dict[str, float]:
    return next(one.figures for one in found.findings if one.bias == "split leak")


def test_videos_of_unknown_length_have_no_baseline(tmp_path: Path) -> None:
    own = written(tmp_path / "own.jsonl", rows("test", 4, seed=1, durations=False))
    found = whenabouts.audit(own, truth(own))
    assert found.known == 0 and found.headline is None
    assert "no blind baseline could be made" in found.verdicts[0]
    assert any("16 of 16 queries are on videos of unknown length" in note for note in found.notes)


def test_a_benchmark_of_moments_and_highlights_is_audited_without_a_system(tmp_path: Path) -> None:
    rows = [
        {"qid": n, "query": f"a cat jumps {n}", "vid": f"v{n}", "duration": 150, "relevant_windows": [[10 * n, 60]]}
        | {"relevant_clip_ids": [29], "saliency_scores": [[4, 3, 4]]}
        for n in range(4)
    ]
    (tmp_path / "highlight_val_release.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = whenabouts.audit("qvhighlights", truth=tmp_path)
    assert found.queries == 4 and found.name is None
