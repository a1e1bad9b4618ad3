"""TAR-TVG (arXiv:2508.07683): thoughts with time anchors that must get better; no code was released."""

from __future__ import annotations

from whenabouts.grounders.llm.papers.time_r1 import BUDGET, QUESTION, SYSTEM, lower
from whenabouts.grounders.llm.prompting import Protocol

__all__ = ["TAR_TVG"]

TAR_TVG = Protocol(
    name="tar-tvg",
    title="TAR-TVG",
    system=SYSTEM,
    question=QUESTION.replace("<timestep> </timestep>", "<timestamp> </timestamp>"),
    tidy=lower,
    parser="time_r1",
    tokens=1024,
    sampling=BUDGET,
    backbone="Qwen2.5-VL",
    licence="no release found",
    paper="2508.07683",
    source="no code found; its tags in Time-R1's words",
    numbers="Charades-STA mIoU 61.1, 7B (as summarised elsewhere, not seen in the paper)",
)
