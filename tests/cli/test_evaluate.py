"""`whenabouts evaluate`: official dictionaries to the digit, official exceptions, every other protocol by name."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.errors import AnnotationError, InputError, OfficialCrash, WhenaboutsError

MOMENTS = ["moment_detr", "cg_detr", "univtg", "lighthouse"]
TRUTH = {
    "qid": 1,
    "vid": "v",
    "query": "q",
    "duration": 150,
    "relevant_windows": [[0, 20]],
    "relevant_clip_ids": list(range(10)),
    "saliency_scores": [[4, 3, 2]] * 10,
}


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["evaluate", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def official(pred: Path, truth: Path, name: str, *options: str, benchmark: str = "qvhighlights") -> Any:
    arguments = ("--benchmark", benchmark, "--ground-truth", truth, "--official", name, "--json", *options)
    return json.loads(run(pred, *arguments))


def flat(figures: dict[str, Any], prefix: str = "") -> dict[str, float]:
    out: dict[str, float] = {}
    for key, value in figures.items():
        out |= flat(value, f"{prefix}{key}/") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return out


DIALECTS = {"moment_detr": "moment_detr", "QD-DETR": "moment_detr", "lighthouse": "lighthouse", "UniVTG": "univtg"}


@pytest.mark.parametrize("evaluator", DIALECTS)
def test_the_official_dictionary_is_printed(data: Path, evaluator: str) -> None:
    """Every number that the evaluator gave for a file at hand, recognised by its digest, and no other number."""
    folder = data / "qvhighlights"
    files = {hashlib.sha256(f.read_bytes()).hexdigest(): f for f in folder.glob("*_preds.jsonl")}
    with (data / "evaluators" / "expected_values.csv").open(newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["evaluator"] == evaluator and r["pred_sha256"] in files]
    if not rows:
        pytest.skip(f"the file that {evaluator} scored is not at hand")
    pred = files[rows[0]["pred_sha256"]]
    printed = official(pred, folder / "highlight_val_release.jsonl", DIALECTS[evaluator])
    assert flat(printed) == {r["metric"]: float(r["value"]) for r in rows}
    assert next(iter(printed)) == "brief"


@pytest.mark.parametrize(("file", "metrics"), [("moment_detr", "moment_detr"), ("qd_detr", "qd_detr")])
def test_the_shipped_metrics_are_printed(data: Path, file: str, metrics: str) -> None:
    folder = data / "qvhighlights"
    printed = official(folder / f"{file}_val_preds.jsonl", folder / "highlight_val_release.jsonl", "moment_detr")
    assert printed == json.loads((folder / f"{metrics}_val_metrics.json").read_text())


@pytest.mark.parametrize("name", MOMENTS)
def test_edge_cases_end_as_officially(data: Path, tmp_path: Path, name: str) -> None:
    cases = json.loads((data / "evaluators" / f"edge_cases_{name}.json").read_text())["cases"]
    pred, truth = tmp_path / "pred.jsonl", tmp_path / "gt.jsonl"
    for case in cases.values():
        pred.write_text("\n".join(map(json.dumps, case["submission"])))
        truth.write_text("\n".join(map(json.dumps, case["gt"])))
        if isinstance(case["official"], str):
            with pytest.raises(OfficialCrash) as error:
                official(pred, truth, name, "--strict-official")
            assert str(error.value).startswith(case["official"])
        else:
            assert official(pred, truth, name, "--strict-official") == case["official"]


def test_an_official_exception_is_one_sentence_on_stderr(tmp_path: Path) -> None:
    (tmp_path / "gt.jsonl").write_text(json.dumps(TRUTH))
    (tmp_path / "pred.jsonl").write_text('{"qid": 1, "pred_relevant_windows": [[0, NaN, 1.0]]}')
    command = [sys.executable, "-m", "whenabouts", "evaluate", "pred.jsonl", "--benchmark", "qvhighlights"]
    command += ["--ground-truth", "gt.jsonl", "--official", "moment_detr", "--strict-official", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == "whenabouts: EXC TypeError: 'numpy.float64' object is not iterable\n"


def test_an_empty_submission_is_what_the_official_code_says_it_is(tmp_path: Path) -> None:
    (tmp_path / "gt").write_text(json.dumps(TRUTH))
    (tmp_path / "pred").write_text("")
    with pytest.raises(OfficialCrash, match="EXC AssertionError: qids in ground_truth and submission must match"):
        official(tmp_path / "pred", tmp_path / "gt", "univtg", "--strict-official")
    with pytest.raises(AnnotationError, match="pred is empty"):
        official(tmp_path / "pred", tmp_path / "gt", "univtg")


@pytest.mark.parametrize("name", ["anet", "opentad"])
def test_detection_scores_are_the_references(data: Path, name: str) -> None:
    folder = data / "thumos14"
    printed = official(folder / "synthetic_predictions.json", folder / "ground_truth.json", name, benchmark="thumos14")
    assert [printed[f"mAP@{t}"] for t in (0.3, 0.4, 0.5, 0.6, 0.7)] == [
        0.4918198241856119,
        0.466880875138081,
        0.41692656613488,
        0.31030677778159566,
        0.15763697963141549,
    ]
    assert printed["average_mAP"] == 0.36871420457431675


def test_a_report_names_its_protocol_and_tells_what_the_score_is_worth(data: Path, tmp_path: Path) -> None:
    """Predicting [0, 0.3] of every video is the blind baseline itself."""
    from whenabouts.benchmarks import BENCHMARKS

    examples = BENCHMARKS["charades-sta"].load(data, "test").examples
    rows = [{"qid": e.qid, "windows": [[0.0, 0.3 * e.duration]]} for e in examples if e.duration]
    (tmp_path / "blind.jsonl").write_text("\n".join(map(json.dumps, rows)))
    arguments = (tmp_path / "blind.jsonl", "--benchmark", "charades-sta", "--ground-truth", data)
    told = json.loads(run(*arguments, "--json"))
    assert told["protocol"] == "charades-sta" and told["queries"] == 3720
    assert round(told["scores"]["R1@0.5"], 2) == 30.65
    assert told["scores"] == pytest.approx(told["blind"]["constant for R1@0.5"])
    text = run(*arguments)
    for words in ("protocol charades-sta", "95 % over videos", "boundary error", "best blind", "by the length"):
        assert words in text


def test_answers_are_scored_through_a_named_parser(data: Path, tmp_path: Path) -> None:
    from whenabouts.benchmarks import BENCHMARKS

    examples = BENCHMARKS["charades-sta"].load(data, "test").examples
    answers = ["no idea" if i % 2 else f"{e.windows[0, 0]} - {e.windows[0, 1]} seconds" for i, e in enumerate(examples)]
    answers[2] += " and 9.0 - 3.0"  # the first interval counts, whatever follows
    (tmp_path / "answers.txt").write_text("\n".join([*answers[:-2], "9.0 - 3.0, 1.0 - 2.0", answers[-1]]) + "\n")
    arguments = (
        "--benchmark",
        "charades-sta",
        "--ground-truth",
        data,
        "--protocol",
        "timelens",
        "--parser",
        "timelens",
    )
    told = json.loads(run(tmp_path / "answers.txt", *arguments, "--json"))
    assert told["scores"]["R1@0.7"] == 100 * 1859 / 3720
    assert told["answered"] == 1859
    strict = json.loads(run(tmp_path / "answers.txt", *arguments, "--strict-official", "--json"))
    assert strict["scores"] == told["scores"]


def test_windows_without_length_are_misses_that_are_told(tmp_path: Path) -> None:
    """Official post-processing makes them, so they are no error."""
    (tmp_path / "gt.jsonl").write_text(json.dumps(TRUTH))
    (tmp_path / "pred.jsonl").write_text('{"qid": 1, "pred_relevant_windows": [[4, 4, 0.9], [0, 20, 0.5]]}')
    arguments = ("--benchmark", "qvhighlights", "--ground-truth", tmp_path / "gt.jsonl", "--official", "lighthouse")
    words = " ".join(run(tmp_path / "pred.jsonl", *arguments).split())
    assert "MR-full-mAP@0.5 50.00" in words and "R1@0.5 0.00" in words


def test_clip_scores_alone_are_evaluated(tmp_path: Path) -> None:
    (tmp_path / "gt.jsonl").write_text(json.dumps(TRUTH))
    (tmp_path / "pred.jsonl").write_text(json.dumps({"qid": 1, "pred_saliency_scores": [1.0] + [0.0] * 74}))
    text = run(tmp_path / "pred.jsonl", "--benchmark", "qvhighlights", "--ground-truth", tmp_path / "gt.jsonl")
    assert "HL-min-VeryGood-Hit1" in text and "top-1" not in text


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('{"qid": 1, "pred_relevant_windows": [[5, 2, 0.5]]}', ["prediction row 1, qid 1", "ends before it starts"]),
        ('{"qid": 1, "pred_relevant_windows": [[NaN, 2, 0.5]]}', ["line 1", "NaN is not a number"]),
        ('{"qid": 1, "pred_relevant_windows": [[1, 2]]}', ["[start, end, score]"]),
        ('{"qid": 1, "pred_relevant_windows": "x"}', ["prediction row 1", "pred_relevant_windows"]),
        ('{"qid": [1], "pred_relevant_windows": [[1, 2, 3]]}', ["line 1", "qid must be"]),
        ('{"qid": 2, "pred_relevant_windows": [[1, 2, 3]]}', ["qid 1 of the ground truth has no prediction"]),
        ('{"qid": 1, "pred_saliency_scores": [[1], 2]}', ["pred_saliency_scores, entry 1"]),
        ('{"qid": 1}', ["neither pred_relevant_windows nor pred_saliency_scores"]),
        ('{"qid": 1, "pred_relevant_windows": [[1, ' + "9" * 400 + ", 3]]}", ["pred_relevant_windows"]),
        ('{"pred_relevant_windows": [[1, 2, 3]]}', ["qid is missing"]),
        ("nonsense", ["line 1", "not JSON"]),
    ],
)
def test_bad_submissions_are_refused_by_default(tmp_path: Path, row: str, words: list[str]) -> None:
    (tmp_path / "gt.jsonl").write_text(json.dumps(TRUTH))
    (tmp_path / "pred.jsonl").write_text(row)
    with pytest.raises(AnnotationError) as error:
        official(tmp_path / "pred.jsonl", tmp_path / "gt.jsonl", "moment_detr")
    assert all(word in str(error.value) for word in [*words, str(tmp_path)]), error.value


def test_bad_ground_truth_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pred.jsonl").write_text('{"qid": 1, "pred_relevant_windows": [[1, 2, 3]]}')
    (tmp_path / "gt.jsonl").write_text(json.dumps(TRUTH | {"duration": "long"}))
    with pytest.raises(AnnotationError, match=r"gt\.jsonl, line 1: the field duration must be a finite number"):
        official(tmp_path / "pred.jsonl", tmp_path / "gt.jsonl", "moment_detr")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--benchmark", "qvh"], "choose one of: qvhighlights"),
        (["--benchmark", "qvhighlights", "--official", "anet"], "choose moment_detr"),
        (["--benchmark", "thumos14", "--official", "univtg"], "choose anet"),
        (["--benchmark", "qvhighlights", "--ground-truth", "absent.jsonl"], "absent.jsonl does not exist"),
        (["--benchmark", "thumos14", "--split", "dev", "--ground-truth", "x.json"], "choose one of: val, test"),
        (["--benchmark", "tacos", "--protocol", "best", "--ground-truth", "x.json"], "unknown protocol 'best'"),
    ],
)
def test_misuse_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], words: str) -> None:
    (tmp_path / "pred.jsonl").write_text('{"qid": 1, "pred_relevant_windows": [[1, 2, 3]]}')
    monkeypatch.delenv("WHENABOUTS_DATA", raising=False)
    with pytest.raises(InputError, match=words):
        run(tmp_path / "pred.jsonl", *options)


def test_didemo_ranks_segments(data: Path, tmp_path: Path) -> None:
    """With the candidates in order of length, a query counts at rank 1 where three people chose the first segment."""
    from whenabouts.benchmarks import BENCHMARKS

    examples = BENCHMARKS["didemo"].load(data, "val").examples
    candidates = sorted([(a, b) for a in range(6) for b in range(a, 6)], key=lambda c: (c[1] - c[0], c))
    windows = [[5 * a, 5 * (b + 1)] for a, b in candidates]
    (tmp_path / "ranked.json").write_text(json.dumps([windows] * len(examples)))
    figures = json.loads(
        run(tmp_path / "ranked.json", "--benchmark", "didemo", "--ground-truth", data, "--split", "val", "--json")
    )
    first = [sum(w == [0.0, 5.0] for w in e.windows.tolist()) >= 3 for e in examples]
    assert figures["rank@1"] == pytest.approx(100 * sum(first) / len(first))
    (tmp_path / "short.json").write_text(json.dumps([windows[:1]] * len(examples)))
    with pytest.raises(AnnotationError, match="is not among the ranked candidates"):
        run(tmp_path / "short.json", "--benchmark", "didemo", "--ground-truth", data, "--split", "val")


@pytest.mark.parametrize(("name", "perfect"), [("tvsum", False), ("youtube-highlights", True)])
def test_clip_scores_are_evaluated_by_domain(data: Path, tmp_path: Path, name: str, perfect: bool) -> None:
    from whenabouts.benchmarks import BENCHMARKS

    examples = BENCHMARKS[name].load(data, "val").examples
    rows = [
        {"qid": e.qid, "pred_saliency_scores": e.saliency.mean(axis=1).tolist()}
        for e in examples
        if e.saliency is not None
    ]
    (tmp_path / "scores.jsonl").write_text("\n".join(map(json.dumps, rows)))
    arguments = ("--benchmark", name, "--ground-truth", data)
    figures = json.loads(run(tmp_path / "scores.jsonl", *arguments, "--json"))
    assert set(figures) == {e.group for e in examples} | {"mean"}
    assert (figures["mean"] == 100.0) == perfect
    assert "mean" in run(tmp_path / "scores.jsonl", *arguments)
    (tmp_path / "scores.jsonl").write_text(json.dumps({"qid": rows[0]["qid"], "pred_saliency_scores": [1, "x"]}))
    with pytest.raises(AnnotationError, match=r"line 1: the field pred_saliency_scores, entry 2, must be a finite"):
        run(tmp_path / "scores.jsonl", *arguments)


def test_a_video_without_detections_lowers_recall_only(data: Path, tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text('{"results": {"video_test_0000004": []}}')
    truth = data / "thumos14" / "ground_truth.json"
    assert official(tmp_path / "none.json", truth, "opentad", benchmark="thumos14")["average_mAP"] == 0.0


def test_a_benchmark_without_a_training_split_has_one_blind_baseline(tmp_path: Path) -> None:
    row = {"qid": "q", "video_id": "v", "question": "When?", "correct_interval": [10, 20], "video_duration_s": 40}
    (tmp_path / "test.json").write_text(json.dumps([row]))
    (tmp_path / "pred.json").write_text('{"q": [[10, 15]]}')
    arguments = ("--benchmark", "extremewhenbench", "--ground-truth", tmp_path / "test.json", "--json")
    told = json.loads(run(tmp_path / "pred.json", *arguments))
    assert (told["protocol"], told["scores"]["mIoU"]) == ("extremewhenbench", 50.0)
    assert {name: scores["mIoU"] for name, scores in told["blind"].items()} == {"whole video": 25.0}


@settings(max_examples=60)
@given(
    field=st.sampled_from(["qid", "pred_relevant_windows", "pred_saliency_scores", "duration", "relevant_windows"]),
    value=st.recursive(
        st.none() | st.booleans() | st.text(max_size=3) | st.floats() | st.integers(-(10**40), 10**40),
        lambda inner: st.lists(inner, max_size=4),
    ),
    name=st.sampled_from(MOMENTS),
    strict=st.booleans(),
)
def test_no_value_of_a_field_ends_in_a_traceback(
    tmp_path: Path, field: str, value: object, name: str, strict: bool
) -> None:
    row = {"qid": 1, "pred_relevant_windows": [[0, 20, 0.9]], "pred_saliency_scores": [0.1] * 75}
    (tmp_path / "pred.jsonl").write_text(json.dumps(row | {field: value} if field in row else row))
    (tmp_path / "gt.jsonl").write_text(json.dumps(TRUTH | {field: value} if field in TRUTH else TRUTH))
    with contextlib.suppress(WhenaboutsError):
        official(tmp_path / "pred.jsonl", tmp_path / "gt.jsonl", name, *(["--strict-official"] if strict else []))


@pytest.mark.parametrize("strict", [[], ["--strict-official"]])
@pytest.mark.parametrize("name", MOMENTS)
def test_a_video_of_a_thousand_years_does_not_fill_the_memory(tmp_path: Path, name: str, strict: list[str]) -> None:
    row = {"qid": 1, "pred_relevant_windows": [[0, 20, 0.9]], "pred_saliency_scores": [0.1] * 75}
    (tmp_path / "pred.jsonl").write_text(json.dumps(row))
    (tmp_path / "gt.jsonl").write_text(json.dumps(TRUTH | {"duration": 1e15}))
    with contextlib.suppress(AnnotationError, OfficialCrash):  # without the bound it is MemoryError
        official(tmp_path / "pred.jsonl", tmp_path / "gt.jsonl", name, *strict)


def test_a_note_is_printed_once(tmp_path: Path) -> None:
    (tmp_path / "my.jsonl").write_text(json.dumps(TRUTH) + "\n")
    rows = [{"qid": qid, "pred_relevant_windows": [[0, 20, 1]]} for qid in (1, 99)]
    (tmp_path / "answers.jsonl").write_text("\n".join(map(json.dumps, rows)))
    arguments = ["evaluate", str(tmp_path / "answers.jsonl"), "--benchmark", str(tmp_path / "my.jsonl")]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.output.count("note: 1 prediction has a qid that is not in the annotations") == 1, result.output


def test_moment_queries_of_ego4d_have_both_metrics(tmp_path: Path) -> None:
    def rows(*segments: tuple[float, float]) -> list[dict[str, Any]]:
        return [{"segment": [a, b], "label": "wash", "score": 1 - i / 10} for i, (a, b) in enumerate(segments)]

    moments = [{"label": "wash", "start_time": a, "end_time": b, "primary": True} for a, b in ((0, 10), (20, 30))]
    clip = {"clip_id": "c", "subset": "val", "parent_start_sec": 0, "parent_end_sec": 60, "annotations": moments}
    truth, submission = tmp_path / "clip_annotations.json", tmp_path / "submission.json"
    truth.write_text(json.dumps({"c": clip}))
    both = {
        "challenge": "ego4d_moment_queries",
        "detect_results": {"c": rows((0, 10), (40, 50), (20, 26))},
        "retrieve_results": {"c": rows((40, 50), (0, 10), (20, 26))},
    }
    submission.write_text(json.dumps(both))
    for evaluator in ("opentad", "ego4d"):
        figures = official(submission, truth, evaluator, benchmark="ego4d-mq")
        # MQ/Evaluation/ego4d (EGO4D/episodic-memory): eval_detection.py and get_retrieval_performance.py
        assert figures["mAP@0.5"] == pytest.approx(5 / 6)
        assert (figures["rank@1x@0.5"], figures["rank@2x@0.5"], figures["rank@2x@0.7"]) == (0.5, 1.0, 0.5)
        assert figures["recall@1x@0.5"] == 0.5
