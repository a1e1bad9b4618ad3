"""Choosing training samples: difficulty, curriculum, leaks, negatives and the manifest that proves it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whenabouts.errors import InputError
from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.training.post.curation import leaks, select, source_video
from whenabouts.training.post.manifest import digest, write_curated
from whenabouts.training.post.negatives import negatives
from whenabouts.training.post.samples import Sample, read_samples, with_files, write_samples

TIME_R1, TIMELENS, TIMELENS2 = (RECIPES[name].selection for name in ("time-r1", "timelens", "timelens2"))


def pool(size: int) -> list[Sample]:
    rng = np.random.default_rng(1)
    return [
        Sample(f"q{i}", f"v{i % 40}.mp4", f"thing{i} happens", ((1.0, 2.0),), 30.0, tuple(rng.beta(1, 1, 1).repeat(4)))
        for i in range(size)
    ]


def test_what_there_is_nothing_to_learn_from_goes_and_the_order_stays() -> None:
    samples = [
        Sample("easy", "a", "x", ((1, 2),), 9.0, (0.8, 0.9)),
        Sample("hard", "a", "x", ((1, 2),), 9.0, (0.0, 0.1)),
        Sample("impossible", "a", "x", ((1, 2),), 9.0, (0.0, 0.0)),
        Sample("absent", "a", "y", (), 9.0),
        Sample("edge", "a", "x", ((1, 2),), 9.0, (0.7,)),
    ]
    chosen, counts = select(samples, TIME_R1)
    assert [one.sample for one in chosen] == ["easy", "hard", "absent", "edge"]
    assert counts == {"too_easy": 0, "impossible": 1, "not_drawn": 0, "chosen": 4}
    again, counts = select(samples, replace(TIME_R1, easiest=0.7))
    assert [one.sample for one in again] == ["hard", "absent", "edge"]
    assert counts == {"too_easy": 1, "impossible": 1, "not_drawn": 0, "chosen": 3}
    kept, _ = select(samples, replace(TIMELENS, bucket=None))
    assert len(kept) == 5


def test_samples_are_drawn_around_the_published_difficulty() -> None:
    chosen, counts = select(pool(6000), replace(TIME_R1, size=500))
    means = np.array([np.mean(one.ious) for one in chosen])
    assert counts["chosen"] == len({one.sample for one in chosen}) == 500
    assert means.mean() == pytest.approx(0.3, abs=0.06)
    assert select(pool(6000), replace(TIME_R1, size=500))[0] == chosen
    hard = np.array([np.mean(one.ious) for one in select(pool(6000), replace(TIMELENS, size=500))[0]])
    assert hard.mean() < 0.25


def test_timelens_draws_as_its_own_code_does() -> None:
    """TimeLens training/data/grounding.py: GroundingDataset._filter_annos with the ranges of hybrid.py and seed 42."""
    rng = np.random.default_rng(0)
    samples = [
        Sample(f"q{i}", "a", "x", ((1, 2),), float(rng.integers(5, 400)), (float(round(rng.beta(0.5, 1), 3)),))
        for i in range(400)
    ]
    chosen, counts = select(samples, replace(TIMELENS, size=90, seed=42))
    assert hashlib.sha256(" ".join(one.sample for one in chosen).encode()).hexdigest()[:16] == "553639e6091e02f1"
    steps = np.ceil([one.duration / 30 for one in chosen]).clip(1, 9)
    assert np.bincount(steps.astype(int)).tolist() == [0] + [10] * 9
    assert counts["impossible"] == 0


def test_timelens2_draws_the_harder_the_likelier() -> None:
    samples = pool(4000)
    means = [np.mean([one.ious for one in select(samples, replace(TIMELENS2, size=400, harder=p))[0]]) for p in (0, 2)]
    assert means == pytest.approx([0.5, 0.25], abs=0.04)
    unlike = [replace(one, ious=(0.2, 0.8) if i % 2 else (0.5, 0.5)) for i, one in enumerate(samples)]
    chosen, _ = select(unlike, replace(TIMELENS2, size=400, harder=0.0, unsure=2.0))
    assert {one.ious for one in chosen} == {(0.2, 0.8)}


def test_a_sample_nobody_scored_is_named() -> None:
    with pytest.raises(InputError, match="q7: no ious; let the reference model"):
        select([Sample("q7", "a", "x", ((1, 2),), 9.0)], TIME_R1)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("NUsG9BgSes0_210.0_360.0", "NUsG9BgSes0"),
        ("train/NUsG9BgSes0_60_210.MP4", "NUsG9BgSes0"),
        ("v_QOlSCBRmfWY.mp4", "v_QOlSCBRmfWY"),
        ("s13-d21.avi", "s13-d21"),
        ("3MSZA", "3MSZA"),
    ],
)
def test_the_source_of_a_file(name: str, source: str) -> None:
    assert source_video(name) == source


def test_leaks_are_found_through_names_and_wordings() -> None:
    samples = [
        Sample("q1", "charades/3MSZA.mp4", "Person turns on a light.", ((1, 2),), 30.0),
        Sample("q2", "NUsG9BgSes0_60.0_210.0.mp4", "a drive", ((1, 2),), 150.0),
        Sample("q3", "other.mp4", "person turns on a light", ((1, 2),), 30.0),
    ]
    evaluation = [("3MSZA", "person turns on a light"), ("NUsG9BgSes0_210.0_360.0", "a walk")]
    assert leaks(samples, evaluation) == [
        "q1: its video and query are in the evaluation (charades/3MSZA.mp4)",
        "q2: its video is in the evaluation (NUsG9BgSes0_60.0_210.0.mp4)",
    ]


def test_negatives_ask_what_no_query_of_the_video_tells() -> None:
    samples = [
        Sample("q1", "a_0_10.mp4", "a dog barks loudly", ((1, 2),), 10.0),
        Sample("q2", "a_10_20.mp4", "rain falls on the roof", ((1, 2),), 10.0),
        Sample("q3", "b.mp4", "the dog barks at night", ((1, 2),), 20.0),
        Sample("q4", "c.mp4", "somebody cooks soup", ((1, 2),), 30.0),
    ]
    made = negatives(samples, 4)
    assert len(made) == len({(one.video, one.query) for one in made}) == 4
    assert all(not one.windows and one.query for one in made)
    asked = {(source_video(one.video), one.query) for one in made}
    assert not asked & {(s, q) for s in ("a", "b") for q in ("a dog barks loudly", "the dog barks at night")}
    assert ("a", "rain falls on the roof") not in asked
    with pytest.raises(InputError, match="of 9 negative queries"):
        negatives(samples, 9)


def test_the_manifest_proves_what_was_chosen(tmp_path: Path) -> None:
    source, out = tmp_path / "pool.jsonl", tmp_path / "train.jsonl"
    write_samples(source, pool(50))
    chosen, counts = select(read_samples(source), replace(TIME_R1, size=10))
    manifest = json.loads(write_curated(out, chosen, source=source, rule=TIME_R1, counts=counts).read_text("utf-8"))
    assert read_samples(out) == chosen
    assert manifest["data"] == {
        "file": "train.jsonl",
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "samples": 10,
    }
    assert manifest["counts"] == counts
    assert manifest["samples"] == {one.sample: digest(one) for one in chosen}
    assert digest(chosen[0]) != digest(replace(chosen[0], windows=((1.0, 2.5),)))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '{"video": "a", "query": "x", "relevant_windows": [[2, 1]], "duration": 9}',
            r"line 1: the field relevant_windows, entry 1, needs 0 <= start < end, not \[2, 1\]",
        ),
        (
            '{"video": "a", "query": "x", "relevant_windows": [[1, 2]], "duration": 0}',
            "line 1: the field duration must be the seconds of a video, not 0",
        ),
        ('{"video": "a", "query": "x", "duration": 9}', "line 1: the field relevant_windows is missing"),
        ('{"video": "a", "query": "x", "relevant_windows": []}', "line 1: the field duration is missing"),
        (
            '{"video": "a", "query": "x", "windows": [[1, 2]], "duration": 9}',
            "line 1: the field windows must be renamed to relevant_windows",
        ),
        ('{"video": "a", "query": 3, "relevant_windows": [], "duration": 9}', "line 1: the field query must be text"),
    ],
)
def test_a_bad_row_is_told_by_line(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(InputError, match=message):
        read_samples(path)


def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    row = '{"qid": "q1", "video": "a", "query": "x", "relevant_windows": [[1, 2]], "duration": 9}\n'
    path.write_text(row)
    assert read_samples(path) == [Sample("q1", "a", "x", ((1.0, 2.0),), 9.0)]
    path.write_text(row * 2)
    with pytest.raises(InputError, match="two samples are named 'q1'"):
        read_samples(path)


def test_corrections_of_the_page_are_samples(tmp_path: Path) -> None:
    from whenabouts.benchmarks.annotations import write_annotations
    from whenabouts.server.annotations import AnnotationStore, Correction

    saved = AnnotationStore(tmp_path / "annotations.db")
    saved.put("1f", "cat.mkv", 30.0, Correction("a cat jumps", "me", ((1.5, 7.0),)))
    saved.put("1f", "cat.mkv", 30.0, Correction("a dog barks", "me", ()))
    path, videos = tmp_path / "corrections.jsonl", tmp_path / "videos"
    write_annotations(path, saved.export())
    samples = read_samples(path)
    assert [(one.video, one.query, one.windows, one.duration) for one in samples] == [
        ("cat.mkv", "a cat jumps", ((1.5, 7.0),), 30.0),
        ("cat.mkv", "a dog barks", (), 30.0),
    ]
    assert len({one.sample for one in samples}) == 2
    videos.mkdir()
    (videos / "cat.mkv").touch()
    (videos / "dog.m2ts").touch()
    assert with_files(samples, videos) == samples
    assert with_files(samples, tmp_path / "gone") == samples
    [by_name] = with_files([replace(samples[0], video="dog")], videos)
    assert by_name.video == "dog.m2ts"


def test_what_curate_writes_is_the_one_annotation_format(tmp_path: Path) -> None:
    from whenabouts.benchmarks import dataset

    path = tmp_path / "train.jsonl"
    one = Sample("q1", "sub/a.mp4", "x", ((1.0, 2.0), (3.0, 4.0)), 9.0, (0.5,))
    absent = Sample("q2", "a.mp4", "y", (), 9.0)
    write_samples(path, [one, absent])
    assert json.loads(path.read_text("utf-8").splitlines()[0]) == {
        "qid": "q1",
        "query": "x",
        "vid": "a",
        "duration": 9.0,
        "relevant_windows": [[1.0, 2.0], [3.0, 4.0]],
        "video": "sub/a.mp4",
        "ious": [0.5],
    }
    assert read_samples(path) == [one, absent]
    examples = dataset(str(path)).load(path).examples
    assert [(e.qid, e.video, e.windows.tolist()) for e in examples] == [
        ("q1", "a", [[1.0, 2.0], [3.0, 4.0]]),
        ("q2", "a", []),
    ]
