"""Two systems that a single score would put in the wrong order are told apart in words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from whenabouts.auditing.judged import Judged, judge
from whenabouts.auditing.portraits import beside

N = 400


def judged(folder: Path, name: str, windows: Sequence[Sequence[float]]) -> Judged:
    truth = [
        {"qid": n, "query": "a dog", "vid": f"v{n}", "duration": 200, "relevant_windows": [[90, 110]]} for n in range(N)
    ]
    given = [{"qid": n, "pred_relevant_windows": [[*window, 1.0]]} for n, window in enumerate(windows)]
    for file, rows in (("t.jsonl", truth), (f"{name}.jsonl", given)):
        (folder / file).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return judge(folder / f"{name}.jsonl", str(folder / "t.jsonl"))


def test_hits_that_barely_count_beside_misses_that_are_near(tmp_path: Path) -> None:
    """R1@0.5 75 and mIoU 0.42 against 65 and 0.55: more hits, and less learned."""
    order = np.random.default_rng(0).permutation(N)
    a = judged(tmp_path, "A", [[82, 118] if k < 0.75 * N else [5, 30] for k in order])
    b = judged(tmp_path, "B", [[91, 107] if k < 0.65 * N else [80, 95] for k in order])
    found = {trait.name: trait for trait in beside(a, b)}
    of_a, of_b = (trait.sentence for trait in beside(a, b) if trait.name == "manner")
    assert a.report.scores["R1@0.5"] == 75 and a.report.scores["mIoU"] == pytest.approx(41.67, abs=0.01)
    assert b.report.scores["R1@0.5"] == 65
    assert found["score"].sentence.startswith("A hits more at 0.5, and B overlaps more in the mean: R1@0.5 75.0 of A")
    assert "are 1.80 times as long as the moment; 100% of its misses have nothing of it" in of_a
    assert of_a.endswith("not from when to when, and finds nothing of the others")
    assert "0% of its misses have nothing" in of_b and of_b.endswith("it has learned where, and from when to when")
    assert found["crossing"].sentence == "A hits more up to a tIoU of 0.56, and B beyond it"


def test_a_system_beside_itself(tmp_path: Path) -> None:
    one = judged(tmp_path, "A", [[85, 110]] * N)
    found = beside(one, one)
    assert [trait.name for trait in found] == ["score", "manner", "manner"]
    assert found[0].sentence.startswith("neither A (A) nor A (B) is surely ahead")


def test_published_systems(data: Path) -> None:
    folder = data / "qvhighlights"
    a, b = (
        judge(folder / f"{name}_val_preds.jsonl", "qvhighlights", folder / "highlight_val_release.jsonl", name=name)
        for name in ("moment_detr", "qd_detr")
    )
    score = beside(a, b)[0]
    assert score.sentence.startswith("qd_detr is ahead: R1@0.5 53.9 of moment_detr, 62.9 of qd_detr")
    assert score.figures["mIoU high"] < 0
