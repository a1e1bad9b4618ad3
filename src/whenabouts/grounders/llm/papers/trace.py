"""TRACE (arXiv:2410.05643): events with their own vocabularies for times and scores; the head is in `systems.trace`."""

from __future__ import annotations

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["TRACE"]

TRACE = Paper(
    name="trace",
    title="TRACE",
    prompting=Prompting(
        question=(
            "Localize the visual content described by the given textual query '{}' in the video, and output the start "
            "and end timestamps in seconds."
        )
    ),
    sampling=Sampling(min_frames=128, max_frames=128),
    temperature=0.2,
    arxiv="2410.05643",
    status="head",
    backbone="CLIP-L/336 and Mistral-7B (VideoLLaMA2)",
    checkpoints=("Yongxin-Guo/trace", "Yongxin-Guo/trace-uni"),
    licence="VideoLLaMA2's",
    source="the repository of TRACE",
    missing="loading its checkpoints",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 58.6/40.3/19.4, mIoU 38.7",
)
