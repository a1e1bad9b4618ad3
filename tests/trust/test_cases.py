"""Cases: which queries are asked, of which videos, with which truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from media import make_video

from whenabouts.errors import InputError, VideoError
from whenabouts.evidence.subtitles import subtitles
from whenabouts.trust.stress import cases

ROWS: list[dict[str, Any]] = [
    {"vid": "a", "query": "a cat jumps", "relevant_windows": [[0.0, 1.0]]},
    {"vid": "a", "query": "a dog barks", "relevant_windows": [[1.0, 2.0]]},
    {"vid": "b", "query": "the cat sleeps", "relevant_windows": [[0.5, 1.0]]},
    {"vid": "b", "query": "a train arrives", "relevant_windows": [[0.5, 1.5]]},
    {"vid": "gone", "query": "a boat", "relevant_windows": [[0.5, 1.5]]},
]


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    for name in ("a", "b"):
        make_video(folder / f"{name}.mp4", fps=5, seconds=2.0)
    (folder / "broken.mp4").write_bytes(b"nothing")
    return folder


def own(path: Path, rows: list[dict[str, Any]]) -> str:
    file = path / "own.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(file)


def test_a_video_has_queries_and_no_truth(videos: Path) -> None:
    made = cases.of_video(videos / "a.mp4", ["x", "y", "x"])
    assert [(case.query, case.truth) for case in made.cases] == [("x", None), ("y", None)]
    assert made.cases[0].video is made.cases[1].video
    with pytest.raises(VideoError, match="does not exist"):
        cases.of_video(videos / "no.mp4", ["x"])


def test_negatives_come_from_other_videos_and_are_annotated_nowhere_in_theirs(videos: Path, tmp_path: Path) -> None:
    made = cases.of_benchmark(own(tmp_path, ROWS), None, videos)
    absent = {(c.video.path.stem, c.query) for c in made.cases if c.truth is not None and not len(c.truth)}
    assert len(absent) == len(made.cases) - 4 and 2 <= len(absent) <= 4
    said = {(row["vid"], row["query"]) for row in ROWS}
    assert not absent & said and {query for _, query in absent} <= {query for _, query in said}
    assert made.notes[0].startswith("1 queries are about videos that are not in ")
    assert "no query is annotated as not happening, so " in made.notes[1]
    assert len(cases.of_benchmark(own(tmp_path, ROWS), None, videos, negatives=False).cases) == 4


def test_annotated_negatives_are_used_and_unknown_rows_have_no_truth(videos: Path, tmp_path: Path) -> None:
    rows = [*ROWS[:2], {"vid": "a", "query": "snow", "relevant_windows": []}, {"vid": "b", "query": "rain"}]
    made = cases.of_benchmark(own(tmp_path, rows), None, videos)
    truths = {case.query: case.truth for case in made.cases}
    assert truths["rain"] is None and truths["snow"] is not None and not len(truths["snow"])
    assert len(made.cases) == 4 and made.notes == ()


def test_a_limit_keeps_both_kinds_and_is_the_same_for_a_seed(videos: Path, tmp_path: Path) -> None:
    file = own(tmp_path, ROWS)
    for seed in range(5):
        made = cases.of_benchmark(file, None, videos, limit=4, seed=seed)
        assert sum(bool(len(case.truth)) for case in made.cases if case.truth is not None) == 2
        again = cases.of_benchmark(file, None, videos, limit=4, seed=seed)
        assert [case.query for case in made.cases] == [case.query for case in again.cases]


def test_what_is_missing_is_told(videos: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a directory"):
        cases.of_benchmark(own(tmp_path, ROWS), None, tmp_path / "none")
    with pytest.raises(InputError, match="videos are named as in the annotations"):
        cases.of_benchmark(own(tmp_path, ROWS[4:]), None, videos)
    rows = [*ROWS[:2], {"vid": "broken", "query": "fog", "relevant_windows": [[0, 1]]}]
    made = cases.of_benchmark(own(tmp_path, rows), None, videos, negatives=False)
    assert len(made.cases) == 2 and any("broken.mp4" in note for note in made.notes)


def test_composed_videos_have_words_that_answer(tmp_path: Path) -> None:
    pytest.importorskip("skimage")
    made = cases.synthetic(tmp_path, videos=1, scenes=4)
    happen = [case for case in made.cases if case.truth is not None and len(case.truth)]
    assert len(made.cases) == 2 * len(happen)
    lines = {line.text.rstrip(".").casefold(): (line.start, line.end) for line in subtitles(made.cases[0].video)}
    told = [case for case in happen if case.query.casefold() in lines]
    assert told, "some lines say what is seen"
    for case in told:
        start, end = lines[case.query.casefold()]
        assert case.truth is not None
        assert (np.abs(case.truth - [start - 0.2, end + 0.2]).max(axis=1) < 0.01).any()
