"""The file of a calibrator is read as strictly as it is written, and refuses answers of another model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from whenabouts.errors import InputError
from whenabouts.prediction import Receipt
from whenabouts.trust.calibration.beta import Beta
from whenabouts.trust.calibration.isotonic import Isotonic
from whenabouts.trust.calibration.platt import Platt
from whenabouts.trust.calibration.presence import Presence
from whenabouts.trust.calibration.temperature import Temperature
from whenabouts.trust.calibrator import Calibrator, Fitted
from whenabouts.trust.conformal import Band, Ranges

FITTED = Fitted(
    "1", "mine.jsonl", "test", 30, 300, 150, ("similarity",), {"builtin": "a" * 64}, {"fps": 2.0, "evidence": ["seen"]}
)
RANGES = Ranges(0.9, "bonferroni", "moment", 1.0, (Band(60.0, 1.5, 2.0), Band(None, 3.0, 2.5)), 90.0)
MADE = Calibrator(Presence(Temperature(2.0), "presence", 0.25), RANGES, 0.4, FITTED, {"auroc": 0.9})


@pytest.mark.parametrize(
    "curve", [Temperature(0.5), Platt(2.0, -1.0, False), Beta(1.0, 0.0, 0.5), Isotonic((0.0, 3.5), (0.1, 0.9))]
)
def test_a_file_gives_back_what_was_written(curve: Any, tmp_path: Path) -> None:
    made = replace(MADE, presence=replace(MADE.presence, curve=curve))
    written = made.write(tmp_path / "cal.json")
    assert Calibrator.read(tmp_path / "cal.json") == written
    assert written.sha256 is not None and replace(written, sha256=None) == made


def test_without_ranges_and_abstaining(tmp_path: Path) -> None:
    made = replace(MADE, ranges=None, abstain=None)
    assert made.write(tmp_path / "cal.json") == Calibrator.read(tmp_path / "cal.json")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"whenabouts_calibrator": 2}, "another version than 1; calibrate again"),
        (
            {"presence": {"read": "presence", "silent": 0.5, "method": "temperature"}},
            "presence.temperature: field required",
        ),
        ({"presence": {"read": "presence", "silent": 0.5, "method": "magic"}}, "unknown method of calibration 'magic'"),
        ({"presence": {"read": "presence", "silent": 2, "method": "temperature", "temperature": 1}}, "silent must lie"),
        ({"presence": {"read": "heart", "silent": 0, "method": "temperature", "temperature": 1}}, "presence.read: "),
        ({"presence": {"read": "score", "silent": 0, "method": "temperature", "temperature": -1}}, "above 0, not -1"),
        ({"presence": {"read": "score", "silent": 0, "method": "temperature", "temperature": "2"}}, "valid number"),
        ({"presence": None}, "presence: "),
        ({"abstain": 1.5}, "between 0 and 1, not 1.5"),
        ({"more": 1}, "more is missing or unknown"),
        (
            {"ranges": {"coverage": 0.9, "rule": "joint", "scale": "video", "floor": 1.0, "longest": 1, "bands": []}},
            "only the last",
        ),
        (
            {
                "ranges": {
                    "coverage": 0.9,
                    "rule": "joint",
                    "scale": "moment",
                    "floor": 1.0,
                    "longest": 1,
                    "bands": [{"until": None, "start": -1, "end": 0}],
                }
            },
            "a radius is finite and not negative",
        ),
    ],
)
def test_another_file_is_refused_in_a_sentence(change: dict[str, Any], problem: str, tmp_path: Path) -> None:
    path = tmp_path / "cal.json"
    path.write_text(json.dumps(MADE.to_dict() | change))
    with pytest.raises(InputError, match=problem) as refused:
        Calibrator.read(path)
    assert str(refused.value).startswith(str(path)) and "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["[]", "{}", '{"whenabouts_calibrator": 1}', "not JSON", "", "[" * 10_000])
def test_what_is_no_calibrator_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "cal.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"cal\.json"):
        Calibrator.read(path)


def receipt(**fields: Any) -> Receipt:
    made = {"models": {"builtin": "a" * 64}, "settings": {"fps": 2.0, "evidence": ("seen",), "top": 3}}
    return Receipt(**({"version": "1", "grounder": "similarity"} | made | fields))


def test_answers_of_the_same_model_fit() -> None:
    assert MADE.unlike(receipt()) == (None, [])


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (receipt(grounder="video-llm"), "fitted on answers of similarity, not of video-llm"),
        (receipt(models={"builtin": "b" * 64}), "other weights than those of builtin here"),
        (receipt(models={"clip": "c" * 64}), "other weights than those of clip here"),
    ],
)
def test_answers_of_another_model_do_not(answer: Receipt, problem: str) -> None:
    found, _ = MADE.unlike(answer)
    assert found is not None and problem in found


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (None, "it is not known whether"),
        (receipt(settings={"fps": 1.0, "evidence": ("seen",)}), "other settings of fps"),
        (receipt(settings={"fps": 2.0}), "other settings of evidence"),
        (receipt(models={"builtin": "a" * 64, "minilm": "d" * 64}), "without minilm, which took part here"),
    ],
)
def test_other_settings_are_told(answer: Receipt | None, note: str) -> None:
    problem, notes = MADE.unlike(answer)
    assert problem is None and len(notes) == 1 and note in notes[0]


def test_a_number_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cal.json"
    MADE.write(path)
    for name, value in (('"silent": 0.25', '"silent": 1e999'), ('"whenabouts_calibrator": 1', '"silent": -1e999')):
        path.write_text(path.read_text().replace(name, value, 1))
        with pytest.raises(InputError, match=r"not finite|is no calibrator"):
            Calibrator.read(path)


def test_answers_that_name_no_weights_are_told(tmp_path: Path) -> None:
    problem, notes = MADE.unlike(Receipt("1", "similarity", None, {}, {}))
    assert problem is None and "is not known" in notes[0]
