"""Negative queries for abstention: a sentence about another video that this one is unlikely to show."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from whenabouts.errors import InputError
from whenabouts.training.post.curation import source_video
from whenabouts.training.post.samples import Sample

__all__ = ["negatives"]

TRIES = 1000  # random pairs per query before the videos count as too similar
_EMPTY = frozenset(
    re.findall(r"\w+", "a an the his her its their this that he she it they is are was be and or then while")
)


def negatives(samples: Sequence[Sample], count: int, *, seed: int = 0, most_shared: float = 0.34) -> list[Sample]:
    """`count` queries, each on a video that it was not written for; the windows are empty.

    A query is kept off videos of its own source and off those where a query shares more than `most_shared` of its
    content words, since what is described twice may be seen twice. Raises InputError if the data cannot give as many.
    """
    words: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for one in samples:
        words[source_video(one.video)].append(_content_words(one.query))
    hosts = list({one.video: one for one in samples}.values())
    queries = [one for one in samples if one.windows and _content_words(one.query)]
    rng = np.random.default_rng(seed)
    made: dict[tuple[str, str], Sample] = {}
    for _ in range(TRIES * count if queries else 0):
        if len(made) == count:
            break
        host, other = hosts[rng.integers(len(hosts))], queries[rng.integers(len(queries))]
        words_of_it, source = _content_words(other.query), source_video(host.video)
        if source == source_video(other.video):
            continue
        if max(len(words_of_it & known) for known in words[source]) > most_shared * len(words_of_it):
            continue
        name = f"{other.sample} on {source}"
        made.setdefault((host.video, other.query), replace(host, sample=name, query=other.query, windows=(), ious=()))
    if len(made) < count:
        raise InputError(f"only {len(made)} of {count} negative queries can be made from these videos; ask for fewer")
    return list(made.values())


def _content_words(query: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", query.lower())) - _EMPTY
