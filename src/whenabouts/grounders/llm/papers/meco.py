"""MeCo (arXiv:2503.09027): structural tokens matched with frames, no timestamps; its network is in `systems.meco`."""

from __future__ import annotations

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Published
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["MECO"]

MECO = Paper(
    name="meco",
    title="MeCo",
    prompting=Prompting(
        question=(
            "You are given a video about daily activities. Watch the video carefully and find the visual event "
            "described by the sentence: '{}'. Provide a detailed description of the event."
        )
    ),
    sampling=Sampling(fps=1.0, max_frames=350),
    tokens=500,
    temperature=0.2,
    arxiv="2503.09027",
    status="system",
    backbone="EVA-ViT-G, Q-Former and Phi-3-mini or MiniCPM-V-2.6's Qwen2",
    licence="none stated",
    source="pangzss/MeCo",
    missing="checkpoints: none were released; a folder that its training leaves loads",
    protocol="qvhighlights",
    published=(
        Published(
            "MeCo (Qwen2-VL-7B)",
            "qvhighlights",
            "",
            "fine-tuned",
            {"MR-full-mAP": 45.3, "HL-min-VeryGood-Hit1": 75.1},
            "qvhighlights",
            "notes of a course; not found in its repository",
            "no",
        ),
    ),
)
