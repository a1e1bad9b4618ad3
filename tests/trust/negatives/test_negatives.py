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
from whenabouts.benchmarks.annotations import Annotation, write_annotations
from whenabouts.cli.dataset import dataset as group
from whenabouts.encoders.minilm import SentenceEncoder
from whenabouts.errors import InputError
from whenabouts.evaluation.defects import check
from whenabouts.query.content import content_words, follows
from whenabouts.trust.negatives import KINDS, make_negatives
from whenabouts.trust.negatives.edits import changed, meant, places

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
    assert make_negatives(same, ("other-video",)).doubted == {"other-video": 2}


def test_words_of_one_meaning_do_not_contradict() -> None:
    rows = [example(0, "a", "a gray cat sleeps on the sofa"), example(1, "a", "a dog beside a mug"), KITCHEN[0]]
    for seed in range(30):
        made = make_negatives(rows, ("attribute", "weak"), seed=seed)
        assert all("grey" not in row.query for row in made.rows if row.vid == "a")
        assert any(row.absent == "attribute" for row in made.rows if row.vid == "a")
        assert not any(words & meant(frozenset({"mug", "couch"})) for words in _put_in(made.rows, "a"))
    both = [example(0, "a", "a grey cup"), example(1, "b", "a gray glass stands here")]
    assert not make_negatives(both, ("other-video",)).rows


def _put_in(rows: Sequence[Annotation], video: str) -> list[frozenset[str]]:
    return [content_words(row.query) - content_words(row.original or "") for row in rows if row.vid == video]


@pytest.mark.parametrize(
    "vague", ["person puts it on a table", "Closing and ending credit screens", "A man does something", "he eats"]
)
def test_what_says_little_is_no_negative_of_another_video(vague: str) -> None:
    made = make_negatives([example(0, "v", vague), *KITCHEN], ("other-video",), per_query=3)
    assert made.rows and vague not in {row.query for row in made.rows}


def test_of_other_videos_the_least_alike_is_taken() -> None:
    rows = [
        example(0, "v", "a man opens a cupboard"),
        example(1, "w", "the person opens the door"),
        example(2, "w", "dancers jump over a rope"),
    ]
    made = make_negatives(rows, ("other-video",), encode=SentenceEncoder().encode)
    assert [row.query for row in made.rows if row.vid == "v"] == ["dancers jump over a rope"]


def test_a_video_has_no_negative_twice() -> None:
    twice = [example(n, "v", "a man opens a red door") for n in range(9)]
    made = make_negatives([*KITCHEN, *twice], seed=7)
    assert len({(row.vid, row.query) for row in made.rows}) == len(made.rows)


def test_what_was_made_has_no_defect(tmp_path: Path) -> None:
    rows = [*KITCHEN, example(9, "v", "He ties the calf, then dismounts."), example(10, "v", "He ties the calf")]
    lines = [Annotation(e.video, e.query, e.duration, ((1.0, 4.0),), qid=e.qid) for e in rows]
    made = make_negatives(rows, per_query=2, encode=SentenceEncoder().encode).rows
    write_annotations(tmp_path / "own.jsonl", [*lines, *made])
    assert any(row.absent == "order" for row in made)
    assert not check(dataset(tmp_path / "own.jsonl").load().examples)


def test_sentences_of_one_meaning_are_dropped() -> None:
    rows = [
        example(0, "v", "a kid is doing homework"),
        example(1, "w", "the boy studies for school"),
        example(2, "u", "dogs bark loudly"),
    ]

    def alike(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[1.0, 0.0] if text != "dogs bark loudly" else [0.0, 1.0] for text in texts], np.float32)

    made = make_negatives(rows, ("other-video",), encode=alike)
    assert {(row.vid, row.query) for row in made.rows if row.vid != "u"} == {
        ("v", "dogs bark loudly"),
        ("w", "dogs bark loudly"),
    }


def test_the_embedded_encoder_tells_a_paraphrase() -> None:
    rows = [example(0, "v", "a man prepares his dinner"), example(1, "w", "a person is cooking a meal")]
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
