"""`whenabouts curate`: select training samples from a pool, with a manifest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.benchmarks.annotations import Checked
from whenabouts.cli.progress import progress
from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.grounders.llm.recipe import Recipe
    from whenabouts.training.post.samples import Sample


def curate(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="Recipe with a selection rule, such as time-r1 or timelens.")
    ],
    data: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="Annotations in JSON Lines: video, query, relevant_windows, duration, and optionally ious.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(metavar="FILE", help="File for the selected samples; NAME.manifest.json is written beside it."),
    ],
    model: Annotated[
        str | None,
        typer.Option(help="Model that answers samples without `ious`: a folder, a name on the hub, or tiny."),
    ] = None,
    videos: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the videos.", show_default="the folder of --data"),
    ] = None,
    provenance: Annotated[
        Checked | None,
        typer.Option(help="Of corrections, take those that a person edited, or confirmed.", show_default="both"),
    ] = None,
    times: Annotated[int, typer.Option(min=1, help="Answers per query.")] = 8,
    batch: Annotated[int, typer.Option(min=1, help="Queries per forward pass.")] = 8,
    against: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[BENCHMARK=]FILE",
            help="Evaluation data to exclude: a file of samples, or the annotations of a benchmark. Repeatable.",
        ),
    ] = None,
    absent: Annotated[int, typer.Option(min=0, help="Number of queries to add that do not happen.")] = 0,
    easiest: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Highest mean tIoU of a sample; Time-R1 takes 0.7 after its first epoch.",
            show_default="the recipe's",
        ),
    ] = None,
    size: Annotated[
        int | None, typer.Option(min=1, help="Number of samples to select.", show_default="the recipe's")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
) -> None:
    """Select training samples by difficulty, without those that are too easy, impossible or in an evaluation.

    Scores are saved in NAME.scored.jsonl as they are computed, so that an interrupted run can be resumed.
    """
    from dataclasses import replace

    from whenabouts.errors import InputError
    from whenabouts.files.outputs import check_outputs
    from whenabouts.grounders.llm.papers import RECIPES
    from whenabouts.training.post.curation import leaking, select
    from whenabouts.training.post.manifest import write_curated
    from whenabouts.training.post.negatives import negatives
    from whenabouts.training.post.samples import read_samples, with_files

    chosen = RECIPES.named(recipe)
    if chosen.selection is None:
        choosing = ", ".join(name for name, one in RECIPES.items() if one.selection)
        raise InputError(f"the recipe {recipe} has no rule for choosing samples; choose one of: {choosing}")
    check_outputs([out], [data, *(Path(source.rpartition("=")[2]) for source in against or ())])
    rule = replace(chosen.selection, seed=seed, size=size or chosen.selection.size)
    rule = rule if easiest is None else replace(rule, easiest=easiest)
    folder = videos or data.parent
    pool = with_files(read_samples(data, provenance), folder)
    evaluation = [pair for source in against or () for pair in pairs_of(source)]
    leaks = leaking(pool, evaluation)
    candidates = [one for one in pool if one.sample not in leaks]
    if model is not None:
        candidates = scored(candidates, chosen, model, folder, out.with_suffix(".scored.jsonl"), times, batch)
    candidates += negatives(candidates, absent, seed=seed)
    samples, counts = select(candidates, rule)
    counts = {"leaking": len(leaks), **counts}
    if not samples:
        raise InputError(f"{data}: no sample is left to train on: {in_words(counts)}")
    manifest = write_curated(
        out, samples, source=data, rule=rule, counts=counts, reference=model, against=against or ()
    )
    typer.echo(f"{out}: {in_words(counts, translate)} ({manifest.name})")


def in_words(counts: dict[str, int], say: Callable[[str], str] = str) -> str:
    """Counts in words; `say` translates them."""
    return ", ".join(say(f"{count} {name.replace('_', ' ')}") for name, count in counts.items())


def pairs_of(source: str) -> list[tuple[str, str]]:
    """The (video, query) pairs of an evaluation: a file of samples, or BENCHMARK=FILE for an annotation file."""
    from whenabouts.benchmarks import dataset
    from whenabouts.training.post.samples import read_samples

    name, given, path = source.partition("=")
    if given and not Path(source).exists():
        return [(one.video, one.query) for one in dataset(name).load(Path(path)).examples]
    return [(one.video, one.query) for one in read_samples(Path(source))]


def scored(
    samples: list[Sample], recipe: Recipe, model: str, videos: Path, file: Path, times: int, batch: int
) -> list[Sample]:
    """The samples with `ious`: the model answers those without, and every batch is saved in `file`."""
    from dataclasses import replace

    from whenabouts.training.post.answering import score
    from whenabouts.training.post.loading import as_shown, load, show_from
    from whenabouts.training.post.manifest import digest
    from whenabouts.training.post.samples import read_samples, write_samples

    known = {digest(replace(one, ious=())): one.ious for one in read_samples(file)} if file.exists() else {}
    result = [replace(one, ious=one.ious or known.get(digest(one), ())) for one in samples]
    unscored = [i for i, one in enumerate(result) if one.windows and not one.ious]
    if not unscored:
        return result
    network, processor = load(model)
    show = show_from(videos, recipe, processor)
    with as_shown(processor), progress() as report:
        for start in range(0, len(unscored), batch):
            part = unscored[start : start + batch]
            asked = [result[i] for i in part]
            answered = score(network, processor, asked, recipe, show, times=times, batch=batch)
            for i, one in zip(part, answered, strict=True):
                result[i] = one
            write_samples(file, [one for one in result if one.ious])
            report("answering", min(1.0, (start + batch) / len(unscored)))
    return result
