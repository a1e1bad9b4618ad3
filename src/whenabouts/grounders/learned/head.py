"""What a head is: a learned model with all that training, loading and serving need around its forward pass.

A head takes examples as features and gives answers, or losses in training: `prepare` makes tensors of examples on the
CPU, which may happen while another step runs, and calling the head as a module gives the losses. What is learned lives
in `head.model`, whose parameters are named as in the official state dict.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import ModelError
from whenabouts.grounders.learned.batching import in_float32, on_device
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["Answer", "Head", "Prepared", "State"]

State = Mapping[str, Tensor]


@dataclass(frozen=True)
class Answer:
    """Windows [start, end, score] in seconds, best first, inside the video; saliency of every row, or None."""

    windows: list[list[float]]
    saliency: list[float] | None = None


@dataclass(frozen=True)
class Prepared:
    """A training step: what the model takes, and what its output is held against, tensors in any nesting."""

    inputs: tuple[Tensor, ...]
    targets: Any


class Head(nn.Module, ABC):
    """A model with its losses, its decoding, its published recipes, and what its official checkpoints look like.

    name:         in `HEADS`
    paper:        its number on arXiv
    config_class: sizes of the model; its defaults are those of the first recipe
    model_class:  made as `model_class(config, strict_official=…)`
    loss_weights: of the losses by their official names
    recipes:      by name of the benchmark, or BENCHMARK/VARIANT where its authors had several;
                  the first is taken for benchmarks that nothing is published for
    small:        the recipe of a model small enough to train on a CPU
    endpoints:    columns that a row gets beyond its features
    layered:      whether rows are a model's hidden layers, read flat and not scaled
    closed:       whether it tells classes of a closed set apart and takes no words
    batch_leaks:  whether officially an answer depends on what else is in its batch, which `strict_official` brings back

    config, options: the sizes, and the keyword arguments that make this head again, as plain values
    longest:      rows of video that it takes at once; longer videos are answered in windows. None: any number.
    epoch:        how many epochs it was trained for so far, which some losses depend on; training counts it
    """

    name: ClassVar[str]
    paper: ClassVar[str]
    config_class: ClassVar[type[Any]]
    model_class: ClassVar[type[nn.Module]]
    loss_weights: ClassVar[Mapping[str, float]]
    recipes: ClassVar[Mapping[str, Recipe]]
    small: ClassVar[Recipe]
    endpoints: ClassVar[int] = 0
    layered: ClassVar[bool] = False
    closed: ClassVar[bool] = False
    batch_leaks: ClassVar[bool] = False

    def __init__(self, config: Any = None, *, longest: int | None = None, strict_official: bool = False) -> None:
        super().__init__()
        self.config = config or self.config_class()
        self.longest = longest
        self.epoch = 0
        self.options: dict[str, Any] = {
            "config": asdict(self.config),
            "longest": longest,
            "strict_official": strict_official,
        }
        self.model = self.model_class(self.config, strict_official=strict_official)

    @classmethod
    def recipe(cls, benchmark: str = "", *, small: bool = False) -> Recipe:
        """The published recipe for a benchmark, or that of the small model."""
        return cls.small if small else cls.recipes.get(benchmark, next(iter(cls.recipes.values())))

    @classmethod
    def published(cls, benchmark: str = "") -> Head:
        """The head as published for a benchmark, for the features that its authors used."""
        recipe = cls.recipe(benchmark)
        return cls(cls.config_class(**recipe.config), **recipe.options)

    @classmethod
    def sized(
        cls,
        video_dim: int,
        text_dim: int,
        audio_dim: int = 0,
        *,
        benchmark: str = "",
        small: bool = False,
        recipe: Recipe | None = None,
        **options: Any,
    ) -> Head:
        """The head of a recipe for features of these widths; `options` are keyword arguments.

        `recipe` takes the place of the one for `benchmark`. Raises ModelError where there is sound and the head has no
        use for it.
        """
        recipe = recipe or cls.recipe(benchmark, small=small)
        options = {**recipe.options, **options}
        sizes = {**recipe.config, "video_dim": video_dim + cls.endpoints, "text_dim": text_dim}
        if "audio_dim" in {field.name for field in fields(cls.config_class)}:
            sizes["audio_dim"] = audio_dim + (cls.endpoints if audio_dim and options.get("sound_ends") else 0)
        elif audio_dim:
            raise ModelError(f"{cls.name} has no use for features of sound; leave them out")
        return cls(cls.config_class(**sizes), **options)

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Head:
        """The head that had these `options`. Raises TypeError on unknown ones, KeyError on missing ones."""
        rest = dict(options)
        config = {k: tuple(v) if isinstance(v, list) else v for k, v in rest.pop("config").items()}
        return cls(cls.config_class(**config), **rest)

    @classmethod
    def from_official(cls, state: State, options: Mapping[str, Any], **more: Any) -> Head:
        """The head whose model has parameters as in `state`; raises as `sizes`. It does not yet hold them.

        `more` are keyword arguments that take precedence over values of the file.
        """
        return cls(cls.config_class(**cls.sizes(state, options)), **{**cls.settings(state, options), **more})

    @staticmethod
    @abstractmethod
    def recognises(state: State) -> bool:
        """Whether parameters of these names look like this model's; of several such heads the first that fits wins."""

    @classmethod
    @abstractmethod
    def sizes(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Fields of the configuration, read off official parameters and the options stored beside them.

        Raises KeyError where a parameter is missing, and ModelError with a reason that follows the file's name.
        """

    @classmethod
    def settings(cls, state: State, options: Mapping[str, Any]) -> dict[str, Any]:
        """Keyword arguments besides the configuration, read in the same way."""
        return {}

    @classmethod
    def in_official_order(cls, state: State, options: Mapping[str, Any], *, feature_order: Any) -> State:
        """The parameters for features in official order; raises ModelError with a reason that follows the file's name.

        `feature_order` is what the user says of it, for files whose options do not.
        """
        return state

    @classmethod
    def facts(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """What options of an official file tell about it beside sizes and settings: `benchmark`, `features`."""
        return {}

    @abstractmethod
    def collate(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, ...]:
        """Examples as the tensors that the model takes, on the CPU; in page-locked memory where `pinned` says so."""

    @abstractmethod
    def targets(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> Any:
        """What the output of the model is held against, on the CPU; `rng` draws what training draws."""

    @abstractmethod
    def losses(self, output: Any, targets: Any) -> dict[str, Tensor]:
        """Losses by their official names, unweighted, and their `total`; all tensors are on the device, in float32."""

    def prepare(self, examples: Sequence[FeatureExample], rng: np.random.Generator) -> Prepared:
        """What a training step takes of examples, on the CPU, whatever the device."""
        return Prepared(self.collate(examples), self.targets(examples, rng))

    def predict(self, inputs: tuple[Tensor, ...], targets: Any) -> Any:
        """The output of the model in training, some of which needs targets."""
        return self.model(*inputs)

    def forward(self, prepared: Prepared) -> dict[str, Tensor]:
        """`losses` of what `prepare` made. Only the model runs in mixed precision: some losses overflow in it."""
        there = on_device(prepared, self.device)
        output = in_float32(self.predict(there.inputs, there.targets))
        with torch.autocast(self.device.type, enabled=False):
            return self.losses(output, there.targets)

    def inputs(self, examples: Sequence[FeatureExample]) -> tuple[Tensor, ...]:
        """Examples as the tensors that the model takes, on its device."""
        return on_device(self.collate(examples), self.device)

    @abstractmethod
    def answer(self, examples: Sequence[FeatureExample]) -> list[Answer]:
        """One answer per example, whatever its windows; call under `torch.no_grad` and in evaluation mode."""

    def row_seconds(self, fps: float | None) -> float | None:
        """Seconds of a row in a video of so many frames per second; None where the head does not tell."""
        return None

    def groups(self) -> list[dict[str, Any]]:
        """Parameters as an optimiser takes them; a group may have a `weight_decay` and a `share` of the rate."""
        return [{"params": list(self.parameters())}]

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return next(self.model.parameters()).device

    @property
    def pinned(self) -> bool:
        """Whether what is made for the model is copied to a GPU."""
        return self.device.type == "cuda"
