"""Batches through a network: order, memory that is too small, numbers that half precision does not hold."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.encoders.batches import Batches  # noqa: E402
from whenabouts.errors import ModelError  # noqa: E402

SHAPE = (4, 4, 3)
PICTURES = np.random.default_rng(0).integers(0, 256, (11, 4, 4, 3), dtype=np.uint8)
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def mean_colours(batch):
    return batch.float().mean(dim=(1, 2))


class SmallMemory:
    """A network that fits so many pictures at once, as an allocator would say it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.batches: list[int] = []

    def __call__(self, batch):
        if len(batch) > self.most:
            raise torch.OutOfMemoryError("out of memory")
        self.batches.append(len(batch))
        return mean_colours(batch)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("size", [1, 4, 11, 64])
def test_each_vector_is_of_its_picture(device: str, size: int) -> None:
    expected = PICTURES.mean(axis=(1, 2))
    for items in (PICTURES, list(PICTURES), PICTURES[:1]):
        found = Batches(mean_colours, device, shape=SHAPE, size=size)(items)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected[: len(items)], rtol=1e-6)


def test_a_batch_that_memory_does_not_hold_is_halved_for_good() -> None:
    network = SmallMemory(3)
    batches = Batches(network, "cpu", shape=SHAPE, size=8)
    np.testing.assert_allclose(batches(PICTURES), PICTURES.mean(axis=(1, 2)), rtol=1e-6)
    assert network.batches == [2, 2, 2, 2, 2, 1] and batches.size == 2
    batches(PICTURES)
    assert network.batches[6:] == network.batches[:6]


def test_where_not_one_fits_it_is_told() -> None:
    with pytest.raises(ModelError, match="memory of cpu does not hold"):
        Batches(SmallMemory(0), "cpu", shape=SHAPE, size=4)(PICTURES)


def test_what_half_precision_does_not_hold_is_computed_in_float32() -> None:
    bright = PICTURES.copy()
    bright[[2, 9]] = 255
    weight = torch.eye(3) * 300

    def network(batch):
        return torch.nn.functional.linear(mean_colours(batch), weight).float()

    whole, half = (
        Batches(network, "cpu", shape=SHAPE, size=4, dtype=dtype) for dtype in (torch.float32, torch.float16)
    )
    assert (whole.precision, half.precision) == ("float32", "float16")
    vectors = half(bright)
    assert whole(bright).max() > 65_504
    np.testing.assert_array_equal(vectors[[2, 9]], whole(bright)[[2, 9]])
    np.testing.assert_allclose(vectors, whole(bright), rtol=1e-3)
    assert not np.array_equal(vectors, whole(bright))
