"""Several roles on one model: a LoRA adapter for each, switched in turn (arXiv:2503.13444, Chain-of-LoRA)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Reply
from whenabouts.grounders.llm.engines.transformers import TransformersEngine

__all__ = ["Role", "with_adapters"]


@dataclass(frozen=True, slots=True)
class Role:
    """One role of a model; `adapter` None is the model as it is, without any."""

    engine: TransformersEngine
    adapter: str | None = None

    @property
    def name(self) -> str:
        """The model's, and the role's."""
        return f"{self.engine.name}+{self.adapter}" if self.adapter else self.engine.name

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
        network = self.engine.network
        if not getattr(network, "_hf_peft_config_loaded", False):
            yield
            return
        if self.adapter is None:
            network.disable_adapters()
        else:
            network.enable_adapters()
            network.set_adapter(self.adapter)
        try:
            yield
        finally:
            network.disable_adapters()


def with_adapters(engine: TransformersEngine, adapters: Mapping[str, Path]) -> dict[str, Role]:
    """Load adapters, folders as peft writes them, by the names of their roles. Raises ModelError, MissingExtra."""
    for name, folder in adapters.items():
        try:
            engine.network.load_adapter(str(folder), adapter_name=name)
        except ImportError as error:
            raise MissingExtra("rl", "adapters") from error
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(f"{folder} is no adapter of {engine.name}: {first}") from error
    if adapters:
        engine.network.disable_adapters()
    return {name: Role(engine, name) for name in adapters}
