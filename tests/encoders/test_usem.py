from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from whenabouts.encoders.usem import MultilingualEncoder
from whenabouts.errors import ModelError


@pytest.fixture(scope="module")
def encoder() -> MultilingualEncoder:
    return MultilingualEncoder()


SAME = {
    "en": "The budget was cut by a third.",
    "ko": "예산이 삼분의 일 삭감되었습니다.",
    "de": "Das Budget wurde um ein Drittel gekürzt.",
    "es": "El presupuesto se redujo en un tercio.",
    "fr": "Le budget a été réduit d'un tiers.",
    "zh": "预算削减了三分之一。",
    "ja": "予算は三分の一削減されました。",
}
OTHER = ["My mother kept bees.", "We walked to school every morning.", "The concert begins at eight."]


def test_equal_meanings_are_near_in_every_language(encoder: MultilingualEncoder) -> None:
    same, other = encoder.encode(list(SAME.values())), encoder.encode(OTHER)
    assert np.allclose(np.linalg.norm(same, axis=1), 1.0, atol=1e-3)
    assert (same @ same.T).min() > 0.55 > 0.35 > (same @ other.T).max()


def test_texts_of_any_kind_have_a_vector(encoder: MultilingualEncoder) -> None:
    strange = ["", " ", "a\0b", "\ud800", "ﷺ" * 400, "word " * 4000, "🎬"]
    vectors = encoder.encode(strange)
    assert vectors.shape == (len(strange), 512)
    assert np.isfinite(vectors).all()
    assert encoder.encode([]).shape == (0, 512)


def test_the_network_is_loaded_with_the_first_text() -> None:
    fresh = MultilingualEncoder()
    assert fresh.weight_bytes == 0
    fresh.encode(["hello"])
    assert fresh.weight_bytes > 10_000_000


def test_other_weights_are_refused(tmp_path: Path) -> None:
    for name in ("weights.npz", "sp.model"):
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(ModelError, match=r"is not the multilingual sentence encoder.*pip install"):
        MultilingualEncoder(tmp_path).encode(["hello"])


def test_absent_weights_are_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        MultilingualEncoder(tmp_path).encode(["hello"])
