"""What a run costs before it is started: GPU-hours and memory, with the formula spelt out.

A pass of the model over tokens takes the longest of what it computes, of what it reads, and of what Python starts:

    pass(tokens)          = max(FLOP / (F · u), 2 L / B, layers · operations · o)
    FLOP                  = tokens · (2 L + 2 · layers · hidden · length)      a forward pass, attention causal
    step                  = max(2 L · answers / (F · u), (2 L + keys and values) / B, layers · operations · o)

    seconds of an update  = reading + vision + sampling + scoring + loss + optimiser
      reading             = 0.01 s · frames of all prompts                   decoding their videos
      vision              = max(2 V · patches of all pictures seen / (F · u), layers · (operations + 8 · calls) · o)
      sampling            = pass(prompts) + answer · step                    each prompt is read once for its group
      scoring             = pass(answers · (prompt + answer))                KL reference, unless beta is 0
      loss                = 4 or 3 times pass(answers · (prompt + answer))   forward, again, backward (LoRA: 3)
      optimiser           = 28 T / B

P, L, V, T: parameters of all, of the language part, of the vision tower, and trained ones; F, B: FLOP/s and bytes/s of
the GPU; u: the share of F that is reached, 0.4; o: seconds for an operation started from Python, 25 µs; a layer has 72
of them, 112 with adapters beside it. A frozen tower sees each prompt once, a trained one each answer in every pass;
towers that call attention for each window or picture pay for every call. Models that see images alone are sampled by
transformers, which reads the prompt for each answer, and see them in every pass. Through vLLM a step costs no starts
(CUDA graphs), and 2 P bytes go to the server. Answers are counted at their longest.

    memory = 2 P + 14 T                       weights (0.6 P of 4 bits); gradients and AdamW of T trained parameters
           + 2 P                              KL reference, where all weights are trained
           + 4 · layers · kv heads · head · tokens · group      keys and values while sampling
           + 4 · vocabulary · answer · answers per pass         logits in float32
           + 34 / 12 · hidden · layers · tokens · answers per pass    activations under checkpointing

in bytes. Expect a factor of two either way, and less with the rates of a profile of one update (`profiling`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from whenabouts.errors import InputError
from whenabouts.grounders.llm.recipe import GRPO, Recipe
from whenabouts.training.post.planning.hardware import GIB, Device
from whenabouts.training.post.planning.shapes import Shape

__all__ = ["PARTS", "Cost", "Sampler", "estimate"]

Sampler = Literal["each", "shared", "vllm"]  # how prompts are read: for each answer, once for a group, by a server
PARTS = ("reading", "vision", "sampling", "scoring", "loss", "optimiser")
SHARE = 0.4  # of the peak that is reached where computing is what takes the time; an assumption
DECODING = 0.01  # seconds for a frame that is shown, and those before it that are not; an assumption
OPERATIONS, ADAPTED = 72, 112  # tensor operations of a layer, counted; the second with adapters on four projections
PER_CALL = 8  # tensor operations, and their time in Python, around one call of attention in a packed tower
PAIR = 2  # frames that make one picture of a video


@dataclass(frozen=True)
class Cost:
    """An estimate: memory in GiB per GPU, the number of optimiser steps, and seconds of one, by its parts."""

    updates: int
    gpu_hours: float
    memory: float
    gpu_memory: float
    seconds: Mapping[str, float]

    @property
    def seconds_per_update(self) -> float:
        """The sum of its parts."""
        return sum(self.seconds.values())

    @property
    def fits(self) -> bool:
        """Whether memory stays below nine tenths of what the GPU has."""
        return self.memory < 0.9 * self.gpu_memory


@dataclass(frozen=True)
class Plan:
    """What one GPU does in an update."""

    shape: Shape
    gpu: Device
    lora: int | None
    prompts: float
    answers: float
    visual: int  # tokens of a prompt that are pictures
    prompt: int
    answer: int  # tokens, at most
    pictures: int
    passes: float  # forward passes that the answers of an update are cut into

    @property
    def length(self) -> int:
        return self.prompt + self.answer

    @property
    def trained(self) -> float:
        if self.lora is None:
            return self.shape.parameters
        return 4 * 2 * self.lora * self.shape.hidden * self.shape.layers

    def starts(self, *, adapted: bool) -> float:
        """Seconds in which Python starts the operations of one pass over the language part."""
        return self.shape.layers * (ADAPTED if adapted else OPERATIONS) * self.gpu.launch

    def computing(self, flops: float) -> float:
        return flops / (self.gpu.flops * SHARE)

    def reading(self, size: float) -> float:
        return size / self.gpu.bandwidth

    def forward(self, rows: float, length: int, times: float = 1, passes: float = 1) -> float:
        """Seconds of the language part on `rows` of `length` tokens; backward passes count as more `times`."""
        attention = 2 * self.shape.layers * self.shape.hidden * length
        flops = times * rows * length * (2 * self.shape.language + attention)
        weights = 2 * self.shape.language * times * passes
        return max(
            self.computing(flops), self.reading(weights), self.starts(adapted=self.lora is not None) * times * passes
        )

    def look(self, copies: float) -> float:
        """Seconds of the tower on the pictures of so many prompts."""
        tower = self.shape.tower
        calls = tower.calls(self.visual, self.pictures) * copies
        starts = tower.layers * (OPERATIONS + PER_CALL * calls) * self.gpu.launch
        return max(self.computing(2 * tower.parameters * tower.patches * self.visual * copies), starts)

    def sampling(self, sampler: Sampler) -> float:
        """Seconds of reading prompts and writing their answers, with adapters merged unless `each` is read alone."""
        shape = self.shape
        kept = 4 * shape.layers * shape.kv_heads * shape.head * self.length * self.answers
        step = max(self.computing(2 * shape.language * self.answers), self.reading(2 * shape.language + kept))
        if sampler == "vllm":
            step += 2 * shape.parameters / self.gpu.link / self.answer  # the weights, once an update
        else:
            step = max(step, self.starts(adapted=self.lora is not None and sampler == "each"))
        return self.forward(self.answers if sampler == "each" else self.prompts, self.prompt) + self.answer * step

    def loss(self) -> float:
        """Forward, once more under checkpointing, and backward: adapters need no gradients of the weights."""
        return self.forward(self.answers, self.length, 4 if self.lora is None else 3, self.passes)


def estimate(
    recipe: Recipe,
    shape: Shape,
    samples: int,
    gpu: Device,
    *,
    gpus: int = 1,
    micro: int = 1,
    lora: int | None = None,
    prompt_tokens: int | None = None,
    kept: bool | None = None,
    sampler: Sampler | None = None,
    quantised: bool = False,
    rates: Mapping[str, float] | None = None,
) -> Cost:
    """The cost of a recipe on `samples` rows.

    lora:  rank of the adapters on attention; None trains every weight, sharded over the GPUs (ZeRO-3)
    micro: answers per forward pass and GPU
    prompt_tokens: text and frames; the recipe's visual budget by default
    kept:  a frozen tower sees each prompt once, and not every answer in every pass; by default of models of video
    sampler: how answers are drawn; by default `shared` for models of video, else `each`
    quantised: 4-bit weights under the adapters
    rates: how many times longer than the formula each part took in a profile
    Raises InputError for an empty data set or no GPU.
    """
    if samples < 1 or gpus < 1 or micro < 1:
        raise InputError(f"a cost needs samples, GPUs and answers per pass; got {samples}, {gpus} and {micro}")
    rl = recipe if isinstance(recipe, GRPO) else None
    group, answer = (rl.group, rl.tokens) if rl else (1, 32)
    prompt = prompt_tokens or recipe.visual_tokens + 200
    per_update = max(1, recipe.batch // group)
    updates = max(1, round(recipe.epochs * samples / per_update))
    updates = min(updates, recipe.steps or updates)
    plan = Plan(
        shape, gpu, lora, per_update / gpus, recipe.batch / gpus,
        visual=min(recipe.visual_tokens, prompt), prompt=prompt, answer=answer,
        pictures=max(1, recipe.frames // PAIR), passes=max(1.0, recipe.batch / gpus / micro),
    )  # fmt: skip
    reference = bool(rl and rl.beta)
    video = shape.tower.packed
    seen_once = (video if kept is None else kept) and not recipe.train_vision
    seconds = {
        "reading": plan.prompts * recipe.frames * DECODING,
        "vision": plan.prompts * plan.look(1)
        if seen_once
        else plan.look(plan.answers) * ((2 if rl else 1) + reference + (3 if recipe.train_vision else 0)),
        "sampling": plan.sampling(sampler or ("shared" if video else "each")) if rl else 0.0,
        "scoring": plan.forward(plan.answers, plan.length, 1, plan.passes) if reference else 0.0,
        "loss": plan.loss(),
        "optimiser": plan.reading(28 * plan.trained / (gpus if lora is None else 1)),
    }
    if gpus > 1 and lora is None:  # ZeRO-3 gathers the weights for every pass
        seconds["loss"] += 3 * plan.passes * 2 * shape.parameters / gpu.link
    seconds = {part: value * (rates or {}).get(part, 1.0) for part, value in seconds.items()}
    memory = _memory(plan, group if rl else micro, micro, gpus, reference, quantised)
    hours = updates * sum(seconds.values()) * gpus / 3600
    return Cost(updates, hours, memory, gpu.memory, seconds)


def _memory(plan: Plan, sampled: int, micro: int, gpus: int, reference: bool, quantised: bool) -> float:
    """GiB per GPU."""
    shape, full = plan.shape, plan.lora is None
    weights = (0.6 if quantised else 2) * shape.parameters + 14 * plan.trained
    weights += 2 * shape.parameters if reference and full else 0
    weights /= gpus if full else 1
    kept = 4 * shape.layers * shape.kv_heads * shape.head * plan.length * sampled
    logits = 4 * shape.vocabulary * plan.answer * micro
    activations = 34 * shape.hidden * shape.layers * plan.length * micro / 12
    return (weights + kept + logits + activations) / GIB
