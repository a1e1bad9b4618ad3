"""Answers of a model to samples, their tIoU over K of them, and its answers with the pictures blanked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from whenabouts.grounders.llm.conversation import Decoding
from whenabouts.grounders.llm.engines.decoding import drawing
from whenabouts.grounders.llm.recipe import Recipe
from whenabouts.training.post.conversation import TimedImages, conversation
from whenabouts.training.post.samples import Sample

__all__ = ["answers", "blanked", "score"]

Show = Callable[[Sample], TimedImages]


def answers(
    model: Any,
    processor: Any,
    samples: Sequence[Sample],
    recipe: Recipe,
    show: Show,
    *,
    temperature: float = 0.0,
    tokens: int | None = None,
    batch: int = 32,
) -> list[str]:
    """One answer per sample, in order.

    temperature: 0 is greedy
    tokens:      the longest answer, by default the recipe's
    batch:       samples per forward pass
    """
    import torch

    texts: list[str] = []
    training = model.training
    model.eval()
    decoding = Decoding(tokens or recipe.tokens, temperature)
    for start in range(0, len(samples), batch):
        rows = [conversation(one, recipe, show(one)) for one in samples[start : start + batch]]
        prompts = [processor.apply_chat_template(row["prompt"], add_generation_prompt=True) for row in rows]
        given = processor(text=prompts, images=[row["images"] for row in rows], return_tensors="pt", padding=True)
        given = given.to(model.device)
        with torch.no_grad(), drawing(model, processor.tokenizer, decoding):
            ids = model.generate(**given)
        texts += processor.batch_decode(ids[:, given["input_ids"].shape[1] :], skip_special_tokens=True)
    model.train(training)
    return texts


def score(
    model: Any, processor: Any, samples: Sequence[Sample], recipe: Recipe, show: Show, *, times: int = 8, **more: Any
) -> list[Sample]:
    """The samples with the tIoU of `times` answers at the recipe's temperature of 1, for `curation.select`."""
    rounds = [answers(model, processor, samples, recipe, show, temperature=1.0, **more) for _ in range(times)]
    return [
        replace(one, ious=tuple(recipe.judge(texts[i], one.target) for texts in rounds))
        for i, one in enumerate(samples)
    ]


def blanked(show: Show) -> Show:
    """The same videos with every picture grey: what is answered then was not seen."""

    def grey(sample: Sample) -> TimedImages:
        from PIL import Image

        times, pictures = show(sample)
        return times, tuple(Image.new("RGB", picture.size, (128, 128, 128)) for picture in pictures)

    return grey
