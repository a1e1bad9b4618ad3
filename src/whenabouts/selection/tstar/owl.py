"""OWL-ViT and OWLv2 as detectors through transformers: a local folder, or a name on the Hugging Face hub.

Sources: OWL-ViT 2205.06230, OWLv2 2306.09683. T* runs `google/owlvit-base-patch32` with boxes of a confidence of 0.005
and more. A confidence is the sigmoid of the best box; boxes themselves are not needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.hub import folder_sha256, hub_folder, pixel_map
from whenabouts.errors import MissingExtra, ModelError
from whenabouts.files.pretrained import first_line, require_finite, tokenizer_in, unloadable, whole_network

__all__ = ["OWLDetector"]

FAMILIES = ("owlvit", "owlv2")
BATCH = 8  # pictures; 768 pixels wide in the official models
LEAST = 0.005  # confidence of a box that counts


class OWLDetector:
    """An open-vocabulary detector. Raises MissingExtra without torch and transformers, ModelError.

    model:  folder in the layout of `save_pretrained`, or name on the hub
    device: torch's name of the device; by default the first GPU if one is available
    """

    def __init__(self, model: str, *, device: str | None = None) -> None:
        try:
            import torch
            import transformers
        except ImportError as error:
            raise MissingExtra("hub", "a detector from the hub") from error
        self.name = f"hub:{model}"
        self._folder = hub_folder(model, None)
        try:
            config = transformers.AutoConfig.from_pretrained(self._folder)
            if config.model_type not in FAMILIES:
                raise ModelError(
                    f"{model} is a {config.model_type} model, not a detector; known families: {', '.join(FAMILIES)}"
                )
            self._tokenizer: Any = tokenizer_in(self._folder)
            prepare, _ = transformers.ImageProcessingMixin.get_image_processor_dict(self._folder)
            self._gain, self._offset = pixel_map(prepare, model)
            auto = transformers.AutoModelForZeroShotObjectDetection
            network = whole_network(self._folder, auto, dtype=torch.float32)
            self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
            self._network: Any = network.eval().to(self.device)
        except unloadable() as error:
            raise ModelError(f"{model} cannot be loaded as a detector: {first_line(error)}") from error
        self.size: int = config.vision_config.image_size
        self._words: int = config.text_config.max_position_embeddings

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all weights and of the configuration of the preprocessing."""
        return folder_sha256(self._folder)

    def confidences(self, images: Sequence[NDArray[np.uint8]], words: Sequence[str]) -> NDArray[np.float32]:
        """As of `Detector`."""
        import torch

        tokens = self._tokenizer(
            list(words), padding="max_length", truncation=True, max_length=self._words, return_tensors="pt"
        )
        parts = [np.zeros((0, len(words)), np.float32)]
        for first in range(0, len(images), BATCH):
            batch = images[first : first + BATCH]
            pixels = np.stack(batch).astype(np.float32).transpose(0, 3, 1, 2) * self._gain + self._offset
            feed = {name: tokens[name].repeat(len(batch), 1) for name in ("input_ids", "attention_mask")}
            feed["pixel_values"] = torch.from_numpy(np.ascontiguousarray(pixels))
            with torch.inference_mode():
                logits = self._network(**{name: value.to(self.device) for name, value in feed.items()}).logits
            parts.append(torch.sigmoid(logits.amax(dim=1)).float().cpu().numpy())
        found = np.concatenate(parts)
        require_finite(found, self.name)
        return np.where(found >= LEAST, found, np.float32(0))
