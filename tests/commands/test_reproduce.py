"""A published figure is made again from end to end, with tiny random models in the folders that authors publish."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chat_server import chat_server, refused
from media import make_video
from processes import LIMIT, started, wait_until

pytest.importorskip("transformers", reason="the extra hub is not installed")

from tiny_checkpoints import make_checkpoint
from tiny_meco import write_folder as write_meco
from tiny_timesuite import write_folder as write_timesuite
from tiny_trace import network, save
from tiny_videomind import tiny_videomind

from whenabouts.auditing.reproduction import Comparison
from whenabouts.commands.reproduce import Reproduce
from whenabouts.errors import InputError, ModelError, WhenaboutsError
from whenabouts.grounders.llm.papers import PAPERS
from whenabouts.grounders.llm.published import Published

SCRIPT = Path(__file__).parents[2] / "scripts" / "reproduce.py"
KINDS = {"Qwen2-VL": "qwen2_vl", "Qwen2.5-VL": "qwen2_5_vl", "Qwen3-VL": "qwen3_vl", "Qwen3.5": "qwen3_5"}
PROMPTED = [name for name in PAPERS.own if PAPERS[name].status == "prompt"]
LOADED = ["videomind", "meco", "timesuite", "trace"]  # systems with modules of their own


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two short videos with annotations in the format of Charades-STA, and a folder for each kind of model."""
    root = tmp_path_factory.mktemp("reproduce")
    (root / "videos").mkdir()
    make_video(root / "videos" / "A.mp4", seconds=6.0)
    make_video(root / "videos" / "B.mp4", seconds=4.0)
    (root / "charades_sta_test.txt").write_text("A 1.0 3.0##he sits.\nA 0.0 6.0##he stands.\nB 2.0 4.0##he sneezes.\n")
    (root / "durations_test.csv").write_text("id,length\nA,6.0\nB,4.0\n")
    for kind in KINDS.values():
        make_checkpoint(kind, root / kind)
    save(root / "trace", network())
    write_timesuite(root / "timesuite", says="2.5-4")
    write_meco(root / "meco", says="seE.T")
    tiny_videomind(root / "base").rename(root / "base" / "videomind")
    return root


def reproduce(place: Path, system: str, out: Path, **more: object) -> Reproduce:
    kind = "base/videomind" if system == "videomind" else system
    if PAPERS[system].status != "system":
        kind = next((kind for name, kind in KINDS.items() if PAPERS[system].backbone.startswith(name)), system)
    fields = {"benchmark": "charades-sta", "checkpoint": str(place / kind), "videos": place / "videos"}
    return Reproduce.of(**{"system": system, "annotations": place, "out": out, **fields, **more})


@pytest.mark.parametrize("system", [*PROMPTED, *LOADED])
def test_every_system_that_can_be_loaded_is_run_scored_and_compared(system: str, place: Path, tmp_path: Path) -> None:
    paper = PAPERS[system]
    made = reproduce(place, system, tmp_path, limit=1).run()
    rows = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    assert len(rows) == 1 and all(len(row["said"]) == 1 for row in rows)
    stated = [one for one in paper.published if one.benchmark == "charades-sta" and one.split in {"test", ""}]
    assert made.report.protocol == (stated[0].protocol if stated else paper.protocol)
    assert made.parser == (paper.parsers[0].name if paper.parsers else None)
    assert len(made.comparisons) == sum(len(one.scores) for one in stated)
    for name in ("prompting", "prompt", "stamps", "pixels", "models", *(["decoding"] if system in PROMPTED else [])):
        assert len(made.settings[name]) == 1, name
    assert len(made.settings["models"][0][0]) == 64, "the sha256 of the weights"
    assert made.settings["prompting"] == [system]
    page, whole = (tmp_path / "report.md").read_text(), json.loads((tmp_path / "report.json").read_text())
    assert page == made.markdown() and "| best blind | of the baseline |" in page and made.settings["prompt"][0] in page
    assert whole["report"]["scores"] == made.report.scores and whole["environment"]["torch"]


def test_the_words_are_scored_by_the_official_parser(place: Path, tmp_path: Path) -> None:
    published = tmp_path / "Time-R1-7B"
    published.symlink_to(place / "qwen2_5_vl")
    reproduce(place, "time-r1", tmp_path, checkpoint=str(published), limit=1).run()
    answers = tmp_path / "answers.jsonl"
    row = json.loads(answers.read_text())
    words = ("1.0 to 3.0", "0.00 and 3.00", "no")
    asked = (("A", "he sits."), ("A", "he stands."), ("B", "he sneezes."))
    rows = [
        row | {"qid": qid, "vid": video, "query": query, "said": [said], "pred_relevant_windows": []}
        for qid, ((video, query), said) in enumerate(zip(asked, words, strict=True))
    ]
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = reproduce(place, "time-r1", tmp_path, checkpoint=str(published)).run()
    assert made.report.scores["R1@0.3"] == pytest.approx(200 / 3)
    assert made.caveats[-1].startswith("1 of 3 answers have no usable interval")
    assert made.report.scores["R1@0.5"] == pytest.approx(100 / 3), "an IoU of 0.5 is no hit in the final release"
    first = made.comparisons[0]
    assert first.difference == pytest.approx(200 / 3 - 78.1) and first.agrees is not None
    assert {(one.published.model, one.published.setting) for one in made.comparisons if one.agrees is not None} == {
        ("Time-R1-7B", "zero-shot")
    }


def test_a_figure_of_another_size_is_shown_and_not_judged(place: Path, tmp_path: Path) -> None:
    small = tmp_path / "Time-R1-3B"
    small.symlink_to(place / "qwen2_5_vl")
    made = reproduce(place, "time-r1", tmp_path / "out", checkpoint=str(small), limit=1).run()
    assert len(made.comparisons) > 3 and all(one.agrees is None for one in made.comparisons)
    told = (
        "not known to be figures of the checkpoint Time-R1-3B, and not judged: Time-R1-7B (zero-shot), Time-R1-7B (fine"
    )
    assert told in made.markdown()
    whole = json.loads((tmp_path / "out" / "report.json").read_text())
    assert not any(one["same_checkpoint"] for one in whole["comparisons"])


def test_a_model_on_a_server_is_asked_and_read_by_its_authors_parser(place: Path, tmp_path: Path) -> None:
    with chat_server(lambda request, number: "The event happens in the 1.0 - 3.0 seconds") as (url, got):
        made = reproduce(place, "videochat-flash", tmp_path, checkpoint=f"openai:{url}#VideoChat-Flash", limit=2).run()
    assert len(got) == 2 and made.parser == "videochat-flash" and made.report.scores["R1@0.7"] == 50.0
    assert "a server does not say which weights it has" in made.markdown()


@pytest.mark.parametrize(
    ("says", "why"),
    [("I do not know.", "the answer has no interval"), (refused(400, "no such thing"), "no such thing")],
)
def test_answers_without_an_interval_are_counted(says: Any, why: str, place: Path, tmp_path: Path) -> None:
    with chat_server(lambda request, number: says) as (url, _):
        made = reproduce(place, "time-r1", tmp_path, checkpoint=f"openai:{url}#Time-R1").run()
    assert made.caveats[-1].startswith("3 of 3 answers have no usable interval, such as: ") and why in made.caveats[-1]
    page = made.markdown()
    assert "3 queries on 2 videos, 0 answered." in page
    assert made.caveats[-1] in page.partition("## Can it be compared?")[2]


def test_a_run_goes_on_with_what_is_not_answered_yet(place: Path, tmp_path: Path) -> None:
    short = reproduce(place, "qwen2.5-vl", tmp_path, limit=1).run()
    assert short.caveats[0] == "only the first 1 queries were asked" and "1 queries on 1 videos" in short.markdown()
    first = (tmp_path / "answers.jsonl").read_text()
    reproduce(place, "qwen2.5-vl", tmp_path).run()
    assert (tmp_path / "answers.jsonl").read_text().startswith(first)
    with pytest.raises(InputError, match="made with another model or setting"):
        reproduce(place, "time-r1", tmp_path).run()


def test_each_system_and_benchmark_has_a_folder_of_its_own(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for system in ("Qwen2.5-VL", "time-r1"):
        paper = system.lower()
        Reproduce.of(**dict(reproduce(place, paper, tmp_path, limit=1)) | {"system": system, "out": None}).run()
        assert PAPERS[paper].title in (tmp_path / f"reproduced/{paper}-charades-sta/report.md").read_text()


def test_a_report_says_the_same_each_time(place: Path, tmp_path: Path) -> None:
    command = reproduce(place, "trace", tmp_path)
    command.run()
    rows = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    names = ("decoding", "parser", "stamps", "prompt")
    for number, row in enumerate(rows):
        row["receipt"]["settings"] |= {name: f"{name} {number}" for name in names}
        row["receipt"]["models"] = [str(number)]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    caveats = [one for one in command.run().caveats if "different values of" in one]
    told = [one.rpartition(" ")[2] for one in caveats]
    assert told == ["models", "prompt", "stamps", "parser", "decoding"]


def test_missing_videos_are_told_and_count_as_misses(place: Path, tmp_path: Path) -> None:
    some = tmp_path / "videos"
    some.mkdir()
    (some / "A.mp4").write_bytes((place / "videos" / "A.mp4").read_bytes())
    made = reproduce(place, "qwen2.5-vl", tmp_path / "out", videos=some).run()
    assert "1 videos have no answers" in made.markdown() and "- B: no video of that name" in made.markdown()
    with pytest.raises(InputError, match="no query was answered: A: no video of that name"):
        reproduce(place, "qwen2.5-vl", tmp_path / "none", videos=tmp_path).run()


def test_annotations_of_ones_own_have_no_published_figure(place: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.jsonl"
    mine.write_text('{"vid": "B", "query": "he sneezes", "duration": 4, "relevant_windows": [[2, 4]]}\n')
    made = reproduce(place, "unitime", tmp_path / "out", benchmark=str(mine), annotations=tmp_path).run()
    assert made.comparisons == [] and "No figure was published" in made.markdown()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"system": "meco", "checkpoint": None}, "no checkpoint of MeCo was published"),
        ({"system": "videochat-flash", "checkpoint": None}, "give --checkpoint openai:URL#NAME"),
        ({"checkpoint": "nowhere"}, "the checkpoint nowhere is not a directory"),
        ({"checkpoint": None}, "is not on this machine; give --checkpoint FOLDER, or --download"),
        ({"system": "time-r9"}, "unknown system 'time-r9'"),
        ({"videos": Path("nowhere")}, "nowhere is not a directory"),
    ],
)
def test_what_cannot_be_run_is_refused(
    fields: dict[str, object], told: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    asked = dict(reproduce(place, "time-r1", tmp_path / "out"))
    with pytest.raises(WhenaboutsError, match=told) as refused:
        Reproduce.of(**asked | fields).run()
    assert isinstance(refused.value, InputError | ModelError)


def test_only_comparable_figures_agree_or_not() -> None:
    one = Published("M", "charades-sta", "test", "zero-shot", {"mIoU": 50.0}, "timelens", "README")
    second_hand = Published("M", "charades-sta", "test", "zero-shot", {"mIoU": 50.0}, "timelens", "a talk", "no")
    assert Comparison("mIoU", 48.0, (45.0, 51.0), one).agrees is True
    assert Comparison("mIoU", 48.0, (47.0, 49.0), one).agrees is False
    assert Comparison("mIoU", 48.0, None, one).agrees is None
    assert Comparison("mIoU", 48.0, (45.0, 51.0), one, alike=False).agrees is None
    assert Comparison("mIoU", 48.0, (45.0, 51.0), one, same=False).agrees is None
    quoting = replace(one, source="README of another, which quotes it", quoted=True)
    assert Comparison("mIoU", 48.0, (45.0, 51.0), second_hand).agrees is None
    assert Comparison("mIoU", 48.0, (45.0, 51.0), quoting).agrees is None


@pytest.mark.slow
def test_ctrl_c_loses_only_the_video_that_was_being_asked_about(place: Path, tmp_path: Path) -> None:
    """The interrupted run waits for the answer about the second video, so that it is in the middle of it."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    asked, interrupted = threading.Event(), threading.Event()

    def answer(request: dict[str, Any], number: int) -> str:
        if number == 5:
            asked.set()
            interrupted.wait(LIMIT)
        return "The event happens in the 1.0 - 3.0 seconds"

    with chat_server(answer) as (url, got):
        checkpoint = f"openai:{url}#Qwen2.5-VL"
        arguments = ["qwen2.5-vl", "charades-sta", "--checkpoint", checkpoint, "--annotations", str(place)]
        command = [sys.executable, str(SCRIPT), *arguments, "--videos", str(place / "videos"), "--out"]

        def run(out: Path) -> subprocess.CompletedProcess[str]:
            return subprocess.run([*command, str(out)], capture_output=True, text=True, timeout=LIMIT, check=False)

        done = run(whole)
        assert done.returncode == 0 and len(got) == 3, done.stderr
        assert done.stdout.startswith("# Qwen2.5-VL on Charades-STA, test")
        with started([*command, str(broken)]) as process:
            wait_until(lambda: asked.is_set() or process.poll() is not None)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=LIMIT)
        interrupted.set()
        assert process.returncode == 130 and "Traceback" not in told, told
        assert "whenabouts: interrupted; the same command goes on where it stopped\n" in told
        assert not (broken / "report.md").exists()
        answers = broken / "answers.jsonl"
        assert answers.read_text().count("\n") == 2
        done = run(broken)
        assert done.returncode == 0 and len(got) == 7, done.stderr
        assert answers.read_text() == (whole / "answers.jsonl").read_text()
