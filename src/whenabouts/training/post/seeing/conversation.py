"""From a sample to the row that TRL trains on.

A model that sees video is shown it as the engine shows it (`sight`). One that sees images alone is shown frames as
images between their time stamps, then asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from whenabouts.errors import InputError, MissingExtra
from whenabouts.grounders.llm.engines.rendering import rest_of, start_of, thinks
from whenabouts.grounders.llm.recipe import SFT, Recipe
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.seeing.clip import Clip

__all__ = ["Show", "conversation", "data_set", "messages_of", "told"]

Show = Callable[[Sample], Clip]


def conversation(sample: Sample, recipe: Recipe, clip: Clip, *, video: bool = False) -> dict[str, Any]:
    """The row of a sample: `prompt`, the columns that rewards read, and `completion` for SFT.

    video: what is shown is in the column `asked`, the sample and its clip, and `prompt` has the words alone; else
           frames are in the column `images`, and `prompt` has their places
    """
    if video:
        row: dict[str, Any] = {"prompt": _said("user", recipe.question(sample.query)), "asked": (sample, clip)}
    else:
        frames = clip.frames()
        if not frames.images:
            raise InputError(f"{sample.sample}: the video {sample.video} has no frames to show")
        from PIL import Image

        pictures = [Image.fromarray(image) for image in frames.images]
        row = {"prompt": messages_of(recipe, sample.query, frames.times), "images": pictures}
    row |= {
        "windows": [list(window) for window in sample.windows],
        "duration": sample.duration,
        "sample": sample.sample,
        "video": sample.video,
    }
    truth = recipe.truth(sample.target)
    if isinstance(recipe, SFT) and not video:
        answer = [{"role": "assistant", "content": [{"type": "text", "text": truth}]}]
        return row | {"completion": answer, "chat_template_kwargs": {"enable_thinking": thinks(recipe.prompt)}}
    return row | {"truth": truth}


def messages_of(recipe: Recipe, query: str, times: Sequence[float]) -> list[dict[str, Any]]:
    """The prompt about frames at `times`, in seconds, that are shown as images."""
    question = {"type": "text", "text": recipe.question(query)}
    content: list[dict[str, str]] = []
    for time in times:
        content += [{"type": "text", "text": recipe.stamp.format(time)}, {"type": "image"}]
    return [{"role": "user", "content": [question, *content] if recipe.question_first else [*content, question]}]


def told(processor: Any, recipe: Recipe, answer: str) -> list[int]:
    """The tokens of an answer as the model writes them behind a prompt of the recipe, to the end of its turn."""
    tokenizer = processor.tokenizer
    rest = rest_of(processor, answer, start_of(processor, recipe.prompt))
    return [*tokenizer(rest, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]


def data_set(samples: Sequence[Sample], recipe: Recipe, show: Show, *, video: bool = False) -> Any:
    """A `datasets.Dataset` whose rows are made when they are read. Raises InputError, MissingExtra."""
    try:
        from datasets import Dataset
    except ImportError as error:
        raise MissingExtra("rl", "post-training") from error
    if not samples:
        raise InputError("no samples to train on")
    rows = Dataset.from_dict({"index": list(range(len(samples)))})

    def transform(batch: dict[str, list[int]]) -> dict[str, list[Any]]:
        made = [conversation(samples[i], recipe, show(samples[i]), video=video) for i in batch["index"]]
        return {column: [row[column] for row in made] for column in made[0]}

    return rows.with_transform(transform)


def _said(role: str, text: str) -> list[dict[str, Any]]:
    return [{"role": role, "content": text}]
