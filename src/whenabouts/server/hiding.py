"""What clients are told, without the paths of this machine."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import PurePath
from typing import Any

__all__ = ["Hiding", "texts"]

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

    def sentence(self, sentence: str, given: Collection[str] = ()) -> str:
        """A sentence of ours without any absolute path.

        What the client itself has `given` is quoted as it was, known or not: a change would tell what is known.

        >>> Hiding([("/srv/videos/", "")]).sentence("/srv/videos/a.mp4 cannot be kept in /home/me/.cache/x")
        'a.mp4 cannot be kept in x'
        >>> Hiding([("/srv/videos/", "")]).sentence("'/srv/videos/x' is not a video", ["/srv/videos/x"])
        "'/srv/videos/x' is not a video"
        """
        quoted = sorted({repr(text) for text in given if text}, key=len, reverse=True)
        parts = re.split(f"({'|'.join(map(re.escape, quoted))})", sentence) if quoted else [sentence]
        return "".join(part if part in quoted else self._without_paths(part, given) for part in parts)

    def value(self, value: Any, given: Collection[str] = ()) -> Any:
        """A JSON value whose texts are without the known paths, but for those that the client itself has `given`."""
        if isinstance(value, dict):
            return {self.text(name): self.value(each, given) for name, each in value.items()}
        if isinstance(value, list):
            return [self.value(each, given) for each in value]
        return self.text(value) if isinstance(value, str) and value not in given else value

    def _without_paths(self, text: str, given: Collection[str]) -> str:
        return PATH.sub(lambda found: found[0] if found[0] in given else PurePath(found[0]).name, self.text(text))


def texts(value: Any) -> frozenset[str]:
    """All texts in a JSON value.

    >>> sorted(texts({"video": "a.mp4", "queries": ["a dog", "a cat"], "top": 3}))
    ['a cat', 'a dog', 'a.mp4']
    """
    if isinstance(value, str):
        return frozenset([value])
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return frozenset().union(*map(texts, inside))
