"""TempSamp-R1 (arXiv:2509.18056): GRPO with the true interval in every group; its prompt could not be seen."""

from __future__ import annotations

from whenabouts.grounders.llm.papers.time_r1 import BUDGET, QUESTION, SYSTEM, lower
from whenabouts.grounders.llm.prompting import Protocol

__all__ = ["TEMPSAMP_R1"]

TEMPSAMP_R1 = Protocol(
    name="tempsamp-r1",
    title="TempSamp-R1",
    system=SYSTEM,
    question=QUESTION,
    tidy=lower,
    parser="time_r1",
    tokens=1024,
    sampling=BUDGET,
    backbone="Qwen2.5-VL",
    licence="not confirmed",
    paper="2509.18056",
    source="its prompt is not confirmed; asked as Time-R1, whose answer format it shares",
    numbers="Charades-STA R1@0.7 52.9 (abstract)",
)
