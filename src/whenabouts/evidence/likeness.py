"""How like a query pictures are, beside how like they are to any query at all.

Some pictures resemble every query a little, and so lead where nothing fits ("hubs": QB-Norm, arXiv:2112.12777; CSLS,
arXiv:1710.04087). A bank of generic queries shows which: a picture gives up a share of its mean likeness to the ten of
them that fit it best. The same bank says whether a query asks for words at all: what stands nearer to sentences that
only speech can answer than to those that pictures can, by more than descriptions of pictures do, scores lower.

Of 300 sentences that describe real videos (120 each of Charades-STA and QVHighlights, 60 of ActivityNet Captions) seven
are nearer to speech by more than 0.15. A larger share of the likeness than a quarter, or fewer neighbours than ten,
raise recall on the tuning half of bench/similarity.py and lower it on the other: these constants were chosen with both
halves in view, so its figures flatter them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence.blocks import blocks
from whenabouts.files.cache import cache_folder
from whenabouts.files.kept import keep_rows, kept_rows

if TYPE_CHECKING:
    from whenabouts.encoders import Encoder

__all__ = ["Likeness", "encoded_bank", "generic_queries"]

Float = NDArray[np.floating[Any]]

NEIGHBOURS = 10  # generic queries that count for one picture
SHARE = 0.25  # of its mean likeness to them that a picture gives up
TYPICAL = 0.17  # that mean of a usual picture; so what is left keeps the encoder's scale
WORDY = 0.15  # of wordiness, which descriptions of pictures seldom reach
WORDS = 3.0  # times what is beyond that a query scores less
ALIKE = 3  # generic queries of either sort that a query is compared with
BANK = "generic_queries.txt"

_encoded: dict[str, NDArray[np.float16]] = {}  # what this process encoded of the bank, by key: seconds for 1 MB


def generic_queries() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Queries that pictures answer, that only words answer, and that sounds answer; many of each."""
    text = files("whenabouts.evidence").joinpath(BANK).read_text("utf-8")
    parts = [tuple(row for row in part.splitlines() if row and not row.startswith("#")) for part in text.split("\n\n")]
    seen, spoken, heard = parts
    return seen, spoken, heard


def encoded_bank(
    encoder: Encoder, encode: Callable[[list[str]], Float], dim: int = -1, *, way: str = "", cache: bool = True
) -> NDArray[np.float32]:
    """All generic queries (B, dim) as a method of an encoder gives them, which `cache` keeps on disk.

    A process encodes them once, whether they are kept or not.

    dim: of the vectors, where it is known before
    way: names the method, where it is not the one that makes vectors of queries

    Raises ModelError.
    """
    texts = [query for part in generic_queries() for query in part]
    key = hashlib.sha256(
        "\n".join([encoder.name, encoder.sha256, *texts, *([way] if way else [])]).encode()
    ).hexdigest()
    path = cache_folder() / "queries" / f"{key}.npy"
    vectors = kept_rows(path) if cache else None
    if vectors is None or not _fits(vectors, len(texts), dim):
        vectors = _encoded.get(key)
        if vectors is None or not _fits(vectors, len(texts), dim):
            vectors = _encoded[key] = encode(texts).astype(np.float16)
        if cache:
            keep_rows(path, vectors)
    return vectors.astype(np.float32)


def _fits(vectors: NDArray[np.float16], count: int, dim: int) -> bool:
    return vectors.ndim == 2 and len(vectors) == count and dim in (-1, vectors.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """The vectors of the bank: `seen` (S, D), `spoken` (W, D) and `heard` (H, D), of one encoder."""

    seen: NDArray[np.float32]
    spoken: NDArray[np.float32]
    heard: NDArray[np.float32]

    @classmethod
    def of(cls, encoder: Encoder, *, cache: bool = True) -> Likeness:
        """The bank in the vectors of an encoder, which `cache` keeps on disk. Raises ModelError."""
        queries = generic_queries()
        vectors = encoded_bank(encoder, encoder.encode_texts, encoder.dim, cache=cache)
        ends = np.cumsum([len(part) for part in queries])[:-1]
        seen, spoken, heard = np.split(vectors, ends)
        return cls(seen, spoken, heard)

    def curves(self, texts: Float, frames: Float, hubs: Float | None = None) -> NDArray[np.float32]:
        """Scores (Q, N) of frames (N, D) for the vectors of queries (Q, D), on the scale of the encoder's own.

        hubs: of these frames, (N,), where they are known
        """
        hubs = self.hubs(frames) if hubs is None else hubs
        plain = np.concatenate([texts @ block.T for block in blocks(frames)], axis=1)
        return (plain - (hubs + self.words(texts)[:, None])).astype(np.float32)

    def hubs(self, frames: Float) -> Float:
        """What each frame (N, D) gives up, (N,), since it resembles any query."""
        return SHARE * (np.concatenate([self._hubness(block) for block in blocks(frames)]) - TYPICAL)

    def words(self, texts: Float) -> Float:
        """What each query (Q, D) scores less, (Q,), since it asks for words."""
        lower: Float = WORDS * np.maximum(self.wordiness(texts) - WORDY, 0)
        return lower

    def wordiness(self, texts: Float) -> NDArray[np.float64]:
        """How much nearer each query (Q, D) stands to what words answer than to what pictures do, in cosines."""
        unit = _unit(texts)
        near = [np.sort(unit @ _unit(part).T, axis=1)[:, -ALIKE:].mean(axis=1) for part in (self.spoken, self.seen)]
        difference: NDArray[np.float64] = (near[0] - near[1]).astype(np.float64)
        return difference

    def _hubness(self, frames: Float) -> Float:
        """The mean score (N,) of each frame (N, D) for the generic queries that fit it best."""
        bank = np.concatenate([self.seen, self.spoken, self.heard])
        best = np.partition(bank @ frames.T, len(bank) - NEIGHBOURS, axis=0)[len(bank) - NEIGHBOURS :]
        mean: Float = best.mean(axis=0)
        return mean


def _unit(rows: Float) -> Float:
    scaled: Float = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return scaled
