"""Train a head on features.

A run is a folder: `recipe.json` says what is trained on what, `log.jsonl` has one line per step and per evaluation,
`last.pt` is there to resume from, `best.pt` to use. Everything random is drawn from the seed and the number of the
step, so a run that was killed or stopped and resumed goes on as if nothing had happened: on one CPU its log is
identical. Under `accelerate launch` every process takes its share of each batch.

The tensors of a step are made while the step before it runs, and its losses are read when the next one has begun, so
that nothing but the matching of moments waits for the device.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.files.locks import one_run
from whenabouts.files.storage import storing
from whenabouts.grounders.learned.checkpoint import save_head
from whenabouts.grounders.learned.head import Head, Prepared
from whenabouts.grounders.learned.recipe import Recipe
from whenabouts.progress import Progress
from whenabouts.training.supervised.accelerated import accelerated, compile_model
from whenabouts.training.supervised.figures import Figures
from whenabouts.training.supervised.interruption import Interruption
from whenabouts.training.supervised.judge import Judge
from whenabouts.training.supervised.log import Log
from whenabouts.training.supervised.prefetch import Prefetched
from whenabouts.training.supervised.state import about, load_state, save_state

if TYPE_CHECKING:
    from accelerate import Accelerator

__all__ = ["BestModel", "train"]

OVERFLOWS = 20  # losses in a row that are not finite before a run in fp16 ends: its first ones find the scale


@dataclass(frozen=True)
class BestModel:
    """The best evaluation: its scores, its epoch, and the file of the model; notes say what is to be known of it.

    figure: of the scores the one that chose it, None where nothing was evaluated
    """

    scores: dict[str, float]
    epoch: int
    path: Path
    figure: float | None = None
    notes: tuple[str, ...] = ()


def train(
    head: Head,
    examples: Sequence[FeatureExample],
    judge: Judge | None,
    folder: Path,
    recipe: Recipe,
    *,
    resume: bool = False,
    save_every: int = 200,
    precision: str = "no",
    compile: bool = False,
    device: str | None = None,
    track: Sequence[str] = (),
    facts: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> BestModel:
    """Train, and keep the model whose figure `recipe.best` is highest, or the first figure where `judge` has no such.

    judge:      None keeps the last model
    save_every: steps between states to resume from
    precision:  "no", "bf16" or "fp16": mixed precision, where the device has it; losses are in float32
    compile:    whether torch.compile makes kernels of the model, which takes minutes at first
    track:      names of accelerate's trackers, such as "tensorboard" or "wandb"
    facts:      plain values written into the checkpoint, such as how features were made

    SIGINT ends it after the step that is running, with all saved, in a KeyboardInterrupt. Raises InputError where there
    is nothing to train on or no compiler, for a run in `folder` that is not to be resumed, and for one that differs;
    MissingExtra.
    """
    if not examples:
        raise InputError("no examples to train on")
    accelerator = accelerated(folder, precision, device, track)
    run = _Run(accelerator, head, examples, judge, folder, recipe, facts or {}, precision)
    if compile:
        compile_model(head)
    return run.run(resume=resume, save_every=save_every, progress=progress)


class _Run:
    def __init__(
        self,
        accelerator: Accelerator,
        head: Head,
        examples: Sequence[FeatureExample],
        judge: Judge | None,
        folder: Path,
        recipe: Recipe,
        facts: Mapping[str, Any],
        precision: str,
    ) -> None:
        self.accelerator, self.head, self.examples, self.judge = accelerator, head, examples, judge
        self.folder, self.recipe, self.facts = folder, recipe, facts
        self.about = about(head, recipe, examples, facts, judge, precision)
        kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
        fused = accelerator.device.type in ("cpu", "cuda") or None  # one pass over all parameters
        optimiser = kinds[recipe.optimiser](head.groups(), lr=recipe.rate, weight_decay=recipe.decay, fused=fused)
        self.module, self.optimiser = accelerator.prepare(head, optimiser)
        self.mean = _mean(head, recipe.ema) if recipe.ema else None
        full, rest = divmod(len(examples), recipe.batch)
        self.steps = max(1, full if recipe.drop_last else full + (rest > 0))
        self.step, self.best_epoch, self.waited = 0, -1, 0
        self.best: dict[str, float] = {}
        self.told: tuple[str, ...] = ()
        self.awaited: tuple[int, int, Figures] | None = None  # of the last step: its number, its epoch, its losses
        self.overflows = 0

    def run(self, *, resume: bool, save_every: int, progress: Progress | None) -> BestModel:
        with storing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with one_run(self.folder) if self.accelerator.is_main_process else nullcontext():
            return self._run(resume=resume, save_every=save_every, progress=progress)

    def _run(self, *, resume: bool, save_every: int, progress: Progress | None) -> BestModel:
        last, total = self.folder / "last.pt", self.steps * self.recipe.epochs
        if last.exists() and not resume:
            raise InputError(f"{self.folder} holds a run already; resume it or choose another folder")
        if last.exists():
            self._load(last)
        elif self.accelerator.is_main_process:
            with replacing(self.folder / "recipe.json") as part:
                part.write_text(json.dumps(self.about, indent=2) + "\n", "utf-8")
        # of several processes one might wait for another that has stopped
        stop = Interruption(active=self.accelerator.num_processes == 1)
        settings = {**self.about["recipe"], **self.about["model"]}
        self.module.train()
        log_of_run = Log(self.folder, self.step, self.accelerator, settings)
        with stop, log_of_run as log, Prefetched(self._prepared) as batches:
            if log.last < self.step:
                self.told = (f"{log.path} ends with step {log.last}, and the run goes on after {self.step}",)
            while self.step < total and not self._out_of_patience():
                epoch, place = divmod(self.step, self.steps)
                judged = place == self.steps - 1 and self._is_judged(epoch)
                # none is made during an evaluation, in which the head is another
                prepared = batches.get(self.step, ahead=not judged and self.step + 1 < total)
                losses = self._train_step(epoch, place, prepared)
                self._report(log)
                self.step += 1
                self.awaited = self.step, epoch, Figures(losses)
                if progress:
                    progress("training", self.step / total)
                if saved := judged or stop.asked or self.step % save_every == 0:
                    self._report(log)
                if judged:
                    self._evaluate(epoch, log)
                if saved:
                    self._save(last)
                stop.check()
        figure = self._figure(self.best) if self.best else None
        return BestModel(self.best, self.best_epoch, self.folder / "best.pt", figure, (*self.told, *self._notes()))

    def _prepared(self, step: int) -> Prepared:
        epoch, place = divmod(step, self.steps)
        seed, process = self.recipe.seed, self.accelerator.process_index
        order = np.random.default_rng((seed, epoch)).permutation(len(self.examples))
        numbers = order[place * self.recipe.batch : (place + 1) * self.recipe.batch]
        numbers = np.array_split(numbers, self.accelerator.num_processes)[process]
        return self.head.prepare(
            [self.examples[i] for i in numbers], np.random.default_rng((seed, epoch, place, process))
        )

    def _train_step(self, epoch: int, place: int, prepared: Prepared) -> dict[str, Tensor]:
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.step)
        self.head.epoch = epoch
        rate = self.recipe.rate * self.recipe.factor(epoch + place / self.steps) * self.recipe.rise(self.step)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
        with self.accelerator.autocast():
            losses: dict[str, Tensor] = self.module(prepared)
        self.optimiser.zero_grad()
        self.accelerator.backward(losses["total"])
        if self.recipe.clip is not None:
            self.accelerator.clip_grad_norm_(self.module.parameters(), self.recipe.clip)
        self.optimiser.step()
        if self.mean is not None and (self.recipe.ema_every == "step" or place == self.steps - 1):
            self.mean.update_parameters(self.head)
        return losses

    def _report(self, log: Log) -> None:
        """Write the losses of the step that was not reported yet, of which the device is done by now."""
        if self.awaited is None:
            return
        step, epoch, figures = self.awaited
        self.awaited, values = None, figures.read()
        log.write(step, epoch, values)
        self.overflows = 0 if math.isfinite(values["total"]) else self.overflows + 1
        if self.overflows > (0 if self.accelerator.scaler is None else OVERFLOWS):
            raise InputError(f"the loss of step {step} is not finite; lower the rate, or leave out the mixed precision")

    def _is_judged(self, epoch: int) -> bool:
        return (epoch + 1) % self.recipe.every == 0 or epoch + 1 == self.recipe.epochs

    def _evaluate(self, epoch: int, log: Log) -> None:
        head = self.mean.module if self.mean is not None else self.head
        assert isinstance(head, Head)
        scores = self.judge(head) if self.judge is not None else {}
        log.write(self.step, epoch, scores, kind="validation")
        better = not self.best or self._figure(scores) > self._figure(self.best)
        self.waited = 0 if better else self.waited + 1
        if better or not scores:
            self.best, self.best_epoch = scores, epoch
            if self.accelerator.is_main_process:
                facts = {**self.facts, "scores": scores, "epoch": epoch}
                save_head(head, self.folder / "best.pt", facts | {"recipe": self.about["recipe"]})
                if self.judge is not None:
                    self.judge.write(self.folder, {"model": "best.pt", "epoch": epoch})

    def _figure(self, scores: Mapping[str, float]) -> float:
        return scores.get(self.recipe.best, next(iter(scores.values()), 0.0))

    def _notes(self) -> tuple[str, ...]:
        if not self.best or self.recipe.best in self.best:
            return ()
        return (f"{self.recipe.best} is no figure of this evaluation; {next(iter(self.best))} chose the model",)

    def _out_of_patience(self) -> bool:
        return self.recipe.patience is not None and self.waited >= self.recipe.patience

    def _save(self, path: Path) -> None:
        if self.accelerator.is_main_process:
            state = {
                "model": self.head.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "mean": self.mean.state_dict() if self.mean is not None else None,
                "scaler": None if self.accelerator.scaler is None else self.accelerator.scaler.state_dict(),
                "progress": [self.step, self.best, self.best_epoch, self.waited],
            }
            save_state(path, self.about, state)

    def _load(self, path: Path) -> None:
        state = load_state(path, self.about)
        try:
            self.head.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            if self.mean is not None:
                self.mean.load_state_dict(state["mean"])
            if self.accelerator.scaler is not None:
                self.accelerator.scaler.load_state_dict(state["scaler"])
            self.step, self.best, self.best_epoch, self.waited = state["progress"]
        except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
            raise InputError(f"{path} is damaged; delete it to train from the beginning") from error


def _mean(head: Head, decay: float) -> AveragedModel:
    """A running mean that starts from the parameters as they are."""
    mean = AveragedModel(head, multi_avg_fn=get_ema_multi_avg_fn(decay))  # type: ignore[no-untyped-call]
    mean.n_averaged.fill_(1)
    return mean
