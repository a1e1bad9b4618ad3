"""The folder of a VideoMind checkpoint as its authors publish it, and the base model beside it.

A folder such as that of `yeliudev/VideoMind-2B` has the tokenizer's and processor's files, a LoRA adapter in
`grounder`, and in most cases one in `planner`, `verifier` or `answerer`; the grounder's head in
`pytorch_model.safetensors`; and the name of its base model in `config.json`. Source: yeliudev/VideoMind
`model/builder.py`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.files.shards import tensors_in
from whenabouts.grounders.llm.engines.processors import image_processor_of
from whenabouts.grounders.llm.engines.qwen import FrameProcessor
from whenabouts.grounders.llm.engines.weights import first_line, quietly, unloadable, weights_identity
from whenabouts.grounders.llm.systems.videomind.head import Head
from whenabouts.grounders.llm.systems.videomind.prompts import ANSWERER, GROUNDER, PLANNER, VERIFIER

__all__ = ["Folder"]

HEAD, ADAPTER = "pytorch_model.safetensors", "adapter_model.safetensors"
INSIDE = "base_model.model."  # what peft puts before the name of every parameter
ROLES = (GROUNDER, PLANNER, VERIFIER, ANSWERER)
RENAMED = {"model.layers.": "model.language_model.layers.", "model.embed_tokens": "model.language_model.embed_tokens"}


@dataclass(frozen=True)
class Folder:
    """Paths of a checkpoint's parts.

    base:     folder of the model that the adapters belong to
    adapters: folders by the names of their roles, the grounder's first
    """

    path: Path
    base: Path
    adapters: dict[str, Path]

    @classmethod
    def of(cls, path: Path) -> Folder:
        """Raises ModelError where a part is missing."""
        adapters = {role.name: path / role.name for role in ROLES if (path / role.name / ADAPTER).is_file()}
        for needed in (path / GROUNDER.name / ADAPTER, path / HEAD):
            if not needed.is_file():
                raise ModelError(f"{path} is no VideoMind checkpoint as its authors publish them: {needed} is missing")
        return cls(path, _base(path), adapters)

    def identities(self) -> dict[str, str]:
        """sha256 of the weights of each part, by name."""
        parts = {role: folder / ADAPTER for role, folder in self.adapters.items()} | {"head": self.path / HEAD}
        return {self.base.name: weights_identity(str(self.base))} | {
            f"{self.path.name}/{name}": _sha256(file) for name, file in parts.items()
        }

    def processor(self) -> FrameProcessor:
        """What prepares words and frames; the tokenizer knows the roles' marks. Raises ModelError."""
        from transformers import Qwen2VLConfig

        try:
            with quietly():
                found = image_processor_of(self.path, Qwen2VLConfig())
        except unloadable() as error:
            raise ModelError(f"{self.path} has no tokenizer and processor of Qwen2-VL: {first_line(error)}") from error
        return FrameProcessor(found.tokenizer, found.image_processor, found.chat_template)

    def head(self, hidden: int) -> Head:
        """The grounder's head for hidden states of that width. Raises ModelError."""
        head = Head(hidden)
        names = {name.removeprefix(INSIDE): value for name, value in tensors_in(self.path / HEAD).items()}
        try:
            head.load_state_dict(names)
        except RuntimeError as error:
            raise ModelError(f"{self.path / HEAD} does not hold VideoMind's head: {first_line(error)}") from error
        return head.eval().float()

    def attach(self, network: Any) -> Any:
        """The network with the adapters of all roles, as peft wraps it; none is active.

        Raises ModelError, MissingExtra.
        """
        try:
            with quietly():
                from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
        except ImportError as error:
            raise MissingExtra("rl", "adapters") from error

        adapted: Any = None
        fill: Any = set_peft_model_state_dict
        for role, folder in self.adapters.items():
            state = {_renamed(name): value for name, value in tensors_in(folder / ADAPTER).items()}
            try:
                with quietly():
                    config = LoraConfig.from_pretrained(str(folder))
                    if not isinstance(config.target_modules, str):
                        config.target_modules = {_renamed(name) for name in config.target_modules or ()}
                    if adapted is None:
                        adapted = get_peft_model(network, config, adapter_name=role)
                    else:
                        adapted.add_adapter(role, config)
                    said = fill(adapted, state, adapter_name=role)
            except unloadable() as error:
                raise ModelError(f"{folder} is not an adapter of {self.base}: {first_line(error)}") from error
            lacking = [name for name in said.missing_keys if f".{role}." in name]
            if wrong := said.unexpected_keys or lacking:
                told = "it lacks" if lacking else "it has"
                raise ModelError(f"{folder} is not an adapter of {self.base}: {told} {wrong[0]}")
        adapted.base_model.disable_adapter_layers()
        return adapted.eval()


def _base(path: Path) -> Path:
    """The folder of the base model: in or beside the checkpoint under its name, or where `config.json` says."""
    try:
        named = Path(json.loads((path / "config.json").read_text("utf-8"))["base_model_path"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ModelError(f"{path / 'config.json'} does not say which base model the adapters belong to") from error
    places = path / named.name, path.resolve().parent / named.name, named
    for place in places:
        if (place / "config.json").is_file():
            return place
    raise ModelError(
        f"{path} needs its base model Qwen/{named.name}, which is not on this machine; put that folder at {places[1]}"
    )


def _renamed(name: str) -> str:
    """A module's name of the transformers that the checkpoints were trained with, as today's calls it."""
    for old, new in RENAMED.items():
        if name.removeprefix(INSIDE).startswith(old):
            return name.replace(old, new, 1)
    return name


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
