"""The tiled convolution equals the library's, with its gradients, wherever results are wanted."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from whenabouts.grounders.learned.proposal.winograd import tiled_conv2d  # noqa: E402


@settings(max_examples=12)
@given(
    kernel=st.sampled_from([5, 7, 9, 17]),
    spare=st.integers(0, 9),
    rows=st.integers(1, 11),
    columns=st.integers(1, 11),
    share=st.floats(0, 1),
    seed=st.integers(0, 99),
)
def test_wanted_results_and_all_gradients_are_those_of_a_direct_convolution(
    kernel: int, spare: int, rows: int, columns: int, share: float, seed: int
) -> None:
    draw = torch.Generator().manual_seed(seed)
    padding = min(spare, kernel // 2)
    high, wide = (max(1, side + kernel - 1 - 2 * padding) for side in (rows, columns))
    x = torch.randn(2, 3, high, wide, generator=draw, requires_grad=True)
    weight = torch.randn(4, 3, kernel, kernel, generator=draw, requires_grad=True)
    bias = torch.randn(4, generator=draw, requires_grad=True)
    direct = torch.nn.functional.conv2d(x, weight, bias, padding=padding)
    wanted = torch.rand(direct.shape[2:], generator=draw) < share
    tiled = tiled_conv2d(x.permute(0, 2, 3, 1), weight, bias, padding, wanted).permute(0, 3, 1, 2)
    assert tiled.shape == direct.shape
    close = {"rtol": 1e-4, "atol": 1e-3}
    torch.testing.assert_close(tiled * wanted, direct * wanted, **close)
    loss = torch.randn(direct.shape, generator=draw) * wanted
    for ours, theirs in zip(
        torch.autograd.grad((tiled * loss).sum(), (x, weight, bias)),
        torch.autograd.grad((direct * loss).sum(), (x, weight, bias)),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, **close)
