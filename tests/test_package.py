"""The face of the package: what importing costs, and what `find` takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from media import make_video

import whenabouts
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

    with pytest.raises(ModelError, match=r"no model named 'crystal-ball'; choose one of: .*similarity"):
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
