"""`whenabouts curate`: the samples of a pool that are worth training on, with a manifest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.cli.progress import progress

if TYPE_CHECKING:
    from whenabouts.training.post.recipes.recipe import Recipe
    from whenabouts.training.post.samples import Sample


def curate(
    recipe: Annotated[str, typer.Argument(help="Whose way of choosing: time_r1, timelens or tempsamp_r1.")],
    data: Annotated[Path, typer.Option(help="The pool as JSON Lines: video, query, windows, duration, ious.")],
    out: Annotated[Path, typer.Option(help="The chosen samples; NAME.manifest.json is written beside them.")],
    model: Annotated[
        str | None, typer.Option(help="Answers what has no ious yet: a folder, a name on the hub, or tiny.")
    ] = None,
    videos: Annotated[Path | None, typer.Option(help="The folder of the videos.", show_default="beside --data")] = None,
    times: Annotated[int, typer.Option(min=1, help="Answers per query.")] = 8,
    batch: Annotated[int, typer.Option(min=1, help="Queries per forward pass.")] = 8,
    against: Annotated[
        list[str] | None,
        typer.Option(help="What will be reported on: a file of samples, or BENCHMARK=FILE; repeat for several."),
    ] = None,
    absent: Annotated[int, typer.Option(min=0, help="Make so many queries that do not happen.")] = 0,
    size: Annotated[int | None, typer.Option(min=1, help="Samples wanted.", show_default="2500")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 0,
) -> None:
    """Choose training samples: score their difficulty, drop what is too easy, impossible or in an evaluation.

    Scores are kept in NAME.scored.jsonl as they come, so that a run that was cut off goes on where it stopped.
    """
    from dataclasses import replace

    from whenabouts.errors import InputError
    from whenabouts.training.post.curation import leaking, select
    from whenabouts.training.post.manifest import write_curated
    from whenabouts.training.post.negatives import negatives
    from whenabouts.training.post.recipes import recipe_named
    from whenabouts.training.post.samples import read_samples

    chosen = recipe_named(recipe)
    if chosen.selection is None:
        raise InputError(f"the recipe {recipe} takes its data as it is; choose time_r1, timelens or tempsamp_r1")
    if out.resolve() == data.resolve():
        raise InputError(f"--out and --data are both {data}; the pool would be overwritten")
    rule = replace(chosen.selection, seed=seed, size=size or chosen.selection.size)
    pool = read_samples(data)
    evaluation = [asked for source in against or () for asked in asked_by(source)]
    leaks = leaking(pool, evaluation)
    kept = [one for one in pool if one.sample not in leaks]
    if model is not None:
        kept = scored(kept, chosen, model, videos or data.parent, out.with_suffix(".scored.jsonl"), times, batch)
    kept += negatives(kept, absent, seed=seed)
    samples, counts = select(kept, rule)
    if not samples:
        raise InputError(f"{data}: nothing is left to train on: {told({'leaking': len(leaks), **counts})}")
    counts = {"leaking": len(leaks), **counts}
    manifest = write_curated(
        out, samples, source=data, rule=rule, counts=counts, reference=model, against=against or ()
    )
    typer.echo(f"{out}: {told(counts)} ({manifest.name})")


def told(counts: dict[str, int]) -> str:
    """Counts in words."""
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())


def asked_by(source: str) -> list[tuple[str, str]]:
    """(video, query) of an evaluation: a file of samples, or an annotation file after the name of its benchmark."""
    from whenabouts.benchmarks import dataset
    from whenabouts.training.post.samples import read_samples

    name, given, path = source.partition("=")
    if given and not Path(source).exists():
        return [(one.video, one.query) for one in dataset(name).load(Path(path)).examples]
    return [(one.video, one.query) for one in read_samples(Path(source))]


def scored(
    samples: list[Sample], recipe: Recipe, model: str, videos: Path, kept: Path, times: int, batch: int
) -> list[Sample]:
    """The samples with their `ious`; those without are asked, and every batch is written to the file `kept`."""
    from dataclasses import replace

    from whenabouts.training.post.answering import score
    from whenabouts.training.post.conversation import frames_of
    from whenabouts.training.post.manifest import digest
    from whenabouts.training.post.recipes.recipe import GRPO
    from whenabouts.training.post.run import load
    from whenabouts.training.post.samples import read_samples, write_samples

    known = {digest(replace(one, ious=())): one.ious for one in read_samples(kept)} if kept.exists() else {}
    found = [replace(one, ious=one.ious or known.get(digest(one), ())) for one in samples]
    open_ones = [i for i, one in enumerate(found) if one.windows and not one.ious]
    if not open_ones:
        return found
    network, processor = load(model)
    tokens = recipe.tokens if isinstance(recipe, GRPO) else 200
    with progress() as watch:
        for start in range(0, len(open_ones), batch):
            part = open_ones[start : start + batch]
            answered = score(
                network,
                processor,
                [found[i] for i in part],
                recipe,
                lambda one: frames_of(videos / one.video, recipe.fps, recipe.frames),
                times=times,
                tokens=tokens,
                batch=batch,
            )
            for i, one in zip(part, answered, strict=True):
                found[i] = one
            write_samples(kept, [one for one in found if one.ious])
            watch("answering", min(1.0, (start + batch) / len(open_ones)))
    return found
