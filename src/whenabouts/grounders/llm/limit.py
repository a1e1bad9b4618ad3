"""How many frames a model takes at once, learned from its refusals: few are needed, whatever they say."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limit"]


@dataclass(slots=True)
class Limit:
    """What is known of it.

    refused: the fewest frames that were too many        said: how many are taken, in the server's words
    """

    refused: int | None = None
    said: int | None = None

    @property
    def known(self) -> bool:
        """Whether the server said how many it takes, and did not refuse these too."""
        return self.said is not None and self.refused is not None and self.said < self.refused

    @property
    def most(self) -> int | None:
        """How many to show: as many as was said, or half of what was refused; None if nothing was."""
        return self.said if self.known else None if self.refused is None else self.refused // 2

    def refuse(self, shown: int, said: int | None) -> None:
        """Learn that `shown` were too many.

        A number is believed once; after that only one that at least halves what was shown, so that no server can make
        the steps small.
        """
        self.refused = shown if self.refused is None else min(shown, self.refused)
        if said is not None and (self.said is None or said <= shown // 2):
            self.said = said if self.said is None else min(said, self.said)

    def told(self, shown: int) -> str:
        """Why only `shown` frames were shown."""
        if self.known:
            return f"the server takes at most {self.said} frames at once, so {shown} were shown"
        return f"the server refused {self.refused} frames at once, so {shown} were shown"
