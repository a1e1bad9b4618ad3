"""What clients are told, without the paths of this machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

__all__ = ["Hiding"]

PATH = re.compile(r"(?<![\w/:.~-])(?:/|[A-Za-z]:\\)[^\s'\"`,;:()<>|]*[^\s'\"`,;:.()<>|]")  # absolute, in a sentence


class Hiding:
    """Replaces known paths by what clients see instead, the longest first."""

    def __init__(self, secrets: Iterable[tuple[str, str]]) -> None:
        self._secrets = sorted((pair for pair in secrets if len(pair[0]) > 2), key=lambda pair: -len(pair[0]))

    def text(self, text: str) -> str:
        """A text without the known paths; what else it says stays."""
        for secret, seen in self._secrets:
            text = text.replace(secret, seen)
        return text

    def sentence(self, sentence: str, given: str = "") -> str:
        """A sentence of ours without any absolute path but those that the client itself has `given`.

        >>> Hiding([("/srv/videos/", "")]).sentence("/srv/videos/a.mp4 cannot be kept in /home/me/.cache/x")
        'a.mp4 cannot be kept in x'
        """
        return PATH.sub(lambda found: found[0] if found[0] in given else PurePath(found[0]).name, self.text(sentence))

    def value(self, value: Any) -> Any:
        """A JSON value whose texts are without the known paths."""
        if isinstance(value, dict):
            return {self.text(name): self.value(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.value(each) for each in value]
        return self.text(value) if isinstance(value, str) else value
