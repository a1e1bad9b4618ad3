"""Training: heads learn, logs tell how, and a killed run goes on as if nothing had happened."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from processes import started, wait_until

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("accelerate", reason="accelerate is not installed")

from whenabouts.benchmarks.features import FeatureExample  # noqa: E402
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
train(small(), list(EASY), JUDGE, Path({folder!r}), SHORT, device="cpu", save_every={save_every})
"""


HERE = Path(__file__).parent


def command(folder: Path, *, save_every: int = 2) -> list[str]:
    code = RUN.format(folders=[str(HERE), str(HERE.parents[1])], folder=str(folder), save_every=save_every)
    return [sys.executable, "-c", code]


def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(small(), list(EASY), JUDGE, whole, SHORT, device="cpu", save_every=2)
    log = broken / "log.jsonl"
    with started(command(broken)):
        wait_until(lambda: log.exists() and len(log.read_text().splitlines()) >= 7)
    assert len(rows(broken)) < len(rows(whole))
    train(small(), list(EASY), JUDGE, broken, SHORT, device="cpu", resume=True, save_every=2)
    assert rows(broken) == rows(whole)
    states = [from_checkpoint(folder / "best.pt").model.state_dict() for folder in (whole, broken)]
    assert all(torch.equal(a, b) for a, b in zip(states[0].values(), states[1].values(), strict=True))


def test_a_stopped_run_saves_first_and_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(small(), list(EASY), JUDGE, whole, SHORT, device="cpu")
    log = broken / "log.jsonl"
    with started(command(broken, save_every=10**6)) as stopped:
        wait_until(lambda: log.exists() and len(log.read_text().splitlines()) >= 2)
        stopped.send_signal(signal.SIGINT)
        _, told = stopped.communicate()
    assert told.rstrip().endswith("KeyboardInterrupt")
    state = torch.load(broken / "last.pt", weights_only=True)
    assert state["progress"][0] == max(row["step"] for row in rows(broken)) < 18
    train(small(), list(EASY), JUDGE, broken, SHORT, device="cpu", resume=True)
    assert rows(broken) == rows(whole)


def test_only_the_same_run_goes_on(tmp_path: Path) -> None:
    examples = list(EASY)[:16]
    train(small(), examples, None, tmp_path, Recipe(epochs=1), device="cpu", facts={"features": ["clip"]})

    def refused(head: Head, examples: list[FeatureExample], recipe: Recipe, facts: dict[str, object]) -> str:
        with pytest.raises(InputError) as found:
            train(head, examples, None, tmp_path, recipe, device="cpu", resume=True, facts=facts)
        return str(found.value)

    same = {"features": ["clip"]}
    assert "rate 0.0001, not 0.0002; batch 32, not 8;" in refused(
        small(), examples, Recipe(epochs=1, rate=2e-4, batch=8), same
    )
    other = HEADS["moment-detr"].sized(EASY.video_dim, EASY.text_dim, recipe=HEADS["moment-detr"].small, saliency=1.0)
    assert "saliency 4.0, not 1.0;" in refused(other, examples, Recipe(epochs=1), same)
    assert "16 examples, not 15;" in refused(small(), examples[:-1], Recipe(epochs=1), same)
    assert "other annotations or features;" in refused(small(), examples[::-1], Recipe(epochs=1), same)
    assert "features ['clip'], not ['slowfast'];" in refused(
        small(), examples, Recipe(epochs=1), {"features": ["slowfast"]}
    )
    again = train(small(), examples, None, tmp_path, Recipe(epochs=1), device="cpu", resume=True, facts=same)
    assert again.path.exists()


@pytest.mark.parametrize("part", ["video", "text"])
def test_a_run_does_not_go_on_with_other_numbers_of_the_same_shape(part: str, tmp_path: Path) -> None:
    examples, recipe = list(EASY)[:16], Recipe(epochs=1)
    train(small(), examples, JUDGE, tmp_path, recipe, device="cpu")

    def nudged(of: list[FeatureExample]) -> list[FeatureExample]:
        features = getattr(of[-1], part).copy()
        features[-1, -1] += 1e-3
        return [*of[:-1], replace(of[-1], **{part: features})]

    with pytest.raises(InputError, match="differs: other annotations or features;"):
        train(small(), nudged(examples), JUDGE, tmp_path, recipe, device="cpu", resume=True)
    with pytest.raises(InputError, match="differs: other annotations or features for validation;"):
        train(small(), examples, by_windows(nudged(HELD_OUT)), tmp_path, recipe, device="cpu", resume=True)
    with pytest.raises(InputError, match="differs: 16 examples for validation, not 15;"):
        train(small(), examples, by_windows(HELD_OUT[1:]), tmp_path, recipe, device="cpu", resume=True)
    with pytest.raises(InputError, match="differs: precision no, not bf16;"):
        train(small(), examples, JUDGE, tmp_path, recipe, device="cpu", resume=True, precision="bf16")
    assert train(small(), examples, JUDGE, tmp_path, recipe, device="cpu", resume=True).scores


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_damaged_state_is_told(tmp_path: Path, content: bytes | None) -> None:
    train(small(), list(EASY)[:16], None, tmp_path, Recipe(epochs=1), device="cpu")
    last = tmp_path / "last.pt"
    last.write_bytes(last.read_bytes()[:-100] if content is None else content)
    with pytest.raises(InputError, match=r"last\.pt is damaged; delete it to train from the beginning"):
        train(small(), list(EASY)[:16], None, tmp_path, Recipe(epochs=1), device="cpu", resume=True)


def test_a_second_run_in_a_process_may_have_another_precision(tmp_path: Path) -> None:
    for precision in ("no", "bf16", "no"):
        folder = tmp_path / f"{precision}{len(list(tmp_path.iterdir()))}"
        train(small(), list(EASY)[:16], None, folder, Recipe(epochs=1), device="cpu", precision=precision)
    first, half, last = (rows(folder)[0]["total"] for folder in sorted(tmp_path.iterdir(), key=lambda f: f.name[-1]))
    assert first == last != half


def test_a_tracker_gets_what_the_log_has(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    once = Recipe(epochs=1, batch=32)
    train(small(), list(EASY)[:32], JUDGE, tmp_path / "run", once, device="cpu", track=["tensorboard"])
    [events] = (tmp_path / "run").rglob("events.*")
    found = EventAccumulator(str(events.parent)).Reload()
    told = {kind: row for row in rows(tmp_path / "run") for kind in [row["kind"]]}
    assert found.Scalars("train/total")[0].value == pytest.approx(told["train"]["total"])
    assert found.Scalars("validation/mIoU")[0].value == pytest.approx(told["validation"]["mIoU"])


def test_an_unknown_tracker_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown tracker 'wandbee'; choose from: .*tensorboard"):
        train(small(), list(EASY)[:16], None, tmp_path / "run", Recipe(epochs=1), device="cpu", track=["wandbee"])
    assert not (tmp_path / "run").exists()


def test_batches_that_are_not_full_can_be_left_out(tmp_path: Path) -> None:
    for drop_last, steps in ((False, 2), (True, 1)):
        recipe = Recipe(epochs=1, batch=16, drop_last=drop_last)
        train(small(), list(EASY)[:17], None, tmp_path / str(drop_last), recipe, device="cpu")
        assert sum(row["kind"] == "train" for row in rows(tmp_path / str(drop_last))) == steps


def test_a_figure_that_is_not_there_is_replaced_by_the_first_and_told(tmp_path: Path) -> None:
    done = train(small(), list(EASY)[:16], JUDGE, tmp_path, Recipe(epochs=1, best="mAP"), device="cpu")
    assert done.notes == ("mAP is no figure of this evaluation; MR-full-mAP chose the model",)
    assert done.figure == done.scores["MR-full-mAP"]


def test_the_figure_of_the_recipe_chooses(tmp_path: Path) -> None:
    recipe = SHORT.changed(epochs=4, best="R5@0.5")
    done = train(small(), list(EASY), JUDGE, tmp_path, recipe, device="cpu")
    evaluations = [row for row in rows(tmp_path) if row["kind"] == "validation"]
    assert done.figure == max(row["R5@0.5"] for row in evaluations)
    assert evaluations[done.epoch]["R5@0.5"] == done.figure


def test_a_loss_that_is_not_finite_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the loss of step [0-9]+ is not finite"):
        train(small(), list(EASY), None, tmp_path, Recipe(rate=1e30, epochs=2, clip=None), device="cpu")


def test_patience_ends_a_run_that_gets_no_better(tmp_path: Path) -> None:
    still = Recipe(rate=0.0, batch=32, epochs=50, every=1, patience=2)
    train(small(), list(EASY), JUDGE, tmp_path, still, device="cpu")
    assert sum(row["kind"] == "validation" for row in rows(tmp_path)) == 3


@pytest.mark.parametrize("moved", ["step", "epoch"])
def test_a_running_mean_starts_as_the_model_and_is_kept(tmp_path: Path, moved: Any) -> None:
    head, first = small(), small().model.state_dict()
    recipe = Recipe(rate=1e-2, batch=96, epochs=1, ema=0.9, ema_every=moved)
    train(head, list(EASY), None, tmp_path, recipe, device="cpu")
    kept, last = from_checkpoint(tmp_path / "best.pt").model.state_dict(), head.model.state_dict()
    assert all(torch.allclose(kept[key], 0.9 * first[key] + 0.1 * last[key], atol=1e-6) for key in last)
    assert not all(torch.equal(kept[key], last[key]) for key in last)


def test_a_log_that_was_cut_is_told(tmp_path: Path) -> None:
    examples, recipe = list(EASY)[:16], Recipe(epochs=2)
    train(small(), examples, None, tmp_path, recipe, device="cpu")
    log = tmp_path / "log.jsonl"
    log.write_text(log.read_text().splitlines(keepends=True)[0])
    again = train(small(), examples, None, tmp_path, recipe, device="cpu", resume=True)
    assert again.notes == (f"{log} ends with step 1, and the run goes on after 2",)


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


def test_what_a_state_holds_of_the_optimiser_and_the_scale_goes_on(tmp_path: Path) -> None:
    train(small(), list(EASY)[:16], None, tmp_path, Recipe(epochs=1), device="cpu")
    state = torch.load(tmp_path / "last.pt", weights_only=True)
    assert state["scaler"] is None and state["optimiser"]["param_groups"][0]["fused"]


@pytest.mark.slow
def test_a_compiled_model_learns_the_same_and_is_saved_under_the_same_names(tmp_path: Path) -> None:
    examples, once = list(EASY)[:32], Recipe(rate=1e-3, batch=16, epochs=2)
    for compile in (False, True):
        train(small(), examples, JUDGE, tmp_path / str(compile), once, device="cpu", compile=compile)
    plain, compiled = (
        [row["total"] for row in rows(tmp_path / str(c)) if row["kind"] == "train"] for c in (False, True)
    )
    assert compiled == pytest.approx(plain, rel=1e-3)
    kept = from_checkpoint(tmp_path / "True" / "best.pt")
    assert list(kept.model.state_dict()) == list(small().model.state_dict())


def test_compiling_without_a_compiler_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(InputError, match="compiling for the CPU needs no-such-compiler, which is not there"):
        train(small(), list(EASY)[:16], None, tmp_path, Recipe(epochs=1), device="cpu", compile=True)
