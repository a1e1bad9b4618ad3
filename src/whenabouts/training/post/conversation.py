"""From a sample to what TRL trains on: frames as images between their time stamps, then the question.

Frames go in as images and not as a video, because TRL 1.16 generates with a video and then computes the loss without
it, silently; with images the pixels are in both (tests/training/post/test_grpo.py counts them).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whenabouts.errors import InputError, MissingExtra
from whenabouts.grounders.llm.recipe import SFT, Recipe
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.grounders.llm.shown import scaled
from whenabouts.training.post.samples import Sample

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["TimedImages", "conversation", "data_set", "frames_of"]

TimedImages = tuple[tuple[float, ...], tuple["Image", ...]]  # times in seconds, one image each


@lru_cache(maxsize=512)
def frames_of(path: Path, fps: float, most: int, sampling: Sampling | None = None) -> TimedImages:
    """At most `most` frames of a file, `fps` per second or fewer, with their true times. Raises VideoError.

    sampling: how large they are shown; None leaves them as they are
    """
    from PIL import Image

    from whenabouts.video import Video

    with Video(path) as video:
        rate = min(fps, most / video.duration)
        count = min(most, max(1, math.ceil(rate * video.duration)))
        size = None if sampling is None else sampling.size(video.probe.width, video.probe.height, count)
        shown = [
            (frame.time, Image.fromarray(scaled(frame.image, size) if size else frame.image))
            for frame in islice(video.sample(rate), most)
        ]
        return tuple(time for time, _ in shown), tuple(picture for _, picture in shown)


def conversation(sample: Sample, recipe: Recipe, shown: TimedImages) -> dict[str, Any]:
    """The row of a sample: `prompt` and `images`, the columns rewards read, and `completion` for SFT."""
    times, pictures = shown
    if not pictures:
        raise InputError(f"{sample.sample}: the video {sample.video} has no frames to show")
    content: list[dict[str, str]] = []
    question = {"type": "text", "text": recipe.question(sample.query)}
    for time in times:
        content += [{"type": "text", "text": recipe.stamp.format(time)}, {"type": "image"}]
    content = [question, *content] if recipe.question_first else [*content, question]
    row: dict[str, Any] = {
        "prompt": [{"role": "user", "content": content}],
        "images": list(pictures),
        "windows": [list(window) for window in sample.windows],
        "duration": sample.duration,
        "sample": sample.sample,
        "video": sample.video,
    }
    truth = [{"role": "assistant", "content": [{"type": "text", "text": recipe.truth(sample.target)}]}]
    return row | ({"completion": truth} if isinstance(recipe, SFT) else {"truth": recipe.truth(sample.target)})


def data_set(samples: Sequence[Sample], recipe: Recipe, show: Callable[[Sample], TimedImages]) -> Any:
    """A `datasets.Dataset` that decodes a video when its row is read. Raises InputError, MissingExtra."""
    try:
        from datasets import Dataset
    except ImportError as error:
        raise MissingExtra("rl", "post-training") from error
    if not samples:
        raise InputError("no samples to train on")
    rows = Dataset.from_dict({"index": list(range(len(samples)))})

    def transform(batch: dict[str, list[int]]) -> dict[str, list[Any]]:
        made = [conversation(samples[i], recipe, show(samples[i])) for i in batch["index"]]
        return {column: [row[column] for row in made] for column in made[0]}

    return rows.with_transform(transform)
