"""TRACE (arXiv:2410.05643): events with vocabularies of their own for times and scores; `systems.trace` answers."""

from __future__ import annotations

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["TRACE"]

SYSTEM = (  # Llama 2's, as the authors' `conversation.py` has it
    "You are a helpful, respectful and honest assistant. Always answer as helpfully as possible, while being safe.  "
    "Your answers should not include any harmful, unethical, racist, sexist, toxic, dangerous, or illegal content. "
    "Please ensure that your responses are socially unbiased and positive in nature.\n\n"
    "If a question does not make any sense, or is not factually coherent, explain why instead of answering something "
    "not correct. If you don't know the answer to a question, please don't share false information."
)

TRACE = Paper(
    name="trace",
    title="TRACE",
    prompting=Prompting(
        question=(
            "Localize the visual content described by the given textual query '{}' in the video, and output the start "
            "and end timestamps in seconds."
        ),
        system=SYSTEM,
    ),
    sampling=Sampling(min_frames=128, max_frames=128),
    arxiv="2410.05643",
    status="system",
    backbone="CLIP-L/336 and Mistral-7B (VideoLLaMA2)",
    checkpoints=(
        "Yongxin-Guo/trace",
        "Yongxin-Guo/trace-uni",
        "Yongxin-Guo/trace-retrieval",
        "Yongxin-Guo/trace-ft-charades",
        "Yongxin-Guo/trace-ft-qvhighlights",
        "Yongxin-Guo/trace-ft-youcook2",
    ),
    licence="VideoLLaMA2's",
    memory="15 GB of weights in float16, 30 GB on a CPU in float32",
    source="gyxxyg/TRACE",
    missing="a run on its published weights",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 58.6/40.3/19.4, mIoU 38.7; trace-uni 63.7/43.7/21.0, mIoU 41.5",
)
