"""A head is one file and one line: whatever lists, trains, saves and recognises heads takes a new one as it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from processes import LIMIT

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("accelerate", reason="accelerate is not installed")

from whenabouts.benchmarks import BENCHMARKS  # noqa: E402
from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.recipe import Recipe  # noqa: E402

ROOT = Path(__file__).parents[3]

HEAD = '''
"""A head whose windows are a linear function of the mean of the rows, as another package would add it."""

from dataclasses import dataclass

import torch
from torch import nn

from whenabouts.grounders.learned.head import Answer, Head
from whenabouts.grounders.learned.recipe import Recipe


@dataclass(frozen=True)
class MeanConfig:
    video_dim: int = 16
    text_dim: int = 16


class Mean(nn.Module):
    def __init__(self, config, *, strict_official=False):
        super().__init__()
        self.mean_video, self.mean_text = nn.Linear(config.video_dim, 2), nn.Linear(config.text_dim, 2)

    def forward(self, video, text):
        return (self.mean_video(video) + self.mean_text(text)).sigmoid().sort(-1).values


class MeanHead(Head):
    name, paper = "mean", "0000.00000"
    config_class, model_class = MeanConfig, Mean
    loss_weights = {"loss_span": 1.0}
    recipes = {"qvhighlights": Recipe(epochs=1)}
    small = Recipe(epochs=1, rate=1e-2)

    @staticmethod
    def recognises(state):
        return "mean_video.weight" in state

    @classmethod
    def sizes(cls, state, options):
        return {"video_dim": state["mean_video.weight"].shape[1], "text_dim": state["mean_text.weight"].shape[1]}

    def collate(self, examples):
        return tuple(
            torch.stack([torch.from_numpy(rows.mean(0)) for rows in side])
            for side in ([e.video for e in examples], [e.text for e in examples])
        )

    def targets(self, examples, rng):
        return torch.tensor([e.windows[0] / e.duration for e in examples], dtype=torch.float32)

    def losses(self, output, targets):
        loss = (output - targets).abs().mean()
        return {"loss_span": loss, "total": loss}

    def answer(self, examples):
        ends = self.model(*self.inputs(examples))
        return [Answer([[*(row * e.duration).tolist(), 1.0]]) for row, e in zip(ends, examples)]
'''

LOAD = """
import json, sys
from pathlib import Path
import torch
from whenabouts.grounders.learned.checkpoint import from_checkpoint
own = from_checkpoint(Path(sys.argv[1]))
bare = Path(sys.argv[1]).with_name("bare.ckpt")
torch.save({"model": own.model.state_dict(), "opt": {}}, bare)
official = from_checkpoint(bare)
same = all(torch.equal(a, b) for a, b in zip(own.state_dict().values(), official.state_dict().values()))
print(json.dumps([own.name, official.name, official.config == own.config, same]))
"""


def test_a_head_of_another_package_is_listed_trained_saved_and_recognised(tmp_path: Path) -> None:
    site = tmp_path / "site"
    about = site / "mean_head-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "mean_head.py").write_text(HEAD)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mean-head\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[whenabouts.heads]\nmean = mean_head:MeanHead\n")
    paths = [str(site), str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]

    def run(*arguments: str | Path) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert re.search(r"ms-2d-tan,[\s│]+mean\.", run("-m", "whenabouts", "train", "--help"))
    train = ("-m", "whenabouts", "train", "mean", "--benchmark", "synthetic", "--size", "small", "--device", "cpu")
    outcome = json.loads(run(*train, "--out", tmp_path / "run", "--json"))
    assert outcome["scores"]["mIoU"] > 0
    assert json.loads(run("-c", LOAD, outcome["model"])) == ["mean", "mean", True, True]


@pytest.mark.parametrize("name", HEADS)
def test_a_head_says_all_about_itself(name: str) -> None:
    kind = HEADS[name]
    assert kind.name == name and re.fullmatch(r"\d{4}\.\d{5}", kind.paper)
    assert kind.recipes and {recipe.partition("/")[0] for recipe in kind.recipes} <= set(BENCHMARKS)
    assert kind.recipe("no such benchmark").source == next(iter(kind.recipes.values())).source
    with torch.device("meta"):
        for benchmark in kind.recipes:
            state = kind.published(benchmark).model.state_dict()
            assert [other for other in HEADS if HEADS[other].recognises(state)] == [name]


def published(head: str, benchmark: str) -> dict[str, object]:
    with torch.device("meta"):
        made = HEADS[head].published(benchmark)
    return {**vars(made.config), **made.options}


def test_a_benchmark_has_its_own_published_values() -> None:
    assert published("cg-detr", "qvhighlights")["saliency"] == 1.0
    charades = published("cg-detr", "charades-sta")
    assert (charades["saliency"], charades["prompts"], charades["words"], charades["longest"]) == (4.0, 2, 100, None)
    assert published("cg-detr", "tacos")["dummies"] == 50
    assert published("univtg", "qvhighlights")["clip_seconds"] == 2.0
    assert published("univtg", "charades-sta")["clip_seconds"] == 1.0
    grids = {name: published("2d-tan", name) for name in ("charades-sta", "activitynet-captions", "tacos")}
    assert {name: (grid["stride"], grid["clips"]) for name, grid in grids.items()} == {
        "charades-sta": (16, 16), "activitynet-captions": (4, 64), "tacos": (2, 128),
    }  # fmt: skip
    assert (grids["tacos"]["low"], grids["tacos"]["high"]) == (0.3, 0.7)
    assert [grid["suppress"] for grid in grids.values()] == [0.45, 0.5, 0.4]
    scales = {name: published("ms-2d-tan", name) for name in ("charades-sta", "activitynet-captions", "tacos")}
    assert {name: (made["stride"], made["rows"], len(made["layers"])) for name, made in scales.items()} == {
        "charades-sta": (4, 256, 3), "activitynet-captions": (1, 64, 3), "tacos": (1, 512, 5),
    }  # fmt: skip


def test_a_changed_recipe_keeps_what_is_not_named() -> None:
    first = Recipe(rate=1.0, config={"hidden": 8, "heads": 2})
    second = first.changed(epochs=3, config={"heads": 4}, options={"longest": None})
    assert (second.rate, second.epochs) == (1.0, 3)
    assert second.config == {"hidden": 8, "heads": 4} and second.options == {"longest": None}
