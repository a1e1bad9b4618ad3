"""MeCo from the folder that its official training leaves (`--save_full_model True`, as in all its scripts).

The folder has config.json, the weights in *.safetensors, and the tokenizer of the language model. The words of the
Q-Former are those of `bert-base-uncased`: a folder of that name in it, else the hub's cache.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from whenabouts.errors import ModelError
from whenabouts.files.pretrained import require_header
from whenabouts.files.shards import fill, made_in, shards
from whenabouts.grounders.llm.engines.weights import first_line, unloadable
from whenabouts.grounders.llm.systems.meco.answering import CONVERSATIONS
from whenabouts.grounders.llm.systems.meco.network import MeCoNetwork, Sizes
from whenabouts.grounders.llm.systems.meco.vision import HEAD
from whenabouts.grounders.llm.systems.qformer import Bert
from whenabouts.grounders.llm.systems.qformer_words import words_of_qformer

__all__ = ["Loaded", "load"]

FAMILIES = {"MeCo_phi3": "Phi3", "meco_qwen2": "Qwen2"}  # model_type of the config
BERT_HEAD = 64  # numbers of one of its attention heads
TOWER, QUERIES = "model.vision_tower.vision_tower.", "model.qformer_"
NEEDLESS = (f"{QUERIES}bert.cls.",)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The network with what prepares its input.

    words, reads: tokenizers of the language model and of the Q-Former
    family:       `phi3` or `qwen2`, whose words stand around a question
    event, transition: token ids of `<ent>` and `<tst>`
    side:         pixels of a frame's
    ends:         sequences of token ids, each of which ends an answer
    """

    network: MeCoNetwork
    words: Any
    reads: Any
    family: str
    event: int
    transition: int
    side: int
    ends: tuple[tuple[int, ...], ...]

    def around(self, before: str, after: str) -> tuple[Tensor, Tensor]:
        """Token ids of what is said before and after the frames; the second has no token of a beginning."""
        first, second = (self.words(text).input_ids for text in (before, after))
        beginning = bool(first) and first[0] == self.words.bos_token_id
        return torch.tensor(first, dtype=torch.long), torch.tensor(second[beginning:], dtype=torch.long)

    def read(self, question: str) -> Tensor:
        """Token ids of a question for the Q-Former."""
        ids: Tensor = self.reads([question], truncation=True, max_length=256, return_tensors="pt").input_ids[0]
        return ids


def load(folder: Path, device: str) -> Loaded:
    """The whole network, in the dtype of its config on a GPU and in float32 on a CPU.

    Raises ModelError with the file that is missing, foreign or damaged.
    """
    import transformers
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    hub: Any = transformers
    facts = _facts(folder)
    files = shards(folder)
    kind = FAMILIES[facts["model_type"]]
    reads = words_of_qformer(folder)
    try:
        config = getattr(hub, f"{kind}Config")(**_plain(facts))
        words = hub.AutoTokenizer.from_pretrained(folder, config=config)
        sizes, bert = _sizes(files)
        if bert.vocab_size != len(reads):
            raise ModelError(f"{folder} has a Q-Former of {bert.vocab_size} words, and its words are {len(reads)}")
        half = getattr(torch, str(facts.get("torch_dtype", facts.get("dtype", "float16"))))
        with torch.device(device), made_in(torch.float32 if device == "cpu" else half):
            language = getattr(hub, f"{kind}ForCausalLM")(config)
            together, mixing = bool(facts.get("bi_attention")), bool(facts.get("use_mha"))
            network = MeCoNetwork(sizes, bert, language, mixing=mixing, together=together)
        fill(network, files, folder, needless=NEEDLESS)
    except ModelError:
        raise
    except unloadable() as error:
        raise ModelError(f"{folder} cannot be loaded as MeCo: {first_line(error)}") from error
    family, structural = kind.lower(), (facts["ent_token_id"], facts["tst_token_id"])
    return Loaded(network.eval(), words, reads, family, *structural, sizes.side, _ends(folder, facts, words, family))


def _facts(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        facts = json.loads(path.read_text("utf-8"))
        kind = facts["model_type"]
    except OSError as error:
        raise ModelError(f"{path} cannot be read; name the folder that MeCo's training left") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is not the config of MeCo: {first_line(error)}") from error
    if kind not in FAMILIES:
        raise ModelError(f"{folder} holds a model of the kind {kind!r}, where MeCo's are {' and '.join(FAMILIES)}")
    if (folder / "adapter_config.json").is_file():
        raise ModelError(
            f"{folder} holds an adapter; join it with its base by MeCo's own `meco/train/build_checkpoint.py`"
        )
    if not isinstance(facts.get("ent_token_id"), int) or not isinstance(facts.get("tst_token_id"), int):
        raise ModelError(f"{path} names no ent_token_id and tst_token_id: it is of a stage before MeCo's third")
    needed = {"mm_projector": "qformer", "vision_output_token": "patch", "use_time_tag": False}
    for name, value in needed.items():
        if facts.get(name, value) != value:
            raise ModelError(f"{path} has {name} {facts[name]!r}, and only {value!r} is here")
    return dict(facts)


def _ends(folder: Path, facts: dict[str, Any], words: Any, family: str) -> tuple[tuple[int, ...], ...]:
    """What ends an answer: the tokens that the model's files name, and the mark of a turn's end."""
    path = folder / "generation_config.json"
    try:
        told = json.loads(path.read_text("utf-8")).get("eos_token_id") if path.is_file() else None
    except (ValueError, AttributeError) as error:
        raise ModelError(f"{path} is damaged") from error
    named = [facts.get("eos_token_id"), words.eos_token_id, *(told if isinstance(told, list) else [told])]
    mark = tuple(words(CONVERSATIONS[family][-1], add_special_tokens=False).input_ids)
    return (mark, *((token,) for token in dict.fromkeys(named) if isinstance(token, int)))


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """The language model's own config; attention reaches over the whole video, as where the authors run it."""
    needless = {"model_type", "architectures", *(name for name, value in facts.items() if value is None)}
    plain = {name: value for name, value in facts.items() if name not in needless}
    return plain | {"sliding_window": None, "attn_implementation": "eager"}


def _sizes(files: Sequence[Path]) -> tuple[Sizes, Bert]:
    """What the shapes of the weights tell, as the config does not."""
    from safetensors import safe_open

    shapes: dict[str, list[int]] = {}
    for path in files:
        require_header(path)
        with safe_open(path, "pt") as held:
            shapes |= {name: held.get_slice(name).get_shape() for name in held.keys()}  # noqa: SIM118
    width, patch = shapes[f"{TOWER}patch_embed.proj.weight"][0], shapes[f"{TOWER}patch_embed.proj.weight"][-1]
    text = f"{QUERIES}bert.bert."
    inside, hidden = shapes[f"{text}encoder.layer.0.intermediate.dense.weight"]
    sizes = Sizes(
        width=width,
        depth=_layers(shapes, f"{TOWER}blocks."),
        inner=shapes[f"{TOWER}blocks.0.mlp.fc1.weight"][0],
        patch=patch,
        queries=shapes[f"{QUERIES}query"][1],
    )
    if width % HEAD or hidden % BERT_HEAD:
        raise ModelError(f"a width of {width} or {hidden} is not one of MeCo's, which are multiples of 88 and 64")
    bert = Bert(
        vocab_size=shapes[f"{text}embeddings.word_embeddings.weight"][0],
        hidden_size=hidden,
        num_hidden_layers=_layers(shapes, f"{text}encoder.layer."),
        num_attention_heads=hidden // BERT_HEAD,
        intermediate_size=inside,
        max_position_embeddings=shapes[f"{text}embeddings.position_embeddings.weight"][0],
    )
    return sizes, bert


def _layers(shapes: dict[str, list[int]], before: str) -> int:
    return len({name.removeprefix(before).split(".")[0] for name in shapes if name.startswith(before)})
