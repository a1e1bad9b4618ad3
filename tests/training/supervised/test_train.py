"""Training: heads learn, logs tell how, and a killed run goes on as if nothing had happened."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from processes import wait_until

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("accelerate", reason="accelerate is not installed")

from whenabouts.errors import InputError  # noqa: E402
from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.checkpoint import from_checkpoint, read_checkpoint  # noqa: E402
from whenabouts.grounders.learned.head import Head  # noqa: E402
from whenabouts.grounders.learned.recipe import Recipe  # noqa: E402
from whenabouts.synthetic.features import Synthetic  # noqa: E402
from whenabouts.training.supervised.judge import by_windows  # noqa: E402
from whenabouts.training.supervised.train import train  # noqa: E402

EASY = Synthetic(96, concepts=4, clips=(16, 24), words=(2, 4), moments=1, noise=0.1)
HELD_OUT = list(EASY.split(1, 16))
JUDGE = by_windows(HELD_OUT)
SHORT = Recipe(rate=1e-3, batch=16, epochs=3, clip=1.0, every=1)


def small(name: str = "moment-detr") -> Head:
    torch.manual_seed(0)
    return HEADS[name].sized(EASY.video_dim, EASY.text_dim, small=True)


def rows(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("name", HEADS)
def test_the_loss_of_every_head_falls(name: str, tmp_path: Path) -> None:
    outcome = train(small(name), list(EASY), JUDGE, tmp_path, SHORT, device="cpu")
    total = [row["total"] for row in rows(tmp_path) if row["kind"] == "train"]
    assert len(total) == 18
    assert sum(total[-6:]) < sum(total[:6])
    kept = from_checkpoint(outcome.path)
    assert kept.name == name
    assert JUDGE(kept) == pytest.approx(outcome.scores)
    assert read_checkpoint(outcome.path).facts["scores"] == outcome.scores


RUN = """
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
sys.path[:0] = {folders!r}
from test_train import EASY, JUDGE, SHORT, small
from whenabouts.training.supervised.train import train
train(small(), list(EASY), JUDGE, Path({folder!r}), SHORT, device="cpu", save_every=2)
"""


HERE = Path(__file__).parent


def start(folder: Path) -> subprocess.Popen[bytes]:
    code = RUN.format(folders=[str(HERE), str(HERE.parents[1])], folder=str(folder))
    return subprocess.Popen([sys.executable, "-c", code])


def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(small(), list(EASY), JUDGE, whole, SHORT, device="cpu", save_every=2)
    killed, log = start(broken), broken / "log.jsonl"
    wait_until(lambda: log.exists() and len(log.read_text().splitlines()) >= 7)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert len(rows(broken)) < len(rows(whole))
    train(small(), list(EASY), JUDGE, broken, SHORT, device="cpu", resume=True, save_every=2)
    assert rows(broken) == rows(whole)
    states = [from_checkpoint(folder / "best.pt").model.state_dict() for folder in (whole, broken)]
    assert all(torch.equal(a, b) for a, b in zip(states[0].values(), states[1].values(), strict=True))


def test_patience_ends_a_run_that_gets_no_better(tmp_path: Path) -> None:
    still = Recipe(rate=0.0, batch=32, epochs=50, every=1, patience=2)
    train(small(), list(EASY), JUDGE, tmp_path, still, device="cpu")
    assert sum(row["kind"] == "validation" for row in rows(tmp_path)) == 3


def test_a_running_mean_is_evaluated_and_kept(tmp_path: Path) -> None:
    head = small()
    train(head, list(EASY), None, tmp_path, Recipe(rate=1e-2, batch=32, epochs=1, ema=0.9), device="cpu")
    kept, last = from_checkpoint(tmp_path / "best.pt").model.state_dict(), head.model.state_dict()
    assert not all(torch.equal(kept[key], last[key]) for key in last)


def test_a_run_is_never_overwritten_by_accident(tmp_path: Path) -> None:
    train(small(), list(EASY)[:16], None, tmp_path, Recipe(epochs=1), device="cpu")
    with pytest.raises(InputError, match="holds a run already"):
        train(small(), list(EASY)[:16], None, tmp_path, Recipe(epochs=1), device="cpu")
    with pytest.raises(InputError, match="differs: head moment-detr, not qd-detr"):
        train(small("qd-detr"), list(EASY)[:16], None, tmp_path, Recipe(epochs=1), device="cpu", resume=True)


def test_rates_follow_the_official_schedules() -> None:
    univtg, tacos = HEADS["univtg"].recipe(), HEADS["cg-detr"].recipe("tacos")
    assert [univtg.factor(e) for e in (0, 9, 79, 80, 160)] == pytest.approx([0.1, 1, 1, 0.1, 0.01])
    assert [tacos.rate * tacos.factor(e) for e in (0, 199, 200)] == pytest.approx([2e-4, 2e-4, 2e-5])
    assert HEADS["moment-detr"].recipe("qvhighlights").factor(199) == 1
