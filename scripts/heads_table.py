"""Write the tables of heads and of their recipes into docs/training.md from the code, so that they cannot drift.

python scripts/heads_table.py
"""

from __future__ import annotations

from pathlib import Path

import torch

from whenabouts.grounders.learned import HEADS
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.recipe import Recipe

PAGE = Path(__file__).parents[1] / "docs" / "training.md"
PLACES = {
    "heads": ("<!-- table of heads -->", "<!-- end of table -->"),
    "recipes": ("<!-- table of recipes -->", "<!-- end of table of recipes -->"),
}


def parameters(kind: type[Head], benchmark: str) -> int:
    """How many there are at the published size."""
    with torch.device("meta"):
        return sum(p.numel() for p in kind.published(benchmark).model.parameters())


def heads() -> str:
    """One row per head."""
    rows = ["| name | paper | published recipes | parameters |", "|---|---|---|---|"]
    for name, kind in HEADS.items():
        counts = sorted({parameters(kind, benchmark) for benchmark in kind.recipes})
        sizes = " to ".join(f"{count:,}" for count in dict.fromkeys((counts[0], counts[-1])))
        rows.append(f"| `{name}` | arXiv:{kind.paper} | {', '.join(kind.recipes)} | {sizes} |")
    return "\n".join(rows)


def recipes() -> str:
    """One row per head and benchmark."""
    columns = ("head", "benchmark", "optimiser", "rate", "batch", "epochs", "clip", "schedule", "sizes and options")
    rows = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    return "\n".join(rows + [row(n, b, recipe) for n, kind in HEADS.items() for b, recipe in kind.recipes.items()])


def row(head: str, benchmark: str, recipe: Recipe) -> str:
    """Sizes and options are those that differ from the head's defaults."""
    schedule = recipe.schedule if recipe.schedule == "constant" else f"{recipe.schedule}, {recipe.drop}"
    changes = "; ".join(f"{key} {value}" for key, value in {**recipe.config, **recipe.options}.items())
    optimiser = f"{recipe.optimiser}, decay {recipe.decay:g}"
    cells = (optimiser, recipe.rate, recipe.batch, recipe.epochs, recipe.clip or "–", schedule, changes or "–")
    return f"| `{head}` | {benchmark} | {' | '.join(map(str, cells))} |"


def page(text: str) -> str:
    """The page with both tables as the code has them."""
    for table, (begin, end) in PLACES.items():
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{globals()[table]()}\n{end}{rest.split(end)[1]}"
    return text


def main() -> None:
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
