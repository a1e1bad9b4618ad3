"""Ask a model on this machine through transformers: a folder as `save_pretrained` writes it, or a name on the hub.

Frames go in as images between their times, which every image-text model takes. The vision tower sees the frames once
however many queries and answers there are: what it made of them is kept as long as the pixels stay the same. No code
from a repository is ever run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.llm.protocol import Conversation
from whenabouts.grounders.llm.qwen import FAMILY, FrameProcessor

__all__ = ["TransformersEngine"]


class TransformersEngine:
    """A model and its processor. `device` is torch's name of one; by default the first GPU if there is one."""

    stamped = True

    def __init__(self, model: str | Path, *, device: str | None = None) -> None:
        try:
            import torch
            from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor
        except ImportError as error:
            raise MissingExtra("hub", "a video-language model on this machine") from error
        self.folder = str(model)
        place = device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            qwen = AutoConfig.from_pretrained(model).model_type in FAMILY
            maker: Any = FrameProcessor if qwen else AutoProcessor
            self.processor: Any = maker.from_pretrained(model)
            loaded: Any = AutoModelForImageTextToText.from_pretrained(model, use_safetensors=True, dtype="auto")
        except (OSError, ValueError, KeyError, ImportError) as error:
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(f"{model} cannot be loaded as a vision-language model: {first}") from error
        self.network: Any = loaded.eval().to(place)

    @classmethod
    def holding(cls, network: Any, processor: Any) -> TransformersEngine:
        """An engine around a model that is loaded already."""
        engine = cls.__new__(cls)
        engine.folder, engine.network, engine.processor = type(network).__name__, network.eval(), processor
        return engine

    @property
    def name(self) -> str:
        """Where the model came from."""
        return f"transformers:{self.folder}"

    @cached_property
    def identity(self) -> str:
        """The sha256 of the weights in a folder; of a name on the hub the name alone is known."""
        files = sorted(Path(self.folder).glob("*.safetensors")) if Path(self.folder).is_dir() else []
        total = hashlib.sha256()
        for path in files:
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        return total.hexdigest() if files else self.folder

    def answer(
        self,
        conversations: Sequence[Conversation],
        images: Sequence[NDArray[np.uint8]],
        *,
        tokens: int,
        temperature: float,
        samples: int = 1,
    ) -> list[list[str]]:
        """`samples` answers to each conversation, all about the same frames. Sampling follows torch's seed."""
        import torch
        from PIL import Image

        pictures = [Image.fromarray(image) for image in images]
        drawn: dict[str, Any] = {"do_sample": False}
        if temperature:
            drawn = {"do_sample": True, "temperature": temperature, "num_return_sequences": samples}
        said = []
        with _seen_once(self.network), torch.inference_mode():
            for conversation in conversations:
                text = self.processor.apply_chat_template(_messages(conversation), add_generation_prompt=True)
                given = self.processor(text=[text], images=[pictures] if pictures else None, return_tensors="pt")
                given = given.to(self.network.device)
                ids = self.network.generate(**given, max_new_tokens=tokens, **drawn)
                texts = self.processor.batch_decode(ids[:, given["input_ids"].shape[1] :], skip_special_tokens=True)
                said.append(texts if len(texts) == samples else texts * samples)
        return said


def _messages(conversation: Conversation) -> list[dict[str, Any]]:
    messages = []
    for turn in conversation:
        parts = [{"type": "image"} if isinstance(p, int) else {"type": "text", "text": p} for p in turn.parts]
        messages.append({"role": turn.role, "content": parts})
    return messages


@contextmanager
def _seen_once(network: Any) -> Iterator[None]:
    """Within the block the vision tower computes each set of pixels once."""
    owner = _owner(network)
    compute: Callable[..., Any] = owner.get_image_features
    kept: dict[bytes, Any] = {}

    @wraps(compute)  # `generate` looks at its signature
    def remembered(*args: Any, **named: Any) -> Any:
        key = _key(args, named)
        if key not in kept:
            kept.clear()  # one video at a time
            kept[key] = compute(*args, **named)
        return kept[key]

    owner.get_image_features = remembered
    try:
        yield
    finally:
        del owner.get_image_features  # the method of its class shows again


def _owner(network: Any) -> Any:
    """The module whose forward pass asks for image features: the inner model, where there is one."""
    found = getattr(network, "base_model", network)
    if not hasattr(found, "get_image_features"):
        raise ModelError(f"{type(network).__name__} is no vision-language model that this engine knows")
    return found


def _key(args: tuple[Any, ...], named: dict[str, Any]) -> bytes:
    total = hashlib.sha256()
    for name, value in [*((str(i), a) for i, a in enumerate(args)), *sorted(named.items())]:
        content = value.detach().cpu().float().numpy().tobytes() if hasattr(value, "detach") else repr(value).encode()
        total.update(name.encode() + content)
    return total.digest()
