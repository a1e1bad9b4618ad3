"""A run from beginning to end: load, adapt, train under the monitor, and leave a folder that others can load.

out/model.safetensors …   the model and its processor, as transformers saves them
out/adapter               the LoRA adapter alone, where one was trained; the model above has it merged in
out/log.jsonl             what was logged, a line per update: loss, rewards, and the monitor's figures and flags
out/receipt.json          recipe, data hash, versions, figures and flags
out/README.md             a model card made from the receipt
out/checkpoint-N          to resume from after an interruption
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.grounders.llm.recipe import GRPO, SFT, Recipe
from whenabouts.progress import Progress
from whenabouts.training.post import grpo, quantising, sft
from whenabouts.training.post.answering import answers
from whenabouts.training.post.card import card
from whenabouts.training.post.curation import leaks
from whenabouts.training.post.hacking import flags
from whenabouts.training.post.loading import as_shown, is_tiny, load, show_from, stored_dtype
from whenabouts.training.post.manifest import digest
from whenabouts.training.post.measure import measure
from whenabouts.training.post.monitor import RewardMonitor
from whenabouts.training.post.reporting import silence
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.saving import saved
from whenabouts.training.post.seeing.conversation import Show, data_set
from whenabouts.training.post.seeing.sight import Sight
from whenabouts.version import __version__
from whenabouts.video import Video

__all__ = ["Run", "machine"]

CHECKPOINTS: dict[str, Any] = {"save_steps": 50, "save_total_limit": 2}  # recipes are short, and GPUs fail
LANGUAGE_ATTENTION = r".*language_model.*\.((q|k|v|o)_proj|linear_attn\.(in_proj_\w+|out_proj))"


@dataclass(frozen=True)
class Run:
    """What is trained on what, and where to.

    videos: the folder that the samples' paths start from. micro: answers per forward pass.
    lora:   rank of adapters on the attention of the language part; None trains every weight of it.
    quantised: 4-bit weights under the adapters
    held_out: samples to measure on afterwards; none may share a recording with `samples`.
    progress: told how much of the training is done; nothing is printed.
    """

    recipe: Recipe
    samples: Sequence[Sample]
    videos: Path
    out: Path
    held_out: Sequence[Sample] = ()
    micro: int | None = None
    lora: int | None = None
    quantised: bool = False
    progress: Progress | None = None

    def __post_init__(self) -> None:
        shared = leaks(self.samples, [(one.video, one.query) for one in self.held_out])
        if shared:
            raise InputError(f"{len(shared)} training samples are in the evaluation, the first: {shared[0]}")

    def check(self) -> None:
        """Raises InputError if a video is not there, VideoError if one cannot be opened, before its turn comes."""
        named = {one.video for one in [*self.samples, *self.held_out]}
        missing = sorted(name for name in named if not (self.videos / name).is_file())
        if missing:
            raise InputError(f"{len(missing)} of {len(named)} videos are not in {self.videos}, the first: {missing[0]}")
        for name in sorted(named):
            Video(self.videos / name).close()

    def train(self, model: str, *, resume: bool = False, **settings: Any) -> dict[str, Any]:
        """Train, save and return the receipt. `settings` go to TRL's configuration. Raises ModelError, InputError.

        A checkpoint is left every 50 updates, of which the last two stay. `out` must be new unless `resume` is set.
        """
        if not resume and (self._checkpoints() or (self.out / "receipt.json").exists()):
            raise InputError(f"{self.out} already holds a run; resume it with --resume, or choose another --out")
        last = self._last_checkpoint() if resume else None
        network, processor, stored = self.prepared(model, last)
        monitor = RewardMonitor()
        job = self.trainer(network, processor, monitor, machine() | CHECKPOINTS | settings)
        silence(job, self.progress)
        with as_shown(processor):
            job.train(resume_from_checkpoint=str(last) if last else None)
        receipt = self._receipt(model, job, monitor)
        kept = saved(job, processor, model, self.out, stored)
        if kept is None:  # another process saves and measures
            return receipt
        *trained, receipt["saved"] = kept
        receipt |= self._measure(*trained)
        log = "".join(json.dumps(line) + "\n" for line in job.state.log_history)
        page = json.dumps(receipt, indent=1) + "\n"
        for name, text in (("log.jsonl", log), ("README.md", card(receipt)), ("receipt.json", page)):
            with replacing(self.out / name) as part:
                part.write_text(text, "utf-8")
        return receipt

    def prepared(self, model: str, checkpoint: Path | None = None) -> tuple[Any, Any, Any]:
        """The network as it is trained, what prepares text and frames for it, and the type in which it is stored.

        Raises ModelError, InputError, MissingExtra.
        """
        if is_tiny(model) and isinstance(self.recipe, GRPO) and self.recipe.beta and not self.lora:
            raise InputError("the tiny model has no file to serve as KL reference; use a recipe with beta 0, or --lora")
        if self.quantised and (not self.lora or is_tiny(model)):
            raise InputError("4-bit weights are not trained themselves: give --lora RANK too, and a model in a folder")
        self.check()
        # The weights come from the checkpoint by transformers' own loader: the trainer's resumption matches names
        # as they are in memory, which for vision-language models are not those in the file, and keeps what it has.
        weights = None if checkpoint is None or self.lora else str(checkpoint)
        network, processor = load(model, trained=not self.lora, weights=weights, quantised=self.quantised)
        stored = stored_dtype(network, model)
        # where TRL takes the reference for the KL divergence from, and others the base of the adapter
        there = str(Path(model).resolve()) if Path(model).is_dir() else model
        network.name_or_path = network.config._name_or_path = there
        network = quantising.prepared(network) if self.quantised else network
        self.freeze(network, stored)
        return network, processor, stored

    def freeze(self, network: Any, dtype: Any) -> None:
        """Take the vision tower out of the training and keep it in this type, unless the recipe trains it."""
        for name, weight in network.named_parameters():
            if not self.recipe.train_vision and ("visual." in name or "vision_tower." in name):
                weight.requires_grad_(False)
                weight.data = weight.data.to(dtype)

    def trainer(self, network: Any, processor: Any, monitor: RewardMonitor, settings: dict[str, Any]) -> Any:
        """TRL's trainer for this run; `settings` go to its configuration. Raises ModelError, InputError."""
        show = show_from(self.videos, self.recipe, processor)
        rows = data_set(self.samples, self.recipe, show, video=isinstance(processor, Sight))
        more = {"peft_config": adapters(self.lora)} if self.lora else {}
        if isinstance(self.recipe, GRPO):
            args = grpo.arguments(self.recipe, self.out, micro=self.micro, **settings)
            return grpo.trainer(
                self.recipe, network, processor, rows, args, monitor=monitor, folder=self.videos, **more
            )
        if isinstance(self.recipe, SFT):
            args = sft.arguments(self.recipe, self.out, micro=self.micro, **settings)
            return sft.trainer(self.recipe, network, processor, rows, args, **more)
        raise InputError(f"{self.recipe.name}: neither SFT nor GRPO")

    def _checkpoints(self) -> list[Path]:
        """The whole ones in order: the trainer's state is written last, so one without it was cut off."""
        found = [path.parent for path in self.out.glob("checkpoint-*/trainer_state.json")]
        return sorted(found, key=lambda path: int(path.name.split("-")[1]))

    def _last_checkpoint(self) -> Path:
        found = self._checkpoints()
        if not found:
            raise InputError(f"{self.out} has no checkpoint to resume from; leave out --resume")
        return found[-1]

    def _receipt(self, model: str, job: Any, monitor: RewardMonitor) -> dict[str, Any]:
        data = hashlib.sha256("".join(digest(one) for one in self.samples).encode()).hexdigest()
        figures = monitor.figures()
        return {
            "model": model,
            "base_model": _base(model),
            "recipe": self.recipe.facts(),
            "data": {"samples": len(self.samples), "sha256": data},
            "updates": job.state.global_step,
            "versions": {name: version(name) for name in ("torch", "transformers", "trl")}
            | {"whenabouts": __version__},
            "training": asdict(figures) if figures else {},
            "flags": monitor.flags(),
        }

    def _measure(self, network: Any, processor: Any) -> dict[str, Any]:
        def ask(samples: Sequence[Sample], show: Show) -> list[str]:
            return answers(network, processor, samples, self.recipe, show, batch=8)

        show = show_from(self.videos, self.recipe, processor)
        with as_shown(processor):
            found = measure(ask, self.held_out, show, self.samples)
        if found is None:
            return {}
        return {"held_out": asdict(found.figures), "held_out_flags": flags(found.figures), "scores": found.scores}


def machine() -> dict[str, Any]:
    """Half precision where there is a GPU that has it; TRL assumes one."""
    import torch

    gpu = torch.accelerator.is_available()
    return {"use_cpu": not gpu, "bf16": torch.cuda.is_available() and torch.cuda.is_bf16_supported()}


def _base(model: str) -> str | None:
    """The base model on the hub: the model, or for a folder that a run left, what that run began with."""
    if not Path(model).is_dir():
        return model
    receipt = Path(model) / "receipt.json"
    if not receipt.is_file():
        return None
    base: str | None = json.loads(receipt.read_text("utf-8")).get("base_model")
    return base


def adapters(rank: int) -> Any:
    """LoRA on the attention of the language part, for peft."""
    from peft import LoraConfig

    return LoraConfig(r=rank, lora_alpha=rank, target_modules=LANGUAGE_ATTENTION, task_type="CAUSAL_LM")
