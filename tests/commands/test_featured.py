"""From features to numbers: a head answers a split without its videos, and what it says is scored."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.benchmarks import dataset  # noqa: E402
from whenabouts.commands import Evaluate, Predict  # noqa: E402
from whenabouts.encoders.clips import unit_rows  # noqa: E402
from whenabouts.errors import InputError, ModelError  # noqa: E402
from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.grounders.learned.checkpoint import save_head  # noqa: E402
from whenabouts.training.supervised.judge import by_detections, by_windows  # noqa: E402
from whenabouts.training.supervised.reading import FeatureFolders  # noqa: E402

CLIPS = 75


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Annotations with and without answers, features of two folders and of words, and a head that takes them."""
    root, rng = tmp_path_factory.mktemp("featured"), np.random.default_rng(0)
    rows = []
    for qid in range(8):
        clips = list(range(qid, 20))
        ratings = [[int(rng.integers(5)) for _ in range(3)] for _ in clips]
        asked = {"qid": qid, "query": f"a dog {qid}", "vid": f"v{qid // 2}", "duration": 150}
        windows = [[2 * qid, 40]]
        rows.append(asked | {"relevant_windows": windows, "relevant_clip_ids": clips, "saliency_scores": ratings})
    (root / "highlight_val_release.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    hidden = [{key: row[key] for key in ("qid", "query", "vid", "duration")} for row in rows]
    (root / "highlight_test_release.jsonl").write_text("".join(json.dumps(row) + "\n" for row in hidden))
    for folder, names, shape in (
        ("slowfast", [f"v{i}" for i in range(4)], (CLIPS + 1, 5)),
        ("clip", [f"v{i}" for i in range(4)], (CLIPS, 3)),
        ("text", [f"qid{i}" for i in range(8)], (6, 4)),
    ):
        (root / folder).mkdir()
        for name in names:
            key = "last_hidden_state" if folder == "text" else "features"
            np.savez(root / folder / f"{name}.npz", **{key: rng.normal(size=shape).astype(np.float32)})
    torch.manual_seed(0)
    save_head(HEADS["moment-detr"].sized(8, 4, small=True), root / "head.pt", {"clip_seconds": 2.0})
    return root


def predict(place: Path, out: Path, **more: Any) -> Predict:
    fields: dict[str, Any] = {
        "benchmark": "qvhighlights",
        "data": place,
        "model": str(place / "head.pt"),
        "features": (place / "slowfast", place / "clip"),
        "text": place / "text",
        "out": out,
        "device": "cpu",
    }
    return Predict.of(**{**fields, **more})


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_features_become_the_numbers_of_the_judge(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    done = predict(place, out).run()
    assert done.failures == {} and done.notes == ()
    assert [row["qid"] for row in rows(out)] == list(range(8))
    assert all(len(row["pred_saliency_scores"]) == CLIPS for row in rows(out))
    report = Evaluate.of(predictions=out, benchmark="qvhighlights", truth=place).run()
    folders = FeatureFolders((place / "slowfast", place / "clip"), (), place / "text")
    benchmark = dataset("qvhighlights").load(place)
    torch.manual_seed(0)
    figures = by_windows(folders.examples(benchmark.examples), benchmark)(HEADS["moment-detr"].sized(8, 4, small=True))
    assert figures | report.scores == figures


def test_a_test_split_without_answers_is_answered(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "test.jsonl"
    predict(place, out, split="test", data=place / "highlight_test_release.jsonl").run()
    predict(place, tmp_path / "val.jsonl").run()
    assert out.read_text() == (tmp_path / "val.jsonl").read_text()


def test_both_splits_make_one_submission(place: Path, tmp_path: Path) -> None:
    packed = tmp_path / "submission.zip"
    predict(place, tmp_path / "val.jsonl", submission=packed).run()
    hidden: dict[str, Any] = {"split": "test", "data": place / "highlight_test_release.jsonl"}
    predict(place, tmp_path / "test.jsonl", submission=packed, **hidden).run()
    with zipfile.ZipFile(packed) as file:
        assert file.namelist() == ["hl_test_submission.jsonl", "hl_val_submission.jsonl"]
        (tmp_path / "in.jsonl").write_bytes(file.read("hl_val_submission.jsonl"))
    fields = {"qid", "query", "vid", "pred_relevant_windows", "pred_saliency_scores"}
    assert all(set(row) == fields for row in rows(tmp_path / "in.jsonl"))
    one, other = (
        Evaluate.of(predictions=tmp_path / name, benchmark="qvhighlights", truth=place).run().scores
        for name in ("in.jsonl", "val.jsonl")
    )
    assert one == other


def test_an_interrupted_run_goes_on_and_writes_the_same(place: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.jsonl", tmp_path / "broken.jsonl"
    predict(place, whole).run()
    predict(place, broken, limit=3).run()
    broken.write_bytes(broken.read_bytes()[:-40])  # in the middle of a row
    predict(place, broken).run()
    found, wanted = ([row["pred_relevant_windows"] for row in rows(path)] for path in (broken, whole))
    np.testing.assert_allclose(found, wanted, atol=2e-4)  # another batch, other roundings
    with pytest.raises(InputError, match=r"another model or setting \(settings\)"):
        predict(place, broken, features=(place / "clip", place / "slowfast")).run()


def test_queries_without_features_are_told_and_count_as_misses(place: Path, tmp_path: Path) -> None:
    asked = rows(place / "highlight_val_release.jsonl")
    asked[3] |= {"vid": "gone"}
    mine = tmp_path / "mine.jsonl"
    mine.write_text("".join(json.dumps(row) + "\n" for row in asked))
    done = predict(place, tmp_path / "out.jsonl", benchmark=str(mine)).run()
    assert list(done.failures) == ["gone"] and "no features of 'gone'" in done.failures["gone"]
    with pytest.warns(UserWarning, match="1 query has no answer and counts as a miss"):
        Evaluate.of(predictions=done.path, benchmark=str(mine)).run()


def test_what_does_not_fit_is_refused_in_a_sentence(place: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="takes 8 numbers per clip, and the features of v0 have 3"):
        predict(place, tmp_path / "a.jsonl", features=(place / "clip",)).run()
    with pytest.raises(InputError, match="fps has no effect on features"):
        predict(place, tmp_path / "a.jsonl", fps=1.0).run()
    with pytest.raises(InputError, match="give --videos, or --features"):
        predict(place, tmp_path / "a.jsonl", features=None, text=None).run()
    with pytest.raises(ModelError, match="similarity"):
        predict(place, tmp_path / "a.jsonl", model="similarity").run()


def test_rows_of_another_length_than_in_training_are_told(place: Path, tmp_path: Path) -> None:
    save_head(HEADS["moment-detr"].sized(8, 4, small=True), tmp_path / "fast.pt", {"clip_seconds": 1.0})
    [note] = predict(place, tmp_path / "a.jsonl", model=str(tmp_path / "fast.pt")).run().notes
    assert note.startswith("4 videos have rows of another length than the 1 s of training, such as v0 with 2.00 s")


def test_folders_in_another_order_than_in_training_are_refused(place: Path, tmp_path: Path) -> None:
    facts = {"clip_seconds": 2.0, "columns": [["slowfast", 5], ["clip", 3]]}
    save_head(HEADS["moment-detr"].sized(8, 4, small=True), tmp_path / "head.pt", facts)
    assert predict(place, tmp_path / "a.jsonl", model=str(tmp_path / "head.pt")).run().notes == ()
    swapped = (place / "clip", place / "slowfast")
    with pytest.raises(InputError, match=r"learned from slowfast \(5 numbers\), clip \(3 numbers\) side by side"):
        predict(place, tmp_path / "b.jsonl", model=str(tmp_path / "head.pt"), features=swapped).run()
    assert not (tmp_path / "b.jsonl").exists()


def test_a_folder_of_words_that_is_missing_is_told_once(place: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere is not a directory of features"):
        predict(place, tmp_path / "a.jsonl", text=place / "nowhere").run()


def test_words_of_glove_and_of_highlights_are_read_as_they_are(place: Path, tmp_path: Path) -> None:
    """As `start_end_dataset.py` of CG-DETR: words by vocabulary, and those of TVSum, are not scaled."""
    unit, short = tmp_path / "unit", tmp_path / "short"  # short: the first layer normalises all but small numbers
    for folder in (unit, short):
        folder.mkdir()
    for path in (place / "text").iterdir():
        words = unit_rows(np.load(path)["last_hidden_state"])
        np.savez(unit / path.name, last_hidden_state=words)
        np.savez(short / path.name, last_hidden_state=0.004 * words)
    found = {}
    for raw in (False, True):
        torch.manual_seed(0)
        head = HEADS["moment-detr"].sized(8, 4, small=True, raw_words=raw)
        save_head(head, tmp_path / "head.pt", {"clip_seconds": 2.0})
        for text in (short, unit):
            out = tmp_path / f"{raw}{text.name}.jsonl"
            done = predict(place, out, model=str(tmp_path / "head.pt"), text=text).run()
            assert len(done.notes) == (raw and text == unit), done.notes
            found[raw, text.name] = np.array([row["pred_relevant_windows"] for row in rows(out)])
    np.testing.assert_allclose(found[False, "short"], found[True, "unit"], atol=5e-3)
    assert np.abs(found[True, "short"] - found[False, "short"]).max() > 0.01


def test_videos_that_are_too_long_are_told_and_cut_off_as_officially(place: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_head(HEADS["moment-detr"].sized(8, 4, small=True, longest=40), tmp_path / "head.pt", {"clip_seconds": 2.0})
    given = {"model": str(tmp_path / "head.pt")}
    [note] = predict(place, tmp_path / "a.jsonl", **given).run().notes
    assert note.startswith("4 videos have more than the 40 rows that the head takes at once, such as v0 with 75")
    assert predict(place, tmp_path / "b.jsonl", strict_official=True, **given).run().notes == ()
    # the first 40 rows, as start_end_dataset.py cuts them, are answered as if they were the whole video
    for folder, names in (("slowfast", range(4)), ("clip", range(4))):
        (tmp_path / folder).mkdir()
        for number in names:
            cut = np.load(place / folder / f"v{number}.npz")["features"][:40]
            np.savez(tmp_path / folder / f"v{number}.npz", features=cut)
    folders = (tmp_path / "slowfast", tmp_path / "clip")
    predict(place, tmp_path / "c.jsonl", features=folders, **given).run()
    mine, wanted = rows(tmp_path / "b.jsonl"), rows(tmp_path / "c.jsonl")
    assert [r["pred_relevant_windows"] for r in mine] == [r["pred_relevant_windows"] for r in wanted]
    with pytest.raises(InputError, match="strict_official has no effect on videos"):
        predict(place, tmp_path / "d.jsonl", features=None, text=None, strict_official=True, videos=place).run()


def test_a_closed_set_becomes_an_activitynet_submission(place: Path, tmp_path: Path) -> None:
    classes = {"run": [[1, 30]], "jump": [[50, 60], [70, 90]]}
    truth = {
        f"v{i}": {
            "subset": "test",
            "duration": 150,
            "annotations": [{"label": label, "segment": w} for label, ws in classes.items() for w in ws],
        }
        for i in range(4)
    }
    (tmp_path / "ground_truth.json").write_text(json.dumps({"database": truth}))
    text = tmp_path / "text"
    text.mkdir()
    for number, label in enumerate(classes):
        words = np.random.default_rng(number).normal(size=(2, 4)).astype(np.float32)
        np.savez(text / f"qid{label}.npz", last_hidden_state=words)
    asked: dict[str, Any] = {"benchmark": "thumos14", "data": tmp_path, "text": text}
    out = tmp_path / "found.json"
    done = predict(place, out, **asked, limit=3).run()
    done = predict(place, out, **asked).run()
    assert done.failures == {}
    content = json.loads(out.read_text())
    assert set(content) == {"version", "results", "external_data"} and list(content["results"]) == list(truth)
    report = Evaluate.of(predictions=out, benchmark="thumos14", truth=tmp_path).run()
    folders = FeatureFolders((place / "slowfast", place / "clip"), (), text)
    benchmark = dataset("thumos14").load(tmp_path)
    torch.manual_seed(0)
    judge = by_detections(folders.examples(benchmark.examples, by_label=True), folders.words(classes), benchmark)
    assert judge(HEADS["moment-detr"].sized(8, 4, small=True)) == report.scores


def test_sound_with_ends_of_its_own_is_taken(place: Path, tmp_path: Path) -> None:
    head = HEADS["qd-detr"].sized(8, 4, 7, recipe=HEADS["qd-detr"].small.changed(options={"sound_ends": True}))
    save_head(head, tmp_path / "heard.pt", {"clip_seconds": 2.0})
    (tmp_path / "pann").mkdir()
    for i in range(4):
        np.save(tmp_path / "pann" / f"v{i}.npy", np.full((CLIPS, 7), i + 1, np.float32))
    heard = {"model": str(tmp_path / "heard.pt"), "audio_features": (tmp_path / "pann",)}
    assert not predict(place, tmp_path / "out.jsonl", **heard).run().failures
    assert len(rows(tmp_path / "out.jsonl")) == 8


def test_the_order_of_features_that_a_file_does_not_tell_is_taken(place: Path, tmp_path: Path) -> None:
    head = HEADS["moment-detr"].sized(2816, 4, small=True)
    told = {"nheads": head.config.heads}
    torch.save({"model": head.model.state_dict(), "opt": told}, tmp_path / "bare.ckpt")
    rng = np.random.default_rng(1)
    for folder, width in (("slowfast", 2304), ("clip", 512)):
        (tmp_path / folder).mkdir()
        for i in range(4):
            np.save(tmp_path / folder / f"v{i}.npy", rng.normal(size=(CLIPS, width)).astype(np.float32))
    bare: dict[str, Any] = {
        "model": str(tmp_path / "bare.ckpt"), "features": (tmp_path / "slowfast", tmp_path / "clip"), "limit": 2,
    }  # fmt: skip
    with pytest.raises(ModelError, match="feature-order"):
        predict(place, tmp_path / "none.jsonl", **bare).run()
    for order in ("slowfast-first", "clip-first"):
        predict(place, tmp_path / f"{order}.jsonl", feature_order=order, **bare).run()
    first, second = (rows(tmp_path / f"{order}.jsonl") for order in ("slowfast-first", "clip-first"))
    assert [r["pred_relevant_windows"] for r in first] != [r["pred_relevant_windows"] for r in second]
