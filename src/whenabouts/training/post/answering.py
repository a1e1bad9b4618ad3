"""Ask a model: its answers to samples, its tIoU over K of them, and what it says with the picture blanked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from whenabouts.rewards.tiou import tiou
from whenabouts.training.post.conversation import Shown, conversation
from whenabouts.training.post.recipes.recipe import Recipe
from whenabouts.training.post.samples import Sample

__all__ = ["answers", "blanked", "score"]

Show = Callable[[Sample], Shown]


def answers(
    model: Any,
    processor: Any,
    samples: Sequence[Sample],
    recipe: Recipe,
    show: Show,
    *,
    temperature: float = 0.0,
    tokens: int = 200,
    batch: int = 32,
) -> list[str]:
    """One answer per sample, in order; greedy at temperature 0. `batch`: samples per forward pass."""
    import torch

    said: list[str] = []
    training = model.training
    model.eval()
    drawn = {"do_sample": True, "temperature": temperature} if temperature else {"do_sample": False}
    for start in range(0, len(samples), batch):
        rows = [conversation(one, recipe, show(one)) for one in samples[start : start + batch]]
        texts = [processor.apply_chat_template(row["prompt"], add_generation_prompt=True) for row in rows]
        given = processor(text=texts, images=[row["images"] for row in rows], return_tensors="pt", padding=True)
        given = given.to(model.device)
        with torch.no_grad():
            ids = model.generate(**given, max_new_tokens=tokens, **drawn)
        said += processor.batch_decode(ids[:, given["input_ids"].shape[1] :], skip_special_tokens=True)
    model.train(training)
    return said


def score(
    model: Any, processor: Any, samples: Sequence[Sample], recipe: Recipe, show: Show, *, times: int = 8, **more: Any
) -> list[Sample]:
    """The samples with the tIoU of `times` answers at the recipe's temperature of 1, for `curation.select`."""
    rounds = [answers(model, processor, samples, recipe, show, temperature=1.0, **more) for _ in range(times)]
    return [replace(one, ious=tuple(tiou(texts[i], one.target) for texts in rounds)) for i, one in enumerate(samples)]


def blanked(show: Show) -> Show:
    """The same videos with every picture grey: what is answered then was not seen."""

    def grey(sample: Sample) -> Shown:
        from PIL import Image

        times, pictures = show(sample)
        return times, tuple(Image.new("RGB", picture.size, (128, 128, 128)) for picture in pictures)

    return grey
