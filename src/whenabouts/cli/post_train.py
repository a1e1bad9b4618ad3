"""`whenabouts post-train`: a recipe on a model and data, or what it would cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from whenabouts.grounders.llm.recipe import Recipe


def print_recipes(wanted: bool) -> None:
    """Print the recipes with their objectives and papers, and stop."""
    if not wanted:
        return
    from whenabouts.grounders.llm.papers import RECIPES

    for name, recipe in RECIPES.items():
        typer.echo(f"{name:16}{type(recipe).__name__:6}arXiv:{recipe.arxiv}")
    raise typer.Exit


def post_train(
    recipe: Annotated[str, typer.Argument(help="A recipe, such as sft or time-r1 (see --list).")],
    model: Annotated[str, typer.Option(help="A folder, a name on the hub, or tiny.")],
    data: Annotated[Path, typer.Option(help="Annotations as JSON Lines: video, query, windows, duration.")],
    out: Annotated[Path, typer.Option(help="Where the trained model goes.")] = Path("runs/post-train"),
    videos: Annotated[Path | None, typer.Option(help="The folder of the videos.", show_default="beside --data")] = None,
    held_out: Annotated[Path | None, typer.Option(help="Samples to measure on; none may be in --data.")] = None,
    lora: Annotated[
        int | None, typer.Option(min=1, help="Rank of LoRA adapters; without, every weight is trained.")
    ] = None,
    micro: Annotated[int | None, typer.Option(min=1, help="Answers per forward pass; the rest is accumulated.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="The most updates.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Leave a checkpoint after so many updates.")] = 50,
    gpu: Annotated[str, typer.Option(help="The GPU of the estimate, such as H100 or A100.")] = "H100",
    gpus: Annotated[int, typer.Option(min=1, help="How many of them.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Resume from the last checkpoint in --out.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Estimate the cost, and try one update of a tiny model on the CPU.")
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", is_eager=True, callback=print_recipes, help="List the recipes and stop.")
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
        typer.echo(cost_of(chosen, model, len(samples), gpu, gpus, micro, lora))

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

        with tempfile.TemporaryDirectory() as kept:
            run.dry_run(replace(job, out=Path(kept)))
        typer.echo(f"dry run: one update of {recipe} on the first samples went well; nothing was kept")
        return
    receipt = job.train(model, resume=resume, save_steps=every)
    for flag in [*receipt["flags"], *receipt.get("held_out_flags", [])]:
        typer.echo(f"reward monitor: {flag}", err=True)
    typer.echo(f"{out}: {receipt['updates']} updates on {len(samples)} samples")


def cost_of(recipe: Recipe, model: str, samples: int, gpu: str, gpus: int, micro: int | None, lora: int | None) -> str:
    """The estimate in a sentence. Raises InputError for a GPU that is not known."""
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
    room = "fits" if cost.fits else "does not fit"
    return (
        f"estimate: {cost.updates} updates, {cost.gpu_hours:.1f} GPU-hours on {gpus} × {gpu},"
        f" {cost.memory:.0f} GiB per GPU, which {room} in {cost.gpu_memory:.0f} GiB (formula: docs/post-training.md)"
    )
