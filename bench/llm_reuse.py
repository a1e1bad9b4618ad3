"""What N queries about one video cost the vision tower, against one: counted in floating-point operations.

    python bench/llm_reuse.py [--quick | --smoke]

Models of random weights (the architectures of LLaVA and of Qwen2.5-VL, tiny) answer 1, 4 and 16 queries about sixteen
frames through the same engine as `find --model FOLDER`; LLaVA sees images, Qwen2.5-VL one piece of video. torch counts
the operations inside the vision tower and in all. The last line is JSON: of LLaVA `flops_ratio_4` and `flops_ratio_16`
of the tower, `total_ratio_4` and `total_ratio_16` of the whole model, and the same of Qwen2.5-VL as `qwen_…`.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import transformers as hf
from _size import parser
from torch.utils.flop_counter import FlopCounterMode

from whenabouts.grounders.llm.conversation import Decoding, Frames
from whenabouts.grounders.llm.engines.qwen import FrameProcessor
from whenabouts.grounders.llm.engines.transformers import TransformersEngine
from whenabouts.grounders.llm.papers import PAPERS
from whenabouts.training.post.tiny.models import tiny_model

TOWERS = ("vision_tower", "visual")


def qwen() -> tuple[Any, FrameProcessor]:
    """Qwen2.5-VL of the size of `tiny_model`, with its tokenizer and Qwen's marks."""
    tokenizer = tiny_model()[1].tokenizer
    marks = [f"<|{name}|>" for name in ("vision_start", "vision_end", "image_pad", "video_pad")]
    tokenizer.add_special_tokens({"additional_special_tokens": marks})
    start, end, image, video = tokenizer.convert_tokens_to_ids(marks)
    text: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": 128,
        "intermediate_size": 384,
        "num_hidden_layers": 4,
    }
    text |= {"num_attention_heads": 4, "num_key_value_heads": 4, "max_position_embeddings": 4096}
    text |= {"bos_token_id": None, "eos_token_id": tokenizer.eos_token_id}
    text["rope_parameters"] = {"rope_type": "default", "mrope_section": [4, 6, 6], "rope_theta": 1e4}
    vision = {"depth": 2, "hidden_size": 64, "num_heads": 4, "intermediate_size": 128, "out_hidden_size": 128}
    config = hf.Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision | {"patch_size": 14, "window_size": 56, "fullatt_block_indexes": [1]},
        image_token_id=image,
        video_token_id=video,
        vision_start_token_id=start,
        vision_end_token_id=end,
    )
    pictures = hf.Qwen2VLImageProcessorPil(patch_size=14)
    template = tokenizer.chat_template.replace("'image' %}<|image|>", "'video' %}" + marks[0] + marks[3] + marks[1])
    return hf.Qwen2_5_VLForConditionalGeneration(config), FrameProcessor(tokenizer, pictures, template)


def cost(engine: TransformersEngine, paper: str, queries: int, frames: int) -> tuple[int, int]:
    """Operations in the vision tower and in all, of so many queries about so many frames."""
    images = [np.random.default_rng(i).integers(0, 255, (28, 28, 3), dtype=np.uint8) for i in range(frames)]
    times = [float(i) for i in range(frames)]
    conversations = [PAPERS[paper].prompting.conversation(f"event number {q}", times) for q in range(queries)]
    with FlopCounterMode(display=False) as counter:
        engine.answer(conversations, Frames(tuple(times), tuple(images), 1.0), Decoding(4))
    counts = counter.get_flop_counts()
    [tower] = (name for name in counts if name.endswith(TOWERS))
    return sum(counts[tower].values()), counter.get_total_flops()


def ratios(engine: TransformersEngine, paper: str, frames: int) -> dict[str, float]:
    """Of 4 and 16 queries, against one."""
    one, several, many = (cost(engine, paper, queries, frames) for queries in (1, 4, 16))
    return {
        "flops_ratio_4": several[0] / one[0],
        "flops_ratio_16": many[0] / one[0],
        "total_ratio_4": several[1] / one[1],
        "total_ratio_16": many[1] / one[1],
    }


def main() -> None:
    frames = parser(__doc__).parse_args().size.pick(16, 4, 2)
    figures = ratios(TransformersEngine.holding(*tiny_model()), "qwen2-vl", frames)
    figures |= {f"qwen_{k}": v for k, v in ratios(TransformersEngine.holding(*qwen()), "qwen2.5-vl", frames).items()}
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
