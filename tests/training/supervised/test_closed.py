"""Heads of a closed set from files of features to detections and figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("accelerate", reason="accelerate is not installed")

from whenabouts.benchmarks.closed_set import whole_videos  # noqa: E402
from whenabouts.benchmarks.example import Example  # noqa: E402
from whenabouts.cli.app import app  # noqa: E402
from whenabouts.errors import InputError  # noqa: E402
from whenabouts.grounders.learned.checkpoint import read_checkpoint  # noqa: E402
from whenabouts.grounders.learned.detection import detect  # noqa: E402
from whenabouts.synthetic.actions import SyntheticActions  # noqa: E402
from whenabouts.training.supervised.closed import synthetic_actions  # noqa: E402
from whenabouts.training.supervised.data import training_data  # noqa: E402
from whenabouts.training.supervised.reading import FeatureFolders  # noqa: E402

SMALL = SyntheticActions(12, rows=(30, 40), lengths=(3, 10))


@pytest.fixture
def thumos(tmp_path: Path) -> Path:
    """Annotations and features in the layout of the official repository."""
    (tmp_path / "i3d").mkdir()
    database = {}
    for subset, drawn in (("validation", SMALL), ("test", SMALL.split(1, 6))):
        for e in drawn:
            np.save(tmp_path / "i3d" / f"{e.example.video}.npy", e.video)
            rows = [{"label": n, "segment": w} for n, w in zip(e.labels or (), e.windows.tolist(), strict=True)]
            database[e.example.video] = {"subset": subset, "duration": e.duration, "annotations": rows}
    (tmp_path / "thumos14.json").write_text(json.dumps({"database": database}))
    return tmp_path


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_from_features_to_figures(thumos: Path) -> None:
    named = ("--data", thumos, "--features", thumos / "i3d", "--device", "cpu")
    small = ("--size", "small", "--epochs", 1, "--out", thumos / "run", "--json")
    run("train", "actionformer", "--benchmark", "thumos14", *named, *small)
    kept = read_checkpoint(thumos / "run" / "best.pt")
    assert kept.head.options["classes"] == sorted({name for e in SMALL for name in e.labels or ()})
    out = thumos / "detections.json"
    run("predict", "thumos14", "--model", thumos / "run" / "best.pt", *named, "--out", out)
    results = json.loads(out.read_text())["results"]
    [first] = SMALL.split(1, 1)
    assert results[first.example.video] == detect(kept.head, first.video, {}, first.duration / len(first.video))
    log = [json.loads(line) for line in (thumos / "run" / "log.jsonl").read_text().splitlines()]
    judged = next(row for row in log if row["kind"] == "validation")
    figures = json.loads(run("evaluate", out, "--benchmark", "thumos14", "--ground-truth", thumos, "--json"))
    scores = figures.get("scores", figures)
    assert judged["average_mAP"] in (pytest.approx(scores["average_mAP"]), pytest.approx(100 * scores["average_mAP"]))


def test_a_head_of_one_class_is_judged_by_where_actions_are(thumos: Path) -> None:
    folders = FeatureFolders([thumos / "i3d"])
    every = training_data("thumos14", thumos, folders, seed=0, closed=True)
    one = training_data("thumos14", thumos, folders, seed=0, closed=True, one_class=True)
    assert every.options["classes"] and one.options["classes"] == ()

    from whenabouts.grounders.learned.actionformer.decode import Detections
    from whenabouts.grounders.learned.actionformer.head import ActionFormerHead

    class Knowing(ActionFormerHead):
        def detections(self, rows: np.ndarray, duration: float, fps: float | None = None) -> Detections:
            e = next(e for e in SMALL.split(1, 6) if len(e.video) == len(rows) and np.array_equal(e.video, rows))
            count = len(e.windows)
            return Detections(e.windows.astype(np.float32), np.ones(count, np.float32), np.zeros(count, np.intp))

    torch.manual_seed(0)
    judged = {}
    for name, data in (("every", every), ("one", one)):
        head = Knowing.sized(48, 0, small=True, **data.options)
        assert data.judge is not None
        judged[name] = data.judge(head)["average_mAP"]
    assert judged["one"] == 100 and judged["every"] < 50


def test_whole_videos_keep_every_window_and_its_class() -> None:
    examples = [
        Example("v/run", "v", "run", np.array([[0.0, 2.0], [5.0, 6.0]]), 9.0),
        Example("w/run", "w", "run", np.zeros((0, 2)), None),
        Example("v/jump", "v", "jump", np.array([[1.0, 3.0]]), 9.0),
    ]
    rows = {"v": np.zeros((9, 4), np.float32), "w": np.zeros((6, 4), np.float32)}
    [whole] = whole_videos(examples, rows)
    assert whole.windows.tolist() == [[0, 2], [5, 6], [1, 3]] and whole.labels == ("run", "run", "jump")
    assert [e.duration for e in whole_videos(examples, rows, seconds=0.5)] == [9.0, 3.0]
    with pytest.raises(InputError, match=r"no features of .*v.* found"):
        whole_videos(examples, {})


def test_a_benchmark_of_sentences_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    np.save(tmp_path / "features" / "v.npy", np.zeros((4, 8), np.float32))
    with pytest.raises(InputError, match="asks sentences, and a head of a closed set takes none"):
        training_data("tacos", data / "tacos", FeatureFolders([tmp_path / "features"]), seed=0, closed=True)


@pytest.mark.slow
def test_it_learns_actions_far_above_windows_at_every_place() -> None:
    from whenabouts.grounders.learned.actionformer.head import ActionFormerHead

    closed = synthetic_actions(120, 30)
    torch.manual_seed(0)
    head = ActionFormerHead.sized(48, 0, small=True, classes=closed.classes)
    optimiser, rng = torch.optim.AdamW(head.groups(), lr=1e-3, weight_decay=0.05), np.random.default_rng(0)
    for _ in range(8):
        order = rng.permutation(len(closed.examples))
        for i in range(0, len(order), 8):
            optimiser.zero_grad()
            head(head.prepare([closed.examples[j] for j in order[i : i + 8]], rng))["total"].backward()
            torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimiser.step()
    assert closed.judge(head)["average_mAP"] > 60  # windows of one length at every place: 2
