"""References of several people: read, matched with the queries of a split, and refused where they are broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.example import NO_WINDOWS, Example
from whenabouts.benchmarks.references import read_references
from whenabouts.errors import AnnotationError, InputError

HEAD = "HITId,video_id,description,start,end\n"
QUERIES = [
    Example(0, "YAFX0", "person puts the clothes in.", NO_WINDOWS, 20.0),
    Example(1, "v_abc", "Ein  Hund bellt", NO_WINDOWS, 50.0),
    Example(2, "unknown", "a dog", NO_WINDOWS),
]


@pytest.mark.parametrize(
    ("name", "folder", "queries"), [("charades-sta", "charades", 1000), ("activitynet-captions", "activitynet", 1288)]
)
def test_the_published_references_find_all_their_queries(data: Path, name: str, folder: str, queries: int) -> None:
    examples = dataset(name).load(data).examples
    found = read_references([data / "otani2020" / folder], examples)
    assert len(found) == queries
    assert {len(opinions) for opinions in found.values()} == {5}


def test_a_query_is_found_by_its_video_and_its_letters(tmp_path: Path) -> None:
    file = tmp_path / "said.csv"
    file.write_text(HEAD + 'h,YAFX0.mp4,Person puts the clothes in,10,50\ni,abc,"ein Hund, bellt.",0,100\nj,x,y,0,1\n')
    found = read_references([file, file], QUERIES)
    assert found[0].tolist() == [[2.0, 10.0], [2.0, 10.0]]
    assert found[1].tolist() == [[0.0, 50.0]] * 2
    assert list(found) == [0, 1]


def test_windows_of_annotations_are_opinions_in_seconds(tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    file.write_text('{"vid": "unknown", "query": "A dog", "relevant_windows": [[1, 2], [3, 4.5]]}\n')
    assert read_references([tmp_path], QUERIES)[2].tolist() == [[1.0, 2.0], [3.0, 4.5]]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("h,YAFX0,person puts the clothes in.,50,10", "line 2: the field end must be after start"),
        ("h,YAFX0,person puts the clothes in.,0,101", "the field end must be after start, both in per cent"),
        ("h,YAFX0,person puts the clothes in.,nan,9", "the field start must be a finite number"),
        ("h,other,words,0,9", "no reference is about a query of this split"),
        ("h,unknown,a dog,0,9", "the duration of unknown is not known"),
    ],
)
def test_what_cannot_be_a_reference_is_refused(tmp_path: Path, row: str, said: str) -> None:
    file = tmp_path / "said.csv"
    file.write_text(HEAD + row + "\n")
    with pytest.raises(AnnotationError, match=said):
        read_references([file], QUERIES)


def test_a_path_without_references_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no CSV, JSON or JSON Lines file"):
        read_references([tmp_path], QUERIES)
    with pytest.raises(InputError, match="must be a CSV, JSON or JSON Lines file"):
        read_references([tmp_path / "said.txt"], QUERIES)


def test_a_repaired_truth_of_timelens_bench_is_one_opinion(tmp_path: Path) -> None:
    file = tmp_path / "charades-timelens.json"
    file.write_text('{"YAFX0": {"duration": 20.5, "spans": [[1, 2]], "queries": ["Person puts the clothes in"]}}')
    assert read_references([file], QUERIES)[0].tolist() == [[1.0, 2.0]]
