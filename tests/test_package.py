"""The face of the package: what importing costs, and what `find` takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pytest
from media import make_video

import whenabouts
from whenabouts import commands
from whenabouts.commands import keywords as _keywords  # noqa: F401
from whenabouts.errors import QueryError

HEAVY = ("torch", "transformers", "av", "onnxruntime", "fastapi", "scipy", "pydantic", "rapidocr", "cv2")


@pytest.mark.parametrize("statement", ["import whenabouts", "import whenabouts.cli.app"])
def test_nothing_heavy_is_imported_up_front(statement: str) -> None:
    program = f"{statement}\nimport sys\nprint(*(name for name in {HEAVY} if name in sys.modules))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.split() == []


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        whenabouts.nonsense  # noqa: B018


def test_an_unknown_model_is_named_with_the_known_ones() -> None:
    from whenabouts.errors import ModelError
    from whenabouts.grounders import load

    with pytest.raises(ModelError, match=r"unknown model 'crystal-ball'; choose one of: .*similarity"):
        load("crystal-ball")


@pytest.mark.parametrize("queries", ["a dog", ["a dog"], ("a dog",)])
def test_a_string_is_one_query(queries: str | list[str] | tuple[str, ...], tmp_path: Path) -> None:
    make_video(tmp_path / "video.mp4", fps=10, seconds=1)
    found = whenabouts.find(tmp_path / "video.mp4", queries, evidence=["seen"])
    assert [prediction.query for prediction in found] == ["a dog"]


@pytest.mark.parametrize("queries", ["", "  ", [], (), ["a dog", ""]])
def test_no_query_is_refused_before_a_file_is_opened(queries: str | list[str] | tuple[()]) -> None:
    with pytest.raises(QueryError, match="say in a few words what to look for"):
        whenabouts.find("missing.mp4", queries)


def test_every_name_of_the_face_is_there_and_listed() -> None:
    for name in whenabouts.__all__:
        assert getattr(whenabouts, name) is not None and name in dir(whenabouts)
    errors = {name for name, value in vars(whenabouts.errors).items() if isinstance(value, type)}
    assert errors <= set(whenabouts.__all__), "every error is part of the face"


def test_importing_the_package_imports_no_other() -> None:
    program = "import sys; known = {*sys.modules}; import whenabouts; print(*{*sys.modules} - known)"
    names = {
        name.partition(".")[0] for name in subprocess.check_output([sys.executable, "-c", program], text=True).split()
    }
    assert names - sys.stdlib_module_names == {"whenabouts"}


@pytest.mark.parametrize(
    ("command", "keywords", "beside"),
    [
        ("Find", "FindOptions", {"queries"}),
        ("Select", "SelectOptions", {"query"}),
        ("Stringout", "StringoutOptions", set()),
        ("Scenes", "ScenesOptions", set()),
        ("Transcribe", "TranscribeOptions", set()),
        ("Search", "SearchOptions", {"query"}),
        ("Index", "IndexOptions", set()),
        ("Watch", "WatchOptions", {"queries"}),
        ("Stress", "StressOptions", {"subject"}),
        ("Evaluate", "EvaluateOptions", {"predictions", "benchmark", "truth"}),
        ("Compare", "CompareOptions", {"predictions", "benchmark", "truth"}),
        ("Audit", "AuditOptions", {"benchmark", "predictions", "truth"}),
        ("Diagnose", "DiagnoseOptions", {"predictions", "benchmark", "truth"}),
        ("Leaderboard", "LeaderboardOptions", {"dataset", "truth"}),
    ],
)
def test_keywords_for_type_checkers_are_the_fields_of_the_command(
    command: str, keywords: str, beside: set[str]
) -> None:
    fields = getattr(commands, command).model_fields
    hints = get_type_hints(getattr(commands.keywords, keywords))
    assert set(hints) == set(fields) - beside
    for name, hint in hints.items():
        assert _plain(hint) == _plain(fields[name].annotation), name


def _plain(hint: Any) -> Any:
    """A type without what only checks values; any sequence and any path counts as one."""
    if get_origin(hint) is Annotated:
        return _plain(get_args(hint)[0])
    if get_origin(hint) in {Union, UnionType}:
        parts = frozenset(map(_plain, get_args(hint)))
        parts -= {str} if Path in parts else set()
        return next(iter(parts)) if len(parts) == 1 else parts
    if get_origin(hint) in {tuple, Sequence}:
        return (Sequence, _plain(get_args(hint)[0]))
    return Path if get_origin(hint) is PathLike else hint


def test_predictions_are_written_and_read_again(tmp_path: Path) -> None:
    found = [whenabouts.Prediction("a dog", (whenabouts.Moment(1, 2.5, 0.5),), 10.0, video="absent.mp4")]
    for name in ("a.json", "a.srt", "a.jsonl"):
        path = whenabouts.write(found, tmp_path / name)
        [again] = whenabouts.read(path)
        assert (again.query, again.best and (again.best.start, again.best.end)) == ("a dog", (1, 2.5)), name
    assert whenabouts.read(tmp_path / "a.json") == found
    with pytest.raises(whenabouts.VideoError, match=r"absent\.mp4 does not exist"):
        whenabouts.write(found, tmp_path / "a.edl")


def test_what_find_answers_can_be_saved_and_cut(tmp_path: Path) -> None:
    make_video(tmp_path / "video.mp4", fps=10, seconds=3)
    answer = whenabouts.Prediction("a dog", (whenabouts.Moment(1, 2),), 3.0, video=str(tmp_path / "video.mp4"))
    assert answer.save(tmp_path / "a.edl").read_text().startswith("TITLE: video.mp4")
    [clip] = answer.clips(tmp_path / "clips")
    with whenabouts.open(clip) as video:
        assert video.duration == pytest.approx(1, abs=0.11)
    with pytest.raises(whenabouts.InputError, match="has no path of its video"):
        whenabouts.Prediction("a dog", (whenabouts.Moment(1, 2),), 3.0).clips(tmp_path)


def test_an_option_that_is_unknown_is_refused_before_a_file_is_opened() -> None:
    with pytest.raises(QueryError, match="unknown option regions; choose from: model"):
        whenabouts.find("missing.mp4", "a dog", regions=3)  # type: ignore[call-arg]
