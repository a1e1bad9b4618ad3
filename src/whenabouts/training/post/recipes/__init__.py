"""Post-training recipes by name: what each paper published, as plain values."""

from __future__ import annotations

from whenabouts.errors import InputError
from whenabouts.training.post.recipes.recipe import Recipe
from whenabouts.training.post.recipes.sft import SFT
from whenabouts.training.post.recipes.tar_tvg import TAR_TVG
from whenabouts.training.post.recipes.tempsamp_r1 import TEMPSAMP_R1
from whenabouts.training.post.recipes.time_r1 import TIME_R1
from whenabouts.training.post.recipes.timelens import TIMELENS
from whenabouts.training.post.recipes.videotemp_o3 import VIDEOTEMP_O3

__all__ = ["RECIPES", "recipe_named"]

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (SFT, TIME_R1, TEMPSAMP_R1, TIMELENS, VIDEOTEMP_O3, TAR_TVG)
}


def recipe_named(name: str) -> Recipe:
    """A recipe by name. Raises InputError with the names there are."""
    if name not in RECIPES:
        raise InputError(f"there is no recipe named {name!r}; choose one of: {', '.join(RECIPES)}")
    return RECIPES[name]
