"""Where the time of a real update goes, and how many times longer each part takes than the formula of `cost` says.

A stopwatch stands around the trainer's own steps: reading videos, the vision tower, sampling, scoring, the loss with
its gradients, the optimiser. What runs inside another part counts as itself only. The first update is not counted, for
it warms everything up, but in vision: a frozen tower may see every video of a small data set in it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.training.post.loading import as_shown
from whenabouts.training.post.monitor import RewardMonitor
from whenabouts.training.post.planning.cost import PARTS
from whenabouts.training.post.planning.hardware import GIB
from whenabouts.training.post.reporting import silence

if TYPE_CHECKING:
    from whenabouts.training.post.run import Run

__all__ = ["UPDATES", "Profile", "Stopwatch", "compared", "profile", "read_rates", "watched"]

UPDATES = 3  # of which the first is not counted
TOWERS = ("visual", "vision_tower")


class Stopwatch:
    """Seconds by part. Where parts lie in one another the inner one counts, and the outer one stands still.

    clock: seconds, after all that was started is done
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds: dict[str, float] = {}
        self._clock, self._since = clock, 0.0
        self._open: list[str] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count what is done within the block as this part."""
        self._turn()
        self._open.append(name)
        try:
            yield
        finally:
            self._turn()
            self._open.pop()

    def forget(self, *but: str) -> None:
        """Begin anew, but for some parts."""
        self._turn()
        self.seconds = {part: self.seconds[part] for part in but if part in self.seconds}

    def _turn(self) -> None:
        now = self._clock()
        if self._open:
            part = self._open[-1]
            self.seconds[part] = self.seconds.get(part, 0.0) + now - self._since
        self._since = now


@dataclass(frozen=True)
class Profile:
    """What was measured, per update.

    seconds: of each part          tokens, answers: of prompts and answers, and how many answers (GRPO) or samples (SFT)
    memory:  GiB at the most, of the GPU, or of the process where there is none
    rates:   by part, measured seconds over those of the formula
    """

    model: str
    recipe: str
    device: str
    seconds: Mapping[str, float]
    tokens: float
    answers: float
    memory: float
    rates: Mapping[str, float]

    def table(self) -> str:
        """Seconds and shares of the parts, then speed and memory."""
        whole = sum(self.seconds.values())
        rows = [f"{part:10}{value:9.3f} s {value / whole:6.1%}" for part, value in self.seconds.items()]
        speed = f"{self.tokens / whole:,.0f} tokens/s, {self.answers / whole:.2f} samples/s, peak {self.memory:.1f} GiB"
        return "\n".join([*rows, f"{'update':10}{whole:9.3f} s", speed])

    def write(self, path: Path) -> None:
        """Write it as JSON. Raises OSError."""
        with replacing(path, folders=True) as part:
            part.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")


def read_rates(path: Path) -> dict[str, float]:
    """The rates in the file of a profile. Raises InputError."""
    try:
        rates = json.loads(path.read_text("utf-8"))["rates"]
        return {part: float(rates[part]) for part in PARTS if part in rates}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a profile that `post-train --profile` wrote") from error


def compared(measured: Mapping[str, float], estimated: Mapping[str, float]) -> dict[str, float]:
    """How many times longer each part took than was estimated; parts of which nothing was expected are left out."""
    return {part: measured[part] / estimated[part] for part in PARTS if estimated[part] and measured.get(part)}


def profile(run: Run, model: str, settings: Mapping[str, Any], estimated: Mapping[str, float]) -> Profile:
    """Train a few updates of a run under the stopwatch; nothing of the model is saved. Raises what a run raises.

    settings:  of TRL for this machine
    estimated: seconds of an update by part, as `cost` has them
    """
    import torch

    run = replace(run, recipe=replace(run.recipe, steps=UPDATES), held_out=())
    network, processor, _ = run.prepared(model)
    job = run.trainer(network, processor, RewardMonitor(), {**settings, "save_strategy": "no"})
    silence(job, run.progress)
    with as_shown(processor), watched(job) as watch:
        job.train()
    counted = UPDATES - 1
    times = {part: UPDATES if part == "vision" else counted for part in PARTS}
    seconds = {part: watch.seconds[part] / times[part] for part in PARTS if watch.seconds.get(part)}
    read = [float(line["num_tokens"]) for line in job.state.log_history if "num_tokens" in line]
    return Profile(
        model=model,
        recipe=run.recipe.name,
        device=torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU",
        seconds=seconds,
        tokens=(read[-1] - read[0]) / counted if read else 0.0,
        answers=run.recipe.batch,
        memory=peak_memory(),
        rates=compared(seconds, estimated),
    )


@contextmanager
def watched(job: Any) -> Iterator[Stopwatch]:
    """Within the block a trainer of TRL is under the stopwatch that is yielded."""
    from transformers import TrainerCallback

    watch = Stopwatch(_clock())

    class Optimising(TrainerCallback):
        step: Any = None

        def on_pre_optimizer_step(self, *_: Any, **__: Any) -> None:
            self.step = watch.part("optimiser")
            self.step.__enter__()

        def on_optimizer_step(self, *_: Any, **__: Any) -> None:
            self.step.__exit__(None, None, None)

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == 1:
                watch.forget("vision")

    methods = {
        "get_batch_samples": "reading",
        "training_step": "loss",
        "_generate_and_score_completions": "scoring",
        "_generate_single_turn": "sampling",
    }
    for name, part in methods.items():
        if hasattr(job, name):
            setattr(job, name, _timed(watch, part, getattr(job, name)))
    towers = [m for name, m in job.model.named_modules() if name.rpartition(".")[2] in TOWERS]
    for tower in towers:
        tower.forward = _timed(watch, "vision", tower.forward)
    job.add_callback(Optimising())
    yield watch
    for name in methods:
        vars(job).pop(name, None)
    for tower in towers:
        vars(tower).pop("forward", None)


def peak_memory() -> float:
    """GiB that were taken at the most: of the GPU, or of the process where there is none."""
    import resource
    import sys

    import torch

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / GIB
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / GIB if sys.platform == "darwin" else most * 1024 / GIB


def _timed(watch: Stopwatch, part: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def timed(*args: Any, **named: Any) -> Any:
        with watch.part(part):
            return method(*args, **named)

    return timed


def _clock() -> Callable[[], float]:
    """Seconds once the GPU has done all that was given to it."""
    import torch

    if not torch.accelerator.is_available():
        return time.perf_counter

    def now() -> float:
        torch.accelerator.synchronize()
        return time.perf_counter()

    return now
