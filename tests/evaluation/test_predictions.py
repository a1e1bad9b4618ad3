"""The same predictions in every format are read as the same ranked windows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whenabouts.benchmarks import Example
from whenabouts.errors import AnnotationError
from whenabouts.evaluation.predictions import read_answers, read_detections
from whenabouts.grounders.llm.papers import PARSERS

EXAMPLES = [
    Example(1, "v1", "a man sits", np.array([[0.0, 5.0]]), 30.0),
    Example("two", "v2", "He stands. ", np.array([[4.0, 9.0]]), 30.0),
]
READ = {1: [[0.5, 5.0], [7.0, 9.0]], "two": [[4.0, 8.0]]}
ROWS: list[dict[str, Any]] = [
    {"qid": 1, "pred_relevant_windows": [[0.5, 5, 0.9], [7, 9, 0.1]]},
    {"qid": "two", "pred_relevant_windows": [[4, 8, 0.4]]},
]
FILES = {
    "rows.jsonl": "\n".join(map(json.dumps, ROWS)),
    "rows without a suffix": "\n".join(map(json.dumps, ROWS)) + "\n",
    "rows.json": json.dumps(ROWS),
    "named by words.jsonl": "\n".join(
        json.dumps({"vid": v, "query": q, "windows": w})
        for v, q, w in [("v1.mp4", "A man sits", READ[1]), ("v2", "he stands.", READ["two"])]
    ),
    "by qid.json": json.dumps({"1": READ[1], "two": {"timestamp": READ["two"]}}),
    "in order.json": json.dumps([READ[1], READ["two"]]),
    "scored.csv": "qid,start,end,score\n1,7,9,0.1\ntwo,4,8,0.4\n1,0.5,5,0.9\n",
    "by video.json": json.dumps(
        {  # as ShufflingVideosForTSG writes them, whose sentences have no signs
            "version": "V0",
            "results": {
                "v1": [
                    {"sentence": "a man sits", "timestamp": READ[1], "gt_timestamp": [0.0, 5.0], "score": 0.4},
                ],
                "v2": [{"sentence": "he stands", "timestamp": READ["two"][0], "video_duration": 30.0}],
            },
        }
    ),
    "ranked.csv": 'video,query,start,end\nv1,a man sits,0.5,5\nv1,a man sits,7,9\nv2,"He stands.",4,8\n',
}
TEXTS = {
    "answers.txt": "0.5 - 5.0 and 7.0 - 9.0\nin 4.0 - 8.0\n",
    "answers.jsonl": '{"qid": 1, "output_text": "0.5 - 5.0\\n7.0 - 9.0"}\n{"qid": "two", "output_text": "4.0 - 8.0"}',
    "answers.json": json.dumps({"1": "0.5 - 5.0, 7.0 - 9.0", "two": "4.0 - 8.0"}),
    "lmms.json": json.dumps(
        {"v1>>>a man sits>>>[0.0, 5.0]": "0.5 - 5.0, 7.0 - 9.0", "v2.mp4>>>He stands.>>>[4.0, 9.0]": "4.0 - 8.0"}
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_windows_in_every_format(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FILES[name])
    assert read_answers(tmp_path / name, EXAMPLES) == READ


SAID = [
    {"qid": 1, "pred_relevant_windows": [[1, 2, 1.0]], "said": ["0.5 - 5.0, then 7.0 - 9.0"]},
    {"qid": "two", "pred_relevant_windows": [], "failure": "the answer has no interval", "said": ["4.0 - 8.0"]},
]


def test_what_was_said_is_read_by_any_parser() -> None:
    assert read_answers(SAID, EXAMPLES, PARSERS["timelens"]) == READ
    assert read_answers(SAID, EXAMPLES) == {1: [[1.0, 2.0]], "two": []}
    for name in PARSERS:
        found = read_answers(SAID, EXAMPLES, PARSERS[name])
        assert found == {row["qid"]: PARSERS[name].windows(row["said"][0]) for row in SAID}


@pytest.mark.parametrize("said", [["1 - 2", "3 - 4"], [], "1 - 2", [3]])
def test_a_parser_reads_one_answer(said: Any) -> None:
    with pytest.raises(AnnotationError, match=r"entry 1: the (model gave|field said)"):
        read_answers([{"qid": 1, "said": said}], EXAMPLES, PARSERS["timelens"])


@pytest.mark.parametrize("name", TEXTS)
def test_the_words_of_a_model(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(TEXTS[name])
    assert read_answers(tmp_path / name, EXAMPLES, PARSERS["timelens"]) == READ
    with pytest.raises(AnnotationError, match="--parser"):
        read_answers(tmp_path / name, EXAMPLES)


QUERY = {"vid": "v1", "query": "a man sits"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", "\n".join(json.dumps(row) for row in [ROWS[1], {"qid": 99, "windows": [[0, 5]], **QUERY}])),
        ("a.json", json.dumps({"two": READ["two"], "99": [[0, 5]]})),
        ("a.csv", "qid,video,query,start,end\ntwo,v2,He stands.,4,8\n99,v1,a man sits,0,5\n99,v1,a man sits,1,5\n"),
    ],
)
def test_a_qid_that_is_unknown_is_counted_and_not_matched_by_words(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.warns(UserWarning, match="1 prediction has a qid that is not in the annotations, such as '99'"):
        assert read_answers(tmp_path / name, EXAMPLES) == {"two": READ["two"]}


def test_unknown_qids_are_told_in_the_plural() -> None:
    rows = [ROWS[0], *({"qid": 97 + i, "windows": [[0, 5]]} for i in range(3))]
    with pytest.warns(UserWarning, match="3 predictions have a qid that is not in the annotations"):
        assert list(read_answers(rows, EXAMPLES)) == [1]


def test_ego4d_submissions_find_their_queries(tmp_path: Path) -> None:
    row = {"clip_uid": "c", "annotation_uid": "a", "query_idx": 3, "predicted_times": [[1.0, 2.0], [3.0, 4.0]]}
    (tmp_path / "nlq.json").write_text(
        json.dumps({"version": "1.0", "challenge": "ego4d_nlq_challenge", "results": [row]})
    )
    example = Example("c/a/3", "c", "where?", np.array([[1.0, 2.0]]))
    assert read_answers(tmp_path / "nlq.json", [example]) == {"c/a/3": [[1.0, 2.0], [3.0, 4.0]]}


def test_time_r1_rows_may_have_no_answer(tmp_path: Path) -> None:
    (tmp_path / "tg.jsonl").write_text('{"qid": 1, "pred": [null, null]}\n{"qid": "two", "pred": [4.0, 8.0]}')
    assert read_answers(tmp_path / "tg.jsonl", EXAMPLES) == {1: [], "two": [[4.0, 8.0]]}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "a.jsonl",
            '{"qid": 1, "windows": [[1, 2]]}\n{"qid": 1, "windows": [[1, 2]]}',
            ["row 2", "already at", "row 1"],
        ),
        ("a.jsonl", '{"qid": 9, "windows": [[1, 2]]}', ["row 1", "'9' is not in the ground truth"]),
        ("a.jsonl", '{"windows": [[1, 2]]}', ["row 1", "qid is missing"]),
        ("a.jsonl", '{"qid": 1}', ["row 1", "pred_relevant_windows is missing"]),
        ("a.jsonl", '{"qid": 1, "windows": [[1, "2"]]}', ["row 1", "window 1 must be [start, end]"]),
        ("a.jsonl", '{"qid": 1, "windows": 3}', ["row 1", "list of [start, end]"]),
        ("a.jsonl", '{"vid": "v9", "query": "x", "windows": []}', ["row 1", "'x' on v9 is not in the ground truth"]),
        ("a.json", "[[[1, 2]]]", ["2 are needed"]),
        ("a.json", "{}x", ["not JSON"]),
        ("a.csv", "qid,start,end\n1,2", ["line 2", "2 cells under a header of 3"]),
        ("a.csv", "qid,start,end\n1,2,x", ["line 2", "end must be a finite number"]),
        ("a.csv", "qid,begin,end\n1,2,3", ["line 2", "start is missing"]),
    ],
)
def test_bad_rows_are_told(tmp_path: Path, name: str, content: str, words: list[str]) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(AnnotationError) as error:
        read_answers(tmp_path / name, EXAMPLES)
    assert all(word in str(error.value) for word in [*words, str(tmp_path)]), error.value


def test_detections_as_json_and_csv_are_the_same(tmp_path: Path) -> None:
    detections = {"v": [{"segment": [1.0, 2.0], "label": "x", "score": 0.5}]}
    (tmp_path / "d.json").write_text(json.dumps({"version": "1.3", "results": detections, "external_data": {}}))
    (tmp_path / "mq.json").write_text(json.dumps({"detect_results": detections}))
    (tmp_path / "d.csv").write_text("video,label,start,end,score\nv,x,1,2,0.5\n")
    for name in ("d.json", "mq.json", "d.csv"):
        assert read_detections(tmp_path / name) == {"results": detections}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "must be a JSON object"),
        ('{"version": 1}', "results is missing"),
        ('{"results": {"v": 3}}', "v must be a list"),
        ('{"results": {"v": [{"segment": [1, 2], "score": 1}]}}', "v, detection 1: the field label is missing"),
        ('{"results": {"v": [{"segment": [1], "label": "x", "score": 1}]}}', "segment must be [start, end]"),
        ('{"results": {"v": [{"segment": [1, 2], "label": "x", "score": NaN}]}}', "NaN is not a number"),
    ],
)
def test_bad_detections_are_told(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "d.json").write_text(content)
    with pytest.raises(AnnotationError) as error:
        read_detections(tmp_path / "d.json")
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ({"vid": "v1.mp4", "query": "A man sits."}, 0),
        ({"vid": 7, "query": None}, 0),
        ({"vid": "v2"}, 1),
        ({"query": "a dog"}, 1),
    ],
)
def test_a_row_about_another_query_than_its_qid_is_told(more: dict[str, Any], count: int, recwarn: Any) -> None:
    assert read_answers([ROWS[0] | more, ROWS[1]], EXAMPLES) == READ
    told = [str(one.message) for one in recwarn if "another vid or query" in str(one.message)]
    assert len(told) == count and all(one.startswith("1 rows have") and "entry 1" in one for one in told)
