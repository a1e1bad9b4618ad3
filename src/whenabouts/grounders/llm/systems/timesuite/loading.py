"""VideoChat-T from the folder of its published files.

The folder is `parameters` of Lanxingxuan/TimeSuite, with Mistral-7B-Instruct-v0.2 beside the rest, as its README says:

    config.json                        sizes, and the names of the other files
    umt_l16_qformer.pth                vision tower and Q-Former as they began (`vit_blip_model_path`)
    videochat2_mistral_7b_stage3.pth   what VideoChat2 made of them (`videochat2_model_path`)
    timesuite.pth                      what TimeSuite trained: everything but the vision tower, with the adapters
    Mistral-7B-Instruct-v0.2/          the language model and its tokens (`mistral_model_path`)
    bert-base-uncased/                 the words of the Q-Former; without this folder, from the hub's cache

Later files replace what earlier ones hold, as in the official `eval/eval_infer.py`. Of the first two only what stands
outside the language model is taken, as there: their adapters are not loaded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from whenabouts.errors import ModelError
from whenabouts.files.shards import some
from whenabouts.files.weights import read_weights
from whenabouts.grounders.llm.engines.weights import first_line, network, unloadable, weights_identity
from whenabouts.grounders.llm.systems.qformer import Bert
from whenabouts.grounders.llm.systems.qformer_words import BERT, words_of_qformer
from whenabouts.grounders.llm.systems.timesuite.config import read_facts, sizes_of
from whenabouts.grounders.llm.systems.timesuite.network import VideoChatT

__all__ = ["Loaded", "load"]

TRAINED = "timesuite.pth"
MISTRAL = "Mistral-7B-Instruct-v0.2"
LANGUAGE = "mistral_model."
UNUSED = ("mistral_proj.", "qformer.cls.")  # only served to begin with


@dataclass(frozen=True, slots=True)
class Loaded:
    """The network with what prepares its input.

    words, reads: tokenizers of the language model and of the Q-Former        hashes: sha256 by file or folder
    """

    network: VideoChatT
    words: Any
    reads: Any
    hashes: Mapping[str, str]


def load(folder: Path, device: str) -> Loaded:
    """The whole network, its language model in float16 on a GPU, as its authors run it, and in float32 on a CPU.

    Raises ModelError with the file that is missing, foreign or damaged.
    """
    import transformers
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    facts = read_facts(folder)
    sizes = sizes_of(facts, folder)
    words_in = _folder(folder, str(facts.get("mistral_model_path", MISTRAL)))
    published = _published(folder, facts)
    reads = words_of_qformer(folder)
    reads.padding_side = "left"
    bert = _bert(folder / BERT, len(reads))
    language, words = _language(transformers, words_in, torch.float32 if device == "cpu" else torch.float16)
    whole = VideoChatT(sizes, bert, language)
    _fill(whole, published, folder)
    try:
        whole.eval().to(device)
    except (RuntimeError, AssertionError) as error:  # torch refuses a device that it does not have in many ways
        raise ModelError(f"{folder} cannot be put on the device {device!r}: {first_line(error)}") from error
    return Loaded(whole, words, reads, published.hashes | {words_in.name: weights_identity(str(words_in))})


def _bert(folder: Path, words: int) -> Bert:
    """The sizes of the Q-Former: those in a folder, or else those of bert-base-uncased."""
    path = folder / "config.json"
    try:
        told = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        return Bert(**{name: told[name] for name in Bert.__slots__ if name in told} | {"vocab_size": words})
    except (ValueError, TypeError) as error:
        raise ModelError(f"{path} is damaged: {first_line(error)}") from error


def _language(hub: Any, folder: Path, dtype: torch.dtype) -> tuple[Any, Any]:
    """The Mistral of a folder and its tokenizer; nothing that its `generation_config` recommends is kept."""
    try:
        words = hub.AutoTokenizer.from_pretrained(folder)
    except unloadable() as error:
        raise ModelError(f"{folder} has no tokenizer of a Mistral: {first_line(error)}") from error
    try:
        language = network(folder, hub.MistralForCausalLM, "cpu").to(dtype)
    except unloadable() as error:
        raise ModelError(f"{folder} cannot be loaded as a Mistral: {first_line(error)}") from error
    end = words.eos_token_id
    language.generation_config = hub.GenerationConfig(
        bos_token_id=words.bos_token_id, eos_token_id=end, pad_token_id=end
    )
    return language, words


def _folder(folder: Path, named: str) -> Path:
    """The folder of the language model: where the config says, or one of its name in the folder or beside it."""
    name = Path(named).name
    for place in (Path(named), folder / name, folder.parent / name):
        if (place / "config.json").is_file():
            return place
    raise ModelError(f"{folder} has no language model: copy the folder {name} into it, which its config.json names")


@dataclass(frozen=True, slots=True)
class _Published:
    """Parameters by official name: of the files that TimeSuite began with, and of its own; sha256 by file."""

    begun: dict[str, Tensor]
    trained: dict[str, Tensor]
    hashes: dict[str, str]


def _published(folder: Path, facts: dict[str, Any]) -> _Published:
    begun: dict[str, Tensor] = {}
    hashes = {}
    for key in ("vit_blip_model_path", "videochat2_model_path"):
        path = folder / Path(str(facts.get(key) or "")).name
        if path.is_file():
            given, hashes[path.name] = _read(path)
            begun |= {name: value for name, value in given.items() if not name.startswith(LANGUAGE)}
    trained, hashes[TRAINED] = _read(folder / TRAINED)
    return _Published(begun, trained, hashes)


def _read(path: Path) -> tuple[dict[str, Tensor], str]:
    content, sha256 = read_weights(path)
    held = content.get("model", content.get("module", content))
    if not isinstance(held, dict) or not all(isinstance(value, Tensor) for value in held.values()):
        raise ModelError(f"{path} holds no parameters of a model by name")
    return {name.replace(".base_layer.", "."): value for name, value in held.items()}, sha256


def _fill(module: nn.Module, published: _Published, folder: Path) -> None:
    """Give every parameter its value. Raises ModelError for missing, misshapen and foreign ones."""
    own = module.state_dict()
    foreign = sorted(name for name in published.trained.keys() - own.keys() if not _needless(name))
    if foreign:
        raise ModelError(f"{folder / TRAINED} holds what VideoChat-T does not have: {some(foreign)}")
    state = {name: value for name, value in (published.begun | published.trained).items() if name in own}
    base = {name for name in own if name.startswith(LANGUAGE) and ".lora_" not in name}  # its own folder has them
    if missing := sorted(own.keys() - state.keys() - base):
        raise ModelError(f"{folder} lacks {some(missing)}; copy all its published files, which config.json names")
    for name, value in state.items():
        if own[name].shape != value.shape:
            given, needed = (" x ".join(map(str, each.shape)) for each in (value, own[name]))
            raise ModelError(f"in {folder} {name} is {given}, and its config needs {needed}")
    module.load_state_dict(state, strict=False)


def _needless(name: str) -> bool:
    """Whether only training needed it, or newer versions of transformers compute it."""
    return name.startswith(UNUSED) or name.endswith((".position_ids", ".inv_freq"))
