"""How Qwen's models are shown video while they are trained: as the engine shows it, each clip seen once by the tower.

TRL 1.16 generates with a video and then computes the loss without it, and says nothing. Here the tokens of a video
carry the number of the video, beyond those of the vocabulary, so that a row of tokens says by itself what it shows,
however TRL shuffles, splits and pads rows. Where the network is given such tokens, in sampling, in the loss, as the KL
reference or when it answers, they become what the model was trained with: marks in the text, features of the tower in
their places, and positions in time, height and width (M-RoPE), the same that the engine computes.

A frozen tower sees a clip once: its features are shared by the answers of a group, by all passes and all epochs.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.llm.conversation import Conversation
from whenabouts.grounders.llm.engines.positions import (
    IMAGE,
    TIME_IN_POSITIONS,
    VIDEO,
    positions,
    step_of,
)
from whenabouts.grounders.llm.engines.qwen import MARKS, FrameProcessor, grid_of, patches
from whenabouts.grounders.llm.engines.rendering import messages_of, rendered
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.recipe import Recipe
from whenabouts.training.post.samples import Sample
from whenabouts.training.post.seeing.clip import Clip
from whenabouts.training.post.seeing.drawing import drawn

__all__ = ["FIRST", "Sight"]

FIRST = 1 << 24  # the number of the first video, far beyond any vocabulary
KEPT = 8 << 30  # bytes of features, in the memory of the CPU

Runs = tuple[tuple[int, ...], ...]
Features = Sequence[Any]  # what goes into the first layer, (tokens, width), and what is added to later ones


@dataclass(frozen=True)
class Item:
    """An image or a piece of video that a number stands for.

    part:  which run of frames of a clip it is
    grid:  steps of time, and patches high and wide
    step:  positions between two steps
    """

    clip: Clip
    runs: Runs
    part: int
    kind: int
    grid: tuple[int, int, int]
    tokens: int
    step: float


class Sight:
    """A network, and what it was shown.

    most: bytes of features that are kept at most; of more, the tower sees again what was not looked at for longest
    """

    def __init__(self, network: Any, processor: FrameProcessor, *, most: int = KEPT) -> None:
        self.network, self.processor, self.most = network, processor, most
        self.tokenizer, self.image_processor = processor.tokenizer, processor.image_processor
        self.tokenizer.chat_template = self.chat_template = processor.chat_template
        self._merge = self.image_processor.merge_size
        self._marks = {self.tokenizer.convert_tokens_to_ids(mark): mark for mark in MARKS}
        self._pads = dict(zip((IMAGE, VIDEO), self._marks, strict=True))
        self._times: dict[Clip, tuple[tuple[float, ...], bool]] = {}
        self._items: list[Item] = []
        self._numbers: dict[tuple[Clip, Runs], int] = {}
        self._kept: OrderedDict[tuple[Clip, Runs], list[Features]] = OrderedDict()
        self._bytes = 0
        self.attach(network)

    def save_pretrained(self, folder: str | Path) -> None:
        """The tokenizer and the settings for pictures, as transformers writes them."""
        self.processor.save_pretrained(folder)

    def batch_decode(self, ids: Any, *, skip_special_tokens: bool) -> list[str]:
        """Answers as text."""
        return self.processor.batch_decode(ids, skip_special_tokens=skip_special_tokens)

    # What a conversation is in tokens

    def question(self, sample: Sample, recipe: Recipe, clip: Clip) -> Conversation:
        """What the model is asked about a sample: as the engine asks it, with times where this model reads them.

        Positions cannot tell the times of frames at uneven distances, which are then written.
        """
        if clip not in self._times:
            frames = clip.frames()
            self._times[clip] = frames.times, frames.steady
        kind, (times, steady) = self.network.config.model_type, self._times[clip]
        return recipe.prompting.conversation(
            sample.query,
            times,
            duration=sample.duration,
            stamped=kind not in TIME_IN_POSITIONS or not steady,
            paired=True,
        )

    def ids(self, sample: Sample, recipe: Recipe, clip: Clip, **how: Any) -> list[int]:
        """The tokens of the question; those of videos are their numbers. `how` goes to `rendered`."""
        conversation = self.question(sample, recipe, clip)
        text, runs = rendered(self.processor, conversation, **how)
        return self.numbered(self.tokenizer(text)["input_ids"], [(clip, runs)])

    def looked(self, clip: Clip, start: float, stamp: str) -> tuple[list[dict[str, Any]], list[list[int]]]:
        """A clip in the middle of a conversation: parts of a message, with times from `start`, and its runs."""
        times = [start + time for time in clip.frames().times]
        turns = Prompting(question="", stamps="pairs", stamp=stamp).conversation("", times)
        [message], runs = messages_of(turns, video=True)
        return message["content"], runs

    def numbered(self, ids: Iterable[int], shown: Iterable[tuple[Clip, Sequence[Sequence[int]]]]) -> list[int]:
        """Tokens in which each mark became the tokens of a run of frames, of one clip after another."""
        numbers = [
            self._number(clip, tuple(map(tuple, runs))) + part for clip, runs in shown for part in range(len(runs))
        ]
        each = iter(numbers)
        made: list[int] = []
        for token in ids:
            if token in self._marks:
                number = next(each)
                made += [FIRST + number] * self._items[number].tokens
            else:
                made.append(token)
        return made

    def batch(self, rows: Sequence[Sequence[int]]) -> dict[str, Any]:
        """Rows of tokens padded on the left, and their mask, on the CPU: a trainer pins what it moves to a GPU."""
        import torch

        longest, fill = max(map(len, rows)), self.tokenizer.pad_token_id
        ids = torch.tensor([[fill] * (longest - len(row)) + list(row) for row in rows])
        mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
        return {"input_ids": ids, "attention_mask": mask}

    def plain(self, row: Sequence[int]) -> list[int]:
        """The tokens as the model knows them: numbers became marks."""
        return [self._pads[self._items[token - FIRST].kind] if token >= FIRST else token for token in row]

    def positions(self, row: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
        """(3, tokens): time, height and width of each token of a row, and the position of the next one."""
        shown = list(self._shown(row))
        kinds = np.zeros(len(row), np.int64)
        seen = row >= FIRST
        kinds[seen] = [self._items[number].kind for number in row[seen] - FIRST]
        grids = {kind: [one.grid for one in shown if one.kind == kind] for kind in (IMAGE, VIDEO)}
        steps = [one.step for one in shown if one.kind == VIDEO]
        return positions(kinds.tolist(), grids[IMAGE], grids[VIDEO], merge=self._merge, step=steps)

    def _number(self, clip: Clip, runs: Runs) -> int:
        """The number of the first run; the others follow."""
        if (clip, runs) not in self._numbers:
            frames = clip.frames()
            self._numbers[clip, runs] = len(self._items)
            step = step_of(self.network.config, frames.fps)
            for part, run in enumerate(runs):
                grid = grid_of([frames.images[i] for i in run], self.image_processor)
                tokens, kind = grid[0] * grid[1] * grid[2] // self._merge**2, VIDEO if len(run) > 1 else IMAGE
                self._items.append(Item(clip, runs, part, kind, grid, tokens, step))
        return self._numbers[clip, runs]

    def _shown(self, row: NDArray[np.int64]) -> Iterator[Item]:
        for number, _ in groupby(int(token) for token in row if token >= FIRST):
            yield self._items[number - FIRST]

    # What a network makes of the tokens

    def attach(self, network: Any) -> None:
        """Have a network read tokens with numbers: the one that is trained, or a copy of it as the KL reference."""
        inner = network.base_model
        inner.register_forward_pre_hook(self._look, with_kwargs=True)
        network.register_forward_pre_hook(_unlabelled, with_kwargs=True)
        for name in ("get_image_features", "get_video_features"):
            setattr(inner, name, self._features_of(inner, getattr(inner, name)))
        network.generate = partial(drawn, network, lambda row: self.positions(np.array(row))[1], tuple(self._marks))

    def _look(self, inner: Any, args: tuple[Any, ...], given: dict[str, Any]) -> tuple[Any, dict[str, Any]] | None:
        """Before a forward pass: numbers become marks, with what they stand for and where."""
        import torch

        if given.get("input_ids") is None or given.get("position_ids") is not None:
            return None  # the next token of an answer
        ids = given["input_ids"].cpu().numpy()
        mask = given["attention_mask"].cpu().numpy() if given.get("attention_mask") is not None else np.ones_like(ids)
        where = np.zeros((3, *ids.shape), np.int64)
        numbers: dict[int, list[int]] = {IMAGE: [], VIDEO: []}
        plain = ids.copy()
        for i, row in enumerate(ids):
            real = mask[i].astype(bool)
            where[:, i, real] = self.positions(row[real])[0]
            for number, _ in groupby(token for token in row.tolist() if token >= FIRST):
                kind = self._items[number - FIRST].kind
                numbers[kind].append(number - FIRST)
                plain[i][row == number] = self._pads[kind]
        device = given["input_ids"].device
        shown = {
            name: torch.tensor(numbers[kind])
            for name, kind in (("pixel_values", IMAGE), ("pixel_values_videos", VIDEO))
            if numbers[kind]
        }
        changed = {"input_ids": torch.from_numpy(plain).to(device), "position_ids": torch.from_numpy(where).to(device)}
        return args, given | changed | shown

    def _features_of(self, inner: Any, plain: Any) -> Any:
        """In place of the method that computes features from pixels: one that takes numbers, too."""

        @wraps(plain)
        def features(pixels: Any, grids: Any = None, **named: Any) -> Any:
            if pixels.is_floating_point():
                return plain(pixels, grids, **named)
            items = [self._items[number] for number in pixels.tolist()]
            seen = {key: self._seen(inner, plain, *key) for key in dict.fromkeys((one.clip, one.runs) for one in items)}
            return _output([seen[one.clip, one.runs][one.part] for one in items])

        return features

    def _seen(self, inner: Any, plain: Any, clip: Clip, runs: Runs) -> list[Features]:
        """The features of each run of a clip: kept ones where the tower is frozen."""
        import torch

        if any(weight.requires_grad for weight in inner.visual.parameters()):
            return self._computed(plain, inner.visual, clip, runs)
        if (clip, runs) not in self._kept:
            device = inner.visual.device.type
            with torch.no_grad(), torch.autocast(device, enabled=False):
                made = self._computed(plain, inner.visual, clip, runs)
            self._kept[clip, runs] = _moved(made, "cpu")
            self._bytes += _size(made)
            while self._bytes > self.most and len(self._kept) > 1:
                self._bytes -= _size(self._kept.popitem(last=False)[1])
        self._kept.move_to_end((clip, runs))
        return _moved(self._kept[clip, runs], inner.visual.device)

    def _computed(self, plain: Any, tower: Any, clip: Clip, runs: Runs) -> list[Features]:
        """The features of all runs of a clip in one pass of the tower, which takes images as it takes video."""
        import torch

        frames = clip.frames()
        made = [patches([frames.images[i] for i in run], self.image_processor) for run in runs]
        pixels = torch.from_numpy(np.concatenate([table for table, _ in made])).to(tower.device)
        grids = torch.tensor([grid for _, grid in made], device=tower.device)
        out = plain(pixels, grids, return_dict=True)
        deep = getattr(out, "deepstack_features", None) or ()
        return [[first, *later] for first, *later in zip(out.pooler_output, *deep, strict=True)]


def _unlabelled(network: Any, args: tuple[Any, ...], given: dict[str, Any]) -> tuple[Any, dict[str, Any]] | None:
    """What is shown in the middle of an answer is no word whose probability could be asked for."""
    labels = given.get("labels")
    return None if labels is None else (args, given | {"labels": labels.masked_fill(labels >= FIRST, -100)})


def _output(features: Sequence[Features]) -> Any:
    """Features as the tower returns them."""
    from transformers.modeling_outputs import BaseModelOutputWithPooling

    first, *deep = (tuple(layer) for layer in zip(*features, strict=True))
    out: Any = BaseModelOutputWithPooling()
    out.pooler_output, out.deepstack_features = first, deep
    return out


def _moved(features: Sequence[Features], device: Any) -> list[Features]:
    return [[layer.to(device) for layer in one] for one in features]


def _size(features: Sequence[Features]) -> int:
    return sum(tensor.nbytes for one in features for tensor in one)
