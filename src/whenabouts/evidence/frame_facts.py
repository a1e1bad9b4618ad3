"""What the vectors of frames say before anybody asks: where shots begin, what frames resemble anyway, what shots show.

No query changes any of it, so it is worked out once and kept, by the vectors and by all else that shapes it: of the
second question about an hour it was most of the time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.encoders.features import Features
from whenabouts.evidence import boundaries, likeness
from whenabouts.evidence.impression import Describing, Impression, ShownShots, described_shots
from whenabouts.evidence.likeness import Likeness
from whenabouts.files.cache import cache_folder
from whenabouts.files.kept import keep, kept

__all__ = ["FrameFacts", "frame_facts"]

FORMAT = 1  # increased when the same vectors give other facts


@dataclass(frozen=True, slots=True, eq=False)
class FrameFacts:
    """Of N frames in S shots.

    cuts:  (S,) the first frame of every shot
    hubs:  (N,) what each frame gives up of its score, since it resembles any query
    shown: what each shot seems to show, if the encoder describes
    """

    cuts: NDArray[np.intp]
    hubs: NDArray[np.floating[Any]]
    shown: ShownShots | None

    @classmethod
    def of(cls, frames: Features, encoder: Encoder, bank: Likeness, *, cache: bool = True) -> FrameFacts:
        """Worked out from the vectors of an encoder; `cache` is for what the generic queries mean."""
        cuts = boundaries.shots(frames.half)
        shown = None
        if isinstance(encoder, Describing):
            shots = described_shots(encoder, frames.half, cuts)
            shown = Impression.of(encoder, cache=cache).normed(shots)
        return cls(cuts, bank.hubs(frames.half), shown)


def frame_facts(frames: Features, encoder: Encoder, bank: Likeness, *, cache: bool = True) -> FrameFacts:
    """The facts of frames, which `cache` keeps where their vectors are kept."""
    if not cache or frames.kept_as is None:
        return FrameFacts.of(frames, encoder, bank, cache=cache)
    path = _path(frames.kept_as)
    if (facts := _read(path, len(frames.times))) is None:
        facts = FrameFacts.of(frames, encoder, bank)
        _keep(path, facts)
    return facts


def _path(vectors: str) -> Path:
    constants = boundaries.CUT, likeness.SHARE, likeness.TYPICAL, likeness.NEIGHBOURS
    shaped = f"{FORMAT} {vectors} {constants} {likeness.generic_queries()}"
    return cache_folder() / "facts" / f"{hashlib.sha256(shaped.encode()).hexdigest()}.npz"


def _read(path: Path, frames: int) -> FrameFacts | None:
    if (content := kept(path)) is None:
        return None
    with np.load(BytesIO(content), allow_pickle=False) as stored:
        shown = ShownShots(stored["shots"], stored["mean"], stored["spread"]) if "shots" in stored else None
        facts = FrameFacts(stored["cuts"], stored["hubs"], shown)
    return facts if len(facts.hubs) == frames else None


def _keep(path: Path, facts: FrameFacts) -> None:
    content = BytesIO()
    shown = {} if facts.shown is None else facts.shown._asdict()
    np.savez(content, cuts=facts.cuts, hubs=facts.hubs, **shown)
    keep(path, content.getvalue())
