"""Models that come with the package or with a dependency: whether their bytes are those that were checked, and load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np

from whenabouts.commands.check import Check, broken
from whenabouts.encoders import e5, minilm, shipped, usem
from whenabouts.encoders.builtin import BuiltinEncoder
from whenabouts.evidence import screen_text
from whenabouts.evidence.sound import voices
from whenabouts.evidence.speech import listening, weights
from whenabouts.files.cache import keeping
from whenabouts.files.pinned import Pinned
from whenabouts.video.samples import RATE

__all__ = ["PINS", "models"]

Run = Callable[[], Any]
SILENCE = np.zeros(RATE, np.float32)
PINS: dict[str, tuple[Pinned, Run]] = {  # by what a model is for: its files, and how it is used once
    "pictures": (shipped.SHIPPED, lambda: BuiltinEncoder().encode_images([np.zeros((224, 224, 3), np.uint8)])),
    "sentences": (minilm.PINNED, lambda: minilm.SentenceEncoder().encode(["a cat"])),
    "sentences of 16 languages": (usem.PINNED, lambda: usem.MultilingualEncoder().encode(["a cat"])),
    "questions": (e5.PINNED, lambda: e5.QueryEncoder().encode(["a cat"])),
    "text on screen": (screen_text.PINNED, lambda: screen_text.ScreenReader().load()),
    "voices and music": (voices.PINNED, lambda: voices.VoiceDetector().load()),
    "where speech is": (listening.PINNED, lambda: listening.speech_spans(SILENCE)),
    "speech": (weights.PINNED, lambda: weights.packaged().load("cpu")),
}
REQUIRED = ("pictures", "sentences", "sentences of 16 languages")


def models(*, load: bool) -> Iterator[Check]:
    """One check of each model that is installed; with `load` it works once too."""
    for name, (pin, run) in PINS.items():
        if name not in REQUIRED and find_spec(pin.module) is None:
            continue
        try:
            with keeping(False):  # all bytes are read, whatever is remembered of them
                _compare(pin)
            if load and (pin is not e5.PINNED or e5.available()):
                run()
        except Exception as error:  # damaged weights and libraries end in errors of any kind
            yield broken(name, error)
        else:
            yield Check(name, "ok", f"{pin.package}: {'works' if load else 'unchanged'}", pin.sha256)


def _compare(pin: Pinned) -> None:
    """Raises ModelError, MissingExtra."""
    if pin is weights.PINNED:
        weights.packaged().check()  # whose network is in two parts
    else:
        for name in pin.sha256:
            pin.file(name)
