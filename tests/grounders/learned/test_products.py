"""Linear layers through oneDNN: results and gradients of torch's own, and when they are left to it."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
functional = torch.nn.functional

from whenabouts.grounders.learned.products import Linear, linear  # noqa: E402


@pytest.mark.parametrize(
    ("shape", "size_out"), [((8, 75, 282), 64), ((600, 64), 256), ((2, 300, 33), 7), ((4, 10, 64), 32)]
)
@pytest.mark.parametrize("biased", [True, False])
def test_results_and_gradients_are_those_of_torch(shape: tuple[int, ...], size_out: int, biased: bool) -> None:
    torch.manual_seed(0)
    plain = [torch.randn(shape), torch.randn(size_out, shape[-1]), *([torch.randn(size_out)] if biased else [])]
    exact = [tensor.double().requires_grad_() for tensor in plain]
    ours = [tensor.requires_grad_() for tensor in plain]
    out, expected = linear(*ours, *([] if biased else [None])), functional.linear(*exact)
    direction = torch.randn_like(out)
    out.backward(direction)
    expected.backward(direction.double())
    torch.testing.assert_close(out.double(), expected, rtol=1e-5, atol=1e-5 * float(expected.detach().abs().max()))
    for mine, right in zip(ours, exact, strict=True):
        assert mine.grad is not None and right.grad is not None
        torch.testing.assert_close(mine.grad.double(), right.grad, rtol=0, atol=1e-5 * float(right.grad.abs().max()))


def test_rows_may_lie_apart() -> None:
    torch.manual_seed(0)
    x = torch.randn(64, 700).T
    torch.testing.assert_close(
        linear(x[::1, 3:40], torch.ones(5, 74)[:, ::2], None), functional.linear(x[:, 3:40], torch.ones(5, 37))
    )


def test_mixed_precision_is_left_to_torch() -> None:
    layer = Linear(16, 8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(torch.randn(1024, 16)).dtype == torch.bfloat16
    assert layer.double()(torch.randn(1024, 16).double()).dtype == torch.float64
