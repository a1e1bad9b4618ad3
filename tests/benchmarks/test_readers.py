"""Readers of formats whose files are at hand, and of those known by their official readers, by small examples."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from whenabouts.benchmarks import BENCHMARKS, Example, dataset
from whenabouts.errors import AnnotationError, InputError
from whenabouts.evaluation.protocols import PROTOCOLS
from whenabouts.grounders.llm.papers import PARSERS

NLQ = {
    "videos": [
        {
            "video_uid": "v",
            "clips": [
                {
                    "clip_uid": "c",
                    "video_start_sec": 30.0,
                    "video_end_sec": 510.0,
                    "annotations": [
                        {
                            "annotation_uid": "a",
                            "language_queries": [
                                {"clip_start_sec": 1.5, "clip_end_sec": 4.0, "query": "Where is it?"},
                                {"clip_start_sec": 9.0, "clip_end_sec": 9.0, "query": None},
                            ],
                        }
                    ],
                }
            ],
        }
    ]
}
MQ = {
    "videos": [
        {
            "clips": [
                {
                    "clip_uid": "c",
                    "video_start_sec": 30.0,
                    "video_end_sec": 510.0,
                    "annotations": [
                        {
                            "labels": [
                                {"primary": True, "label": "wash", "video_start_time": 31.0, "video_end_time": 40.5},
                                {"primary": False, "label": "wash", "video_start_time": 32.0, "video_end_time": 41.0},
                                {"primary": True, "label": "wash", "video_start_time": 50.0, "video_end_time": 60.0},
                            ]
                        }
                    ],
                }
            ]
        }
    ]
}
SMALL = {
    "ego4d-nlq": ("nlq.json", NLQ, ("c/a/0", "c", "Where is it?", [[1.5, 4.0]], 480.0)),
    "ego4d-mq": ("moments.json", MQ, ("c/wash", "c", "wash", [[1.0, 10.5], [20.0, 30.0]], 480.0)),
    "mad": (
        "mad.json",
        {
            "7": {
                "movie": "m",
                "movie_duration": 6000.5,
                "timestamps": [1, 2],
                "ext_timestamps": [0.5, 3],
                "sentence": "x",
            }
        },
        ("7", "m", "x", [[0.5, 3.0]], 6000.5),
    ),
    "timelens-bench": (
        "charades-timelens.json",
        {"v": {"duration": 30, "spans": [[1, 2.5]], "queries": [" a  man.. "]}},
        ("v_0", "v", "a man", [[1.0, 2.5]], 30.0),
    ),
    "extremewhenbench": (
        "test.json",
        [
            {
                "qid": "q",
                "video_id": "v",
                "question": "When?",
                "correct_interval": [1805, 1822],
                "video_duration_s": 4271,
            }
        ],
        ("q", "v", "When?", [[1805.0, 1822.0]], 4271.0),
    ),
    "charades-cd": (
        "charades_test_ood.json",
        {"V": {"video_duration": 20.5, "timestamps": [[1.0, 21.0]], "sentences": ["person sits."], "video_fps": -1.0}},
        ("V_0", "V", "person sits.", [[1.0, 21.0]], 20.5),
    ),
    "activitynet-cd": (
        "anet_test_ood.json",
        {"v_m": {"duration": 126.6, "timestamps": [[0, 3.16]], "sentences": ["We see the black title screen."]}},
        ("v_m_0", "v_m", "We see the black title screen.", [[0.0, 3.16]], 126.6),
    ),
    "activitynet-1.3": (
        "activity_net.v1-3.min.json",
        {
            "database": {
                "a": {"subset": "training", "duration": 9, "annotations": [{"label": "x", "segment": [0, 1]}]},
                "b": {"subset": "validation", "duration": 9, "annotations": [{"label": "x", "segment": [0, 1.5]}]},
            }
        },
        ("b/x", "b", "x", [[0.0, 1.5]], 9.0),
    ),
    "thumos14": (
        "thumos_gt.json",
        {"database": {"t": {"subset": "test", "annotations": [{"label": "x", "segment": ["0.5", "1.5"]}]}}},
        ("t/x", "t", "x", [[0.5, 1.5]], None),
    ),
}


def plain(e: Example) -> tuple[object, ...]:
    return e.qid, e.video, e.query, e.windows.tolist(), e.duration


@pytest.mark.parametrize("name", SMALL)
def test_small_files(tmp_path: Path, name: str) -> None:
    file, content, first = SMALL[name]
    (tmp_path / file).write_text(json.dumps(content))
    assert plain(dataset(name).load(tmp_path / file).examples[0]) == first


def test_null_queries_of_ego4d_are_empty_text(tmp_path: Path) -> None:
    (tmp_path / "nlq_val.json").write_text(json.dumps(NLQ))
    assert [e.query for e in dataset("ego4d-nlq").load(tmp_path).examples] == ["Where is it?", ""]


@pytest.mark.parametrize(
    ("name", "split", "examples", "windows"),
    [
        ("thumos14", "test", 245, 3311),
        ("thumos14", "val", 227, 3007),
        ("tvsum", "val", 10, 0),
        ("youtube-highlights", "val", 152, 0),
    ],
)
def test_counts(data: Path, name: str, split: str, examples: int, windows: int) -> None:
    read = BENCHMARKS[name].load(data, split).examples
    assert (len(read), sum(len(e.windows) for e in read)) == (examples, windows)


def test_ratings_lie_within_their_videos(data: Path) -> None:
    for e in BENCHMARKS["tvsum"].load(data, "train").examples:
        assert e.saliency is not None and e.saliency.shape[1] == 20 and e.duration == 2 * len(e.saliency)
    for e in BENCHMARKS["youtube-highlights"].load(data, "train").examples:
        assert e.clips is not None and e.duration is not None and e.saliency is not None
        assert len(e.clips) == len(e.saliency) and np.all(e.clips[:, 1] <= e.duration + 1)


def test_didemo_segments_are_inclusive(data: Path) -> None:
    first = BENCHMARKS["didemo"].load(data, "val").examples[0]
    assert first.windows.tolist() == [[5, 10], [5, 10], [5, 10], [0, 5]]


def test_charades_reads_either_copy_alike(data: Path, tmp_path: Path) -> None:
    text = BENCHMARKS["charades-sta"].load(data, "test").examples[:50]
    lines = [
        {"qid": e.qid, "vid": e.video, "query": e.query, "duration": e.duration, "relevant_windows": e.windows.tolist()}
        for e in text
    ]
    copy = tmp_path / "charades_sta_test_tvr_format.jsonl"
    copy.write_text("\n".join(map(json.dumps, lines)))
    assert [plain(e) for e in BENCHMARKS["charades-sta"].load(copy).examples] == [plain(e) for e in text]


@pytest.mark.parametrize(
    ("name", "file", "content", "words"),
    [
        ("qvhighlights", "a.jsonl", '{"qid": 1, "vid": "v"}', ["a.jsonl, line 1", "query is missing"]),
        ("qvhighlights", "a.jsonl", '{"qid": 1}\n{"qid": 2', ["line 2", "not JSON"]),
        ("qvhighlights", "a.jsonl", '\n{"qid": 1, "vid": 3}', ["line 2", "vid must be text"]),
        ("qvhighlights", "a.jsonl", '{"qid": 1,', ["line 1", "not JSON"]),
        ("qvhighlights", "a.jsonl", "[]", ["list is empty"]),
        ("qvhighlights", "a.jsonl", "3", ["a row must be a JSON object, not a number"]),
        ("qvhighlights", "a.jsonl", '{"qid": true, "vid": "v", "query": "q"}', ["qid must be text or a whole number"]),
        (
            "qvhighlights",
            "a.jsonl",
            '{"qid": 1, "vid": "v", "query": "q", "relevant_windows": [[1, 2, 3]]}',
            ["relevant_windows, entry 1", "2 numbers"],
        ),
        (
            "qvhighlights",
            "a.jsonl",
            '{"qid": 1, "vid": "v", "query": "q", "relevant_windows": [[1, ' + "9" * 400 + "]]}",
            ["finite number", "many digits"],
        ),
        ("qvhighlights", "a.jsonl", '{"qid": ' + "9" * 5000 + "}", ["more digits"]),
        ("qvhighlights", "a.jsonl", "[" * 100_000, ["nested too deeply"]),
        ("qvhighlights", "a.jsonl", '{"duration": NaN}', ["NaN is not a number"]),
        ("charades-sta", "a.txt", "VID 1 2##x\nVID 1 ##x", ["line 2", "VIDEO START END##sentence"]),
        ("charades-sta", "a.txt", "VID 1 nan##x", ["line 1", "end must be a finite number"]),
        ("charades-sta-clamped", "a.txt", "VID 1 2##x", ["duration of VID is not known"]),
        ("tacos", "a.json", '{"v": {"timestamps": [], "sentences": ["x"], "duration": 3}}', ["v", "1 entries for 0"]),
        ("tacos", "a.json", '{"v": {"timestamps": [], "sentences": [], "num_frames": 3, "fps": 0}}', ["fps must be"]),
        ("didemo", "a.json", '[{"times": [[1, 1]]}]', ["entry 1", "annotation_id is missing"]),
        ("thumos14", "a.json", '{"database": {"v": {"subset": "x", "annotations": []}}}', ["the file has: x"]),
        ("tvsum", "a.jsonl", '{"label": [[1, 2]]}', ["label, entry 1,", "20 numbers"]),
        ("ego4d-nlq", "a.json", "{}", ["videos is missing"]),
    ],
)
def test_bad_rows_are_told_by_file_line_and_field(
    tmp_path: Path, name: str, file: str, content: str, words: list[str]
) -> None:
    (tmp_path / file).write_text(content)
    with pytest.raises(AnnotationError) as error:
        dataset(name).load(tmp_path / file)
    assert all(word in str(error.value) for word in [*words, str(tmp_path)]), error.value
    assert "\n" not in str(error.value)


def test_bytes_that_are_no_text_are_told_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"qid": 1}\n\xff\xfe')
    with pytest.raises(AnnotationError, match="line 2: this is not UTF-8"):
        dataset("qvhighlights").load(tmp_path / "a.jsonl")


@pytest.mark.parametrize("content", [b"", b" \n", b"\xef\xbb\xbf"])
def test_empty_files_are_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(AnnotationError, match="is empty"):
        dataset("qvhighlights").load(tmp_path / "a.jsonl")


def test_unknown_names_splits_and_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="choose one of: qvhighlights, charades-sta"):
        dataset("qvh")
    with pytest.raises(InputError, match="no split 'dev'; choose one of: train, val, test"):
        dataset("tacos").load(tmp_path, "dev")
    with pytest.raises(InputError, match=r"has no test\.json or test\.jsonl"):
        dataset("tacos").load(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        dataset("tacos").load(tmp_path / "absent.json")


def test_every_benchmark_has_an_official_protocol() -> None:
    assert {d.protocol for d in BENCHMARKS.values()} <= set(PROTOCOLS)


def test_every_benchmark_and_parser_is_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text("utf-8")
    assert [name for name in [*BENCHMARKS, *PARSERS] if f"`{name}`" not in page] == []
