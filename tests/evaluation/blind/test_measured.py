"""Every baseline against the figures measured apart: `evaluators/bias_baselines.json` of the test data."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "bench"))
from _blind import ENTRIES, baseline, figures, splits

SLOW = ("tacos", "activitynet_val1", "activitynet_val2")
SETS = [
    pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in ("charades", "qvhighlights_val", *SLOW)
]


@pytest.mark.parametrize("name", SETS)
def test_whatever_is_not_drawn_or_compared_is_exact(data: Path, name: str) -> None:
    """All seven figures, with > and with >=, to both decimals."""
    measured = json.loads((data / "evaluators" / "bias_baselines.json").read_text())[name]
    train, test = splits(data, name)
    for entry in ENTRIES:
        made = baseline(entry, name)
        if entry in measured and not made.compares and "sampler" not in entry:
            found = figures(made.answers(train, test), test)
            assert found == {key: measured[entry][key] for key in found}, entry


@pytest.mark.parametrize(
    ("name", "entry", "off"),
    [
        ("charades", "d_tfidf_1nn(top5 nn)", 1.0),
        ("qvhighlights_val", "d_tfidf_1nn(top5 nn)", 1.0),
        ("charades", "d_tfidf_60nn_vote", 1.1),
        ("qvhighlights_val", "d_tfidf_60nn_vote", 1.1),
        *(pytest.param(name, "d_tfidf_60nn_vote", 1.1, marks=pytest.mark.slow) for name in SLOW),
    ],
)
def test_comparisons_are_near(data: Path, name: str, entry: str, off: float) -> None:
    """Not exact: of sentences equally alike others come first; see `neighbours`."""
    measured = json.loads((data / "evaluators" / "bias_baselines.json").read_text())[name][entry]
    train, test = splits(data, name)
    found = figures(baseline(entry, name).answers(train, test), test)
    assert found == {key: pytest.approx(measured[key], abs=off) for key in found}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["charades", "activitynet_val2"])
def test_draws_are_near(data: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """R1 alone: the R5 there, of one draw, are up to 4.5 points from what official code prints, and ours are not."""
    entry = "otani_prior_only_sampler(reimpl)"
    measured = json.loads((data / "evaluators" / "bias_baselines.json").read_text())[name][entry]
    train, test = splits(data, name)
    rows = []
    for seed in range(5):
        monkeypatch.setattr("whenabouts.evaluation.blind.sampler.SEED", seed)
        rows.append(figures(baseline(entry, name).answers(train, test), test))
    for key in ("R1@0.3>", "R1@0.5>", "R1@0.7>", "mIoU"):
        assert sum(row[key] for row in rows) / len(rows) == pytest.approx(measured[key], abs=1.0), key
