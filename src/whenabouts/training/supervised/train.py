"""Train a head on features.

A run is a folder: `log.jsonl` with one line per step and per evaluation, `last.pt` to resume from, `best.pt` to use.
Everything random is drawn from the seed and the number of the step, so a run that was killed and resumed goes on as if
nothing had happened: on one CPU its log is identical. Under `accelerate launch` every process takes its share of
each batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import InputError, MissingExtra
from whenabouts.files.atomic import replacing
from whenabouts.grounders.learned.checkpoint import save_head
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.recipe import Recipe
from whenabouts.progress import Progress
from whenabouts.training.supervised.judge import Judge
from whenabouts.training.supervised.log import Log

__all__ = ["BestModel", "train"]


@dataclass(frozen=True)
class BestModel:
    """The best evaluation: its scores, its epoch, and the file of the model."""

    scores: dict[str, float]
    epoch: int
    path: Path


def train(
    head: Head,
    examples: Sequence[FeatureExample],
    judge: Judge | None,
    folder: Path,
    recipe: Recipe,
    *,
    seed: int = 2018,
    resume: bool = False,
    every: int = 1,
    save_every: int = 200,
    patience: int | None = None,
    precision: str = "no",
    ema: float | None = None,
    device: str | None = None,
    tensorboard: bool = False,
    facts: dict[str, Any] | None = None,
    progress: Progress | None = None,
) -> BestModel:
    """Train, and keep the model that `judge` scores best: by what it calls `better`, else by its first score.

    every:      judge after so many epochs; without a judge the last model is kept
    save_every: steps between states to resume from
    patience:   stop after so many evaluations without a new best
    precision:  "no", "bf16" or "fp16": mixed precision, where the device has it
    ema:        decay of a running mean of the parameters, which is then evaluated and kept
    facts:      plain values written into the checkpoint, such as how features were made

    Raises InputError where there is nothing to train on, or a run in `folder` that is not to be resumed.
    """
    if not examples:
        raise InputError("no examples to train on")
    return _Run(
        head, examples, judge, folder, recipe, seed, every, save_every, patience, precision, ema, device, facts
    ).run(resume=resume, tensorboard=tensorboard, progress=progress)


class _Run:
    def __init__(
        self,
        head: Head,
        examples: Sequence[FeatureExample],
        judge: Judge | None,
        folder: Path,
        recipe: Recipe,
        seed: int,
        every: int,
        save_every: int,
        patience: int | None,
        precision: str,
        ema: float | None,
        device: str | None,
        facts: dict[str, Any] | None,
    ) -> None:
        try:
            from accelerate import Accelerator, DistributedDataParallelKwargs
        except ImportError as error:
            raise MissingExtra("train", "training") from error
        # every checkpoint has parameters that nothing uses, and several processes must know
        unused = DistributedDataParallelKwargs(find_unused_parameters=True)
        self.accelerator = Accelerator(mixed_precision=precision, cpu=device == "cpu", kwargs_handlers=[unused])
        self.examples, self.judge, self.folder, self.recipe = examples, judge, folder, recipe
        self.seed, self.every, self.save_every, self.patience, self.facts = seed, every, save_every, patience, facts
        kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
        self.head = head
        optimiser = kinds[recipe.optimiser](head.groups(), lr=recipe.rate, weight_decay=recipe.decay)
        self.module, self.optimiser = self.accelerator.prepare(head, optimiser)
        self.mean = AveragedModel(head, multi_avg_fn=get_ema_multi_avg_fn(ema)) if ema else None  # type: ignore[no-untyped-call]
        self.steps = -(-len(examples) // recipe.batch)
        self.step, self.best_epoch, self.waited = 0, -1, 0
        self.best: dict[str, float] = {}

    def run(self, *, resume: bool, tensorboard: bool, progress: Progress | None) -> BestModel:
        last = self.folder / "last.pt"
        if last.exists() and not resume:
            raise InputError(f"{self.folder} holds a run already; resume it or choose another folder")
        self.folder.mkdir(parents=True, exist_ok=True)
        if last.exists():
            self._load(last)
        lead = self.accelerator.is_main_process
        with Log(self.folder, self.step, tensorboard=tensorboard, active=lead) as log:
            while self.step < self.steps * self.recipe.epochs and not self._out_of_patience():
                epoch, place = divmod(self.step, self.steps)
                values = self._train_step(epoch, place)
                self.step += 1
                log.write(self.step, epoch, values)
                if progress:
                    progress("training", self.step / (self.steps * self.recipe.epochs))
                if place == self.steps - 1 and ((epoch + 1) % self.every == 0 or epoch + 1 == self.recipe.epochs):
                    self._evaluate(epoch, log)
                    self._save(last)
                elif self.step % self.save_every == 0:
                    self._save(last)
        return BestModel(self.best, self.best_epoch, self.folder / "best.pt")

    def _train_step(self, epoch: int, place: int) -> dict[str, float]:
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.examples))
        numbers = order[place * self.recipe.batch : (place + 1) * self.recipe.batch]
        numbers = np.array_split(numbers, self.accelerator.num_processes)[self.accelerator.process_index]
        torch.manual_seed(self.seed * 1_000_003 + self.step)
        self.head.epoch = epoch
        rng = np.random.default_rng((self.seed, epoch, place, self.accelerator.process_index))
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate * self.recipe.factor(epoch + place / self.steps) * group.get("share", 1.0)
        self.module.train()
        with self.accelerator.autocast():
            losses = self.module([self.examples[i] for i in numbers], rng)
        self.optimiser.zero_grad()
        self.accelerator.backward(losses["total"])
        if self.recipe.clip is not None:
            self.accelerator.clip_grad_norm_(self.module.parameters(), self.recipe.clip)
        self.optimiser.step()
        if self.mean is not None:
            self.mean.update_parameters(self.head)
        return {name: float(value.detach()) for name, value in losses.items()}

    def _evaluate(self, epoch: int, log: Log) -> None:
        head = self.mean.module if self.mean is not None else self.head
        assert isinstance(head, Head)
        scores = self.judge(head) if self.judge is not None else {}
        log.write(self.step, epoch, scores, kind="validation")
        better = not self.best or _key(scores) > _key(self.best)
        self.waited = 0 if better else self.waited + 1
        if better or not scores:
            self.best, self.best_epoch = scores, epoch
            if self.accelerator.is_main_process:
                save_head(head, self.folder / "best.pt", {**(self.facts or {}), "scores": scores, "epoch": epoch})

    def _out_of_patience(self) -> bool:
        return self.patience is not None and self.waited >= self.patience

    def _save(self, path: Path) -> None:
        if not self.accelerator.is_main_process:
            return
        state = {
            "model": self.head.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "mean": self.mean.state_dict() if self.mean is not None else None,
            "progress": [self.step, self.best, self.best_epoch, self.waited],
            "seed": self.seed,
        }
        with replacing(path) as part:
            torch.save(state, part)

    def _load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True, map_location="cpu")
        if state["seed"] != self.seed:
            raise InputError(f"{path} is a run with seed {state['seed']}, not {self.seed}")
        try:
            self.head.load_state_dict(state["model"])
        except RuntimeError as error:
            raise InputError(f"{path} is a run of another model or size; choose another folder") from error
        self.optimiser.load_state_dict(state["optimiser"])
        if self.mean is not None and state["mean"] is not None:
            self.mean.load_state_dict(state["mean"])
        self.step, self.best, self.best_epoch, self.waited = state["progress"]


def _key(scores: dict[str, float]) -> float:
    return scores.get("better", next(iter(scores.values()), 0.0))
