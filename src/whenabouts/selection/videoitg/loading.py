"""VideoITG from a folder as its authors publish it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import Qwen2Config, Qwen2Model, SiglipVisionConfig, SiglipVisionModel

from whenabouts.errors import ModelError
from whenabouts.files.pretrained import first_line, tokenizer_in, whole_network
from whenabouts.files.quiet import quietly
from whenabouts.files.shards import fill, made_in, shards
from whenabouts.selection.videoitg.network import Network

__all__ = ["Loaded", "load"]

KINDS = ("eagle_QwenG", "Eagle_qwenG")  # model_type of the config, as registered and as written
PUBLISHED = {  # settings without which it is another network
    "mm_projector_type": "seq_mlp",
    "mm_vision_select_feature": "patch",
    "mm_use_4_vision_tokens": False,
}
TOWER = "model.vision_tower."
SO400M_384: dict[str, Any] = {  # google/siglip-so400m-patch14-384, whose config needs no download
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_hidden_layers": 27,
    "num_attention_heads": 16,
    "image_size": 384,
    "patch_size": 14,
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The network with what prepares its input.

    tokens: the tokenizer        size: pixels of a frame's side        longest: tokens of a whole sequence, or None
    sha256: of the files of weights
    """

    network: Network
    tokens: Any
    size: int
    longest: int | None
    sha256: str


def load(folder: Path, device: str) -> Loaded:
    """VideoITG from its folder: float16 on a GPU, as its authors run it, and float32 on a CPU.

    Its SigLIP is the one in the folder, else that of the folder or name that the config gives: it was never trained.
    Raises ModelError with the file that is missing, foreign or damaged.
    """
    facts = _facts(folder)
    files = shards(folder)
    dtype = torch.float32 if device == "cpu" else torch.float16
    try:
        with quietly():
            tokens = tokenizer_in(folder)
            seeing, config = _tower(folder, facts), Qwen2Config(**facts)
        with torch.device(device), made_in(dtype):
            network = Network(
                Qwen2Model(config),
                SiglipVisionModel(seeing),
                tokens=int(facts["vision_token_num"]),
                layer=int(facts["mm_vision_select_layer"]),
            )
        if fill(network, files, folder, optional=TOWER):
            siglip: Any = whole_network(_found(folder, facts), SiglipVisionModel, dtype=dtype)
            core = getattr(siglip, "vision_model", siglip)
            network.model.vision_tower.vision_tower.vision_model.load_state_dict(core.state_dict())
    except ModelError:
        raise
    except Exception as error:  # a damaged file or a foreign config ends in errors of any kind
        raise ModelError(f"{folder} cannot be loaded as VideoITG: {first_line(error)}") from error
    longest = facts.get("tokenizer_model_max_length")
    return Loaded(network.eval(), tokens, seeing.image_size, longest and int(longest), _identity(files))


def _facts(folder: Path) -> dict[str, Any]:
    """Its config, with what the authors' class sets."""
    path = folder / "config.json"
    try:
        facts = dict(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ModelError(f"{path} cannot be read; name the folder of a published VideoITG checkpoint") from error
    except (ValueError, TypeError) as error:
        raise ModelError(f"{path} is not the config of a VideoITG checkpoint: {error}") from error
    if facts.get("model_type") not in KINDS:
        raise ModelError(f"{folder} holds a model of the kind {facts.get('model_type')!r}, not {KINDS[0]!r}")
    for name in ("mm_vision_tower", "mm_vision_select_layer", "vision_token_num"):
        if name not in facts:
            raise ModelError(f"{path} names no {name}")
    for setting, value in PUBLISHED.items():
        if facts.get(setting) != value:
            raise ModelError(f"{path}: {setting} is {facts.get(setting)!r}; only {value!r}, as published, can be run")
    if facts.get("use_sliding_window"):
        raise ModelError(f"{path}: use_sliding_window is set, and in VideoITG every frame sees every other")
    return {key: value for key, value in facts.items() if key not in ("model_type", "rope_scaling", "architectures")}


def _tower(folder: Path, facts: dict[str, Any]) -> Any:
    """The config of its SigLIP: of the folder that the config names, what is known of Google's, or the hub's."""
    there = _found(folder, facts)
    if not Path(there).is_dir() and there.rstrip("/").endswith("siglip-so400m-patch14-384"):
        return SiglipVisionConfig(**SO400M_384)
    return SiglipVisionConfig.from_pretrained(there)


def _found(folder: Path, facts: dict[str, Any]) -> str:
    """A folder of that name beside the checkpoint, inside it, or where it says; else the name, for the hub."""
    tower = Path(str(facts["mm_vision_tower"]))
    places = (tower, folder / tower, folder / tower.name, folder.parent / tower.name)
    return next((str(place) for place in places if (place / "config.json").is_file()), str(tower))


def _identity(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
