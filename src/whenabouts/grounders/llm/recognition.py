"""Which paper's way of asking fits a model: by its name, or by the receipt that its post-training left."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.grounders.llm import HUB, SERVER
from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers import PAPERS, RECIPES
from whenabouts.grounders.llm.prompting import Prompting, lowercase
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["paper_for", "paper_of_run", "promptable", "recognised"]

FALLBACK = "qwen2-vl"  # TimeLens' question, and times in words
UNSPEAKING = {"system", "head"}  # papers whose models answer through modules of their own
TYPES = {  # and architectures of `config.json` that do not say their names
    "agent_qwen2_vl": "videomind",
    "Qwen2VLMRForConditionalGeneration": "unitime",
}


def paper_for(model: str) -> Paper:
    """The paper of a model by what its folder or its name says, else TimeLens' question with times in words.

    Raises ModelError for a model that answers through modules of its own, with how it is loaded.
    """
    return promptable(recognised(model) or PAPERS[FALLBACK])


def recognised(model: str) -> Paper | None:
    """The paper of a model: what the `config.json` of its folder says counts before the folder's name.

    Of `openai:URL#NAME` the name alone counts. Names are compared by whole words, however these are joined:
    `qwen2.5vl:7b` and `tiny_qwen2_5_vl` are Qwen2.5-VL, and neither `tracer` nor a host called `trace` is TRACE.

    >>> recognised("openai:http://trace.example.com/v1#qwen3-vl:8b").name
    'qwen3-vl'
    """
    if model.startswith(SERVER):
        return _named(model.partition("#")[2])
    folder = Path(model.removeprefix(HUB).removeprefix("transformers:"))
    config = _config(folder)
    types = [str(one) for one in (config.get("model_type"), *(config.get("architectures") or ())) if one]
    exact = next((PAPERS[TYPES[one]] for one in types if one in TYPES), None)
    family = exact or next((paper for one in types if (paper := _named(_apart(one)))), None)
    if exact or (types and family is None):
        return exact
    for name in (str(config.get("_name_or_path") or ""), folder.name):
        paper = _named(name)
        if paper and (family is None or paper.backbone == family.backbone):
            return paper
    return family


def promptable(paper: Paper) -> Paper:
    """The paper, where its model answers in words. Raises ModelError otherwise, with how it is loaded."""
    if paper.status in UNSPEAKING:
        raise ModelError(
            f"{paper.title} does not answer in words; load the folder of its published files with "
            f"--model {paper.name}:FOLDER"
        )
    if paper.status == "closed":
        raise ModelError(f"{paper.title} does not answer in words, and it cannot be loaded; see `whenabouts models`")
    return paper


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def _apart(name: str) -> str:
    """The name of a class in words: `TraceMistralForCausalLM` is Trace-Mistral."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", re.sub(r"For(?:Conditional|Causal)\w+$", "", name))


def _named(name: str) -> Paper | None:
    """The paper whose name, or the name of whose checkpoint, stands in the last part of a name; the longest counts."""
    words = _words(name)
    keys = {"".join(_words(known)): paper for paper in PAPERS.values() for known in (*paper.checkpoints, paper.name)}
    runs = {"".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    found = max(runs & keys.keys(), key=len, default=None)
    return None if found is None else keys[found]


def _words(name: str) -> list[str]:
    """The words of the last part of a name, in lower case."""
    return re.findall(r"[a-z0-9]+", name.lower().rstrip("/").split("/")[-1])


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
        return _as_trained(recipe, **_token_side(folder / "preprocessor_config.json"))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{receipt}: the recipe does not say how the model is prompted ({type(error).__name__}: {error});"
            " train it with this version, or name a paper with --prompting"
        ) from error


def _token_side(settings: Path) -> dict[str, int]:
    """The side of a token in pixels, where the files of a model say it."""
    try:
        told = json.loads(settings.read_text("utf-8"))
        return {"token_side": int(told["patch_size"] * told["merge_size"])}
    except (OSError, ValueError, KeyError, TypeError):  # as of models that see pictures of one size
        return {}


def _as_trained(recipe: dict[str, Any], **sized: int) -> Paper:
    cleaners: dict[str, Callable[[str], str]] = {str.strip.__qualname__: str.strip, lowercase.__qualname__: lowercase}
    cleaners |= {one.clean_query.__qualname__: one.clean_query for one in RECIPES.values()}
    name = str(recipe["name"])
    return Paper(
        name=name,
        title=name,
        prompting=Prompting(
            question=str(recipe["prompt"]),
            stamps=recipe.get("stamps", "frames"),  # which is what runs showed that do not say it
            stamp=str(recipe["stamp"]),
            question_first=bool(recipe["question_first"]),
            clean_query=cleaners[recipe["clean_query"]],
        ),
        sampling=Sampling(
            fps=float(recipe["fps"]),
            max_frames=int(recipe["frames"]),
            total_tokens=int(recipe["visual_tokens"]),
            **sized,
        ),
        tokens=int(recipe["tokens"]),
    )
