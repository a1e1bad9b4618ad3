"""Several roles on one model: a LoRA adapter for each, switched in turn (arXiv:2503.13444, Chain-of-LoRA)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.llm.conversation import Conversation, Decoding, Frames, Reply
from whenabouts.grounders.llm.engines.local import Local
from whenabouts.grounders.llm.engines.transformers import TransformersEngine
from whenabouts.grounders.llm.engines.weights import first_line, quietly, weights_identity

__all__ = ["Role", "with_adapters"]


class Role(Local):
    """One role of a model: an adapter, read from a folder, among those that `wrapped` holds."""

    def __init__(self, engine: TransformersEngine, adapter: str, folder: Path, wrapped: Any) -> None:
        self.folder, self.network = engine.folder, engine.network
        self.engine, self.adapter, self._adapter_folder = engine, adapter, folder
        self._wrapped = wrapped  # peft's, around the network of the engine

    @property
    def name(self) -> str:
        """The model's, and the role's."""
        return f"{self.engine.name}+{self.adapter}"

    @cached_property
    def identity(self) -> str:
        """The base model's, and the adapter's."""
        return f"{self.engine.identity}+{weights_identity(str(self._adapter_folder))}"

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
        self._wrapped.set_adapter(self.adapter)
        self._wrapped.base_model.enable_adapter_layers()
        try:
            yield
        finally:
            self._wrapped.base_model.disable_adapter_layers()


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
            with quietly():
                if network is None:
                    network = PeftModel.from_pretrained(engine.network, str(folder), adapter_name=name)
                else:
                    network.load_adapter(str(folder), adapter_name=name)
        except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
            raise ModelError(f"{folder} is not an adapter of {engine.name}: {first_line(error)}") from error
    if network is not None:
        network.base_model.disable_adapter_layers()
    return {name: Role(engine, name, folder, network) for name, folder in adapters.items()}
