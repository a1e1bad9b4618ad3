"""VideoTemp-o3 (arXiv:2602.07801): localises, looks again, answers; its tool calls are not confirmed."""

from __future__ import annotations

from whenabouts.grounders.llm.papers.timelens import QUESTION
from whenabouts.grounders.llm.prompting import Protocol

__all__ = ["VIDEOTEMP_O3"]

VIDEOTEMP_O3 = Protocol(
    name="videotemp-o3",
    title="VideoTemp-o3",
    question=QUESTION,
    backbone="Qwen2.5-VL",
    licence="not confirmed",
    paper="2602.07801",
    source="its tool calls are not confirmed; asked once, without them",
)
