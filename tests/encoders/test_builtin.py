"""The embedded encoder on real photographs and a real video: it must find what they show."""

from __future__ import annotations

import numpy as np
import pytest
from photographs import photographs

from whenabouts.encoders import load_encoder, weight_bytes
from whenabouts.encoders.builtin import BuiltinEncoder
from whenabouts.errors import ModelError

FINDS = [
    ("a cat", "cat"),
    ("close-up of a cat's face", "cat"),
    ("a cup of coffee", "coffee"),
    ("an espresso on the table", "coffee"),
    ("a rocket on the launch pad", "rocket"),
    ("a photographer with a tripod", "camera"),
    ("a chinese temple", "temple"),
    ("a flower", "flower"),
    ("a page of printed text", "page"),
    ("a motorcycle", "motorcycle"),
]


@pytest.fixture(scope="module")
def encoder() -> BuiltinEncoder:
    return BuiltinEncoder()


@pytest.fixture(scope="module")
def gallery(encoder: BuiltinEncoder) -> tuple[list[str], np.ndarray]:
    pictures = photographs(encoder.size)
    return list(pictures), encoder.encode_images(list(pictures.values()))


@pytest.mark.parametrize(("query", "photograph"), FINDS)
def test_the_right_photograph_comes_first(encoder: BuiltinEncoder, gallery, query: str, photograph: str) -> None:
    names, vectors = gallery
    scores = vectors @ encoder.encode_texts([query])[0]
    assert names[int(scores.argmax())] == photograph


def test_wider_terms_find_what_they_cover(encoder: BuiltinEncoder, gallery) -> None:
    names, vectors = gallery
    for query, photograph in (("an animal", "cat"), ("a vehicle", "motorcycle"), ("a building", "temple")):
        order = np.argsort(-(vectors @ encoder.encode_texts([query])[0]))
        assert photograph in [names[i] for i in order[:2]], query


def test_colour_words_choose_between_alike_pictures(encoder: BuiltinEncoder) -> None:
    red, blue, black = (
        np.full((encoder.size, encoder.size, 3), c, np.uint8) for c in ((200, 10, 10), (10, 10, 200), 0)
    )
    vectors = encoder.encode_images([red, blue, black])
    texts = encoder.encode_texts(["a red wall", "a blue wall", "a black wall"])
    assert (vectors @ texts.T).argmax(axis=0).tolist() == [0, 1, 2]


def test_the_scale_is_as_documented(encoder: BuiltinEncoder, gallery) -> None:
    _, vectors = gallery
    texts = encoder.encode_texts([query for query, _ in FINDS])
    assert vectors.dtype == texts.dtype == np.float32
    assert vectors.shape[1] == texts.shape[1] == encoder.dim == 1436
    assert vectors.min() >= 0
    assert vectors.max() <= 1
    np.testing.assert_allclose((vectors[:, :1000] ** 2).sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(texts[:, :1000].max(axis=1) > 0, True)


def test_a_group_is_as_probable_as_its_classes(encoder: BuiltinEncoder, gallery) -> None:
    names, vectors = gallery
    cat = vectors[names.index("cat")] ** 2
    assert cat[1000:1391].max() > cat[:1000].max()


def test_a_vector_hardly_depends_on_its_batch(encoder: BuiltinEncoder) -> None:
    pictures = list(photographs(encoder.size).values())
    together = encoder.encode_images(pictures)
    alone = np.concatenate([encoder.encode_images([picture]) for picture in pictures])
    np.testing.assert_allclose(together, alone, atol=2e-3)


def test_nothing_gives_nothing(encoder: BuiltinEncoder) -> None:
    assert encoder.encode_images([]).shape == encoder.encode_texts([]).shape == (0, encoder.dim)


def test_it_is_the_encoder_named_builtin() -> None:
    encoder = load_encoder("builtin")
    assert encoder.name == "builtin"
    assert encoder.sha256 == BuiltinEncoder().sha256
    assert len(encoder.sha256) == 64


def test_it_stays_on_the_cpu_and_reports_its_bytes() -> None:
    encoder = load_encoder("builtin", device="cuda")
    assert weight_bytes(encoder) == 0
    assert encoder.encode_texts(["a cat"]).shape == (1, encoder.dim) and weight_bytes(encoder) > 20 * 2**20


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"unknown encoder 'eye'; choose from: builtin, clip, siglip2, hub:NAME"):
        load_encoder("eye")
