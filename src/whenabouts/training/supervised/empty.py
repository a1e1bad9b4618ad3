"""The head of a recipe before it has any parameters: its sizes can be shown and checked at no cost."""

from __future__ import annotations

import torch

from whenabouts.errors import InputError
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["empty"]


def empty(kind: type[Head], recipe: Recipe, widths: tuple[int, int, int] | None) -> Head:
    """The head of a recipe without its parameters, as published where no widths of features are given.

    Raises InputError for sizes that no model can have.
    """
    try:
        with torch.device("meta"):
            if widths is None:
                return kind(kind.config_class(**recipe.config), **recipe.options)
            return kind.sized(*widths, recipe=recipe)
    except (AssertionError, ValueError, TypeError, RuntimeError, ZeroDivisionError, IndexError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"no {kind.name} can be made with these settings: {reason}") from error
