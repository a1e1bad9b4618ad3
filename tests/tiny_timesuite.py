"""A tiny folder in the layout of TimeSuite's published files, with random weights."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from torch import nn
from transformers import MistralConfig, MistralForCausalLM, PreTrainedTokenizerFast

from whenabouts.grounders.llm.systems.qformer import Bert
from whenabouts.grounders.llm.systems.timesuite.network import Sizes, VideoChatT

STAGE_3 = "videochat2_mistral_7b_stage3.pth"
SEEN: dict[str, Any] = {
    "img_size": 224,
    "patch_size": 56,
    "encoder_embed_dim": 16,
    "encoder_depth": 3,
    "encoder_num_heads": 2,
    "num_frames": 8,
    "tubelet_size": 1,
    "return_index": -2,
    "vit_add_ln": True,
}
MODEL: dict[str, Any] = {
    "vit_blip_model_path": "/path_to_the_timesuite_root_folder/download/parameters/umt_l16_qformer.pth",
    "mistral_model_path": "/path_to_the_timesuite_root_folder/download/parameters/Mistral-7B-Instruct-v0.2",
    "videochat2_model_path": "/path_to_the_timesuite_root_folder/download/parameters/videochat2_mistral_7b_stage3.pth",
    "freeze_vit": True,
    "max_txt_len": 512,
    "clip_frames": 8,
    "num_frames": 128,
    "token_merge_len": 4,
    "vision_encoder": SEEN,
    "num_query_token": 4,
    "extra_num_query_token": 4,
    "qformer_text_input": True,
    "use_lora": True,
    "lora_r": 16,
    "lora_alpha": 32,
}
BERT: dict[str, Any] = {
    "model_type": "bert",
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 256,
}


def write_words(folder: Path) -> tuple[Path, Path]:
    """The tokenizers and configs of both language models: the folders of BERT and of the Mistral, without weights."""
    bert, mistral = folder / "bert-base-uncased", folder / "Mistral-7B-Instruct-v0.2"
    for place in (bert, mistral):
        place.mkdir(parents=True, exist_ok=True)
    signs = "abcdefghijklmnopqrstuvwxyz0123456789.,-'"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *signs, *(f"##{sign}" for sign in signs)]
    (bert / "vocab.txt").write_text("\n".join(words) + "\n", "utf-8")
    (bert / "config.json").write_text(json.dumps(BERT | {"vocab_size": len(words)}), "utf-8")
    plain = Tokenizer(models.BPE(_bytes(), [], unk_token="<unk>"))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    plain.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    made = PreTrainedTokenizerFast(tokenizer_object=plain, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    made.save_pretrained(mistral)
    return bert, mistral


def write_mistral(folder: Path, *, seed: int = 0, says: str = "") -> Any:
    """A tiny Mistral of random weights, saved in its folder.

    says: what it answers to every prompt that ends with "]", each sign at most once; then no layer does anything
    """
    torch.manual_seed(seed)
    config = MistralConfig(
        vocab_size=len(_bytes()),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        sliding_window=None,
        max_position_embeddings=4096,
        initializer_range=0.2,
    )
    language = MistralForCausalLM(config).half().float()  # numbers that both precisions hold
    if says:
        for layer in language.model.layers:
            nn.init.zeros_(layer.self_attn.o_proj.weight)
            nn.init.zeros_(layer.mlp.down_proj.weight)
        nn.init.zeros_(language.lm_head.weight)
        chain = [_bytes()[sign] for sign in ["]", *says, "</s>"]]
        embedded = language.model.embed_tokens.weight.data
        for before, after in pairwise(chain):
            language.lm_head.weight.data[after] = embedded[before]
    language.save_pretrained(folder)
    return language


def _bytes() -> dict[str, int]:
    every = ["<unk>", "<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    return {word: number for number, word in enumerate(every)}


def write_folder(folder: Path, *, seed: int = 0, says: str = "") -> dict[str, torch.Tensor]:
    """The whole folder; returns the parameters that it holds, by their official names."""
    bert, mistral = write_words(folder)
    language = write_mistral(mistral, seed=seed, says=says)
    (folder / "config.json").write_text(json.dumps({"model": MODEL, "device": "cuda"}), "utf-8")
    sizes = Sizes(patch=SEEN["patch_size"], width=16, depth=2, heads=2, queries=4, more_queries=4)  # as SEEN and MODEL
    words = len((bert / "vocab.txt").read_text("utf-8").split()) + 1
    network = VideoChatT(
        sizes, Bert(**{k: v for k, v in BERT.items() if k != "model_type"}, vocab_size=words), language
    )
    for name, parameter in network.named_parameters():
        if not name.startswith("mistral_model.") or ("lora_" in name and not says):
            parameter.data = 0.1 * torch.randn(parameter.shape)
    state = {name: value.detach().clone() for name, value in network.state_dict().items()}
    frozen = {name: value for name, value in state.items() if name.startswith(("vision_encoder.", "vision_layernorm."))}
    trained = {name: value for name, value in state.items() if name not in frozen and not _of_base(name)}
    began = {name: torch.zeros_like(value) for name, value in state.items() if name.startswith("qformer.")}
    unrun = {
        "vision_encoder.encoder.blocks.2.norm1.weight": torch.ones(16),
        "qformer.cls.predictions.bias": torch.ones(3),
    }
    torch.save(frozen | began | unrun, folder / "umt_l16_qformer.pth")
    adapter = {"mistral_model.base_model.model.lm_head.lora_A.default.weight": torch.ones(2, 2)}  # left out officially
    torch.save({"model": began | adapter | {"mistral_proj.weight": torch.ones(1)}}, folder / STAGE_3)
    torch.save({"model": trained, "epoch": 1}, folder / "timesuite.pth")
    return state


def _of_base(name: str) -> bool:
    return name.startswith("mistral_model.") and ".lora_" not in name
