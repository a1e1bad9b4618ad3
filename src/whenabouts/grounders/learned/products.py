"""Linear layers whose matrix products oneDNN computes on a CPU, where it is faster than torch's default library.

On AMD processors by a fifth, and by a half where widths are no multiple of sixteen, as those of features with their
end points are; elsewhere about as fast. Results differ by rounding alone.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

__all__ = ["Linear", "linear", "traced"]

LEAST_ROWS = 512  # with fewer, calling it costs what is saved
THERE = torch._C._has_mkldnn and hasattr(torch.ops.mkldnn, "_linear_pointwise")  # torch promises no name of it


class Linear(nn.Linear):
    """torch's own, through `linear`."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) -> (..., out)."""
        return linear(x, self.weight, self.bias)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Rows (..., in) by a weight (out, in), and a bias (out,): (..., out)."""
    if not _pays(x, weight):
        return functional.linear(x, weight, bias)
    out: Tensor = _Linear.apply(x.reshape(-1, x.shape[-1]), weight, bias)  # type: ignore[no-untyped-call]
    return out.view(*x.shape[:-1], len(weight))


def _pays(x: Tensor, weight: Tensor) -> bool:
    """Whether it is faster: of many rows in float32 on a CPU."""
    plain = x.device.type == "cpu" and x.dtype == weight.dtype == torch.float32
    if not plain or x.numel() < LEAST_ROWS * x.shape[-1] or not THERE:
        return False
    return not (traced() or torch.is_autocast_enabled("cpu"))


def traced() -> bool:
    """Whether operations are recorded and not run, so that no number may decide which are."""
    return torch.onnx.is_in_onnx_export() or torch.compiler.is_compiling()


def _product(a: Tensor, b: Tensor, bias: Tensor | None = None) -> Tensor:
    """(M, K) by (N, K), in any strides: (M, N)."""
    out: Tensor = torch.ops.mkldnn._linear_pointwise(a, b, bias, "none", [], None)
    return out


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _product(x, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_out: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        of_x = _product(of_out, weight.T) if ctx.needs_input_grad[0] else None
        of_weight = None
        if ctx.needs_input_grad[1]:  # a wide result is faster in the default library
            narrows = x.shape[1] > of_out.shape[1]
            of_weight = _product(of_out.T, x.T) if narrows else of_out.T @ x
        return of_x, of_weight, of_out.sum(0) if ctx.needs_input_grad[2] else None
