"""Several roles on one model: a LoRA adapter for each, switched in turn (arXiv:2503.13444, Chain-of-LoRA)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Reply
from whenabouts.grounders.llm.engines.transformers import TransformersEngine

__all__ = ["Role", "with_adapters"]


@dataclass(frozen=True, slots=True)
class Role:
    """One role of a model: an adapter among those that `network` holds."""

    engine: TransformersEngine
    adapter: str
    network: Any  # peft's, around that of the engine

    @property
    def name(self) -> str:
        """The model's, and the role's."""
        return f"{self.engine.name}+{self.adapter}"

    @property
    def identity(self) -> str:
        """The base model's."""
        return self.engine.identity

    @property
    def stamped(self) -> bool:
        """As the base model."""
        return self.engine.stamped

    def answer(self, conversations: Sequence[Conversation], frames: Frames, decoding: Decoding) -> list[list[Reply]]:
        """As `TransformersEngine.answer`, in this role."""
        with self._playing():
            return self.engine.answer(conversations, frames, decoding)

    @contextmanager
    def _playing(self) -> Iterator[None]:
        self.network.set_adapter(self.adapter)
        self.network.base_model.enable_adapter_layers()
        try:
            yield
        finally:
            self.network.base_model.disable_adapter_layers()


def with_adapters(engine: TransformersEngine, adapters: Mapping[str, Path]) -> dict[str, Role]:
    """Load adapters, folders as peft writes them, by the names of their roles; the engine itself answers as before.

    Raises ModelError, MissingExtra.
    """
    try:
        from peft import PeftModel
    except ImportError as error:
        raise MissingExtra("rl", "adapters") from error
    network: Any = None
    for name, folder in adapters.items():
        try:
            if network is None:
                network = PeftModel.from_pretrained(engine.network, str(folder), adapter_name=name)
            else:
                network.load_adapter(str(folder), adapter_name=name)
        except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(f"{folder} is not an adapter of {engine.name}: {first}") from error
    if network is not None:
        network.base_model.disable_adapter_layers()
    return {name: Role(engine, name, network) for name in adapters}
