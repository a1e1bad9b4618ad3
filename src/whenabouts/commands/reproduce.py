"""`Reproduce`: a published figure of a video-language model, made again and held against what was published."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from whenabouts.commands.command import Command
from whenabouts.commands.predict import Predict
from whenabouts.errors import AnnotationError, InputError, ModelError
from whenabouts.files.atomic import replacing
from whenabouts.files.hub import fetched
from whenabouts.plugins import choose
from whenabouts.progress import Progress

if TYPE_CHECKING:
    from whenabouts.auditing.reproduction import Comparison, Reproduction
    from whenabouts.benchmarks import Dataset
    from whenabouts.benchmarks.example import Task
    from whenabouts.evaluation.report import Report
    from whenabouts.grounders.llm.paper import Paper

__all__ = ["Reproduce"]

SERVER = "openai:"
ALIKE = ("models", "prompt", "stamps", "parser", "decoding")  # settings that are the same for every query
OF_WINDOWS = ("parser", "top", "threshold")  # settings that say nothing where another parser reads the words


class Reproduce(Command):
    """Ask a published checkpoint about a split as its authors do, score it as they do, and compare.

    The folder `out` gets `answers.jsonl`, which an interrupted run goes on from, `report.md` and `report.json`.
    """

    system: str = Field(description="A name of `whenabouts models` whose checkpoint can be loaded.")
    benchmark: str = Field(description="Benchmark, or a .jsonl file of your own annotations.")
    checkpoint: str | None = Field(
        None,
        description="Folder of the published files, or openai:URL#NAME. Default: the one on the hub with a figure.",
    )
    download: bool = Field(False, description="Fetch the checkpoint from the hub if it is not on this machine.")
    videos: Path = Field(Path(), description="Folder of the videos, named as in the annotations.")
    annotations: Path = Field(Path(), description="Annotation file, or a directory that has it.")
    split: str | None = Field(None, description="Split. Default: the one that is scored.")
    limit: int | None = Field(None, ge=1, description="Ask only the first so many queries.")
    device: str | None = Field(None, description="Where the model runs: cpu, cuda, cuda:1 …")
    out: Path | None = Field(
        None, description="Folder of the answers and the report. Default: reproduced/SYSTEM-BENCHMARK."
    )

    def run(self, *, progress: Progress | None = None) -> Reproduction:
        """Ask what is not answered yet, and write the report. Raises InputError, ModelError, AnnotationError."""
        from whenabouts.auditing.checkpoint import called
        from whenabouts.auditing.reproduction import Reproduction, settings_in
        from whenabouts.benchmarks import dataset
        from whenabouts.evaluation.receipts import receipts
        from whenabouts.grounders.llm.papers import PAPERS

        paper = choose(PAPERS, self.system.lower(), "system", ModelError)
        whole = dataset(self.benchmark)
        some = whole if self.limit is None else _first(whole, self.limit)
        split = self.split or whole.default_split
        checkpoint = self._checkpoint(paper, whole.name, split)
        asked = (paper.name, whole.name, *([self.split] if self.split else []))
        out = self.out or Path("reproduced") / "-".join(asked)
        answers = out / "answers.jsonl"
        done = Predict.of(
            **_model(paper, checkpoint),
            benchmark=self.benchmark,
            data=self.annotations,
            videos=self.videos,
            out=answers,
            split=self.split,
            limit=self.limit,
            device=self.device,
            search=False,
        ).run(progress=progress)
        if not answers.exists():
            video, why = next(iter(done.failures.items()), ("the annotations", "no query was found"))
            raise InputError(f"no query was answered: {video}: {why}")
        protocol = _protocol(paper, called(checkpoint), whole.name, split)
        parser = _parser(paper, protocol, answers)
        report = self._scored(some, answers, protocol, parser)
        settings = settings_in(receipts(answers))
        if parser:
            settings = {name: values for name, values in settings.items() if name not in OF_WINDOWS}
        made = Reproduction(paper, report, checkpoint, _revision(checkpoint), parser, settings, done.failures)
        made = replace(made, caveats=(*self._caveats(made, some), *_unusable(answers, parser, some.task)))
        _write(out / "report.md", made.markdown())
        _write(out / "report.json", json.dumps(made.to_dict(), indent=2, ensure_ascii=False) + "\n")
        return made

    def _checkpoint(self, paper: Paper, benchmark: str, split: str) -> str:
        """The folder to load, or the model on a server. Raises ModelError."""
        if paper.status not in {"prompt", "served", "system"}:
            raise ModelError(f"{paper.title} has no checkpoint that loads here; see `whenabouts models {paper.name}`")
        if self.checkpoint is not None:
            if not self.checkpoint.startswith(SERVER) and not Path(self.checkpoint).is_dir():
                raise InputError(f"the checkpoint {self.checkpoint} is not a directory")
            return self.checkpoint
        if paper.status == "served":
            raise ModelError(
                f"{paper.title} is asked on a server that runs its code; give --checkpoint openai:URL#NAME"
            )
        if not paper.checkpoints:
            raise ModelError(f"no checkpoint of {paper.title} was published; give --checkpoint FOLDER")
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        from whenabouts.auditing.checkpoint import default_checkpoint

        name = default_checkpoint(paper, benchmark, split)
        if self.download:
            return str(fetched(name))
        try:
            return str(snapshot_download(name, local_files_only=True))
        except LocalEntryNotFoundError:
            raise ModelError(
                f"the checkpoint {name} is not on this machine; give --checkpoint FOLDER, or --download to fetch it"
            ) from None

    def _scored(self, some: Dataset, answers: Path, protocol: str, parser: str | None) -> Report:
        """The report, as the authors' code gives it for bad answers too; where that fails, they count as misses."""
        from whenabouts.evaluation.evaluate import evaluate
        from whenabouts.grounders.llm.papers import PARSERS

        read = None if parser is None else PARSERS.named(parser)

        def score(strict: bool) -> Report:
            place: dict[str, Any] = {"split": self.split, "protocol": protocol, "parser": read}
            return evaluate(answers, some, self.annotations, strict_official=strict, **place)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # they are notes of the report
            try:
                return score(True)
            except AnnotationError:  # OfficialCrash, or an empty mean where unanswered queries are left out
                return score(False)

    def _caveats(self, made: Reproduction, some: Dataset) -> Iterator[str]:
        from whenabouts.evaluation.report import RankedReport

        paper, report = made.paper, made.report
        if self.limit is not None:
            yield f"only the first {self.limit} queries were asked"
        if made.failures:
            yield f"{len(made.failures)} videos have no answers"
        if _drops(report.protocol) and isinstance(report, RankedReport):
            scored = sum(bool(len(one.windows)) for one in some.load(self.annotations, self.split).examples)
            if left := scored - report.queries:
                yield f"{left} queries without an answer are left out of the mean, as its authors do"
        if report.protocol != paper.protocol:
            yield f"its authors' protocol is {paper.protocol}, and these figures are those of {report.protocol}"
        if paper.parsers and made.parser is None:
            yield "the answers were read by whenabouts, not by its authors' parser"
        if paper.missing:
            yield f"not here: {paper.missing}"
        if others := _named(one for one in made.comparisons if not one.same):
            yield f"not known to be figures of the checkpoint {made.called}, and not judged: {others}"
        if quoted := _named(one for one in made.comparisons if one.published.second_hand):
            yield f"second-hand figures, and not judged: {quoted}"
        if len({one.published.setting for one in made.comparisons if one.same}) > 1:
            yield "figures of several settings were published; only that which fits the checkpoint can agree"
        unit = _unit(report.protocol, report.benchmark)
        if unit is not None and made.settings.get("unit", [unit]) != [unit]:
            yield f"windows were rounded to {made.settings['unit'][0]:g} s before they were verified, not to {unit:g} s"
        if made.checkpoint.startswith(SERVER):
            yield "a server does not say which weights it has, nor how it shows frames to the model"
        for name in ALIKE:
            if len(made.settings.get(name, ())) > 1:
                yield f"queries were asked with {len(made.settings[name])} different values of {name}"


def _model(paper: Paper, checkpoint: str) -> dict[str, Any]:
    if paper.status == "system":
        return {"model": f"{paper.name}:{checkpoint}"}
    return {"model": checkpoint, "prompting": paper.name}


def _named(figures: Iterable[Comparison]) -> str:
    return ", ".join(dict.fromkeys(f"{one.published.model} ({one.published.setting})" for one in figures))


def _first(whole: Dataset, limit: int) -> Dataset:
    return replace(whole, read=lambda path, split: whole.read(path, split)[:limit])


def _protocol(paper: Paper, name: str, benchmark: str, split: str) -> str:
    """That of the figures published for the split, the checkpoint's first; else that of the system's evaluation."""
    from whenabouts.auditing.checkpoint import figures_of

    stated = [one for one in paper.published if one.benchmark == benchmark and one.split in {split, ""}]
    return next((one.protocol for one in [*figures_of(paper, name, benchmark, split), *stated]), paper.protocol)


def _parser(paper: Paper, protocol: str, answers: Path) -> str | None:
    """The authors' parser, where the protocol scores windows and every query has one answer in words."""
    from whenabouts.evaluation.protocols import PROTOCOLS, RankedProtocol
    from whenabouts.files.records import read_lines

    if not paper.parsers or not isinstance(PROTOCOLS[protocol], RankedProtocol):
        return None
    single = all(len(row.get("said") or ()) == 1 for row in read_lines(answers))
    return paper.parsers[0].name if single else None


def _unusable(answers: Path, parser: str | None, task: Task) -> Iterator[str]:
    """How many answers name no interval that lasts, with what went wrong first: they are misses, if they count."""
    from whenabouts.files.records import read_lines
    from whenabouts.grounders.llm.papers import PARSERS

    read = None if parser is None else PARSERS.named(parser)
    rows = read_lines(answers)
    windows = [row.get("pred_relevant_windows") if read is None else read.windows(row["said"][0]) for row in rows]
    broken = [row for row, of_one in zip(rows, windows, strict=True) if not any(w[0] != w[1] for w in of_one or ())]
    if broken and task != "HL":
        why = next((f", such as: {row['failure']}" for row in broken if row.get("failure")), "")
        yield f"{len(broken)} of {len(rows)} answers have no usable interval{why}"


def _drops(protocol: str) -> bool:
    """Whether the authors' code leaves queries without an answer out of the mean."""
    from whenabouts.evaluation.protocols import PROTOCOLS

    return getattr(PROTOCOLS[protocol], "missing", None) == "dropped"


def _unit(protocol: str, benchmark: str) -> float | None:
    """Seconds to whose multiples the authors round windows of a data set."""
    from whenabouts.evaluation.protocols import PROTOCOLS, RankedProtocol

    rules = PROTOCOLS[protocol]
    return rules.units.get(benchmark, rules.unit) if isinstance(rules, RankedProtocol) else None


def _revision(checkpoint: str) -> str | None:
    """The commit of a snapshot in the hub's cache."""
    path = Path(checkpoint)
    return path.name if path.parent.name == "snapshots" else None


def _write(path: Path, text: str) -> None:
    with replacing(path) as part:
        part.write_text(text, "utf-8")
