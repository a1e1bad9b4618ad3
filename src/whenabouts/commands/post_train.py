"""`PostTrain`: a video-language model goes on learning by a published recipe, or what that would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from whenabouts.benchmarks.annotations import Checked
from whenabouts.commands.command import Command
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.grounders.llm.recipe import Recipe
    from whenabouts.training.post.planning.cost import Cost
    from whenabouts.training.post.planning.profiling import Profile
    from whenabouts.training.post.planning.shapes import Shape
    from whenabouts.training.post.run import Run
    from whenabouts.training.post.samples import Sample

__all__ = ["PostTrain", "PostTrained"]


@dataclass(frozen=True, slots=True)
class PostTrained:
    """The folder of the model, its receipt, and what the reward monitor suspects."""

    out: Path
    receipt: Mapping[str, Any]
    flags: tuple[str, ...]


class PostTrain(Command):
    """Post-train a video-language model with a published recipe."""

    recipe: str = Field(description="Name of a recipe, such as sft or time-r1 (see --list).")
    model: str = Field(description="Model to train: a folder, a name on the hub, or tiny.")
    data: Path = Field(description="Annotations in JSON Lines: video, query, relevant_windows, duration.")
    out: Path = Field(Path("runs/post-train"), description="Folder for the trained model.")
    videos: Path | None = Field(None, description="Folder of the videos. Default: the folder of --data.")
    provenance: Checked | None = Field(
        None, description="Of corrections, take those that a person edited, or confirmed. Default: both."
    )
    held_out: Path | None = Field(None, description="Samples for evaluation, none of which may be in --data.")
    lora: int | None = Field(None, ge=1, description="Rank of LoRA adapters. Default: all weights are trained.")
    micro: int | None = Field(None, ge=1, description="Answers per forward pass; gradients of a batch are accumulated.")
    steps: int | None = Field(None, ge=1, description="Maximum number of updates.")
    every: int = Field(50, ge=1, description="Number of updates between checkpoints.")
    gpu: str = Field("H100", description="GPU for the cost estimate, such as H100 or A100; CPU is this processor.")
    gpus: int = Field(1, ge=1, description="Number of GPUs for the cost estimate.")
    quantised: bool = Field(False, description="Keep the model in 4 bits a weight under the adapters of --lora.")
    vllm: str | None = Field(None, description="URL of a vLLM server that draws the answers, such as http://host:8000.")
    profiled: Path | None = Field(None, description="File that --profile wrote; the estimate uses what it measured.")
    resume: bool = Field(False, description="Resume from the last checkpoint in --out.")

    def cost(self) -> str:
        """The cost estimate in one sentence. Raises InputError for an unknown GPU, or a file that is not a profile."""
        from whenabouts.training.post.planning.profiling import read_rates
        from whenabouts.training.post.planning.shapes import MODELS, shape_of

        shape = shape_of(self.model)
        if shape is None:
            return (
                f"no estimate for {self.model}: it is not a folder with a config.json, and known shapes are"
                f" {', '.join(MODELS)}"
            )
        cost = self._cost(shape, read_rates(self.profiled) if self.profiled else None)
        fits = "fits" if cost.fits else "does not fit"
        by = "by a profile" if self.profiled else "formula: docs/post-training.md"
        room = f"{cost.memory:.0f} GiB per GPU, which {fits} in {cost.gpu_memory:.0f} GiB"
        return (
            f"estimate: {cost.updates} updates of {cost.seconds_per_update:.1f} s, {cost.gpu_hours:.1f} GPU-hours on"
            f" {self.gpus} × {self.gpu}, {room} ({by})"
        )

    def rehearse(self) -> str:
        """A dry run on the first samples, told in one sentence; nothing is kept. Raises InputError, ModelError."""
        import tempfile

        from whenabouts.training.post.tiny.rehearsal import rehearse

        with tempfile.TemporaryDirectory() as temporary:
            like = rehearse(replace(self._job(), out=Path(temporary)), self.model)
        return (
            f"dry run: one update of {self.recipe} on the first samples succeeded, of a small model like {like};"
            " the loss has a gradient, and nothing was saved"
        )

    def profile(self, *, progress: Progress | None = None) -> Profile:
        """Where the time of an update goes, also written to profile.json in `out`. Raises what `run` raises."""
        from whenabouts.training.post.planning.profiling import profile
        from whenabouts.training.post.planning.shapes import shape_of_network
        from whenabouts.training.post.run import machine

        job = replace(self._job(), progress=progress)
        network, _, _ = job.prepared(self.model)
        seconds = self._cost(shape_of_network(network), None).seconds
        del network
        found = profile(job, self.model, machine() | self._served(), seconds)
        found.write(self.out / "profile.json")
        return found

    def run(self, *, progress: Progress | None = None) -> PostTrained:
        """Train, save and measure. Raises InputError, AnnotationError, ModelError, MissingExtra."""
        job = replace(self._job(), progress=progress)
        receipt = job.train(self.model, resume=self.resume, save_steps=self.every, **self._served())
        return PostTrained(
            self.out, receipt, tuple(dict.fromkeys((*receipt["flags"], *receipt.get("held_out_flags", []))))
        )

    def _cost(self, shape: Shape, rates: Mapping[str, float] | None) -> Cost:
        from whenabouts.training.post.planning.cost import estimate
        from whenabouts.training.post.planning.hardware import device_named

        return estimate(
            self._recipe(), shape, len(self._samples(self.data)), device_named(self.gpu),
            gpus=self.gpus, micro=self.micro or 1, lora=self.lora, quantised=self.quantised, rates=rates,
            sampler="vllm" if self.vllm else None,
        )  # fmt: skip

    def _served(self) -> dict[str, Any]:
        from whenabouts.training.post.rollouts import settings

        return settings(self.vllm) if self.vllm else {}

    def _recipe(self) -> Recipe:
        from whenabouts.grounders.llm.papers import RECIPES

        chosen = RECIPES.named(self.recipe)
        return chosen if self.steps is None else replace(chosen, steps=self.steps)

    def _samples(self, file: Path) -> list[Sample]:
        from whenabouts.training.post.samples import read_samples, with_files

        return with_files(read_samples(file, self.provenance), self.videos or self.data.parent)

    def _job(self) -> Run:
        from whenabouts.training.post.run import Run

        return Run(
            self._recipe(),
            self._samples(self.data),
            self.videos or self.data.parent,
            self.out,
            held_out=self._samples(self.held_out) if self.held_out else (),
            micro=self.micro,
            lora=self.lora,
            quantised=self.quantised,
        )
