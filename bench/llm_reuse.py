"""What N queries about one video cost the vision tower, against one: counted in floating-point operations.

    python bench/llm_reuse.py [--quick | --smoke]

A model of random weights (LLaVA's architecture, tiny) answers 1, 4 and 16 queries about sixteen frames through the same
engine as `find --model FOLDER`. torch counts the operations inside the vision tower and in all. The last line is JSON:
`flops_ratio_4` and `flops_ratio_16` of the tower, `total_ratio_4` and `total_ratio_16` of the whole model.
"""

from __future__ import annotations

import json

import numpy as np
from _size import parser
from torch.utils.flop_counter import FlopCounterMode

from whenabouts.grounders.llm.conversation import Decoding, Frames
from whenabouts.grounders.llm.engines.transformers import TransformersEngine
from whenabouts.grounders.llm.papers import PAPERS
from whenabouts.training.post.tiny import tiny_model


def cost(engine: TransformersEngine, queries: int, frames: int) -> tuple[int, int]:
    """Operations in the vision tower and in all, of so many queries about so many frames."""
    images = [np.random.default_rng(i).integers(0, 255, (24, 24, 3), dtype=np.uint8) for i in range(frames)]
    times = [float(i) for i in range(frames)]
    conversations = [PAPERS["qwen2-vl"].prompting.conversation(f"event number {q}", times) for q in range(queries)]
    with FlopCounterMode(display=False) as counter:
        engine.answer(conversations, Frames(tuple(times), tuple(images), 1.0), Decoding(4))
    counts = counter.get_flop_counts()
    [tower] = (name for name in counts if name.endswith("vision_tower"))
    return sum(counts[tower].values()), counter.get_total_flops()


def main() -> None:
    frames = parser(__doc__).parse_args().size.pick(16, 4, 2)
    engine = TransformersEngine.holding(*tiny_model())
    one, several, many = (cost(engine, queries, frames) for queries in (1, 4, 16))
    figures = {
        "flops_ratio_4": several[0] / one[0],
        "flops_ratio_16": many[0] / one[0],
        "total_ratio_4": several[1] / one[1],
        "total_ratio_16": many[1] / one[1],
    }
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
