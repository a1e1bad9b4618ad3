"""Rows become padded tensors with one write of each number, and small tensors travel together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from whenabouts.grounders.learned.batching import in_float32, on_device, padded, row_ends, valid_rows  # noqa: E402


class Pair(NamedTuple):
    first: object
    second: object


class Copies(TorchDispatchMode):
    """Counts copies to another device."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        self.count += function is torch.ops.aten._to_copy.default
        return function(*args, **(kwargs or {}))


def test_parts_stand_side_by_side_and_what_is_behind_an_item_is_zero() -> None:
    rng = np.random.default_rng(0)
    items = [[rng.normal(size=(n, 3)).astype(np.float32), row_ends(n)] for n in (4, 2)]
    table = padded(items, length=5)
    assert table.shape == (2, 5, 5) and not table[1, 2:].any() and not table[:, 4].any()
    for row, item in zip(table, items, strict=True):
        assert np.array_equal(row[: len(item[0])], np.concatenate(item, axis=1))
    assert valid_rows([4, 2], 5).tolist() == [[True] * 4 + [False], [True] * 2 + [False] * 3]


def test_small_tensors_travel_in_one_copy_of_each_type_and_keep_their_places() -> None:
    large = torch.zeros(1 << 19)
    parts = Pair({"a": [torch.ones(2, 3), torch.ones(4)]}, (large, torch.arange(3), torch.arange(2), "name", 7))
    with Copies() as copies:
        moved = on_device(parts, torch.device("meta"))
    assert copies.count == 3
    assert isinstance(moved, Pair) and moved.second[3:] == ("name", 7)
    found = [*moved.first["a"], *moved.second[:3]]
    assert [(*each.shape, each.dtype) for each in found] == [
        (2, 3, torch.float32), (4, torch.float32), (1 << 19, torch.float32), (3, torch.int64), (2, torch.int64)
    ]  # fmt: skip
    assert {each.device.type for each in found} == {"meta"}


def test_halves_become_float32_and_nothing_else_changes() -> None:
    whole, number = torch.ones(2), torch.arange(3)
    wide = in_float32([torch.ones(2, dtype=torch.bfloat16), (torch.ones(2, dtype=torch.float16), whole, number)])
    assert wide[0].dtype == wide[1][0].dtype == torch.float32
    assert wide[1][1] is whole and wide[1][2] is number
