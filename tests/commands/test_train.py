"""`Train`: own data, any field, several runs, and what a run says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("accelerate", reason="accelerate is not installed")

from typer.testing import CliRunner  # noqa: E402

from whenabouts.cli.app import app  # noqa: E402
from whenabouts.commands import Evaluate, Predict, Train  # noqa: E402
from whenabouts.errors import InputError, QueryError  # noqa: E402
from whenabouts.grounders.learned.checkpoint import read_checkpoint  # noqa: E402


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A file of annotations with two splits, and features of its videos and queries."""
    rng = np.random.default_rng(0)
    (tmp_path / "f" / "text").mkdir(parents=True)
    rows = []
    for number in range(12):
        start = int(rng.integers(0, 12))
        row = {"qid": number, "vid": f"v{number}", "query": f"a dog {number}", "duration": 20}
        rows.append(row | {"relevant_windows": [[start, start + 6]], "split": "train" if number < 8 else "val"})
        np.save(tmp_path / "f" / f"v{number}.npy", rng.normal(size=(20, 8)).astype(np.float32))
        np.save(tmp_path / "f" / "text" / f"qid{number}.npy", rng.normal(size=(4, 6)).astype(np.float32))
    (tmp_path / "my.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def train(own: Path, **fields: Any) -> Train:
    given: dict[str, Any] = {
        "head": "moment-detr", "benchmark": str(own / "my.jsonl"), "features": [own / "f"], "size": "small",
        "epochs": 2, "every": 1, "device": "cpu", "out": own / "run",
    }  # fmt: skip
    return Train.of(**given | fields)


def test_own_annotations_are_learned_from_and_judged(own: Path) -> None:
    done = train(own, settings=["hidden=32", "saliency=2"]).run()
    [run] = done.runs
    assert run.best.path == own / "run" / "best.pt"
    written = Evaluate.of(predictions=own / "run" / "validation.jsonl", benchmark=str(own / "my.jsonl"), split="val")
    assert written.run().scores["R1@0.5"] == run.best.scores["R1@0.5"]
    read = read_checkpoint(run.best.path)
    assert (read.head.config.hidden, read.head.options["saliency"]) == (32, 2.0)
    assert read.facts["set"] == {"epochs": 2, "every": 1, "hidden": 32, "saliency": 2}
    assert read.facts["folders"] == ["f", "text"] and read.facts["clip_seconds"] == 1.0
    made = json.loads((own / "run" / "recipe.json").read_text())
    assert (made["recipe"]["epochs"], made["model"]["hidden"], made["data"]["examples"]) == (2, 32, 8)
    assert made["facts"]["benchmark"] == str(own / "my.jsonl")


def test_rows_without_a_duration_are_left_out_of_training_with_their_number_and_judged_as_predicted(own: Path) -> None:
    path = own / "my.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for number in (2, 9):
        del rows[number]["duration"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = train(own).run()
    assert f"{path}: 1 of the 8 rows of the split train have no duration and are left out; say it in each" in done.notes
    scores = done.runs[0].best.scores
    assert scores["MR-full-R1@0.5"] == scores["R1@0.5"]
    validation, out = own / "run" / "validation.jsonl", own / "predicted.jsonl"
    Predict.of(
        model=str(own / "run"), benchmark=str(path), features=(own / "f",), split="val", out=out, device="cpu"
    ).run()
    judged, predicted = ([json.loads(line) for line in file.read_text().splitlines()] for file in (validation, out))
    windows = "pred_relevant_windows"
    assert {row["qid"]: row[windows] for row in judged} == {row["qid"]: row[windows] for row in predicted}
    assert len(judged) == 4


def test_a_published_recipe_tells_what_is_borrowed_and_that_rows_differ(own: Path) -> None:
    done = train(own, size="published", settings=["hidden=32", "feedforward=32"], epochs=1).run()
    assert done.notes == (
        f"moment-detr has no recipe for {own / 'my.jsonl'} here; using that for qvhighlights",
        "a row of these features is 1 s, where the recipe has 2 s; say so with --set seconds=1",
    )


def test_without_a_second_split_the_last_model_is_kept(own: Path) -> None:
    path = own / "my.jsonl"
    path.write_text("".join(line + "\n" for line in path.read_text().splitlines() if '"train"' in line))
    done = train(own).run()
    assert done.notes == (f"{path} has no split but train, so nothing is evaluated, and the last model is kept",)
    assert done.runs[0].figure is None and done.runs[0].best.epoch == 1


def test_a_sweep_trains_each_and_goes_on_where_it_stopped(own: Path) -> None:
    settings = ["rate=1e-3,1e-4", "hidden=32,64"]
    done = train(own, settings=settings).run()
    names = [f"rate={rate},hidden={hidden}" for rate in ("0.001", "0.0001") for hidden in (32, 64)]
    assert sorted(path.name for path in (own / "run").iterdir() if path.is_dir()) == sorted(names)
    rows = [json.loads(line) for line in (own / "run" / "sweep.jsonl").read_text().splitlines()]
    figures = [row["figure"] for row in rows]
    assert figures == sorted(figures, reverse=True) == [run.figure for run in done.runs]
    assert {tuple(row["set"][name] for name in ("rate", "hidden")) for row in rows} == {
        (rate, hidden) for rate in (1e-3, 1e-4) for hidden in (32, 64)
    }
    logs = {name: (own / "run" / name / "log.jsonl").read_bytes() for name in names}
    (own / "run" / names[-1] / "last.pt").unlink()  # as if it had been stopped before it saved anything
    with pytest.raises(InputError, match="holds a run already"):
        train(own, settings=settings).run()
    again = train(own, settings=settings, resume=True).run()
    assert [run.figure for run in again.runs] == figures
    assert {name: (own / "run" / name / "log.jsonl").read_bytes() for name in names} == logs


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"settings": ["heads=7"]}, "no moment-detr can be made with these settings: embed_dim must be divisible"),
        ({"settings": ["dropout=0.1,2"]}, "no moment-detr can be made with these settings: dropout probability"),
        ({"settings": ["epochs=3"]}, "epochs is given as an option and with --set"),
        ({"recipe": "charades"}, "moment-detr has no recipe 'charades'; choose one of: qvhighlights"),
        ({"recipe": "tacos"}, "a small model has a recipe of its own"),
        ({"out": None}, "name the folder of the run with --out"),
        ({"features": None}, "training on .*my.jsonl needs features of its videos"),
        ({"benchmark": "qvhighlights"}, "needs its annotations \\(--data\\)"),
        ({"head": "2d-tan", "audio_features": ["f"]}, "2d-tan has no use for features of sound"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_told_before_anything_is_written(
    own: Path, fields: dict[str, Any], told: str
) -> None:
    if "audio_features" in fields:
        fields = fields | {"audio_features": [own / "f"]}
    with pytest.raises(Exception, match=told) as refused:
        train(own, **fields).run()
    assert type(refused.value).__module__ == "whenabouts.errors"
    assert not (own / "run").exists()


def test_an_unknown_head_is_told(own: Path) -> None:
    with pytest.raises(QueryError, match="unknown head 'qd-dtr'; choose from: moment-detr"):
        train(own, head="qd-dtr")


def test_dry_run_shows_each_value_beside_the_published_one(tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = [
        "train",
        "cg-detr",
        "--benchmark",
        "charades-sta",
        "--dry-run",
        "--set",
        "saliency=1",
        "--rate",
        "1e-3",
    ]
    shown = CliRunner().invoke(app, [*arguments, "--out", str(out), "--json"], catch_exceptions=False)
    rows = {row["field"]: row for row in json.loads(shown.stdout)}
    differ = {name: (row["ours"], row["official"]) for name, row in rows.items() if row["differs"]}
    assert differ == {
        "rate": ("0.001", "0.0002"), "saliency": ("1.0", "4.0"), "weight of loss_saliency": ("1.0", "4.0"),
    }  # fmt: skip
    assert rows["seconds"]["official"] == "1.0" and rows["rate"]["source"].startswith("cg_detr/scripts/charades_sta/")
    table = CliRunner().invoke(app, arguments, catch_exceptions=False).stdout
    marked = [line.split()[1] for line in table.splitlines() if line.startswith("≠")]
    assert marked == ["rate", "saliency", "weight"]
    assert not out.exists()


def changed_rows(own: Path, *numbers: int, **fields: Any) -> None:
    path = own / "my.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for number in numbers:
        rows[number] |= fields
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"split": "valid"}, r"line 3: the split 'valid' is not used in training; call it 'val'"),
        ({"vid": "nowhere"}, r"no features of 'nowhere' in .*line 3\), and none for 1 more rows; make them"),
        ({"qid": 0}, r"line 1 and .*line 3 have the qid 0 and different queries"),
    ],
)
def test_rows_that_cannot_be_meant_are_named(own: Path, fields: dict[str, Any], told: str) -> None:
    changed_rows(own, 2, 4, **fields)
    with pytest.raises(InputError, match=told):
        train(own).run()


def test_answers_that_nothing_can_score_are_not_sent_to_be_scored(own: Path) -> None:
    train(own, epochs=1).run()
    changed_rows(own, 8, 9, 10, 11, relevant_windows=None)
    features = ["--features", str(own / "f"), "--split", "val", "--device", "cpu"]
    arguments = ["predict", str(own / "my.jsonl"), "--model", str(own / "run"), *features]
    told = CliRunner().invoke(app, [*arguments, "--out", str(own / "p.jsonl")], catch_exceptions=False).stderr
    assert "its annotations have no windows to score it by" in told and "next:" not in told
    (own / "f" / "text").rename(own / "words")
    forgotten = CliRunner().invoke(app, [*arguments, "--out", str(own / "q.jsonl")])
    assert isinstance(forgotten.exception, InputError)
    assert "text does not exist; name the folder of the queries' features with --text" in str(forgotten.exception)


def test_a_figure_that_is_none_is_refused_before_training(own: Path) -> None:
    with pytest.raises(InputError, match=r"no figure is called 'MR-full-mapp' \(best\); .*MR-full-mAP"):
        train(own, settings=["best=MR-full-mapp"]).run()
    assert not (own / "run").exists()
    assert train(own, settings=["best=MR-full-R1@0.5"], epochs=1).run().runs[0].best.scores


def shown(*arguments: str) -> dict[str, dict[str, str]]:
    printed = CliRunner().invoke(app, ["train", *arguments, "--dry-run", "--json"], catch_exceptions=False)
    return {row["field"]: row for row in json.loads(printed.stdout)}


def test_what_chooses_the_model_officially_is_told() -> None:
    assert shown("cg-detr", "--benchmark", "charades-sta")["judged on"]["official"] == "test"
    tacos = shown("flash-vtg", "--benchmark", "tacos")
    assert (tacos["judged on"]["ours"], tacos["judged on"]["official"]) == ("val", "test")
    assert "before any are suppressed" in tacos["best"]["official"]


def test_another_benchmarks_values_are_not_shown_as_published() -> None:
    rows = shown("flash-vtg", "--benchmark", "youtube-highlights")
    assert {row["official"] for row in rows.values()} == {"–"}
    assert rows["rate"]["source"].startswith("qvhighlights: FlashVTG/scripts/")
    assert shown("cg-detr", "--benchmark", "castella")["prompts"]["official"] == "2"


def test_features_of_sound_take_the_recipe_for_them(own: Path) -> None:
    command = train(own, head="qd-detr", benchmark="qvhighlights", audio_features=[own / "f"], size="published")
    rows = {row.field: row for row in command.beside()}
    assert (rows["sound_ends"].ours, rows["audio_dim"].ours, rows["audio_dim"].official) == ("True", "10", "2050")


def test_videos_that_are_too_long_at_once_are_told(own: Path) -> None:
    told = [note for note in train(own, settings=["longest=12"], epochs=1).run().notes if "rows" in note]
    assert len(told) == 1
    assert told[0].startswith("8 of 8 videos have more than the 12 rows that moment-detr takes at once, such as v")
    assert not [n for n in train(own, settings=["longest=none"], epochs=1, out=own / "b").run().notes if "rows" in n]
