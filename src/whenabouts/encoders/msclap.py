"""Microsoft's CLAP of 2023 (arXiv:2309.05767): clips of sound and words of sentences, as in Lighthouse's features.

A clip is what HTSAT (arXiv:2202.00874) sees in its spectrogram, 768 numbers before the projection; a sentence is the
last hidden states of GPT-2 with its end token. Both networks are those of transformers, which has HTSAT for another
CLAP; parameters come from the published `CLAP_weights_2023.pth`. Its mel bands were made for 32 kHz although it hears
44.1 kHz; the file brings them along.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from whenabouts.encoders.device import torch_device
from whenabouts.encoders.log_mel import HOP, LogMel
from whenabouts.errors import MissingExtra, ModelError
from whenabouts.files.hub import fetched
from whenabouts.files.pretrained import tokenizer_in, unloadable
from whenabouts.files.weights import fill_whole, parameters, read_weights

__all__ = ["MSCLAPEncoder"]

CHECKPOINT_VARIABLE = "WHENABOUTS_CLAP"
REPOSITORY, FILE = "microsoft/msclap", "CLAP_weights_2023.pth"
TOKENIZER, END = "openai-community/gpt2", " <|endoftext|>"
WORDS = 77  # tokens of a sentence
HTSAT, GPT2, FRONT = "audio_encoder.base.htsat.", "caption_encoder.base.", ("spectrogram_extractor", "logmel_extractor")
COMPUTED = "relative_position_index"
RENAMED = (  # of HTSAT's authors -> of transformers
    (r"^bn0\.", "batch_norm."),
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
    (r"\.attn\.proj\.", ".attention.output.dense."),
    (r"\.attn\.", ".attention.self."),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
)


class MSCLAPEncoder:
    """Clips of sound -> (N, 768), and sentences -> (T, 768).

    path:      `CLAP_weights_2023.pth`; by default the value of $WHENABOUTS_CLAP, else the file on the hub
    tokenizer: folder or name on the hub of GPT-2's; by default the folder of the checkpoint where it holds one
    device:    torch's name of the device; by default a GPU if one is available

    Raises MissingExtra without transformers, ModelError if the checkpoint is missing or does not fit.
    """

    name = "clap"
    rate = 44_100
    least = 1_024  # samples
    most: int | None = 1_023 * HOP  # 1024 frames; officially more are looked at in parts
    dim = 768

    def __init__(self, path: Path | None = None, *, tokenizer: str | None = None, device: str | None = None) -> None:
        try:
            import transformers
        except ImportError as error:
            raise MissingExtra("hub", "CLAP") from error
        given = path or (Path(value) if (value := os.environ.get(CHECKPOINT_VARIABLE)) else None)
        checkpoint = given or fetched(REPOSITORY, allow_patterns=[FILE]) / FILE
        content, self.sha256 = read_weights(checkpoint)
        state = parameters(content, "model", checkpoint)
        self.device = torch_device(device)
        own = tokenizer or next((str(f.parent) for f in checkpoint.parent.glob("tokenizer.json")), TOKENIZER)
        self._tokenizer_name = own
        self._tokenizer: Any = None
        sound = {key.removeprefix(HTSAT): value for key, value in state.items() if key.startswith(HTSAT)}
        words = {key.removeprefix(GPT2): value for key, value in state.items() if key.startswith(GPT2)}
        audio: Any = transformers.ClapAudioConfig(num_mel_bins=64, enable_fusion=False)
        text: Any = transformers.GPT2Config(**_gpt2_sizes(words))
        self._front = _loaded(LogMel(), {k: v for k, v in sound.items() if k.startswith(FRONT)}, checkpoint)
        self._htsat: Any = _loaded(transformers.ClapAudioModel(audio).audio_encoder, _htsat(sound), checkpoint)
        self._gpt2: Any = _loaded(transformers.GPT2Model(text), words, checkpoint)
        for network in (self._front, self._htsat, self._gpt2):
            network.to(self.device)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the weights."""
        networks = (self._front, self._htsat, self._gpt2)
        return sum(parameter.nbytes for network in networks for parameter in network.parameters())

    def encode_sound(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors (N, 768) of clips (N, samples) at 44.1 kHz."""
        with torch.inference_mode():
            spectrogram = self._front(torch.from_numpy(clips).to(self.device))
            rows: NDArray[np.float32] = self._htsat(spectrogram).pooler_output.cpu().numpy()
        return rows

    def encode_words(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """For each sentence the last hidden states of its tokens, at most 77, and of the end: (T, 768)."""
        rows = []
        for text in texts:
            tokens = self._tokens(text + END)
            with torch.inference_mode():
                states = self._gpt2(input_ids=torch.tensor([tokens], device=self.device)).last_hidden_state[0]
            rows.append(states.cpu().numpy())
        return rows

    def _tokens(self, text: str) -> list[int]:
        if self._tokenizer is None:
            name = self._tokenizer_name
            folder = name if Path(name).is_dir() else fetched(name, allow_patterns=["*.json", "*.txt"])
            try:
                self._tokenizer = tokenizer_in(folder)
                self._tokenizer.add_special_tokens({"pad_token": "!"})  # as officially: it is a token of its own then
            except unloadable() as error:
                raise ModelError(f"{folder} holds no tokenizer of GPT-2, which CLAP needs for words") from error
        tokens: list[int] = self._tokenizer(text, truncation=True, max_length=WORDS)["input_ids"]
        return tokens


def _loaded(network: nn.Module, state: Mapping[str, Tensor], path: Path) -> nn.Module:
    return fill_whole(network, state, path, "the CLAP of 2023", computed=(COMPUTED,))


def _htsat(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Parameters of HTSAT by the names of transformers, which has one layer each for query, key and value."""
    renamed: dict[str, Tensor] = {}
    for key, value in state.items():
        name = reduce(lambda name, change: re.sub(change[0], change[1], name), RENAMED, key)
        if ".self.qkv." in name:
            parts = zip(("query", "key", "value"), value.chunk(3), strict=True)
            renamed |= {name.replace("qkv", part): rows for part, rows in parts}
        else:
            renamed[name] = value
    return renamed


def _gpt2_sizes(state: Mapping[str, Tensor]) -> dict[str, Any]:
    """Vocabulary, positions and layers of GPT-2; a file without them leaves the defaults, and then does not fit."""
    sizes = {"n_layer": len({key.split(".")[1] for key in state if key.startswith("h.")})}
    for name, key in (("vocab_size", "wte.weight"), ("n_positions", "wpe.weight")):
        sizes |= {name: len(state[key])} if key in state else {}
    return sizes
