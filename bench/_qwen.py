"""Qwen2.5-VL of random weights, at the published sizes or tiny: no hub, no file."""

from __future__ import annotations

from typing import Any

import torch
import transformers as hf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from whenabouts.grounders.llm.engines.qwen import FrameProcessor
from whenabouts.grounders.llm.papers import PAPERS
from whenabouts.training.post.tiny.qwen import CHAT, MARKS

VISION: dict[str, Any] = {
    "depth": 32,
    "hidden_size": 1280,
    "num_heads": 16,
    "intermediate_size": 3420,
    "window_size": 112,
}
VISION |= {"fullatt_block_indexes": [7, 15, 23, 31], "out_hidden_size": 0}
TEXT: dict[str, dict[str, Any]] = {
    "3B": {
        "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36, "num_attention_heads": 16,
        "num_key_value_heads": 2, "vocab_size": 151_936, "tie_word_embeddings": True,
    },
    "7B": {
        "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
        "num_key_value_heads": 4, "vocab_size": 152_064, "tie_word_embeddings": False,
    },
    "tiny": {
        "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "vocab_size": 512, "tie_word_embeddings": False,
    },
}  # fmt: skip


def qwen(size: str, device: str) -> tuple[Any, FrameProcessor]:
    """A model in bfloat16 on a GPU, in float32 on a CPU, and what prepares its text and frames.

    size: a key of TEXT
    """
    text = dict(TEXT[size])
    tokenizer = _tokenizer(text["vocab_size"])
    mark = {name: tokenizer.convert_tokens_to_ids(f"<|{name}|>") for name in MARKS}
    head = text["hidden_size"] // text["num_attention_heads"]
    parts = [head // 8, head * 3 // 16, head * 3 // 16]  # of half a head: time, height and width
    text |= {"rope_parameters": {"rope_type": "default", "mrope_section": parts, "rope_theta": 1e6}}
    text |= {"bos_token_id": None, "eos_token_id": mark["im_end"], "pad_token_id": mark["endoftext"]}
    vision = VISION | {"out_hidden_size": text["hidden_size"], "patch_size": 14, "tokens_per_second": 2}
    if size == "tiny":
        vision |= {"depth": 2, "hidden_size": 32, "num_heads": 2, "intermediate_size": 64}
        vision |= {"window_size": 56, "fullatt_block_indexes": [1]}
    ids = {f"{name}_token_id": mark[f"{name}_pad"] for name in ("image", "video")}
    ids |= {f"vision_{side}_token_id": mark[f"vision_{side}"] for side in ("start", "end")}
    config = hf.Qwen2_5_VLConfig(text_config=text, vision_config=vision, **ids)
    torch.manual_seed(0)
    auto: Any = hf.AutoModelForImageTextToText
    with torch.device(device):
        network = auto.from_config(config, dtype=torch.bfloat16 if device.startswith("cuda") else torch.float32)
    network.generation_config.pad_token_id = mark["endoftext"]
    network.generation_config.eos_token_id = mark["im_end"]
    pictures = hf.Qwen2VLImageProcessorPil(patch_size=14, size={"shortest_edge": 28**2, "longest_edge": 16384 * 28**2})
    return network.eval(), FrameProcessor(tokenizer, pictures)


def _tokenizer(size: int) -> Any:
    """Words of the papers' prompts, so that these are about as long as for a published tokenizer, bytes and the marks.

    As many words that no text has make up the vocabulary.
    """
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters, room = pre_tokenizers.ByteLevel.alphabet(), size - len(MARKS)
    trainer = trainers.BpeTrainer(vocab_size=min(room, 8192), initial_alphabet=sorted(letters), show_progress=False)
    learned.train_from_iterator((paper.prompting.question for paper in PAPERS.values()), trainer)
    words = learned.get_vocab_size()
    learned.add_tokens([f"<{k}>" for k in range(room - words)])
    learned.decoder = decoders.ByteLevel()
    tokenizer = hf.PreTrainedTokenizerFast(
        tokenizer_object=learned, eos_token="<|im_end|>", pad_token="<|endoftext|>",
        additional_special_tokens=[f"<|{name}|>" for name in MARKS], padding_side="left",
    )  # fmt: skip
    tokenizer.chat_template = CHAT
    return tokenizer
