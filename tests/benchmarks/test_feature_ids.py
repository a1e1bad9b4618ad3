"""Features of words are found by the ids of queries, and never taken for those of another query."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import FeatureExample, check_ids, with_features
from whenabouts.encoders.folders import FeatureFolder
from whenabouts.errors import InputError
from whenabouts.training.supervised.features import write_words

VIDEO = {"AO8RW": np.ones((3, 2), np.float32)}


def words(folder: Path, name: str, query: str | None) -> FeatureFolder:
    folder.mkdir(exist_ok=True)
    told = {} if query is None else {"query": np.array(query)}
    np.savez(folder / f"{name}.npz", last_hidden_state=np.ones((2, 3), np.float32), **told)  # type: ignore[arg-type]
    return FeatureFolder(folder)


def charades(folder: Path, text: FeatureFolder) -> list[FeatureExample]:
    """The text file of Charades-STA, which has no qids: officially its first test row is 12404."""
    (folder / "charades_sta_test.txt").write_text("AO8RW 0.0 6.9##a person is putting a book on a shelf.\n")
    (folder / "durations_test.csv").write_text("id,length\nAO8RW,33.67\n")
    return with_features(dataset("charades-sta").load(folder, "test").examples, VIDEO, text)


def test_counted_ids_are_not_looked_up_among_the_authors_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 1: this file has no qids, and 'qid0' may be .*_tvr_format\.jsonl"):
        charades(tmp_path, words(tmp_path / "text", "qid0", None))


def test_features_that_say_their_query_are_taken_by_it_alone(tmp_path: Path) -> None:
    [example] = charades(tmp_path, words(tmp_path / "text", "qid0", "A person is putting a book on a shelf. "))
    assert example.text.shape == (2, 3)
    with pytest.raises(InputError, match=r"line 1: 'qid0' is features of another query, 'a person runs'"):
        charades(tmp_path, words(tmp_path / "text", "qid0", "a person runs"))


def test_sentences_counted_within_a_video_are_counted_ids_too(tmp_path: Path) -> None:
    row = '{"AO8RW": {"duration": 9.0, "timestamps": [[1, 2]], "sentences": ["a man sits"]}}'
    (tmp_path / "val_1.json").write_text(row)
    examples = dataset("activitynet-captions").load(tmp_path, "val_1").examples
    with pytest.raises(InputError, match="this file has no qids, and 'AO8RW_0' may be"):
        with_features(examples, VIDEO, words(tmp_path / "text", "AO8RW_0", None))


def test_an_id_of_two_queries_is_refused_with_both_rows() -> None:
    rows = [Example(7, "v", query, np.ones((1, 2)), where=f"line {n}") for n, query in enumerate(["a", "A ", "b"], 1)]
    check_ids(rows[:2])
    with pytest.raises(InputError, match="line 1 and line 3 have the qid 7 and different queries"):
        check_ids(rows)


def test_written_features_say_their_query_and_are_not_kept_for_another(tmp_path: Path) -> None:
    class Maker:
        name, sha256, pictures, precision = "drawn", "", 1, "float32"

        def words(self, queries: list[str]) -> list[np.ndarray]:
            return [np.ones((2, 3), np.float32) for _ in queries]

    train, test = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    train.write_text('{"qid": 0, "query": "a man runs"}\n')
    test.write_text('{"qid": 0, "query": "a man sits"}\n')
    for _ in range(2):
        write_words(train, Maker(), 2.0, tmp_path / "text")  # type: ignore[arg-type]
    assert FeatureFolder(tmp_path / "text").query("qid0") == "a man runs"
    with pytest.raises(InputError, match=r"test.jsonl.* is of another query, 'a man runs'"):
        write_words(test, Maker(), 2.0, tmp_path / "text")  # type: ignore[arg-type]
