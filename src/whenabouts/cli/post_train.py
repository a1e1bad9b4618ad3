"""`whenabouts post-train`: post-train a model with a recipe, or estimate the cost."""

from __future__ import annotations

from typing import Annotated

import typer

from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.commands.post_train import PostTrain
from whenabouts.language import translate


def print_recipes(listed: bool) -> None:
    """Print the recipes with their objectives and papers, and exit."""
    if not listed:
        return
    from whenabouts.grounders.llm.papers import RECIPES

    for name, recipe in RECIPES.items():
        typer.echo(f"{name:16}{type(recipe).__name__:6}arXiv:{recipe.arxiv}")
    raise typer.Exit


def print_settings(way: str | None) -> None:
    """Print the path of accelerate's settings for several GPUs, and exit."""
    if way is None:
        return
    from whenabouts.training.post.parallel import settings_of

    typer.echo(settings_of(way))
    raise typer.Exit


@takes(PostTrain, arguments=["recipe"])
def post_train(
    command: PostTrain,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Estimate the cost, and try one update of a small model on the CPU.")
    ] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Train three updates, save nothing, and print where the time goes.")
    ] = False,
    parallel: Annotated[
        str | None,
        typer.Option(
            metavar="WAY",
            is_eager=True,
            callback=print_settings,
            help="Print the file for accelerate launch --config_file: ddp, zero2, zero3 or fsdp; and exit.",
        ),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", is_eager=True, callback=print_recipes, help="List the recipes and exit.")
    ] = False,
) -> None:
    """Post-train a video-language model with a published recipe.

    For several GPUs:
    accelerate launch --config_file "$(whenabouts post-train --parallel zero3)" -m whenabouts post-train …
    """
    if dry_run:
        typer.echo(translate(command.cost()))
        typer.echo(translate(command.rehearse()))
        return
    if profile:
        with progress() as bar:
            found = command.profile(progress=bar)
        typer.echo(found.table())
        typer.echo(translate(f"{command.out / 'profile.json'}: rates for --profiled"))
        return
    with progress() as bar:
        done = command.run(progress=bar)
    for flag in done.flags:
        typer.echo(f"{translate('reward monitor')}: {translate(flag)}", err=True)
    samples = done.receipt["data"]["samples"]
    typer.echo(translate(f"{done.out}: {done.receipt['updates']} updates on {samples} samples"))
