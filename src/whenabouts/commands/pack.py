"""`Pack`: a trained head in a folder that others can use, with a card that says what it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from whenabouts.commands.command import Command
from whenabouts.errors import InputError, MissingExtra
from whenabouts.files.atomic import replacing
from whenabouts.version import __version__

if TYPE_CHECKING:
    from whenabouts.evaluation.report import Report
    from whenabouts.grounders.learned.checkpoint import Checkpoint

__all__ = ["Pack", "Packed"]

BEST, VALIDATION = "best.pt", ("validation.jsonl", "validation.json", "validation.receipt.json")
PLACE = "OWNER/NAME"


@dataclass(frozen=True, slots=True)
class Packed:
    """The folder, the command that would upload it, and how far the ONNX file is from torch, where there is one."""

    folder: Path
    push: str
    difference: float | None


class Pack(Command):
    """Write a folder that `find --model` takes and that a hub takes: weights, sizes, a card. Nothing is uploaded."""

    model: Path = Field(description="Folder of a run, or the file of a trained head.")
    out: Path = Field(description="Folder to write.")
    name: str = Field(PLACE, description="What it is to be called on a hub.")
    data: Path | None = Field(
        None, description="Annotations of the benchmark: the card then has the best blind baseline beside each score."
    )
    onnx: bool = Field(False, description="Also write the network as model.onnx, for one video and one query.")

    def run(self) -> Packed:
        """Write the folder. Raises ModelError for a file that is none of ours, InputError, MissingExtra."""
        try:
            from whenabouts.grounders.learned.checkpoint import read_checkpoint
        except ImportError as error:
            raise MissingExtra("train", "a trained head") from error

        file = self.model / BEST if self.model.is_dir() else self.model
        if file.resolve() == (self.out / BEST).resolve():
            raise InputError(f"{self.out} is where the head is; name another folder with --out")
        loaded = read_checkpoint(file)
        report = self._report(file.parent, loaded.facts)
        self.out.mkdir(parents=True, exist_ok=True)
        with replacing(self.out / BEST) as part:
            shutil.copyfile(file, part)
        for name in VALIDATION:
            if (file.parent / name).is_file():
                shutil.copyfile(file.parent / name, self.out / name)
        self._write("config.json", json.dumps(_config(loaded), indent=2) + "\n")
        difference = None
        if self.onnx:
            from whenabouts.grounders.learned.onnx import export_onnx

            difference = export_onnx(loaded.head, self.out / "model.onnx")
        self._write("README.md", _card(self.name, loaded, report, onnx=self.onnx))
        return Packed(self.out, f"hf upload {self.name} {self.out}", difference)

    def _report(self, run: Path, facts: Mapping[str, Any]) -> Report | None:
        """The scores of the run's predictions, where the annotations are at hand."""
        if self.data is None:
            return None
        from whenabouts.commands.evaluate import Evaluate

        found = [run / name for name in VALIDATION[:2] if (run / name).is_file()]
        if not found or "benchmark" not in facts:
            raise InputError(f"{run} has no validation.jsonl of a benchmark to score; leave --data out")
        about = json.loads((run / VALIDATION[2]).read_text("utf-8"))
        benchmark = str(facts["benchmark"])
        return Evaluate.of(predictions=found[0], benchmark=benchmark, truth=self.data, split=about["split"]).run()

    def _write(self, name: str, text: str) -> None:
        with replacing(self.out / name) as part:
            part.write_text(text, "utf-8")


def _config(loaded: Checkpoint) -> dict[str, Any]:
    """What makes the head again, as plain values."""
    facts = {name: value for name, value in loaded.facts.items() if name != "scores"}
    about = {"head": loaded.head.name, "options": loaded.head.options, "facts": facts}
    return {"library": "whenabouts", "version": __version__, **about, "sha256": loaded.sha256}


def _card(name: str, loaded: Checkpoint, report: Report | None, *, onnx: bool) -> str:
    """The card, in Markdown."""
    head, facts = loaded.head, loaded.facts
    benchmark = facts.get("benchmark", "unknown data")
    made = facts.get("encoder")
    use = (
        'whenabouts find --model FOLDER video.mp4 "what to look for"'
        if made
        else f"whenabouts predict {benchmark} --model FOLDER/{BEST} --features … --text … --data … --out preds.jsonl"
    )
    length = f", {facts['clip_seconds']:g} s per row" if "clip_seconds" in facts else ""
    parts = [
        "---\nlibrary_name: whenabouts\ntags:\n- video-moment-retrieval\n- temporal-grounding\n---\n",
        f"# {name.rpartition('/')[2]}\n",
        f"A `{head.name}` ([arXiv:{head.paper}](https://arxiv.org/abs/{head.paper})) trained on {benchmark} with "
        f"whenabouts {__version__}. It says when in a video a sentence "
        "happens.\n",
        "## Use\n",
        f"```sh\n{use}\n```\n",
        *(["`model.onnx` is the network for one video and one query, equal to torch within 1e-5.\n"] if onnx else []),
        "## Features\n",
        f"Made by {f'the encoder `{made}`' if made else 'the authors of the benchmark or the user'}{length}; "
        f"{head.config.video_dim - head.endpoints} numbers per row, {head.config.text_dim} per word.\n",
        "## Scores on the validation split\n",
        _scores(report, facts.get("scores", {})),
        "## Recipe\n",
        f"```json\n{json.dumps(facts.get('recipe', {}), indent=1)}\n```\n",
        f"Weights: sha256 `{loaded.sha256}`. Data and features keep the licences of their authors.\n",
    ]
    return "\n".join(parts)


def _scores(report: Report | None, scores: Mapping[str, float]) -> str:
    best = {} if report is None else report.best_blind
    rows = scores or ({} if report is None else report.scores)
    if not rows:
        return "It was not evaluated.\n"
    lines = ["| figure | score | best blind baseline |", "|---|---|---|"]
    for name, value in rows.items():
        blind = f"{best[name].score:.2f} ({best[name].baseline})" if name in best else "–"
        lines.append(f"| {name} | {value:.2f} | {blind} |")
    told = "" if best else "\nWhat answers that never look at a video score was not computed.\n"
    return "\n".join(lines) + "\n" + told
