"""A file of answers goes on only with the model, the settings and the queries that it was begun with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat_server import chat_server, refused
from media import make_video

from whenabouts.commands import Evaluate, Predict
from whenabouts.errors import InputError

SAYS = "The event happens in 1.0 - 3.0 seconds."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two videos with the annotations of Charades-STA, whose qids count from 0 in both splits."""
    root = tmp_path_factory.mktemp("predict")
    (root / "videos").mkdir()
    for name in "AB":
        make_video(root / "videos" / f"{name}.mp4", seconds=4.0)
    (root / "charades_sta_test.txt").write_text("A 1.0 3.0##he sits.\nB 2.0 4.0##he sneezes.\n")
    (root / "charades_sta_train.txt").write_text("B 1.0 3.0##he stands.\nA 2.0 4.0##he jumps.\n")
    for split in ("test", "train"):
        (root / f"durations_{split}.csv").write_text("id,length\nA,4.0\nB,4.0\n")
    return root


@pytest.fixture
def server() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    with chat_server(lambda request, number: SAYS) as (url, got):
        yield f"openai:{url}#Qwen2.5-VL", got


def predict(place: Path, out: Path, model: str, **more: Any) -> Predict:
    fields = {"benchmark": "charades-sta", "data": place, "videos": place / "videos", "out": out, "model": model}
    return Predict.of(**{**fields, **more})


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def test_answers_of_another_split_are_not_taken_as_these(place: Path, tmp_path: Path, server: Any) -> None:
    model, _ = server
    out = tmp_path / "answers.jsonl"
    predict(place, out, model).run()
    kept = out.read_bytes()
    with pytest.raises(InputError, match=r"made with another model or setting \(split\); name another with --out"):
        predict(place, out, model, split="train").run()
    with pytest.raises(InputError, match="line 1: this answers another query than qid 0 of the annotations"):
        predict(place, out, model, data=place / "charades_sta_train.txt").run()
    assert out.read_bytes() == kept


def test_evaluate_tells_that_answers_are_of_another_split(place: Path, tmp_path: Path, server: Any) -> None:
    out = tmp_path / "answers.jsonl"
    predict(place, out, server[0]).run()
    asked: dict[str, Any] = {"predictions": out, "benchmark": "charades-sta", "truth": place}
    assert not any("another vid" in note for note in Evaluate.of(**asked).run().notes)
    with pytest.warns(UserWarning, match="2 rows have another vid or query"):
        Evaluate.of(**asked, split="train").run()


def test_what_does_not_shape_an_answer_may_change(place: Path, tmp_path: Path, server: Any) -> None:
    model, got = server
    out = tmp_path / "answers.jsonl"
    predict(place, out, model, limit=1).run()
    predict(place, out, model, timeout=60.0, split="test").run()
    assert [row["qid"] for row in rows(out)] == [0, 1] and len(got) == 2


def test_a_run_that_failed_at_once_does_not_stand_in_the_way(place: Path, tmp_path: Path, server: Any) -> None:
    out = tmp_path / "answers.jsonl"
    failed = predict(place, out, "openai:http://127.0.0.1:1#Qwen2.5-VL").run()
    assert len(failed.failures) == 2 and not out.exists()
    predict(place, out, server[0]).run()
    assert len(rows(out)) == 2


def picky(request: dict[str, Any], number: int) -> Any:
    """A server that takes no temperature of 0 and no repetition penalty."""
    if "repetition_penalty" in request:
        return refused(400, "unknown parameter: repetition_penalty", param="repetition_penalty")
    if request["temperature"] == 0:
        return refused(422, "temperature must be strictly positive")
    return SAYS


def test_answers_say_how_the_server_was_asked_in_the_end(place: Path, tmp_path: Path, server: Any) -> None:
    plain, odd = tmp_path / "plain.jsonl", tmp_path / "odd.jsonl"
    predict(place, plain, server[0]).run()
    with chat_server(picky) as (url, _):
        predict(place, odd, f"openai:{url}#Qwen2.5-VL").run()
    wanted = rows(plain)[0]["receipt"]["settings"]["decoding"]
    assert wanted["temperature"] == 0.0 and wanted["repetition_penalty"] == 1.0 and "notes" not in rows(plain)[0]
    for row in rows(odd):
        otherwise = {"temperature": 0.01, "repetition_penalty": None, "top_p": None, "top_k": None}
        assert row["receipt"]["settings"]["decoding"] == wanted | otherwise
        assert "the server takes no temperature of 0, so answers were drawn at 0.01" in row["notes"]
    with pytest.warns(UserWarning, match=r'decoding \{"temperature": 0\.0'):
        Evaluate.of(predictions=plain, benchmark="charades-sta", truth=place, against=odd).run()
