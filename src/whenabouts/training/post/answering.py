"""Answers of a model to samples, their tIoU over K of them, and its answers with the pictures blanked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from whenabouts.grounders.llm.conversation import Decoding
from whenabouts.grounders.llm.engines.decoding import drawing
from whenabouts.grounders.llm.engines.rendering import start_of, thinks
from whenabouts.grounders.llm.recipe import Recipe
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.seeing.clip import Clip
from whenabouts.training.post.seeing.conversation import Show, conversation
from whenabouts.training.post.seeing.sight import Sight

__all__ = ["Show", "answers", "blanked", "score"]


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
    decoding, opening = Decoding(tokens or recipe.tokens, temperature), start_of(processor, recipe.prompt)
    for start in range(0, len(samples), batch):
        given = _prompts(processor, samples[start : start + batch], recipe, show)
        given = {name: tensor.to(model.device) for name, tensor in given.items()}
        with torch.no_grad(), drawing(model, processor.tokenizer, decoding):
            ids = model.generate(**given)
        said = processor.batch_decode(ids[:, given["input_ids"].shape[1] :], skip_special_tokens=True)
        texts += [opening + text for text in said]
    model.train(training)
    return texts


def _prompts(processor: Any, samples: Sequence[Sample], recipe: Recipe, show: Show) -> Any:
    """What the model takes of the questions."""
    if isinstance(processor, Sight):
        return processor.batch([processor.ids(one, recipe, show(one)) for one in samples])
    rows = [conversation(one, recipe, show(one)) for one in samples]
    thinking = {"enable_thinking": thinks(recipe.prompt)}
    prompts = [processor.apply_chat_template(row["prompt"], add_generation_prompt=True, **thinking) for row in rows]
    return processor(text=prompts, images=[row["images"] for row in rows], return_tensors="pt", padding=True)


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

    def grey(sample: Sample) -> Clip:
        return show(sample).blanked()

    return grey
