"""TRACE from a folder as its authors publish it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from sentencepiece import SentencePieceProcessor
from transformers import CLIPVisionConfig, CLIPVisionModel, MistralConfig, MistralForCausalLM

from whenabouts.errors import ModelError
from whenabouts.files.shards import fill, made_in, shards
from whenabouts.grounders.llm.engines.weights import first_line
from whenabouts.grounders.llm.systems.trace.network import TraceNetwork

__all__ = ["Loaded", "load"]

KIND = "trace_mistral"  # model_type of the config
PROJECTOR = "spatial_slot"
TOWER = "model.vision_tower."
CLIP_L_336: dict[
    str, Any
] = {  # openai/clip-vit-large-patch14-336, whose config needs no download: the weights are TRACE's own
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "image_size": 336,
    "patch_size": 14,
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The network with what prepares its input.

    tokens: a SentencePieceProcessor        size: pixels of a frame's side        pad: as for `pictures.spread`
    """

    network: TraceNetwork
    tokens: Any
    size: int
    pad: bool
    start: int
    stop: int


def load(folder: Path, device: str) -> Loaded:
    """TRACE from its published folder: float16 on a GPU, as its authors run it, and float32 on a CPU.

    Its CLIP is the one in the folder, else that of the folder or name that the config gives.
    Raises ModelError with the file that is missing, foreign or damaged.
    """
    facts = _facts(folder)
    words = folder / "tokenizer.model"
    if not words.is_file():
        raise ModelError(f"{folder} has no tokenizer.model; copy the whole folder of the checkpoint")
    files = shards(folder)
    dtype = torch.float32 if device == "cpu" else torch.float16
    try:
        tokens = SentencePieceProcessor(model_file=str(words))
        seeing, tower = _tower(folder, facts), Path(facts["mm_vision_tower"])
        with torch.device(device), made_in(dtype):
            language = MistralForCausalLM(MistralConfig(**facts))
            network = TraceNetwork(language, CLIPVisionModel(seeing), layer=facts.get("mm_vision_select_layer", -2))
        absent = fill(network, files, folder, optional=TOWER)
        if absent:
            clip: Any = CLIPVisionModel.from_pretrained(_found(folder, tower), dtype=dtype)
            core = getattr(clip, "vision_model", clip)
            network.model.vision_tower.vision_tower.vision_model.load_state_dict(core.state_dict())
    except ModelError:
        raise
    except Exception as error:  # a damaged file or a foreign config ends in errors of any kind
        raise ModelError(f"{folder} cannot be loaded as TRACE: {first_line(error)}") from error
    pad = facts.get("image_aspect_ratio") == "pad"
    ends = facts.get("bos_token_id", 1), facts.get("eos_token_id", 2)
    return Loaded(network.eval(), tokens, seeing.image_size, pad, *ends)


def _facts(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        facts = json.loads(path.read_text("utf-8"))
        kind, projector = facts["model_type"], facts["mm_projector_type"]
    except OSError as error:
        raise ModelError(f"{path} cannot be read; name the folder of a published TRACE checkpoint") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is not the config of a TRACE checkpoint: {error}") from error
    if kind != KIND:
        raise ModelError(f"{folder} holds a model of the kind {kind!r}, where TRACE's is {KIND!r}")
    if projector != PROJECTOR:
        raise ModelError(f"{folder} has a projector {projector!r}, and only TRACE's own {PROJECTOR!r} is here")
    if "mm_vision_tower" not in facts:
        raise ModelError(f"{path} names no mm_vision_tower")
    return dict(facts)


def _tower(folder: Path, facts: dict[str, Any]) -> Any:
    """The config of its CLIP: of the folder that the config names, what is known of OpenAI's, or the hub's."""
    named = str(facts["mm_vision_tower"])
    there = _found(folder, Path(named))
    if not Path(there).is_dir() and named.rstrip("/").endswith("clip-vit-large-patch14-336"):
        return CLIPVisionConfig(**CLIP_L_336)
    return CLIPVisionConfig.from_pretrained(there)


def _found(folder: Path, tower: Path) -> str:
    """A folder of that name beside the checkpoint, inside it, or where it says; else the name, for the hub."""
    places = (tower, folder / tower, folder / tower.name, folder.parent / tower.name)
    return next((str(place) for place in places if (place / "config.json").is_file()), str(tower))
