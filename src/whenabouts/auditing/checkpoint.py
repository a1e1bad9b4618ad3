"""Which published figures are those of a checkpoint: by its name, and by the size that its folder states."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from whenabouts.grounders.llm import SERVER
from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.published import Published

__all__ = ["called", "default_checkpoint", "figures_of"]

SIZE = re.compile(r"(?<![a-z0-9.])\d+(?:\.\d+)?b(?![a-z0-9])", re.IGNORECASE)
TUNED = "-ft-"  # stands in a name before the data set that the weights were fine-tuned on
STATED = ("_name_or_path", "base_model_path", "base_model_name_or_path")  # of which base a folder's size is


def called(checkpoint: str) -> str:
    """The name of a folder, of a repository in the hub's cache, or of a model on a server; with its size.

    Where the name has no size, that of the base model which the folder's configuration names follows it.

    >>> called("/cache/models--Qwen--Qwen2.5-VL-3B-Instruct/snapshots/0123abc")
    'Qwen2.5-VL-3B-Instruct'
    """
    if checkpoint.startswith(SERVER):
        return checkpoint.partition("#")[2].rpartition("/")[2]
    path = Path(checkpoint).absolute()
    kept = path.parent.parent.name if path.parent.name == "snapshots" else ""
    name = kept.rpartition("--")[2] if kept.startswith("models--") else path.name
    return name if SIZE.search(name) else "-".join([name, *_stated_sizes(path)][:2])


def figures_of(paper: Paper, name: str, benchmark: str, split: str) -> list[Published]:
    """The figures of a split that were published of the checkpoint of that name.

    A name is compared without `Instruct`, and whole: neither another size nor another variant has the same. Figures
    after fine-tuning are those of the checkpoint whose name says it, where there are others for it too.
    """
    base, _, tuned = name.lower().partition(TUNED)
    stated = [one for one in paper.published if one.benchmark == benchmark and one.split in {split, ""}]
    same = [one for one in stated if _plain(re.split(r" \(|,", one.model)[0]) == _plain(base)]
    of_tuning = [one for one in same if one.setting == "fine-tuned"]
    if tuned:
        return of_tuning if benchmark.startswith(tuned) else []
    marks = [known.lower().partition(TUNED)[2] for known in paper.checkpoints]
    apart = any(mark and benchmark.startswith(mark) for mark in marks) or len(of_tuning) < len(same)
    return [one for one in same if not (apart and one in of_tuning)]


def default_checkpoint(paper: Paper, benchmark: str, split: str) -> str:
    """The first checkpoint with a published figure of the split, else the first."""
    names = (name for name in paper.checkpoints if figures_of(paper, name.rpartition("/")[2], benchmark, split))
    return next(names, paper.checkpoints[0])


def _plain(name: str) -> str:
    return "".join(word for word in re.findall(r"[a-z0-9]+", name.lower()) if word != "instruct")


def _stated_sizes(folder: Path) -> Iterator[str]:
    """Sizes in the names of base models in the folder's configuration."""
    for file in ("config.json", "adapter_config.json"):
        try:
            said = json.loads((folder / file).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        for name in (str(said.get(key) or "") for key in STATED) if isinstance(said, dict) else ():
            if found := SIZE.search(name.rstrip("/").rpartition("/")[2]):
                yield found.group().upper()
