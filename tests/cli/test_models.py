"""`whenabouts models` lists every name of the registries."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.errors import WhenaboutsError
from whenabouts.grounders import GROUNDERS, NAMED_BY_MODEL
from whenabouts.grounders.learned import HEADS
from whenabouts.grounders.llm.papers import PAPERS
from whenabouts.grounders.stream import ONLINE


def test_every_method_head_and_paper_is_listed() -> None:
    done = CliRunner().invoke(app, ["models", "--json"], catch_exceptions=False)
    rows = json.loads(done.stdout)
    names = [row["name"] for row in rows]
    assert {"similarity", "search", "agent:MODEL", "videomind:FOLDER", "timesuite:FOLDER"} <= set(names)
    assert {*HEADS, *PAPERS} <= set(names)
    assert {"stream:similarity", "stream:window:MODEL"} <= set(names)
    assert {name.split(":")[1] for name in names if name.startswith("stream:")} == set(ONLINE)
    families = {"learned", "video-llm"}  # whose members are listed
    assert {name.partition(":")[0] for name in names} >= set(GROUNDERS) - families
    assert set(NAMED_BY_MODEL) <= set(GROUNDERS)
    assert all(isinstance(row["published"], list) for row in rows)
    assert all(row["kind"] and row["status"] and row["needs"] and row["licence"] for row in rows)


def test_the_table_names_what_to_give_to_find() -> None:
    done = CliRunner().invoke(app, ["models"], catch_exceptions=False)
    assert "similarity" in done.stdout and "qd-detr" in done.stdout


def test_one_system_is_printed_in_full() -> None:
    done = CliRunner().invoke(app, ["models", "videomind"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "yeliudev/VideoMind#4" in done.stdout and "VideoMind-7B" in done.stdout and "confirmed" in done.stdout
    whole = json.loads(CliRunner().invoke(app, ["models", "videomind", "--json"], catch_exceptions=False).stdout)
    assert whole["name"] == "videomind" and len(whole["published"]) == len(PAPERS["videomind"].published)
    assert {"model", "benchmark", "scores", "source", "confirmed"} <= set(whole["published"][0])


def test_what_a_model_was_trained_on_is_told_as_far_as_it_is_known() -> None:
    done = CliRunner().invoke(app, ["models", "timelens2"], catch_exceptions=False)
    assert "TimeLens-100K, Ego4D-NLQ, base: Qwen3-VL, undisclosed: Qwen3-VL" in done.stdout
    rows = json.loads(CliRunner().invoke(app, ["models", "--json"], catch_exceptions=False).stdout)
    trained = {row["name"]: row["trained"] for row in rows if row["name"] in PAPERS}
    assert set(trained) == set(PAPERS)
    assert {one["data"] for one in trained["videomind"]} >= {"TACoS train", "?"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Time-R1", "time-r1"),
        ("videomind:FOLDER", "videomind"),
        ("VideoMind:some/Folder", "videomind"),
        ("trace:FOLDER", "trace"),
        ("Agent:model", "agent:MODEL"),
        ("stream:window", "stream:window:MODEL"),
        ("stream:similarity", "stream:similarity"),
        ("TimeLens2-8B", "timelens2"),
        ("mcg-nju/timelens2-8b", "timelens2"),
    ],
)
def test_a_name_is_known_as_it_is_typed(said: str, meant: str) -> None:
    one, other = (CliRunner().invoke(app, ["models", name], catch_exceptions=False).stdout for name in (said, meant))
    assert one == other and f"name: {meant}\n" in one


def test_a_prompt_is_printed_in_the_lines_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = CliRunner().invoke(app, ["models", "time-r1"], catch_exceptions=False).stdout.splitlines()
    start = lines.index("prompting:")
    asked = lines[start : lines.index("sampling:")]
    assert len(asked) > 5 and max(map(len, asked)) <= 80 and "\\n" not in "".join(asked)
    assert "    Output your thought process within the <think> </think> tags" in "\n".join(asked)


@pytest.mark.parametrize(("width", "column"), [(80, "needs"), (160, "licence")])
def test_the_list_fits_the_terminal(width: int, column: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    table = CliRunner().invoke(app, ["models"], catch_exceptions=False).stdout.splitlines()
    assert column in table[0] and max(len(line) for line in table) <= width
    assert any(line.startswith("videomind:FOLDER ") for line in table)


def test_a_figure_without_a_protocol_says_nothing_of_one() -> None:
    done = CliRunner().invoke(app, ["models", "timelens2"], catch_exceptions=False)
    [line] = [line for line in done.stdout.splitlines() if "TimeLens2-4B, vue-tr," in line]
    assert "protocol" not in line and "``" not in done.stdout


def test_an_unknown_system_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(WhenaboutsError, match=r"unknown model 'time-r2'.* time-r1"):
        CliRunner().invoke(app, ["models", "time-r2"], catch_exceptions=False)
