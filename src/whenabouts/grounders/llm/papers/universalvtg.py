"""UniversalVTG (arXiv:2604.08522): a state-space head over frame features, and no language model that answers."""

from __future__ import annotations

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting

__all__ = ["UNIVERSALVTG"]

UNIVERSALVTG = Paper(
    name="universalvtg",
    title="UniversalVTG",
    prompting=Prompting(question="{}"),
    arxiv="2604.08522",
    status="closed",
    backbone="Perception Encoder L/14 features at 2 per second under a state-space head",
    licence="none stated; Perception Encoder under Meta FAIR's terms",
    source="jbistanbul/universalvtg; its head needs CUDA kernels, its weights are outside the hub",
    missing="everything: its head needs CUDA kernels, its weights are outside the hub",
)
