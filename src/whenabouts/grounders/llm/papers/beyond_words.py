"""Systems that do not answer in words: their questions and facts. Their heads, where they are here, are in `heads`."""

from __future__ import annotations

from whenabouts.grounders.llm.prompting import Protocol
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["MECO", "TRACE", "UNIVERSALVTG", "VIDEOMIND"]

VIDEOMIND = Protocol(
    name="videomind",
    title="VideoMind (grounder)",
    question="{}",
    sampling=Sampling(fps=1.0, most=150, small=36, large=64),
    backbone="Qwen2-VL with a LoRA for each role",
    checkpoints=("yeliudev/VideoMind-2B", "yeliudev/VideoMind-7B"),
    licence="BSD-3-Clause",
    paper="2503.13444",
    source="yeliudev/VideoMind; its question stands in its repository and is not quoted here",
    status="head",
    memory="adapters of rank 64 on Qwen2-VL",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 73.5/59.1/31.2, 7B, reranked by its verifier",
)
MECO = Protocol(
    name="meco",
    title="MeCo",
    question=(
        "You are given a video about daily activities. Watch the video carefully and find the visual event described "
        "by the sentence: '{}'. Provide a detailed description of the event."
    ),
    temperature=0.2,
    tokens=500,
    sampling=Sampling(fps=1.0, most=350),
    backbone="EVA-ViT-G, Q-Former and Phi-3-mini or MiniCPM-V-2.6's Qwen2",
    licence="none stated",
    paper="2503.09027",
    source="pangzss/MeCo; checkpoints were not released",
    status="head",
)
TRACE = Protocol(
    name="trace",
    title="TRACE",
    question=(
        "Localize the visual content described by the given textual query '{}' in the video, and output the start "
        "and end timestamps in seconds."
    ),
    temperature=0.2,
    sampling=Sampling(least=128, most=128),
    backbone="CLIP-L/336 and Mistral-7B (VideoLLaMA2)",
    checkpoints=("Yongxin-Guo/trace", "Yongxin-Guo/trace-uni"),
    licence="VideoLLaMA2's",
    paper="2410.05643",
    source="the repository of TRACE",
    status="head",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 58.6/40.3/19.4, mIoU 38.7",
)
UNIVERSALVTG = Protocol(
    name="universalvtg",
    title="UniversalVTG",
    question="{}",
    backbone="Perception Encoder L/14 features at 2 per second under a state-space head",
    licence="none stated; Perception Encoder under Meta FAIR's terms",
    paper="2604.08522",
    source="jbistanbul/universalvtg; its head needs CUDA kernels, its weights lie outside the hub",
    status="closed",
)
