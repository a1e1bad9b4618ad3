"""The systems by name, one file per system or family: what each is asked, shown, needs and promises.

Figures are those of the systems' own READMEs unless marked.
"""

from __future__ import annotations

import json
from pathlib import Path

from whenabouts.grounders.llm.papers.beyond_words import MECO, TRACE, UNIVERSALVTG, VIDEOMIND
from whenabouts.grounders.llm.papers.qwen import QWEN2_5_VL, QWEN2_VL, QWEN3_5, QWEN3_VL
from whenabouts.grounders.llm.papers.tar_tvg import TAR_TVG
from whenabouts.grounders.llm.papers.tempsamp_r1 import TEMPSAMP_R1
from whenabouts.grounders.llm.papers.time_r1 import TIME_R1, lower
from whenabouts.grounders.llm.papers.timelens import TIMELENS_7B, TIMELENS_8B
from whenabouts.grounders.llm.papers.unitime import UNITIME
from whenabouts.grounders.llm.papers.videochat import TIMESUITE, VIDEOCHAT_FLASH
from whenabouts.grounders.llm.papers.videotemp_o3 import VIDEOTEMP_O3
from whenabouts.grounders.llm.prompting import Protocol
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["SYSTEMS", "system_for", "system_of_run"]

SYSTEMS: dict[str, Protocol] = {
    system.name: system
    for system in [
        QWEN2_VL,
        QWEN2_5_VL,
        QWEN3_VL,
        QWEN3_5,
        TIME_R1,
        UNITIME,
        TIMELENS_7B,
        TIMELENS_8B,
        VIDEOCHAT_FLASH,
        TIMESUITE,
        TEMPSAMP_R1,
        TAR_TVG,
        VIDEOTEMP_O3,
        VIDEOMIND,
        MECO,
        TRACE,
        UNIVERSALVTG,
    ]
}


def system_for(model: str) -> Protocol:
    """The protocol of a model by its name on a server: of its checkpoint, else its family, else TimeLens' question."""
    plain = model.lower().replace("_", "-")
    for system in SYSTEMS.values():
        if any(checkpoint.lower().split("/")[-1] in plain for checkpoint in system.checkpoints):
            return system
    for name in sorted(SYSTEMS, key=len, reverse=True):
        if name in plain and SYSTEMS[name].status == "prompt":
            return SYSTEMS[name]
    return QWEN2_VL


def system_of_run(folder: Path) -> Protocol | None:
    """How a model that `whenabouts post-train` left in a folder is asked: as it was trained. None for other folders."""
    try:
        recipe = json.loads((folder / "receipt.json").read_text("utf-8"))["recipe"]
        return Protocol(
            name=str(recipe["name"]),
            title=str(recipe["name"]),
            question=str(recipe["prompt"]),
            stamps="frames",
            stamp=str(recipe["stamp"]),
            text_first=bool(recipe["question_first"]),
            tidy=lower if recipe["lower"] else str.strip,
            tokens=int(recipe.get("tokens", 200)),
            sampling=Sampling(
                fps=float(recipe["fps"]), most=int(recipe["frames"]), budget=int(recipe["visual_tokens"])
            ),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
