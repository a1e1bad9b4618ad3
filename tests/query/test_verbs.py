"""The first verb of a sentence, of sentences as data sets have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from whenabouts.benchmarks import BENCHMARKS
from whenabouts.query.verbs import first_verb, verbs_in


@pytest.mark.parametrize(
    ("sentence", "verbs"),
    [
        ("person turn a light on.", ["turn"]),
        ("A person is putting the dishes away", ["put"]),
        ("the man has taken a drink and lies down", ["take", "lie"]),
        ("She began running, then stopped.", ["begin", "run", "stop"]),
        ("a girl in red stands up", ["stand"]),
        ("People carry the boxes to a table", ["carry"]),
        ("someone tidies up, dancing", ["tidy", "dance"]),
        ("a red car", []),
        ("the run of a film", []),
        ("", []),
        ("사람이 문을 연다", []),
    ],
)
def test_verbs_in_order(sentence: str, verbs: list[str]) -> None:
    assert list(verbs_in(sentence)) == verbs
    assert first_verb(sentence) == (verbs[0] if verbs else None)


@pytest.mark.parametrize(("name", "least"), [("charades-sta", 0.99), ("activitynet-captions", 0.95), ("tacos", 0.97)])
def test_nearly_all_queries_of_published_splits_have_one(data: Path, name: str, least: float) -> None:
    examples = BENCHMARKS[name].load(data).examples
    assert sum(first_verb(e.query) is not None for e in examples) / len(examples) > least
