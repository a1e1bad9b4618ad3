"""What importing costs: nothing heavy may load before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import whenabouts

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
