"""VideoMind's model: one Qwen2-VL that plays several roles, each with its own LoRA adapter (arXiv:2503.13444).

Answers are greedy. What the head reads of them are hidden states before the language model's last norm. Source:
yeliudev/VideoMind `model/model.py`, `eval/infer_auto.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.engines.qwen import FrameProcessor
from whenabouts.grounders.llm.engines.vision import seen_once
from whenabouts.grounders.llm.engines.weights import first_line, quietly, unloadable
from whenabouts.grounders.llm.engines.weights import network as loaded_network
from whenabouts.grounders.llm.systems.videomind.folder import Folder
from whenabouts.grounders.llm.systems.videomind.head import Head, pooled, ranked
from whenabouts.grounders.llm.systems.videomind.prompts import BEGIN, END, REG
from whenabouts.grounders.llm.systems.videomind.question import Question

__all__ = ["LONGEST", "Mind"]

LONGEST = 256  # tokens of an answer


@dataclass
class Mind:
    """The base model, its adapters and the head.

    network:    Qwen2-VL; the adapters are layers inside it
    switch:     peft's handle on them
    adapters:   their names, which are those of the roles
    identities: sha256 of the weights, by name
    """

    network: Any
    switch: Any
    head: Head
    processor: FrameProcessor
    adapters: frozenset[str]
    identities: dict[str, str]

    @classmethod
    def load(cls, folder: Folder, device: str) -> Mind:
        """In half precision on a GPU, as the authors run it, else in full; the head always in full.

        Raises ModelError, MissingExtra.
        """
        try:
            from transformers import Qwen2VLForConditionalGeneration
            from transformers.utils import logging
        except ImportError as error:
            raise MissingExtra("hub", "VideoMind") from error
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # of its own reading of files
        dtype = torch.float32 if device == "cpu" else torch.float16
        try:
            network = loaded_network(folder.base, Qwen2VLForConditionalGeneration, device).to(dtype)
        except unloadable() as error:
            raise ModelError(f"{folder.base} cannot be loaded as the base of VideoMind: {first_line(error)}") from error
        head, switch = folder.head(network.config.get_text_config().hidden_size).to(device), folder.attach(network)
        processor = folder.processor()
        return cls(network, switch, head, processor, frozenset(folder.adapters), folder.identities())

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights in memory, of all roles."""
        return int(self.network.get_memory_footprint())

    @contextmanager
    def playing(self, role: str) -> Iterator[None]:
        """Within the block the model is in that role; one that has no adapter is played by the base model."""
        if role in self.adapters:
            self.switch.base_model.enable_adapter_layers()
            self.switch.set_adapter(role)
        try:
            with seen_once(self.network), torch.inference_mode(), quietly():
                yield
        finally:
            self.switch.base_model.disable_adapter_layers()

    def say(self, text: str, frames: Frames) -> str:
        """The answer in words."""
        return self._words(self.written(self._question(text, frames))[0])

    def ground(self, text: str, frames: Frames) -> tuple[Tensor | None, str]:
        """Spans as `head.ranked` gives them, where the answer has `<|reg|>` after its first token, and its words."""
        question = self._question(text, frames)
        tokens, states = self.written(question)
        named = [i for i, token in enumerate(tokens) if i and token == self._token(REG)]
        if not named:
            return None, self._words(tokens)
        seen, reg = states[0][:, question.video], states[named[0]][:, -1]
        return ranked(self.head(reg.float(), pooled(seen, question.grid[0]).float())).cpu(), self._words(tokens)

    def agrees(self, text: str, frames: Frames, marks: tuple[int, int]) -> tuple[float, float]:
        """P(Yes) and P(No) as the next token, where the moment lies between two steps of time of the video."""
        between = ((self._token(BEGIN), marks[0]), (self._token(END), marks[1]))
        given = self._question(text, frames).given(self.network.device, between)
        likely = self.network(**given, logits_to_keep=1).logits[0, -1].float().softmax(-1)
        return float(likely[self._token("Yes")]), float(likely[self._token("No")])

    def _question(self, text: str, frames: Frames) -> Question:
        return Question.of(text, frames, self.processor)

    def _token(self, word: str) -> int:
        return int(self.processor.tokenizer.encode(word, add_special_tokens=False)[0])

    def _words(self, tokens: list[int]) -> str:
        tokenizer = self.processor.tokenizer
        tokens = tokens[:-1] if tokens[-1] == tokenizer.eos_token_id else tokens
        return str(tokenizer.decode(tokens, clean_up_tokenization_spaces=False))

    def written(self, question: Question, longest: int = LONGEST) -> tuple[list[int], list[Tensor]]:
        """The likeliest tokens one by one, with the states (1, N, hidden) of the pass that gave each of them."""
        states: list[Tensor] = []
        norm = self.network.model.language_model.norm
        hook = norm.register_forward_pre_hook(lambda _, args: states.append(args[0]))
        ends = self.network.generation_config.eos_token_id
        ends = set(ends if isinstance(ends, list) else [ends, self.processor.tokenizer.eos_token_id])
        given = question.given(self.network.device)
        place = int(given["position_ids"].max())
        tokens: list[int] = []
        try:
            out = self.network(**given, use_cache=True, logits_to_keep=1)
            while True:
                tokens.append(int(out.logits[0, -1].argmax()))
                if tokens[-1] in ends or len(tokens) == longest:
                    return tokens, states
                place += 1
                last = torch.tensor([[tokens[-1]]], device=self.network.device)
                out = self.network(
                    input_ids=last,
                    position_ids=torch.full((3, 1, 1), place, device=self.network.device),
                    past_key_values=out.past_key_values,
                    use_cache=True,
                )
        finally:
            hook.remove()
