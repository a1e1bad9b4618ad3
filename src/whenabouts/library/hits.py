"""`Hits`: what a library answers. Its best moments, and whether what is sought is in any of its videos at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, overload

from whenabouts.moment import Moment
from whenabouts.prediction import ABSENT
from whenabouts.query import ParsedQuery

__all__ = ["Hit", "Hits", "merged"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A moment and the path of its file.

    `copies` are other files with the same content, `notes` say what is damaged of them.
    """

    path: str
    moment: Moment
    copies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def unlikely(self) -> bool:
        """Whether it is listed only as the nearest that there is, where scores are probabilities."""
        return self.moment.score < ABSENT


@dataclass(frozen=True, slots=True)
class Hits(Sequence[Hit]):
    """A sequence of moments, best first, and what is known of the whole library.

    videos:     how many videos were searched
    presence:   calibrated P(what is sought happens in one of them), or None where scores only rank
    understood: how the query was read
    notes:      what the reader must know, such as that occurrences are counted within each video
    """

    hits: tuple[Hit, ...] = ()
    videos: int = 0
    presence: float | None = None
    understood: ParsedQuery | None = None
    notes: tuple[str, ...] = ()

    @property
    def absent(self) -> bool:
        """Whether what is sought is probably in none of the videos; the hits are then the nearest there is."""
        return self.presence is not None and self.presence < ABSENT

    def to_dict(self) -> dict[str, Any]:
        """The JSON form, with the verdict spelled out."""
        return {"presence": self.presence, "absent": self.absent, "videos": self.videos} | {
            "understood": None if self.understood is None else asdict(self.understood),
            "notes": list(self.notes),
            "hits": [asdict(hit) | {"unlikely": self.presence is not None and hit.unlikely} for hit in self.hits],
        }

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Hit]: ...
    def __getitem__(self, index: int | slice) -> Hit | Sequence[Hit]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)


def merged(answers: Iterable[Hits], top: int) -> Hits:
    """The answers of several libraries as that of one."""
    given = list(answers)
    known = [each.presence for each in given if each.presence is not None]
    telling = [each for each in given if each.hits or each.presence is not None]
    hits = sorted(
        (hit for each in given for hit in each), key=lambda hit: (-hit.moment.score, hit.path, hit.moment.start)
    )
    return Hits(
        tuple(hits[:top]),
        sum(each.videos for each in given),
        max(known) if known and len(known) == len([each for each in telling if each.videos]) else None,
        next((each.understood for each in given), None),
        tuple(dict.fromkeys(note for each in given for note in each.notes)),
    )
