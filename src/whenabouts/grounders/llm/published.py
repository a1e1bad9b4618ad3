"""Published figures of a system, and what is known of attempts to reproduce them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["Confirmed", "Known", "Published", "recall"]

Confirmed = Literal["yes", "paper?", "quoted", "no"]


@dataclass(frozen=True, slots=True)
class Published:
    """A row of a published table.

    model:     the checkpoint, as the table calls it
    benchmark, split: by their names here, where whenabouts reads them; an empty split is not stated there
    setting:   zero-shot, fine-tuned, …
    scores:    in per cent, by the names that `evaluate` prints
    protocol:  the protocol of its evaluation, by its name here; empty for one that is not here
    source:    where it was read
    confirmed: `yes`: seen there, in a README, log, abstract or page; `paper?`: from the table of a paper, not looked up
               again; `quoted`: seen where another system is compared with it; `no`: only told of
    quoted:    the source quotes figures of others
    """

    model: str
    benchmark: str
    split: str
    setting: str
    scores: Mapping[str, float]
    protocol: str
    source: str
    confirmed: Confirmed = "yes"
    quoted: bool = False

    @property
    def second_hand(self) -> bool:
        """Whether nobody who measured it says it in the source, so that nothing may be judged by it."""
        return self.quoted or self.confirmed in {"quoted", "no"}


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody found who tried to reproduce a figure, and the thread that tells it: `owner/repository#number`."""

    told: str
    thread: str


def recall(*at: float | None, miou: float | None = None) -> dict[str, float]:
    """Scores from recall at IoU 0.3, 0.5 and 0.7, None where it was not published, and mean IoU.

    >>> recall(None, 51.1, 26.0, miou=45.2)
    {'R1@0.5': 51.1, 'R1@0.7': 26.0, 'mIoU': 45.2}
    """
    values = {f"R1@{threshold}": value for threshold, value in zip((0.3, 0.5, 0.7), at, strict=False)}
    return {name: value for name, value in (values | {"mIoU": miou}).items() if value is not None}
