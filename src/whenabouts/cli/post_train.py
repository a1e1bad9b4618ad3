"""`whenabouts post-train`: post-train a model with a recipe, or estimate the cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.cli.progress import progress
from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.grounders.llm.recipe import Recipe


def print_recipes(listed: bool) -> None:
    """Print the recipes with their objectives and papers, and exit."""
    if not listed:
        return
    from whenabouts.grounders.llm.papers import RECIPES

    for name, recipe in RECIPES.items():
        typer.echo(f"{name:16}{type(recipe).__name__:6}arXiv:{recipe.arxiv}")
    raise typer.Exit


def post_train(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="Name of a recipe, such as sft or time-r1 (see --list).")
    ],
    model: Annotated[str, typer.Option(help="Model to train: a folder, a name on the hub, or tiny.")],
    data: Annotated[
        Path, typer.Option(metavar="FILE", help="Annotations in JSON Lines: video, query, relevant_windows, duration.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the trained model.")] = Path("runs/post-train"),
    videos: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the videos.", show_default="the folder of --data"),
    ] = None,
    held_out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Samples for evaluation, none of which may be in --data.")
    ] = None,
    lora: Annotated[
        int | None, typer.Option(min=1, help="Rank of LoRA adapters. Default: all weights are trained.")
    ] = None,
    micro: Annotated[
        int | None, typer.Option(min=1, help="Answers per forward pass; gradients of a batch are accumulated.")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Maximum number of updates.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Number of updates between checkpoints.")] = 50,
    gpu: Annotated[str, typer.Option(help="GPU for the cost estimate, such as H100 or A100.")] = "H100",
    gpus: Annotated[int, typer.Option(min=1, help="Number of GPUs for the cost estimate.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Resume from the last checkpoint in --out.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Estimate the cost, and try one update of a tiny model on the CPU.")
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", is_eager=True, callback=print_recipes, help="List the recipes and exit.")
    ] = False,
) -> None:
    """Post-train a video-language model with a published recipe."""
    from dataclasses import replace

    from whenabouts.grounders.llm.papers import RECIPES
    from whenabouts.training.post.samples import read_samples, with_files

    chosen = RECIPES.named(recipe)
    if steps is not None:
        chosen = replace(chosen, steps=steps)
    folder = videos or data.parent
    samples = with_files(read_samples(data), folder)
    if dry_run:
        typer.echo(translate(cost_of(chosen, model, len(samples), gpu, gpus, micro, lora)))

    from whenabouts.training.post import run

    job = run.Run(
        chosen,
        samples,
        folder,
        out,
        held_out=with_files(read_samples(held_out), folder) if held_out else (),
        micro=micro,
        lora=lora,
    )
    if dry_run:
        import tempfile

        with tempfile.TemporaryDirectory() as temporary:
            run.dry_run(replace(job, out=Path(temporary)))
        typer.echo(translate(f"dry run: one update of {recipe} on the first samples succeeded; nothing was saved"))
        return
    with progress() as report:
        receipt = replace(job, progress=report).train(model, resume=resume, save_steps=every)
    for flag in [*receipt["flags"], *receipt.get("held_out_flags", [])]:
        typer.echo(f"{translate('reward monitor')}: {translate(flag)}", err=True)
    typer.echo(translate(f"{out}: {receipt['updates']} updates on {len(samples)} samples"))


def cost_of(recipe: Recipe, model: str, samples: int, gpu: str, gpus: int, micro: int | None, lora: int | None) -> str:
    """The cost estimate in one sentence. Raises InputError for an unknown GPU."""
    from whenabouts.errors import InputError
    from whenabouts.training.post.cost import GPUS, MODELS, estimate, shape_of

    if gpu not in GPUS:
        raise InputError(f"unknown GPU {gpu!r}; choose one of: {', '.join(GPUS)}")
    shape = shape_of(model)
    if shape is None:
        return (
            f"no estimate for {model}: it is not a folder with a config.json, and known shapes are {', '.join(MODELS)}"
        )
    cost = estimate(recipe, shape, samples, GPUS[gpu], gpus=gpus, micro=micro or 1, lora=lora)
    fits = "fits" if cost.fits else "does not fit"
    return (
        f"estimate: {cost.updates} updates, {cost.gpu_hours:.1f} GPU-hours on {gpus} × {gpu},"
        f" {cost.memory:.0f} GiB per GPU, which {fits} in {cost.gpu_memory:.0f} GiB (formula: docs/post-training.md)"
    )
