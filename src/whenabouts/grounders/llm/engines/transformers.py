"""Ask a model on this machine through transformers: a folder as `save_pretrained` writes it, or a name on the hub.

Everything before the last frame is the same for all queries about a video: the model reads it once and continues from
its cache with every question, several in a batch. Qwen's models see frames next to each other as video, with its time;
other models see images. No code from a repository is ever run.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Heard, Reply
from whenabouts.grounders.llm.engines.attention import shared, without_plans
from whenabouts.grounders.llm.engines.decoding import cache_name, drawing, seeded
from whenabouts.grounders.llm.engines.local import Local
from whenabouts.grounders.llm.engines.positions import TIME_IN_POSITIONS, place, step_of
from whenabouts.grounders.llm.engines.probabilities import dictated, recorder
from whenabouts.grounders.llm.engines.processors import processor_of
from whenabouts.grounders.llm.engines.qwen import FrameProcessor
from whenabouts.grounders.llm.engines.rendering import begun, marks_of, rendered
from whenabouts.grounders.llm.engines.vision import seen_once
from whenabouts.grounders.llm.engines.weights import first_line, network, unloadable

__all__ = ["TransformersEngine"]


class TransformersEngine(Local):
    """A model and its processor.

    device:    as torch names it ("cpu", "cuda:1"); None is a GPU where there is one
    quantised: load the weights in `8bit` or `4bit` through bitsandbytes; None leaves them as they are stored
    batch:     answers generated at once

    Raises ModelError for a model that cannot be loaded or a device that is not there, MissingExtra.
    """

    def __init__(
        self, model: str | Path, *, device: str | None = None, quantised: str | None = None, batch: int = 8
    ) -> None:
        try:
            import torch  # noqa: F401
            from transformers import AutoModelForImageTextToText
        except ImportError as error:
            raise MissingExtra("hub", "a video-language model on this machine") from error
        self._begin(model, device)
        self.batch = batch
        self.processor: Any = processor_of(model)
        more = {"quantization_config": _bits(quantised), "device_map": self.device} if quantised else {}
        try:
            self.network = network(model, AutoModelForImageTextToText, self.device, **more)
        except unloadable() as error:
            raise ModelError(f"{model} cannot be loaded as a vision-language model: {first_line(error)}") from error

    @classmethod
    def holding(cls, network: Any, processor: Any, *, batch: int = 8) -> TransformersEngine:
        """An engine around a model that is loaded already."""
        engine = cls.__new__(cls)
        engine.folder, engine.batch, engine.device = type(network).__name__, batch, str(network.device)
        engine.network, engine.processor = network.eval(), processor
        return engine

    @property
    def stamped(self) -> bool:
        """Whether times must be written before the frames: only Qwen2.5-VL encodes them otherwise."""
        return self.network.config.model_type not in TIME_IN_POSITIONS

    @property
    def merges(self) -> bool:
        """Whether two frames that stand side by side become one step of time."""
        return isinstance(self.processor, FrameProcessor)

    def answer(
        self, conversations: Sequence[Conversation], frames: Frames, decoding: Decoding, heard: Heard | None = None
    ) -> list[list[Reply]]:
        """Replies to each conversation, in order; `heard` gets those of a batch together."""
        split = [self._split(conversation, decoding) for conversation in conversations]
        replies: list[list[Reply]] = [[] for _ in conversations]
        with self._asked(decoding):
            for head in dict.fromkeys(head for head, _, _ in split):
                same = [(i, tail) for i, (of_one, tail, _) in enumerate(split) if of_one == head]
                given, cache = self._read(head, split[same[0][0]][2], frames)
                rows = [(i, tail) for i, tail in same for _ in range(decoding.samples)]
                for part in _chunks(rows, self.batch if self._can_pad() else 1):
                    for (i, _), reply in zip(part, self._write(given, cache, part, decoding), strict=True):
                        replies[i].append(reply)
                        if heard is not None and len(replies[i]) == decoding.samples:
                            heard(i, replies[i])
        return replies

    def likelihood(self, conversation: Conversation, frames: Frames, text: str) -> tuple[float, ...]:
        """The log-probability of each token of a text as the reply to a conversation, given those before it."""
        import torch

        head, tail, runs = self._split(conversation, Decoding())
        ids = self.processor.tokenizer(text.removeprefix(begun(tail)), add_special_tokens=False)["input_ids"]
        if not ids:
            return ()
        decoding = Decoding(tokens=len(ids))
        with self._asked(decoding):
            given, cache = self._read(head, runs, frames)
            end = self.processor.tokenizer(tail, add_special_tokens=False)["input_ids"]
            prompt = torch.cat([given, torch.tensor([end], dtype=given.dtype, device=given.device)], dim=1)
            said = dictated(prompt.shape[1], ids)
            with drawing(self.network, self.processor.tokenizer, decoding):
                self.network.generate(
                    input_ids=prompt,
                    attention_mask=torch.ones_like(prompt),
                    logits_processor=[said],
                    **{cache_name(): cache},
                )
        return tuple(said.logprobs)

    @contextmanager
    def _asked(self, decoding: Decoding) -> Iterator[None]:
        """Within the block the network is asked: it sees pixels once, learns nothing and draws from a seed."""
        import torch

        with seen_once(self.network), seeded(self.network, decoding), without_plans(), torch.inference_mode():
            yield

    def _split(self, conversation: Conversation, decoding: Decoding) -> tuple[str, str, list[list[int]]]:
        """A conversation as text up to the mark of its last frame, the text after it, and what its marks stand for."""
        text, runs = rendered(self.processor, conversation, opens_turn=decoding.opens_turn)
        marks = marks_of(self.processor)
        cut = max(text.rfind(mark) + len(mark) for mark in marks if mark in text) if runs else 0
        return text[:cut], text[cut:], runs

    def _read(self, head: str, runs: list[list[int]], frames: Frames) -> tuple[Any, Any]:
        """The tokens up to the last frame, and what the model keeps of them."""
        if isinstance(self.processor, FrameProcessor):
            given = self.processor.shown(head, runs, frames)
        else:
            from PIL import Image

            pictures = [Image.fromarray(frames.images[i]) for run in runs for i in run]
            given = self.processor(text=[head], images=[pictures] if pictures else None, return_tensors="pt")
        given = given.to(self.network.device)
        if not given["input_ids"].shape[1]:
            return given["input_ids"], None
        if isinstance(self.processor, FrameProcessor):
            place(
                self.network, given, step_of(self.network.config, frames.fps), self.processor.image_processor.merge_size
            )
        short = {"logits_to_keep": 1} if "logits_to_keep" in inspect.signature(self.network.forward).parameters else {}
        return given["input_ids"], getattr(self.network(**given, use_cache=True, **short), cache_name())

    def _write(self, head: Any, cache: Any, rows: Sequence[tuple[int, str]], decoding: Decoding) -> list[Reply]:
        """Replies to several tails after one head, in one batch: tails of unlike length are padded on the left."""
        import torch

        tokenizer = self.processor.tokenizer
        tails = [tokenizer(tail, add_special_tokens=False)["input_ids"] for _, tail in rows]
        longest, fill = max(map(len, tails)), tokenizer.pad_token_id or 0
        padded = torch.tensor([[fill] * (longest - len(tail)) + tail for tail in tails], device=head.device)
        ids = torch.cat([head.expand(len(rows), -1), padded], dim=1)
        mask = torch.ones_like(ids)
        pads = [longest - len(tail) for tail in tails]
        for row, pad in zip(mask, pads, strict=True):
            row[head.shape[1] : head.shape[1] + pad] = 0
        record = recorder(ids.shape[1])
        with drawing(self.network, tokenizer, decoding) as settings, shared(self.network, cache, pads) as kept:
            written = self.network.generate(
                input_ids=ids, attention_mask=mask, logits_processor=[record], **{cache_name(): kept}
            )
        replies: list[Reply] = record.replies(written[:, ids.shape[1] :], self.processor, settings)
        return [_whole(begun(tail), reply) for (_, tail), reply in zip(rows, replies, strict=True)]

    def _can_pad(self) -> bool:
        """Whether questions can be padded and asked in one batch: not where layers are recurrent."""
        text = self.network.config.get_text_config()
        return set(getattr(text, "layer_types", None) or ["full_attention"]) == {"full_attention"}


def _whole(start: str, reply: Reply) -> Reply:
    """A reply with what the prompt began of it, which was certain."""
    if not start:
        return reply
    return replace(reply, text=start + reply.text, tokens=(start, *reply.tokens), logprobs=(0.0, *reply.logprobs))


def _bits(quantised: str | None) -> Any:
    from transformers import BitsAndBytesConfig

    maker: Any = BitsAndBytesConfig
    return maker(load_in_8bit=quantised == "8bit", load_in_4bit=quantised == "4bit")


def _chunks(rows: Sequence[tuple[int, str]], size: int) -> Iterator[Sequence[tuple[int, str]]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
