"""A head's network as an ONNX file: for one video and one query of any lengths, equal to torch's in what it answers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import FeatureExample
from whenabouts.errors import ModelError
from whenabouts.files.atomic import replacing
from whenabouts.grounders.learned.grounder import heard_width
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.submission import evaluating

__all__ = ["INPUTS", "OUTPUTS", "TOLERANCE", "export_onnx"]

OUTPUTS = ("logits", "inside", "spans", "saliency")  # of these a head has those that its windows are decoded from
INPUTS = ("video", "video_mask", "text", "text_mask")  # as many as a head takes, in its order
TOLERANCE = 1e-5
OPSET = 17
TRACED, TRIED = (16, 5), ((16, 5), (9, 3), (40, 11), (3, 1))  # rows of a video, words of a query


def export_onnx(head: Head, path: Path) -> float:
    """Write the network, and return the largest difference from torch at four lengths, run by onnxruntime. Atomic.

    Raises ModelError for a head that cannot be exported, or whose file would answer otherwise.
    """
    with evaluating(head):
        network = _Answering(head.model).eval()  # exporting brings its mode back, and with it that of the model
        inputs = _drawn(head, *TRACED)
        names = INPUTS if len(inputs) == len(INPUTS) else ("video", "text", "text_mask")
        _, found = network.answered(*inputs)
        if not found or len(names) != len(inputs):
            raise ModelError(f"{head.name} cannot be exported as ONNX: its answers are not made of a few arrays")
        lengths = {name: {1: name.partition("_")[0]} for name in names}
        with replacing(path) as part:
            with _without_onnx_package(head.name), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # lengths that are constant in a trace are tried below
                torch.onnx.export(
                    network, inputs, str(part), input_names=list(names), output_names=list(found),
                    dynamic_axes=lengths, opset_version=OPSET, dynamo=False,
                )  # fmt: skip
            worst = _difference(head, network, part)
            if not worst <= TOLERANCE:
                raise ModelError(f"{head.name} cannot be exported as ONNX: answers would differ by {worst:.1g}")
    return worst


class _Answering(nn.Module):
    """A model that gives only what windows and saliency are decoded from."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return self.answered(*inputs)[0]

    def answered(self, *inputs: Tensor) -> tuple[tuple[Tensor, ...], tuple[str, ...]]:
        output = self.model(*inputs)
        names = tuple(name for name in OUTPUTS if isinstance(getattr(output, name, None), Tensor))
        return tuple(getattr(output, name) for name in names), names


def _drawn(head: Head, rows: int, words: int) -> tuple[Tensor, ...]:
    rng, config = np.random.default_rng(0), head.config

    def draw(count: int, width: int) -> Any:
        return rng.normal(size=(count, width)).astype(np.float32)

    heard = heard_width(head)
    example = FeatureExample(
        Example(0, "", "", np.zeros((0, 2)), 2.0 * rows),
        draw(rows, config.video_dim - head.endpoints),
        draw(words, config.text_dim),
        draw(rows, heard) if heard else None,
    )
    return tuple(head.inputs([example]))


def _difference(head: Head, network: _Answering, path: Path) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for rows, words in TRIED:
        inputs = _drawn(head, rows, words)
        given = {taken.name: tensor.cpu().numpy() for taken, tensor in zip(session.get_inputs(), inputs, strict=True)}
        try:
            found = session.run(None, given)
        except Exception as error:  # onnxruntime's own, which have no common class
            raise ModelError(f"{head.name} cannot be exported as ONNX: the file fails at other lengths") from error
        for one, other in zip(found, network(*inputs), strict=True):
            worst = max(worst, float(np.abs(one - other.cpu().numpy()).max()))
    return worst


@contextmanager
def _without_onnx_package(name: str) -> Iterator[None]:
    """Let torch write the file where the package `onnx` is not there: it only looks for functions that none has."""
    if find_spec("onnx") is not None:
        yield
        return
    try:
        from torch.onnx._internal.torchscript_exporter import onnx_proto_utils as parts

        whole = parts._add_onnxscript_fn
    except (ImportError, AttributeError) as error:
        raise ModelError(f"{name} cannot be exported as ONNX: this torch needs the package onnx for it") from error
    parts._add_onnxscript_fn = lambda model_bytes, custom_opsets: model_bytes
    try:
        yield
    finally:
        parts._add_onnxscript_fn = whole
