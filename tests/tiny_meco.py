"""A tiny folder in the layout that MeCo's official training leaves, with random weights."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import tiny_timesuite
import torch
import transformers
from safetensors.torch import save_file

from whenabouts.grounders.llm.systems.meco.network import MeCoNetwork, Sizes
from whenabouts.grounders.llm.systems.qformer import Bert

SIZES = Sizes(width=88, depth=2, inner=int(88 * 4.3637), patch=56, queries=32)
KINDS = {"phi3": "MeCo_phi3", "qwen2": "meco_qwen2"}
STRUCTURAL = ("<vid>", "<ent>", "<tst>")


def write_folder(folder: Path, family: str = "phi3", *, mixing: bool = False, says: str = "") -> MeCoNetwork:
    """The whole folder; returns the network that it holds.

    says: what it answers to every prompt that ends with a line's end, each sign at most once; `E` and `T` stand for
          `<ent>` and `<tst>`, and no layer does anything
    """
    bert, words = tiny_timesuite.write_words(folder)
    for file in words.iterdir():
        file.rename(folder / file.name)
    words.rmdir()
    tokens = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    tokens.add_special_tokens({"additional_special_tokens": list(STRUCTURAL)})
    tokens.save_pretrained(folder)
    text = {"hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 32, "max_position_embeddings": 256}
    read = len((bert / "vocab.txt").read_text("utf-8").split()) + 1
    (bert / "config.json").write_text(json.dumps({"model_type": "bert", "vocab_size": read, **text}), "utf-8")
    facts: dict[str, Any] = {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2 if family == "qwen2" else 4,
        "vocab_size": len(tokens),
        "max_position_embeddings": 2048,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 2,
    }
    kind = {"phi3": "Phi3", "qwen2": "Qwen2"}[family]
    more = {"sliding_window": None, "attn_implementation": "eager"}
    torch.manual_seed(0)
    language = getattr(transformers, f"{kind}ForCausalLM")(getattr(transformers, f"{kind}Config")(**facts, **more))
    small = Bert(vocab_size=read, num_attention_heads=1, **text)
    network = MeCoNetwork(SIZES, small, language, mixing=mixing, together=True)
    if says:
        _teach(network, [tokens.convert_tokens_to_ids({"E": "<ent>", "T": "<tst>"}.get(s, s)) for s in ["Ċ", *says]])
    own = {
        "model_type": KINDS[family],
        "architectures": [f"MeCo{kind}ForCausalLM"],
        "torch_dtype": "float16",
        "rope_scaling": None,
        "sliding_window": 2048,
        "bi_attention": True,
        "use_mha": mixing,
        "use_time_tag": False,
        "mm_projector": "qformer",
        "vision_output_token": "patch",
        "ent_token_id": tokens.convert_tokens_to_ids("<ent>"),
        "tst_token_id": tokens.convert_tokens_to_ids("<tst>"),
    }
    (folder / "config.json").write_text(json.dumps(facts | own), "utf-8")
    unused = {"model.qformer_bert.cls.predictions.bias": torch.zeros(3)}
    save_file({name: value.contiguous() for name, value in network.state_dict().items()} | unused, _weights(folder))
    return network


def _weights(folder: Path) -> Path:
    return folder / "model.safetensors"


def _teach(network: MeCoNetwork, chain: list[int]) -> None:
    inner: Any = network.model
    for layer in inner.layers:
        torch.nn.init.zeros_(layer.self_attn.o_proj.weight)
        torch.nn.init.zeros_(layer.mlp.down_proj.weight)
    torch.nn.init.zeros_(network.lm_head.weight)
    for before, after in pairwise([*chain, 2]):
        network.lm_head.weight.data[after] = 200 * inner.embed_tokens.weight.data[before]
