"""A dry run: one update of a small model of the same kind, whose answers are written and not drawn.

A model of random weights says nothing that earns a reward, so a group of its answers earns one and the same, and there
is no gradient to look at. Here a group says the truth, windows that are off, and what nobody can read. The recipe's
rewards must tell these apart, and the loss must then have a gradient; where not, the recipe could not train any model.
Answers are drawn too, and thrown away, so that what would break in sampling breaks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import InputError, ModelError
from whenabouts.grounders.llm.recipe import GRPO, Recipe
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target
from whenabouts.training.post.loading import as_shown, is_tiny, load, seeing
from whenabouts.training.post.monitor import RewardMonitor
from whenabouts.training.post.reporting import silence

if TYPE_CHECKING:
    from whenabouts.training.post.run import Run

__all__ = ["rehearse", "written_answers"]

FRAMES, TOKENS_OF_A_FRAME, TOKENS = 4, 16, 8
ON_CPU = {"use_cpu": True, "bf16": False, "save_strategy": "no", "disable_tqdm": True}
KINDS = {"qwen2-vl": "qwen2_vl", "qwen2.5-vl": "qwen2_5_vl", "qwen3-vl": "qwen3_vl", "qwen3.5": "qwen3_5"}


def rehearse(run: Run, model: str) -> str:
    """Try one update on the first samples and say on what. Nothing is kept but in `run.out`.

    Raises InputError where rewards do not tell answers apart, ModelError where the loss has no gradient, and what a
    run raises.
    """
    run.check()
    network, processor, name = _small(model)
    short = _short(run.recipe, tools=name == model)
    small = replace(run, recipe=short, samples=run.samples[: short.batch], held_out=(), micro=None)
    if not run.lora:
        network.requires_grad_(True)
    small.freeze(network, network.dtype)
    job = small.trainer(network, processor, RewardMonitor(), ON_CPU)
    silence(job, None)
    if isinstance(short, GRPO):
        _script(job, short, [one.target for one in small.samples])
    with as_shown(processor):
        job.train()
    _check(short, job.state.log_history[0])
    return name


def written_answers(recipe: Recipe, target: Target, count: int) -> list[str]:
    """The true answer in the recipe's words, then worse ones: late, the whole video, in no form, with no interval."""

    def told(*windows: Window) -> str:
        return recipe.truth(replace(target, windows=windows))

    if target.windows:
        start, end = target.windows[0]
        half = (end - start) / 2
        late = (min(start + half, target.duration - half / 2), min(end + half, target.duration))
        worse = [told(late), told((0.0, target.duration)), f"{start:.1f}, {end:.1f}", told(), "Nobody can know."]
    else:
        worse = [told((0.0, target.duration / 2)), "Nobody can know.", told((0.0, target.duration))]
    return list(islice(cycle([recipe.truth(target), *worse]), count))


def _small(model: str) -> tuple[Any, Any, str]:
    """A small network, what prepares text and frames for it, and the name of the model that they are like."""
    if is_tiny(model):
        return *load(model), model
    if not Path(model).is_dir() and not _cached(model):
        kind = next((kind for name, kind in KINDS.items() if name in model.lower()), None)
        if kind is None:
            raise ModelError(f"{model} is neither a folder nor in the hub's cache; download it before a dry run")
        return *load(f"tiny:{kind}"), f"tiny:{kind}"
    from whenabouts.grounders.llm.engines.processors import processor_of
    from whenabouts.training.post.tiny.shrinking import shrunk

    network, processor = shrunk(model), processor_of(model)
    return network, seeing(network, processor), model


def _cached(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    try:
        return isinstance(try_to_load_from_cache(name, "config.json"), str)
    except ValueError:  # what cannot be a name on the hub
        return False


def _short(recipe: Recipe, *, tools: bool) -> Recipe:
    """The recipe on one group, with few small frames. The tiny models have no tools in their chat templates."""
    frames = min(FRAMES, recipe.frames)
    group = recipe.group if isinstance(recipe, GRPO) else 2
    short = replace(recipe, batch=group, steps=1, frames=frames, visual_tokens=frames * TOKENS_OF_A_FRAME)
    if isinstance(short, GRPO):
        return replace(short, beta=0.0, selection=None, tokens=TOKENS, crops=short.crops if tools else 0)
    return short


def _script(job: Any, recipe: GRPO, targets: list[Target]) -> None:
    """Have a trainer's answers be written ones, after it drew some."""
    drawn = job._generate_single_turn
    asked: dict[str | None, Iterator[str]] = {}
    scored = job._generate_and_score_completions

    def scoring(inputs: Any) -> Any:
        by_name = {target.sample: target for target in targets}
        asked.clear()
        said = []
        for row in inputs:
            name = row["sample"]
            asked.setdefault(name, iter(written_answers(recipe, by_name[name], recipe.group)))
            said.append(next(asked[name]))
        job._written = said
        return scored(inputs)

    def generating(*args: Any, **named: Any) -> Any:
        drawn(*args, **named)
        return [job.told(text) for text in job._written], None

    job._generate_and_score_completions, job._generate_single_turn = scoring, generating


def _check(recipe: Recipe, line: dict[str, Any]) -> None:
    """Raises InputError, ModelError."""
    if isinstance(recipe, GRPO) and float(line["frac_reward_zero_std"]) > 0:
        raise InputError(
            f"dry run: the rewards of {recipe.name} ({', '.join(term.name for term in recipe.terms)}) do not tell true"
            " answers from wrong ones, so there is no gradient; change the rewards of the recipe"
        )
    norm = float(line["grad_norm"])
    if not math.isfinite(norm) or norm == 0:
        raise ModelError(
            f"dry run: the gradient of {recipe.name} is {norm:g} although the answers differ; this model cannot be"
            " trained with these settings"
        )
