"""Negatives made from annotations: of which kind they are, and that those that may be true are dropped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from typer.testing import CliRunner

from whenabouts.benchmarks import Example, dataset
from whenabouts.cli.dataset import dataset as group
from whenabouts.encoders.minilm import SentenceEncoder
from whenabouts.errors import InputError
from whenabouts.evaluation.defects import check
from whenabouts.query.content import content_words, follows
from whenabouts.trust.negatives import KINDS, make_negatives
from whenabouts.trust.negatives.edits import changed, places, reordered

WINDOW = np.array([[1.0, 4.0]])


def example(qid: int, video: str, query: str) -> Example:
    return Example(qid, video, query, WINDOW, 10.0)


KITCHEN = [
    example(0, "k", "A person opens a red door, then eats a sandwich at the table."),
    example(1, "k", "a person sits on a couch."),
    example(2, "l", "someone throws two pillows on the bed."),
    example(3, "l", "the dog runs up the stairs."),
]


def test_every_kind_says_what_it_is() -> None:
    made = make_negatives(KITCHEN, seed=3)
    assert {row.absent for row in made.rows} == set(KINDS)
    assert all(
        row.relevant_windows == () and row.seed == 3 and row.difficulty == KINDS[row.absent or ""] for row in made.rows
    )
    originals = {e.query for e in KITCHEN}
    assert all(row.original in originals and row.query != row.original for row in made.rows)
    moved = [row for row in made.rows if row.absent == "other-video"]
    assert all(row.query in {e.query for e in KITCHEN if e.video != row.vid} for row in moved)


def test_more_is_changed_in_stronger_edits() -> None:
    made = make_negatives(KITCHEN[:1], ("weak", "moderate", "strong"))
    lost = [len(content_words(row.original or "") - content_words(row.query)) for row in made.rows]
    assert lost == sorted(lost) and lost[0] == 1 and lost[2] >= 3


def test_only_attributes_are_contradicted() -> None:
    (row,) = make_negatives(KITCHEN[:1], ("attribute",)).rows
    assert content_words(row.original or "") - content_words(row.query) == {"red"}
    assert not make_negatives(KITCHEN[1:2], ("attribute",)).rows
    assert make_negatives(KITCHEN[1:2], ("attribute",)).unfit == {"attribute": 1}


def test_nothing_is_made_of_what_does_not_happen_or_cannot_be_compared() -> None:
    denied = [
        example(4, "m", "he does not close the red window"),
        example(5, "m", "she leaves without the bag"),
        example(6, "n", "the dog doesn't bark"),
        example(7, "o", "Ein Mann öffnet die rote Tür"),
        example(8, "o", "a man opens a red door"),
    ]
    made = make_negatives([*KITCHEN, *denied], per_query=3)
    assert {row.vid for row in made.rows if row.absent != "other-video"} == {"k", "l"}
    moved = [row for row in made.rows if row.absent == "other-video"]
    assert {row.vid for row in moved} == {"k", "l", "m", "n"}, "beside a sentence in German nothing can be told"
    assert not {row.query for row in moved} & {e.query for e in denied[:4]}


@pytest.mark.parametrize(
    ("query", "turned"),
    [
        ("A man sits down and then opens a book.", "A man opens a book then sits down."),
        ("the man sits, then the dog jumps.", "the dog jumps then the man sits."),
        ("she waves before she leaves", "she waves after she leaves"),
        ("He eats then", None),
        ("a man runs", None),
        ("before leaving", None),
    ],
)
def test_order(query: str, turned: str | None) -> None:
    assert reordered(query) == turned


def test_articles_agree_with_what_follows() -> None:
    text = "A person holds a red cup."
    (red,) = [p for p in places(text) if p.kind == "colour"]
    assert changed(text, [red._replace(others=("orange",))], Random(0)) == "A person holds an orange cup."


def test_what_may_be_true_is_dropped() -> None:
    both = [
        example(0, "v", "someone holds a red cup"),
        example(1, "v", "she puts a blue cup beside a green and a black one"),
    ]
    said = " ".join(f"a {c} thing" for c in ("yellow", "white", "brown", "pink", "purple", "orange", "grey", "gray"))
    made = make_negatives([*both, example(2, "v", said)], ("attribute",))
    assert not [row for row in made.rows if row.original == both[0].query], "every other colour is said of the video"
    same = [example(0, "v", "a man sits on a red couch"), example(1, "w", "the man is sitting on a couch")]
    other = make_negatives(same, ("other-video",))
    assert [row.vid for row in other.rows] == ["w"] and other.doubted == {"other-video": 1}, (
        "w's follows from v's, not v's from w's"
    )


def test_sentences_of_one_meaning_are_dropped() -> None:
    rows = [
        example(0, "v", "a kid is doing homework"),
        example(1, "w", "the boy studies for school"),
        example(2, "u", "x"),
    ]

    def alike(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[1.0, 0.0] if text != "x" else [0.0, 1.0] for text in texts], np.float32)

    made = make_negatives(rows, ("other-video",), encode=alike)
    assert {(row.vid, row.query) for row in made.rows if row.vid != "u"} == {("v", "x"), ("w", "x")}


def test_the_embedded_encoder_tells_a_paraphrase() -> None:
    rows = [example(0, "v", "a man is cooking food in the kitchen"), example(1, "w", "a man cooks a meal in a kitchen")]
    assert make_negatives(rows, ("other-video",)).rows
    assert not make_negatives(rows, ("other-video",), encode=SentenceEncoder().encode).rows


@given(st.permutations(KITCHEN), st.integers(0, 50))
def test_the_same_seed_makes_the_same_in_any_order(shuffled: list[Example], seed: int) -> None:
    def lines(examples: Sequence[Example]) -> set[str]:
        return {row.to_line() for row in make_negatives(examples, per_query=2, seed=seed).rows}

    assert lines(shuffled) == lines(KITCHEN)
    of_kitchen = [row.query for row in make_negatives(KITCHEN, per_query=2, seed=seed).rows if row.vid == "k"]
    assert not any(follows(query, "a person sits on a couch.") for query in of_kitchen)


def test_unknown_kinds_and_none_wanted_are_refused() -> None:
    with pytest.raises(InputError, match="unknown kind of negative 'odd'; choose from: other-video, weak"):
        make_negatives(KITCHEN, ("odd",))
    with pytest.raises(InputError, match="name a kind of negative: other-video"):
        make_negatives(KITCHEN, ())
    with pytest.raises(InputError, match="at least 1 negative"):
        make_negatives(KITCHEN, per_query=0)


def test_the_command_writes_a_file_that_is_a_benchmark(tmp_path: Path) -> None:
    own, out = tmp_path / "own.jsonl", tmp_path / "negatives.jsonl"
    rows = [{"vid": e.video, "query": e.query, "duration": 10.0, "relevant_windows": [[1, 12]]} for e in KITCHEN]
    own.write_text("\n".join(map(json.dumps, rows)))
    command = ["negatives", str(own), "--out", str(out), "--kinds", "other-video,weak"]
    first = CliRunner().invoke(group, command)
    assert first.exit_code == 0 and "4 queries that happen" in first.output
    content = out.read_bytes()
    examples = dataset(out).load().examples
    assert len(examples) == 12 and sum(e.absent is not None for e in examples) == 8 and not check(examples)
    assert CliRunner().invoke(group, command).exit_code == 0 and out.read_bytes() == content
    refused = CliRunner().invoke(group, [*command[:3], str(tmp_path / "x.csv")])
    assert isinstance(refused.exception, InputError) and not (tmp_path / "x.csv").exists()
