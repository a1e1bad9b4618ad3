"""Which paper's way of asking fits a model: by its name, or by the receipt that its post-training left."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers import PAPERS, RECIPES
from whenabouts.grounders.llm.prompting import Prompting, lowercase
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["paper_for", "paper_of_run"]

FALLBACK = "qwen2-vl"  # TimeLens' question, and times in words


def paper_for(model: str) -> Paper:
    """The paper of a model by its name: that of its checkpoint, else of its family, else TimeLens' question."""
    plain = model.lower().replace("_", "-")
    for paper in PAPERS.values():
        if any(checkpoint.lower().split("/")[-1] in plain for checkpoint in paper.checkpoints):
            return paper
    for name in sorted(PAPERS.usable(), key=len, reverse=True):
        if name in plain and PAPERS[name].status == "prompt":
            return PAPERS[name]
    return PAPERS[FALLBACK]


def paper_of_run(folder: Path) -> Paper | None:
    """How a model that `whenabouts post-train` left in a folder is asked: as it was trained. None for other folders.

    Raises ModelError where the receipt of the run is not one of this version.
    """
    receipt = folder / "receipt.json"
    try:
        recipe = json.loads(receipt.read_text("utf-8"))["recipe"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    try:
        return _as_trained(recipe)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{receipt}: the recipe does not say how the model is prompted ({type(error).__name__}: {error});"
            " train it with this version, or name a paper with --prompting"
        ) from error


def _as_trained(recipe: dict[str, Any]) -> Paper:
    cleaners: dict[str, Callable[[str], str]] = {str.strip.__qualname__: str.strip, lowercase.__qualname__: lowercase}
    cleaners |= {one.clean_query.__qualname__: one.clean_query for one in RECIPES.values()}
    name = str(recipe["name"])
    return Paper(
        name=name,
        title=name,
        prompting=Prompting(
            question=str(recipe["prompt"]),
            stamps="frames",
            stamp=str(recipe["stamp"]),
            question_first=bool(recipe["question_first"]),
            clean_query=cleaners[recipe["clean_query"]],
        ),
        sampling=Sampling(
            fps=float(recipe["fps"]),
            max_frames=int(recipe["frames"]),
            total_tokens=int(recipe["visual_tokens"]),
        ),
        tokens=int(recipe["tokens"]),
    )
