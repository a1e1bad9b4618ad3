"""A closed set through the same door: heads learn which class a video does not show."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.benchmarks.closed_set import class_names, with_absent  # noqa: E402
from whenabouts.benchmarks.example import Example  # noqa: E402
from whenabouts.benchmarks.features import FeatureExample, with_features  # noqa: E402
from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.detection import detect  # noqa: E402
from whenabouts.grounders.learned.head import Head  # noqa: E402
from whenabouts.grounders.learned.submission import answers  # noqa: E402
from whenabouts.synthetic.features import Synthetic  # noqa: E402
from whenabouts.training.supervised.judge import by_detections  # noqa: E402

RECIPE = Synthetic(60, concepts=8, words=(1, 1), clips=(12, 16), moments=1, noise=0.1)


def closed_set(seed: int) -> tuple[list[FeatureExample], dict[str, np.ndarray]]:
    """All instances of all classes in every video, read off its rows; two absent classes each; the words of all."""
    drawn = list(RECIPE.split(seed, 60))
    text = {e.example.query: e.text for e in drawn}
    shown = np.array([np.mean([e.video[e.inside()].mean(0) for e in drawn if e.example.query == q], 0) for q in text])
    instances = []
    for e in drawn:
        label = ((e.video[:, None] - shown) ** 2).sum(2).argmin(1)
        edges = [0, *(np.flatnonzero(np.diff(label)) + 1).tolist(), len(label)]
        for number, query in enumerate(text):
            runs = [(first, last) for first, last in pairwise(edges) if label[first] == number]
            if runs:
                windows = np.array(runs, dtype=float) * RECIPE.clip_seconds
                instances.append(Example(query, e.example.video, query, windows, e.duration))
    queries = with_absent(instances, per_video=2, rng=np.random.default_rng(0))
    return with_features(queries, {e.example.video: e.video for e in drawn}, text, by_label=True), text


def test_absent_classes_are_added_once() -> None:
    window = np.array([[1.0, 2.0]])
    shown = [Example(f"{video}/{label}", video, label, window, 9.0) for video, label in ("ax", "ay", "bz")]
    queries = with_absent(shown)
    assert {(e.video, e.query, len(e.windows)) for e in queries} == {
        ("a", "x", 1), ("a", "y", 1), ("a", "z", 0), ("b", "z", 1), ("b", "x", 0), ("b", "y", 0),
    }  # fmt: skip
    assert class_names(queries) == ["x", "y", "z"]
    assert len(with_absent(shown, per_video=1)) == 5


@pytest.mark.parametrize("name", HEADS)
def test_a_batch_that_shows_nothing_has_finite_losses(name: str) -> None:
    examples, _ = closed_set(0)
    absent = [e for e in examples if not len(e.windows)][:4]
    torch.manual_seed(0)
    head = HEADS[name].sized(RECIPE.video_dim, RECIPE.text_dim, small=True)
    losses = head(head.prepare(absent, np.random.default_rng(0)))
    losses["total"].backward()
    assert all(torch.isfinite(value).all() for value in losses.values()), losses
    assert all(torch.isfinite(p.grad).all() for p in head.parameters() if p.grad is not None)


def trained(name: str) -> tuple[Head, float]:
    examples, text = closed_set(0)
    torch.manual_seed(0)
    head = HEADS[name].sized(RECIPE.video_dim, RECIPE.text_dim, small=True)
    optimiser, rng = torch.optim.AdamW(head.parameters(), lr=2e-3), np.random.default_rng(0)
    judge = by_detections([e for e in closed_set(1)[0] if len(e.windows)], text)
    before = judge(head)["average_mAP"]
    for _ in range(15):
        order = rng.permutation(len(examples))
        for i in range(0, len(order), 16):
            optimiser.zero_grad()
            head(head.prepare([examples[j] for j in order[i : i + 16]], rng))["total"].backward()
            torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimiser.step()
    assert judge(head)["average_mAP"] > before
    return head, judge(head)["average_mAP"]


@pytest.mark.slow
def test_a_head_learns_classes_and_their_absence() -> None:
    head, mean_ap = trained("univtg")
    assert mean_ap > 80
    examples, classes = closed_set(2)
    scores: dict[bool, list[float]] = {True: [], False: []}
    for video in list({e.example.video: e.video for e in examples}.values())[:20]:
        found = detect(head.eval(), video, classes, 2.0)
        assert [row["score"] for row in found] == sorted((row["score"] for row in found), reverse=True)
    for e in examples[:60] + examples[-60:]:  # absent classes stand last
        [(_, answer)] = answers(head, [e])
        scores[len(e.windows) > 0].append(answer.windows[0][2])
    assert np.mean(scores[True]) > np.mean(scores[False]) + 0.3
