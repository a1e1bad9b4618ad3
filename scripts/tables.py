"""Write the tables of the documentation that are made from the code, so that they cannot drift.

    python scripts/tables.py

A page holds a table between `<!-- table: NAME -->` and `<!-- end of table -->`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path

from whenabouts import errors
from whenabouts.auditing.contamination import VERDICTS
from whenabouts.auditing.leaderboard import leaderboard
from whenabouts.auditing.leaderboard.beside import addresses
from whenabouts.auditing.leaderboard.figure import datasets, figures
from whenabouts.auditing.leaderboard.rules import rule
from whenabouts.auditing.leaderboard.shown import heading, told
from whenabouts.auditing.leaderboard.shown import table as standings
from whenabouts.benchmarks import BENCHMARKS, Dataset
from whenabouts.evaluation.protocols import PROTOCOLS
from whenabouts.evidence import KINDS, EvidenceKind
from whenabouts.evidence.signals.weights import RATES as SIGNAL_RATES
from whenabouts.evidence.sound.weights import RATES as SOUND_RATES
from whenabouts.grounders.learned import HEADS
from whenabouts.grounders.learned.recipe import Recipe as HeadRecipe
from whenabouts.grounders.llm.paper import STATUS, Paper
from whenabouts.grounders.llm.papers import PAPERS, PARSERS, RECIPES, REWARDS
from whenabouts.grounders.llm.published import Known, Published
from whenabouts.grounders.llm.recipe import GRPO, Recipe, Selection
from whenabouts.interchange.formats import FORMATS, Format
from whenabouts.selection import SELECTORS
from whenabouts.synthetic.degradation.degraded import LEVELS
from whenabouts.training.post.attacks import ATTACKS, OF_INTERVALS, earnings
from whenabouts.training.post.planning import cost, hardware, shapes

DOCS = Path(__file__).parents[1] / "docs"


def in_markdown(head: str, rows: Iterable[str]) -> str:
    columns = head.count("|") - 1
    return "\n".join([head, "|---" * columns + "|", *rows])


def formats() -> str:
    def row(name: str, kind: Format) -> str:
        back = "yes, with the video" if kind.timeline else "yes" if kind.read else ""
        return f"| `{name}` | `{kind.suffix}` | {kind.use} | {kind.times} | {back} |".replace("|  |", "| |")

    return in_markdown("| format | suffix | for | times | read back |", (row(*item) for item in FORMATS.items()))


def evidence() -> str:
    def row(name: str, kind: type[EvidenceKind]) -> str:
        extra = f"`{kind.extra}`" if kind.extra else ""
        when = "a query, or `--evidence`, names it" if kind.on_request else "it is concerned"
        return f"| `{name}` | {kind.help} | {extra} | {when} |".replace("|  |", "| |")

    return in_markdown("| name | what counts | extra | looked at where |", (row(*each) for each in KINDS.items()))


def protocols() -> str:
    rows = [{"protocol": f"`{name}`", "from": kind.source, **kind.rules()} for name, kind in PROTOCOLS.items()]
    return in_markdown(f"| {' | '.join(rows[0])} |", (f"| {' | '.join(row.values())} |" for row in rows))


def benchmarks() -> str:
    def row(kind: Dataset) -> str:
        cells = [f"`{kind.name}`", kind.task, ", ".join(kind.files), f"`{kind.protocol}`", kind.licence, kind.confirmed]
        return f"| {' | '.join(cells)} |"

    head = "| name | task | splits | protocol | licence | how the format is known |"
    return in_markdown(head, (row(BENCHMARKS[name]) for name in BENCHMARKS.own))


def of_package(parts: Callable[[Paper], Iterable[str]]) -> dict[str, Paper]:
    """The papers of this package by the names of their parts; plugins are not in the docs."""
    return {name: PAPERS[paper] for paper in reversed(list(PAPERS.own)) for name in parts(PAPERS[paper])}


def arxiv(number: str) -> str:
    return f"[{number}](https://arxiv.org/abs/{number})" if number else ""


def first_sentence(part: object) -> str:
    text = " ".join((part.__doc__ or "").split("\n\n")[0].split())
    return text.removesuffix(".").replace("|", "\\|")


def papers() -> str:
    times = {
        "none": "not written; before every frame on a server",
        "frames": "before every frame",
        "pairs": "before every two frames",
        "list": "as one list",
        "even": "their number and the duration",
    }

    def row(paper: Paper) -> str:
        answers = paper.status in {"prompt", "served"}
        sampling = paper.sampling
        least = getattr(sampling, "min_frames", None)
        bounds = "as many as the budget allows" if least is None else f"{least} to {sampling.max_frames}"
        frames = str(sampling.max_frames) if sampling.fps is None else f"{sampling.fps:g} per s, {bounds}"
        cells = [
            f"`{paper.name}`",
            paper.title,
            arxiv(paper.arxiv),
            STATUS[paper.status][0],
            times[paper.prompting.stamps] if answers else "",
            frames if paper.status != "closed" else "",
            ", ".join(f"`{recipe.name}`" for recipe in paper.recipes),
            paper.missing,
        ]
        return f"| {' | '.join(cells)} |"

    head = "| name | model | paper | status | times | frames | recipes | not here |"
    return in_markdown(head, (row(PAPERS[name]) for name in PAPERS.own))


def published() -> str:
    def row(paper: Paper, one: Published) -> str:
        scores = ", ".join(f"{name} {value:g}" for name, value in one.scores.items())
        place = f"{one.benchmark}, {one.split}" if one.split else one.benchmark
        cells = [
            f"`{paper.name}`",
            one.model,
            place,
            one.setting,
            scores,
            f"`{one.protocol}`" if one.protocol else "–",
            one.confirmed,
            one.source,
        ]
        return f"| {' | '.join(cells)} |"

    head = "| name | model | benchmark | setting | per cent | protocol | confirmed | read in |"
    return in_markdown(head, (row(PAPERS[name], one) for name in PAPERS.own for one in PAPERS[name].published))


def known() -> str:
    def row(paper: Paper, one: Known) -> str:
        repository, _, number = one.thread.partition("#")
        return f"| `{paper.name}` | {one.told} | [{one.thread}](https://github.com/{repository}/issues/{number}) |"

    rows = (row(PAPERS[name], one) for name in PAPERS.own for one in PAPERS[name].known)
    return in_markdown("| name | what was found | thread |", rows)


def parsers() -> str:
    known = {**PARSERS.own} | {name: PARSERS[name] for name in of_package(lambda p: [one.name for one in p.parsers])}
    rows = (f"| `{name}` | {first_sentence(known[name].windows)} |" for name in PARSERS if name in known)
    return in_markdown("| parser | reads |", rows)


def rewards() -> str:
    of = of_package(lambda paper: paper.rewards)

    def row(name: str) -> str:
        return f"| `{name}` | {first_sentence(REWARDS[name])} | {arxiv(of[name].arxiv) if name in of else ''} |"

    shown = (row(name) for name in REWARDS if name in REWARDS.own or name in of)
    return in_markdown("| reward | pays for | paper |", shown)


def attacks() -> str:
    """What rewards of intervals pay for answers that need no video."""
    of = of_package(lambda paper: paper.rewards)

    def row(name: str) -> str:
        own = of[name].recipes[0] if name in of and of[name].recipes else None
        earned = earnings(REWARDS[name], own)
        return f"| `{name}` | {' | '.join(f'{earned[one]:.2f}' for one in ('honest', *ATTACKS))} |"

    head = f"| reward | a tenth too late | {' | '.join(ATTACKS)} |"
    return in_markdown(head, (row(name) for name in OF_INTERVALS))


def how_drawn(rule: Selection) -> str:
    return "of the harder ones" if rule.centre is None else f"around a tIoU of {rule.centre:g}"


def recipes() -> str:
    of = of_package(lambda paper: [one.name for one in paper.recipes])

    def row(recipe: Recipe) -> str:
        objective, rewarded, loss = "SFT", "", "cross-entropy on true answers"
        if isinstance(recipe, GRPO):
            extra = [f"KL weight {recipe.beta:g}"] if recipe.beta else []
            extra += ["the true answer in every group"] if recipe.guided else []
            extra += [f"a crop tool, {recipe.crops} calls"] if recipe.crops else []
            extra += [] if recipe.scale else ["not divided by the deviation"]
            objective, loss = f"GRPO, group {recipe.group}", ", ".join([recipe.loss, *extra])
            rewarded = " + ".join(f"{f'{t.weight} ' if t.weight != 1 else ''}{t.name}" for t in recipe.terms)
        updates = f"{recipe.steps} updates" if recipe.steps else f"{recipe.epochs:g} epoch{'s' * (recipe.epochs != 1)}"
        steps = f"{recipe.learning_rate:g} {recipe.schedule}, batch {recipe.batch}, {updates}"
        rule = recipe.selection
        data = f"{rule.size:,} {how_drawn(rule)}" if rule else "as they are"
        cells = [f"`{recipe.name}`", arxiv(recipe.arxiv), objective, rewarded, loss, steps, data]
        return f"| {' | '.join([*cells, ', '.join(recipe.unconfirmed)])} |"

    head = "| recipe | paper | objective | rewards | loss | learning rate, batch, length | samples | unconfirmed |"
    return in_markdown(head, (row(RECIPES[name]) for name in RECIPES if name in of))


def error_classes() -> str:
    """The family tree of the errors, as the module draws it, and a row for each."""

    def row(kind: type[Exception]) -> str:
        bases = ", ".join(f"`{base.__name__}`" for base in kind.__bases__)
        raised_for = " ".join(inspect.getdoc(kind).partition("\n\n")[0].split())
        return f"| `{kind.__name__}` | {bases} | {raised_for} |"

    tree = [line[4:] for line in errors.__doc__.splitlines() if line.startswith("    ")]
    table = in_markdown("| error | is also | raised for |", (row(getattr(errors, name)) for name in errors.__all__))
    return "\n".join(["```text", *tree, "```", "", table])


def heads() -> str:
    def row(name: str) -> str:
        kind = HEADS[name]
        counts = sorted({_parameters(name, benchmark) for benchmark in kind.recipes})
        sizes = " to ".join(f"{count:,}" for count in dict.fromkeys((counts[0], counts[-1])))
        published = ", ".join(dict.fromkeys(recipe.partition("/")[0] for recipe in kind.recipes))
        return f"| `{name}` | arXiv:{kind.paper} | {published} | {sizes} |"

    return in_markdown("| name | paper | published recipes | parameters |", map(row, HEADS))


def _parameters(head: str, benchmark: str) -> int:
    """How many there are at the published size."""
    import torch

    with torch.device("meta"):
        return sum(p.numel() for p in HEADS[head].published(benchmark).model.parameters())


def head_recipes() -> str:
    """One row per head and recipe; sizes and options are those that differ from the head's defaults."""

    def row(head: str, benchmark: str, recipe: HeadRecipe) -> str:
        epochs = {"constant": "", "ramp": f", {recipe.warm}", "cosine": f", {recipe.warm}"}
        changes = "; ".join(f"{key} {value}" for key, value in {**recipe.config, **recipe.options}.items())
        apart = "; ".join(f"{key}: {value}" for key, value in recipe.unlike.items())
        cells = (
            f"{recipe.optimiser}, decay {recipe.decay:g}",
            recipe.rate,
            recipe.batch,
            recipe.epochs,
            recipe.clip or "–",
            recipe.schedule
            + epochs.get(recipe.schedule, f", {recipe.drop}")
            + (f", {recipe.warm_steps} steps to warm up" if recipe.warm_steps else ""),
            f"{recipe.seconds:g} s",
            f"{recipe.best}, every {recipe.every}",
            recipe.seed,
            changes or "–",
            recipe.source + (f"; there {apart}" if apart else "") or "–",
        )
        return f"| `{head}` | {benchmark} | {' | '.join(map(str, cells))} |"

    head = "| head | recipe | optimiser | rate | batch | epochs | clip | schedule | rows of | kept by | seed "
    head += "| sizes and options | source |"
    return in_markdown(head, (row(name, *item) for name, kind in HEADS.items() for item in kind.recipes.items()))


def rates(of: dict[tuple[str, str], float]) -> str:
    rows = (f"| {asked} | {found} | {rate:g} |" for (asked, found), rate in of.items())
    return in_markdown("| asked for | found | probability that it is meant |", rows)


def degradations() -> str:
    """One row per kind, with what its five severities are."""

    def row(kind: str) -> str:
        what, unit, levels = LEVELS[kind]
        return f"| `{kind}` | {what} | {unit} | {' | '.join(str(level) for level in levels)} |"

    return in_markdown("| name | what it is | level | 1 | 2 | 3 | 4 | 5 |", map(row, LEVELS))


def selectors() -> str:
    def row(name: str) -> str:
        kind = SELECTORS[name]
        module = inspect.getmodule(kind)
        needs = [each.name for each in inspect.signature(kind).parameters.values() if each.default is each.empty]
        written = f"{name}:{needs[0].upper()}" if needs else name
        return f"| `{written}` | {first_sentence(module)} |"

    return in_markdown("| name | idea |", (row(name) for name in SELECTORS.own))


def leaderboards() -> str:
    """A section for each data set, in it one for each group, with where its figures were read."""
    parts = []
    for name in datasets():
        parts.append(f"### {name}")
        for group in leaderboard(name).groups:
            shown = standings(group, sources=True)
            rows = (f"| {' | '.join(map(_cell, row))} |" for row in shown.rows)
            parts += [f"#### {heading(group)}", " ".join(told(group))]
            parts.append(in_markdown(f"| {' | '.join(shown.columns)} |", rows))
    return "\n\n".join(parts)


def _cell(value: str | float | int | None) -> str:
    """A cell; a source that has an address is a link."""
    if value is None:
        return "–"
    if isinstance(value, str) and (address := addresses().get(value)):
        return f"[{value}]({address})"
    return f"{value:g}" if isinstance(value, float) else str(value)


def marks() -> str:
    return in_markdown("| mark | means |", (f"| {verdict} | {says} |" for verdict, says in VERDICTS.items()))


def rules() -> str:
    used = sorted({one.protocol for name in datasets() for one in figures(name) if one.protocol != "?"})
    rows = (f"| `{name}` | {rule(name).says} | {_placed(name)} |" for name in used)
    return in_markdown("| protocol | how a figure is counted | a run is placed by |", rows)


def _placed(name: str) -> str:
    how = rule(name)
    by = f"--protocol {how.scored_by}" if how.scored_by else f"--official {how.official}" if how.official else ""
    return f"`evaluate {by}`" if by else "–"


def costs() -> str:
    """What 2,500 queries cost on one H100, with adapters of rank 64, as `post-train --dry-run` estimates it."""

    def row(name: str) -> str:
        known = shapes.MODELS.values()
        found = [cost.estimate(RECIPES[name], shape, 2500, hardware.GPUS["H100"], lora=64) for shape in known]
        cells = (f"{one.gpu_hours:.1f} h, {one.memory:.0f} GiB" for one in found)
        return f"| `{name}` | {found[0].updates:,} | {' | '.join(cells)} |"

    named = ("sft", "time-r1", "ra-rft", "taro", "timelens2")
    return in_markdown(f"| recipe | updates | {' | '.join(shapes.MODELS)} |", map(row, named))


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "errors": ("errors.md", error_classes),
    "evidence": ("asking.md", evidence),
    "formats": ("export.md", formats),
    "heads": ("training.md", heads),
    "head-recipes": ("head-recipes.md", head_recipes),
    "protocols": ("metrics.md", protocols),
    "benchmarks": ("benchmarks.md", benchmarks),
    "parsers": ("benchmarks.md", parsers),
    "papers": ("models.md", papers),
    "published": ("reproducing.md", published),
    "known": ("reproducing.md", known),
    "leaderboard": ("leaderboard.md", leaderboards),
    "contamination": ("leaderboard.md", marks),
    "rules": ("leaderboard.md", rules),
    "rewards": ("post-training.md", rewards),
    "selectors": ("selection.md", selectors),
    "signals": ("sounds.md", lambda: rates(SIGNAL_RATES)),
    "sounds": ("sounds.md", lambda: rates(SOUND_RATES)),
    "recipes": ("post-training.md", recipes),
    "attacks": ("post-training.md", attacks),
    "costs": ("research.md", costs),
    "degradations": ("counterfactuals.md", degradations),
}


def written(text: str, name: str, table: str) -> str:
    """The text of a page with its table made anew."""
    begin, end = f"<!-- table: {name} -->", "<!-- end of table -->"
    before, rest = text.split(begin)
    return f"{before}{begin}\n{table}\n{end}{rest.split(end, 1)[1]}"


def main() -> None:
    for name, (page, make) in TABLES.items():
        path = DOCS / page
        path.write_text(written(path.read_text("utf-8"), name, make()), "utf-8")


if __name__ == "__main__":
    main()
