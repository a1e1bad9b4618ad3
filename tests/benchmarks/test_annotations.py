"""The annotation file: what is written is read, what is left out has a meaning, and what is wrong has a place."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from whenabouts.benchmarks import BENCHMARKS, Annotation, dataset, read_annotations, write_annotations
from whenabouts.cli.app import app
from whenabouts.errors import AnnotationError, InputError
from whenabouts.training.post.samples import read_samples, write_samples

FULL = Annotation(
    "cat",
    "a cat jumps",
    30.0,
    relevant_windows=((1.5, 7.0), (20.0, 22.0)),
    qid="q1",
    split="train",
    annotator="ann",
    video="clips/cat.mp4",
    relevant_clip_ids=(1, 2),
    saliency_scores=((4.0, 2.0, 3.0), (0.0, 1.0, 1.0)),
    ious=(0.5, 0.0),
)


def lines(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    absent = Annotation("cat", "ein Hund, größer", 30.0, relevant_windows=(), qid=7)
    write_annotations(tmp_path / "a.jsonl", [FULL, absent])
    assert read_annotations(tmp_path / "a.jsonl") == [FULL, absent]
    assert "größer" in (tmp_path / "a.jsonl").read_text("utf-8")


def test_published_rows_come_back_as_they_were(data: Path) -> None:
    path = data / "qvhighlights" / "highlight_val_release.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [annotation.to_dict() for annotation in read_annotations(path)] == rows


def test_fields_that_may_be_left_out(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl",
        {"video": "clips/cat.mp4", "query": "x", "relevant_windows": []},
        {"vid": "dog", "query": "y", "comment": "unread"},
    )
    absent, unseen = read_annotations(path)
    assert (absent.vid, absent.qid, absent.relevant_windows) == ("cat", 1, ())
    assert (unseen.qid, unseen.relevant_windows, unseen.where) == (2, None, f"{path}, line 2")
    assert unseen.to_dict() == {"qid": 2, "query": "y", "vid": "dog"}


def test_a_row_is_an_example() -> None:
    example = FULL.to_example()
    assert example.clip_ids is not None and example.saliency is not None
    assert (example.qid, example.video, example.duration) == ("q1", "cat", 30.0)
    np.testing.assert_array_equal(example.windows, [[1.5, 7], [20, 22]])
    assert (example.clip_ids.tolist(), example.saliency.shape) == ([1, 2], (2, 3))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"query": "x"}, "line 1: the field vid is missing"),
        ({"vid": "v"}, "line 1: the field query is missing"),
        ({"vid": "v", "query": "x", "duration": -1}, "duration must be the seconds of a video, not -1"),
        ({"vid": "v", "query": "x", "relevant_windows": [[1]]}, "relevant_windows, entry 1, must be a list of 2"),
        (
            {"vid": "v", "query": "x", "windows": [[1, 2]]},
            "line 1: the field windows must be renamed to relevant_windows",
        ),
        ({"vid": "v", "query": "x", "timestamp": [1, 2]}, "the field timestamp must be renamed to relevant_windows"),
        ({"vid": "v", "query": "x", "relevant_windows": [[9, 3]]}, "entry 1, needs 0 <= start < end, not [9, 3]"),
        ({"vid": "v", "query": "x", "relevant_windows": [[1, 2], [3, 3]]}, "entry 2, needs 0 <= start < end"),
        ({"vid": "v", "query": "x", "relevant_windows": [[-1, 3]]}, "entry 1, needs 0 <= start < end, not [-1, 3]"),
        ({"vid": "v", "query": "x", "split": 3}, "split must be text, not a number"),
        ({"vid": "v", "query": "x", "qid": [1]}, "qid must be text or a whole number"),
        ({"vid": "v", "query": "x", "ious": ["a"]}, "ious, entry 1, must be a finite number"),
        (
            {"vid": "v", "query": "x", "relevant_clip_ids": [1], "saliency_scores": []},
            "saliency_scores has 0 entries for 1 clips",
        ),
    ],
)
def test_what_is_wrong_is_told_by_file_line_and_field(tmp_path: Path, row: dict[str, object], words: str) -> None:
    path = lines(tmp_path / "a.jsonl", row)
    with pytest.raises(AnnotationError) as error:
        read_annotations(path)
    assert words in str(error.value) and str(path) in str(error.value)


@pytest.mark.parametrize(
    "command",
    [
        ["dataset", "check", "FILE"],
        ["evaluate", "FILE", "--benchmark", "FILE"],
        ["curate", "time-r1", "--data", "FILE", "--out", "out.jsonl"],
        ["post-train", "sft", "--model", "tiny", "--data", "FILE"],
    ],
)
@pytest.mark.parametrize(
    ("field", "windows", "words"),
    [
        ("windows", [[1, 2]], "line 1: the field windows must be renamed to relevant_windows"),
        ("relevant_windows", [[9, 3]], "line 1: the field relevant_windows, entry 1, needs 0 <= start < end"),
    ],
)
def test_every_command_refuses_the_same_rows(
    tmp_path: Path, command: list[str], field: str, windows: list[list[int]], words: str
) -> None:
    if command[0] == "post-train":
        pytest.importorskip("trl")
    row = {"vid": "v", "video": "v.mp4", "query": "x", "duration": 10, field: windows}
    path = lines(tmp_path / "my.jsonl", row)
    result = CliRunner().invoke(app, [str(path) if word == "FILE" else word for word in command])
    assert isinstance(result.exception, AnnotationError), result.output
    assert f"{path}, {words}" in str(result.exception)


def test_published_windows_are_kept_as_they_are(tmp_path: Path) -> None:
    row: dict[str, object] = {"qid": 1, "vid": "v", "query": "x", "duration": 10, "relevant_windows": [[9, 3], [8, 20]]}
    path = lines(tmp_path / "highlight_val_release.jsonl", row)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [example] = BENCHMARKS["qvhighlights"].load(path, "val").examples
    np.testing.assert_array_equal(example.windows, [[9, 3], [8, 20]])


def test_windows_after_the_end_of_the_video_are_counted(tmp_path: Path) -> None:
    near = {"vid": "v", "query": "x", "duration": 10, "relevant_windows": [[1, 11]]}
    path = lines(tmp_path / "my.jsonl", near, near | {"relevant_windows": [[1, 12], [2000, 3000]]})
    with pytest.warns(UserWarning, match=r"my\.jsonl: 2 windows of relevant_windows end more than 1 s after the video"):
        read_annotations(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_annotations(lines(path, near))


def test_a_file_of_ones_own_is_a_data_set_with_its_splits(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"vid": f"v{i}", "query": "x", "split": split} for i, split in enumerate(["train", "val", "train"])
    ]
    path = lines(tmp_path / "my.jsonl", *rows)
    own = dataset(path)
    assert (list(own.files), own.default_split) == (["train", "val"], "val")
    assert [e.video for e in own.load(split="train").examples] == ["v0", "v2"]
    assert [e.qid for e in own.load(tmp_path).examples] == [2], "a directory of other data is no matter"
    with pytest.raises(InputError, match="no split 'test'; choose one of: train, val"):
        own.load(split="test")
    assert [e.video for e in BENCHMARKS["own"].load(path, "val").examples] == ["v1"]
    with pytest.raises(AnnotationError, match="no row is of the split 'test'; choose one of: train, val"):
        BENCHMARKS["own"].load(path)


def test_a_file_without_splits_is_read_whole(tmp_path: Path) -> None:
    path = lines(tmp_path / "my.jsonl", {"vid": "v", "query": "x"}, {"vid": "w", "query": "y"})
    assert [e.video for e in dataset(path).load().examples] == ["v", "w"]
    assert [e.video for e in BENCHMARKS["own"].load(path, "train").examples] == ["v", "w"]


def test_a_file_that_is_missing_is_told() -> None:
    with pytest.raises(InputError, match=r"absent\.jsonl does not exist"):
        dataset("absent.jsonl")


CORRECTIONS = [
    {"vid": "a", "query": "q", "duration": 9.0, "relevant_windows": [[0, 1]], "provenance": "edited"},
    {"vid": "a", "query": "r", "duration": 9.0, "relevant_windows": [[0, 1]], "provenance": "confirmed"},
    {"vid": "a", "query": "s", "duration": 9.0, "relevant_windows": [[0, 1], [2, 3]], "provenance": "model",
     "window_provenance": ["edited", "model"]},
    {"vid": "a", "query": "t", "duration": 9.0, "relevant_windows": [[0, 1]]},
]  # fmt: skip


def test_what_nobody_checked_is_no_truth_and_corrections_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "annotations.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in CORRECTIONS))
    with pytest.warns(UserWarning, match="that nobody checked: 1"):
        assert [e.query for e in dataset(str(path)).load().examples] == ["q", "r", "t"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        samples = {kind: read_samples(path, kind) for kind in (None, "edited", "confirmed")}
    chosen = {kind: [one.query for one in of_kind] for kind, of_kind in samples.items()}
    assert chosen == {None: ["q", "r", "t"], "edited": ["q", "t"], "confirmed": ["r", "t"]}
    write_samples(tmp_path / "again.jsonl", samples[None])
    assert read_samples(tmp_path / "again.jsonl") == samples[None], "what is curated still says who checked it"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"provenance": "guessed"}, "provenance must be one of: model, edited, confirmed"),
        ({"window_provenance": ["edited"]}, "window_provenance has 1 entries for 2 windows"),
        ({"provenance": "edited"}, "provenance must be model where that of a window is"),
        ({"corrects": [1]}, "corrects must be an object"),
    ],
)
def test_a_provenance_that_contradicts_itself_is_refused(change: dict[str, object], told: str, tmp_path: Path) -> None:
    path = tmp_path / "annotations.jsonl"
    path.write_text(json.dumps(CORRECTIONS[2] | change) + "\n")
    with pytest.raises(AnnotationError, match=told):
        read_annotations(path)
