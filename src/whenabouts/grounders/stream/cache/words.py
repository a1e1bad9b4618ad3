"""The words around a stream: what the chat template writes before the video and behind it, as tokens and embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from whenabouts.errors import ModelError

__all__ = ["Words"]


class Words:
    """The tokenizer and the embeddings of an engine's model; `mark` stands for a video in its template.

    Raises ModelError for a model without a chat template, or whose template shows no video.
    """

    def __init__(self, engine: Any, mark: str) -> None:
        self.network, self.tokenizer, self._mark = engine.network, engine.processor.tokenizer, mark
        self._template = engine.processor.chat_template or self.tokenizer.chat_template
        if not self._template:
            raise ModelError("a model without a chat template cannot be asked about a stream")

    def before(self) -> list[int]:
        """Tokens before the video."""
        return self.ids(self._prompt("")[0])

    def behind(self, question: str) -> list[int]:
        """Tokens from the end of the video to where the answer begins."""
        return self.ids(self._prompt(question)[1])

    def ids(self, text: str) -> list[int]:
        """Tokens of a text, with nothing added."""
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def text(self, ids: Sequence[int]) -> str:
        """What tokens say."""
        text: str = self.tokenizer.decode(list(ids), skip_special_tokens=True)
        return text

    def embedded(self, ids: Sequence[int]) -> Tensor:
        """Embeddings (N, F)."""
        rows: Tensor = self.network.get_input_embeddings()(torch.tensor(list(ids), device=self.network.device).long())
        return rows

    def ends(self) -> set[int]:
        """The tokens that end an answer."""
        stops = self.network.generation_config.eos_token_id
        several = stops if isinstance(stops, list | tuple) else [stops]
        return {token for token in (*several, self.tokenizer.eos_token_id) if token is not None}

    def _prompt(self, question: str) -> tuple[str, str]:
        content = [{"type": "video"}, {"type": "text", "text": question}]
        text: str = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": content}],
            chat_template=self._template,
            tokenize=False,
            add_generation_prompt=True,
        )
        head, mark, tail = text.partition(self._mark)
        if not mark:
            raise ModelError(f"the model's chat template writes no {self._mark} where a video stands")
        return head, tail
