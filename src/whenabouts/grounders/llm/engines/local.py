"""`Local`: what engines of models on this machine have alike."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from whenabouts.grounders.llm.engines.weights import device_named, weights_identity

__all__ = ["Local"]


class Local:
    """A network in memory, and where it came from.

    folder:  the folder of its files, or its name on the hub
    network: transformers' own
    """

    folder: str
    network: Any

    @property
    def name(self) -> str:
        """The folder, or the name on the hub."""
        return f"transformers:{self.folder}"

    @cached_property
    def identity(self) -> str:
        """What is known of the weights."""
        return weights_identity(self.folder)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights in memory."""
        return int(self.network.get_memory_footprint())

    def _begin(self, model: str | Path, device: str | None) -> None:
        """Before anything is loaded: libraries are quiet. Raises ModelError for a device that is not there."""
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # of its own reading of files
        self.folder, self.device = str(model), device_named(device, model)
