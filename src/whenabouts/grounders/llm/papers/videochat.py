"""VideoChat-Flash (arXiv:2501.00574) and TimeSuite's VideoChat-T (arXiv:2410.19702), asked in TimeChat's words."""

from __future__ import annotations

from whenabouts.grounders.llm.prompting import Protocol
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["TIMESUITE", "VIDEOCHAT_FLASH"]

QUESTION = (  # "seonds" is the original's
    "Please find the visual event described by a sentence in the video, determining its starting and ending times. "
    "The format should be: 'The event happens in the start time - end time'. For example, The event 'person turn a "
    "light on' happens in the 24.3 - 30.4 seonds. Now I will give you the textual sentence: {}. Please return its "
    "start time and end time."
)

VIDEOCHAT_FLASH = Protocol(
    name="videochat-flash",
    title="VideoChat-Flash",
    question=QUESTION,
    parser="videochat_flash",
    tokens=50,
    sampling=Sampling(fps=1.0, most=512),
    backbone="UMT-L and Qwen2, code in the checkpoint",
    checkpoints=("OpenGVLab/VideoChat-Flash-Qwen2-7B_res448",),
    licence="MIT (code)",
    paper="2501.00574",
    source="OpenGVLab/VideoChat-Flash; the rate of frames is not confirmed",
    status="served",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 74.5/53.1/27.6 (as quoted by Time-R1)",
)
TIMESUITE = Protocol(
    name="timesuite",
    title="TimeSuite (VideoChat-T)",
    prefix="The video contains {count} frames sampled at {times} seconds. ",
    stamps="list",
    question=QUESTION,
    parser="timesuite",
    tokens=50,
    sampling=Sampling(least=128, most=128),
    backbone="UMT-L, Q-Former and Mistral-7B",
    checkpoints=("Lanxingxuan/TimeSuite",),
    licence="none stated",
    paper="2410.19702",
    source="the name of the data set that its question has room for is left out",
    status="served",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 69.9/48.7/24.0; fine-tuned 79.4/67.1/43.0",
)
