"""CLIP, SigLIP, SigLIP 2 and similar models through transformers: a local folder, or a name on the Hugging Face hub.

Sources: CLIP arXiv 2103.00020, SigLIP arXiv 2303.15343, SigLIP 2 arXiv 2502.14786. Only safetensors weights are loaded,
and code from a repository is never run. Frames are already of the model's square, so preprocessing is one affine map
per channel, made on the device, and needs neither torchvision nor a processor class.

Vectors have unit length: a score is a cosine, for CLIP mostly 0.1 to 0.35, for SigLIP mostly -0.1 to 0.2. The model's
own logit is `scale * score + bias`. For SigLIP its sigmoid is the probability of a match; a single logit of CLIP has
no such meaning.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.device import torch_device
from whenabouts.errors import MissingExtra, ModelError
from whenabouts.files.hub import fetched
from whenabouts.files.pretrained import first_line, require_finite, tokenizer_in, unloadable, whole_network

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["HubEncoder", "clip", "folder_sha256", "hub_folder", "pixel_map", "siglip2"]

# Values of `model_type`: LAION, MetaCLIP and DFN models are "clip", SigLIP 2 of fixed size is "siglip".
FAMILIES = ("clip", "siglip")
BATCH, GPU_BATCH = 32, 256  # pictures at once, on a CPU and on a GPU
GPU_SECONDS = 0.002  # for one frame; CLIP ViT-B/32 took as many on an H200 in float32, prepared on one core
Precision = Literal["float32", "float16", "bfloat16"]


class HubEncoder:
    """An image-text model of one of `FAMILIES`, which all have `get_image_features` and `get_text_features`.

    model:     folder in the layout of `save_pretrained`, or name on the hub
    revision:  branch, tag or commit on the hub
    device:    torch's name of the device; by default the first GPU if one is available
    precision: what vectors of pictures are computed in: float32, float16 or bfloat16; by default float16 on a GPU of
               CUDA, else float32. Texts are always of float32.

    Raises MissingExtra without torch and transformers; ModelError if the model cannot be loaded whole, is of another
    family, or the device is not available.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        revision: str | None = None,
        device: str | None = None,
        precision: Precision | None = None,
    ) -> None:
        try:
            import torch
            import transformers

            from whenabouts.encoders.batches import Batches
        except ImportError as error:
            raise MissingExtra("hub", "a model from the hub") from error
        if precision not in (None, *get_args(Precision)):
            raise ModelError(f"unknown precision {precision!r}; choose from: {', '.join(get_args(Precision))}")
        self.name, self.device = f"hub:{model}", torch_device(device)
        self._folder = hub_folder(model, revision)
        try:
            config = transformers.AutoConfig.from_pretrained(self._folder)
            if config.model_type not in FAMILIES:
                raise ModelError(
                    f"{model} is a {config.model_type} model, not an image-text encoder of fixed picture size; "
                    f"known families: {', '.join(FAMILIES)}"
                )
            self._tokenizer: Any = tokenizer_in(self._folder)
            prepare, _ = transformers.ImageProcessingMixin.get_image_processor_dict(self._folder)
            gain, offset = pixel_map(prepare, model)
            network = whole_network(self._folder, transformers.AutoModel, dtype=torch.float32)
        except unloadable() as error:
            raise ModelError(f"{model} cannot be loaded as an image-text model: {first_line(error)}") from error
        try:
            self._network: Any = network.eval().to(self.device)
        except (RuntimeError, AssertionError) as error:  # the device is unknown or not available
            raise ModelError(f"{model} cannot run on the device {self.device!r}: {first_line(error)}") from error
        self._lower = config.model_type == "siglip"  # trained on lower-case text, without an attention mask
        self._words: int = config.text_config.max_position_embeddings
        self.size: int = config.vision_config.image_size
        word = self.encode_texts(["a"])
        require_finite(word, model)
        self.dim = word.shape[1]
        self.scale, self.bias = float(np.exp(self._logit("logit_scale"))), self._logit("logit_bias")
        self._gain, self._offset = (torch.from_numpy(each).to(self.device) for each in (gain, offset))
        batch, dtype = GPU_BATCH if self.device.startswith("cuda") else BATCH, precision and getattr(torch, precision)
        shape = self.size, self.size, 3
        self._batches = Batches(self._vectors, self.device, shape=shape, size=batch, dtype=dtype)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all weights and of the configuration of the preprocessing."""
        return folder_sha256(self._folder)

    @property
    def precision(self) -> str:
        """What vectors of pictures are computed in, such as "float16"."""
        return self._batches.precision

    @property
    def batch(self) -> int:
        """Pictures that are computed at once, so that whoever decodes collects as many."""
        return self._batches.size

    @property
    def frame_seconds(self) -> float:
        """Seconds for one frame, rough: on a GPU of CUDA less than decoding takes; infinite elsewhere, as unknown."""
        return GPU_SECONDS if self.device.startswith("cuda") else math.inf

    @property
    def weight_bytes(self) -> int:
        """Bytes of all weights."""
        return sum(weights.numel() * weights.element_size() for weights in self._network.parameters())

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit vectors (N, dim) of images (size, size, 3) uint8 RGB.

        Raises ModelError for images of another shape, where memory holds none, and for vectors that are not finite.
        """
        return self._batches(images) if len(images) else np.zeros((0, self.dim), dtype=np.float32)

    def _vectors(self, pictures: Tensor) -> Tensor:
        """Pictures (B, size, size, 3) uint8 on the device -> unit vectors (B, dim)."""
        import torch

        pixels = torch.addcmul(self._offset, pictures.permute(0, 3, 1, 2).float(), self._gain)
        return _unit(self._network.get_image_features(pixel_values=pixels))

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (Q, dim); texts are truncated to the model's maximum length."""
        import torch

        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        with torch.inference_mode():
            vectors: NDArray[np.float32] = _unit(self._network.get_text_features(**self._tokens(texts))).cpu().numpy()
        return vectors

    def encode_words(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """For each text the last hidden states of its tokens with start and end, (T, D); for SigLIP also of padding."""
        import torch

        if not texts:
            return []
        feed = self._tokens(texts)
        with torch.inference_mode():
            states = self._network.text_model(**feed).last_hidden_state.float().cpu().numpy()
        counts = feed["attention_mask"].sum(1).tolist() if "attention_mask" in feed else [states.shape[1]] * len(texts)
        return [rows[: int(count)] for rows, count in zip(states, counts, strict=True)]

    def _tokens(self, texts: Sequence[str]) -> dict[str, Any]:
        prepared = [text.lower() for text in texts] if self._lower else list(texts)
        tokens = self._tokenizer(
            prepared, padding="max_length", truncation=True, max_length=self._words, return_tensors="pt"
        )
        names = ("input_ids",) if self._lower else ("input_ids", "attention_mask")
        return {name: tokens[name].to(self.device) for name in names}

    def _logit(self, name: str) -> float:
        value = getattr(self._network, name, None)
        return 0.0 if value is None else float(value.detach().float().reshape(-1)[0])


def clip(**settings: Any) -> HubEncoder:
    """CLIP ViT-B/32, the usual baseline."""
    return HubEncoder("openai/clip-vit-base-patch32", **settings)


def siglip2(**settings: Any) -> HubEncoder:
    """SigLIP 2 base at 224 pixels: more accurate than CLIP at the same cost, and multilingual."""
    return HubEncoder("google/siglip2-base-patch16-224", **settings)


def folder_sha256(folder: Path) -> str:
    """SHA-256 of all weights and configurations in the folder of a model."""
    total = hashlib.sha256()
    for path in sorted([*folder.glob("*.safetensors"), *folder.glob("*.json")]):
        with path.open("rb") as file:
            total.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def hub_folder(model: str | Path, revision: str | None) -> Path:
    """A local folder as it is; else the files of a model by its name on the hub. Raises ModelError."""
    if Path(model).is_dir():
        return Path(model)
    return fetched(str(model), revision=revision, allow_patterns=["*.json", "*.safetensors", "*.txt", "*.model"])


def pixel_map(prepare: Mapping[str, Any], model: str | Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What bytes of the three channels are multiplied by, and what is added then: (3, 1, 1) each, finite.

    prepare: of `preprocessor_config.json`. Raises ModelError for one that says no number where one is needed.
    """

    def number(name: str, wanted: Any, otherwise: Any = None) -> NDArray[np.float32]:
        said = prepare.get(name, otherwise)
        try:
            return np.broadcast_to(np.array([] if said is None else said, np.float32), (3,))
        except (TypeError, ValueError) as error:
            raise ModelError(f"{model}: {name} of preprocessor_config.json is {said!r}, not {wanted}") from error

    factor = (
        number("rescale_factor", "a number", 1 / 255) if prepare.get("do_rescale", True) else np.ones(3, np.float32)
    )
    mean, deviation = np.zeros(3, np.float32), np.ones(3, np.float32)
    if prepare.get("do_normalize", True):
        mean, deviation = (number(name, "one number for each channel") for name in ("image_mean", "image_std"))
    with np.errstate(divide="ignore", invalid="ignore"):
        gain, offset = factor / deviation, -mean / deviation
    if not (np.isfinite([gain, offset]).all() and gain.all()):
        raise ModelError(
            f"{model}: pixels cannot be normalised with rescale_factor, image_mean and image_std of"
            " preprocessor_config.json, which must be finite, the first and the last not 0"
        )
    return gain.reshape(3, 1, 1), offset.reshape(3, 1, 1)


def _unit(features: Any) -> Tensor:
    """Unit vectors in float32 of features, which newer versions of transformers wrap in an output object."""
    vectors = getattr(features, "pooler_output", features).float()
    unit: Tensor = vectors / vectors.norm(dim=-1, keepdim=True)
    return unit
