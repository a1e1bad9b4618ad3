"""Ask a language model on this machine that reads text alone, through transformers.

A folder as `save_pretrained` writes it, or a name on the hub. Only safetensors weights are loaded, and no code from a
repository is ever run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Engine, Frames, Heard, Reply
from whenabouts.grounders.llm.engines.decoding import drawing, seeded
from whenabouts.grounders.llm.engines.local import Local
from whenabouts.grounders.llm.engines.weights import first_line, network, parts, unloadable

__all__ = ["TextEngine", "local_engine"]


def local_engine(model: str | Path, *, device: str | None = None) -> Engine:
    """The engine for a model on this machine that is asked in words: a text model, or a vision-language model.

    Raises ModelError for a model that cannot be loaded, MissingExtra.
    """
    try:
        from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, AutoConfig
    except ImportError as error:
        raise MissingExtra("hub", "a language model on this machine") from error
    try:
        config = AutoConfig.from_pretrained(parts(model)[0])
    except unloadable() as error:
        raise ModelError(f"{model} cannot be loaded as a language model: {first_line(error)}") from error
    if type(config) in MODEL_FOR_CAUSAL_LM_MAPPING:
        return TextEngine(model, device=device)
    from whenabouts.grounders.llm.engines.transformers import TransformersEngine

    return TransformersEngine(model, device=device)


class TextEngine(Local):
    """A causal language model and its tokenizer; it is shown no frames.

    device: as torch names it ("cpu", "cuda:1"); None is a GPU where there is one

    A tokenizer without a chat template, as that of a base model, is given the turns one after another.
    Raises ModelError for a model that cannot be loaded or a device that is not there, MissingExtra.
    """

    stamped = False

    def __init__(self, model: str | Path, *, device: str | None = None) -> None:
        try:
            import torch  # noqa: F401
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError as error:
            raise MissingExtra("hub", "a language model on this machine") from error
        self._begin(model, device)
        tokenizers: Any = AutoTokenizer
        try:
            self._tokenizer: Any = tokenizers.from_pretrained(model)
            self.network = network(model, AutoModelForCausalLM, self.device)
        except unloadable() as error:
            raise ModelError(f"{model} cannot be loaded as a language model: {first_line(error)}") from error

    def answer(
        self, conversations: Sequence[Conversation], frames: Frames, decoding: Decoding, heard: Heard | None = None
    ) -> list[list[Reply]]:
        """Replies to each conversation, in order.

        Raises ModelError for a conversation with frames, or one that is longer than what the model reads.
        """
        replies: list[list[Reply]] = []
        with seeded(self.network, decoding):
            for number, each in enumerate(conversations):
                replies.append([self._write(self._text(each), decoding) for _ in range(decoding.samples)])
                if heard is not None:
                    heard(number, replies[number])
        return replies

    def _text(self, conversation: Conversation) -> Any:
        """The tokens of a conversation, (1, N)."""
        if any(not isinstance(part, str) for turn in conversation for part in turn.parts):
            raise ModelError(f"{self.folder} reads text alone and cannot be shown frames")
        turns = [{"role": turn.role, "content": "".join(map(str, turn.parts))} for turn in conversation]
        tokenizer = self._tokenizer
        if not tokenizer.chat_template:
            plain = "\n\n".join(turn["content"] for turn in turns)
            return tokenizer(f"{plain}\n\n", return_tensors="pt")["input_ids"]
        from jinja2 import TemplateError

        try:
            text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        except TemplateError:  # as of models that know no system turn
            joined = [{"role": "user", "content": "\n\n".join(turn["content"] for turn in turns)}]
            text = tokenizer.apply_chat_template(joined, tokenize=False, add_generation_prompt=True)
        return tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]

    def _write(self, ids: Any, decoding: Decoding) -> Reply:
        import torch

        read = ids.shape[1]
        longest = getattr(self.network.config.get_text_config(), "max_position_embeddings", None)
        room = decoding.tokens if longest is None else min(decoding.tokens, longest - read)
        if room < 1:
            raise ModelError(f"{self.folder} reads {longest} tokens at most, and was to read {read}")
        ids = ids.to(self.network.device)
        with torch.inference_mode(), drawing(self.network, self._tokenizer, replace(decoding, tokens=room)):
            written = self.network.generate(input_ids=ids, attention_mask=torch.ones_like(ids))
        return Reply(self._tokenizer.decode(written[0, read:], skip_special_tokens=True))
