"""VideoMind (arXiv:2503.13444): a grounder that answers through a head; the head is in `systems.videomind`."""

from __future__ import annotations

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.sampling import Rounded

__all__ = ["VIDEOMIND"]

VIDEOMIND = Paper(
    name="videomind",
    title="VideoMind (grounder)",
    prompting=Prompting(question="{}"),
    sampling=Rounded(fps=1.0, max_frames=150, min_tokens=36, max_tokens=64),
    arxiv="2503.13444",
    status="head",
    backbone="Qwen2-VL with a LoRA for each role",
    checkpoints=("yeliudev/VideoMind-2B", "yeliudev/VideoMind-7B"),
    licence="BSD-3-Clause",
    memory="adapters of rank 64 on Qwen2-VL",
    source="yeliudev/VideoMind; its question is in its repository and is not quoted here",
    missing="loading its checkpoints",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 73.5/59.1/31.2, 7B, reranked by its verifier",
)
