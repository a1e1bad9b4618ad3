"""Weights and data that come inside this package."""

from __future__ import annotations

from whenabouts.files.pinned import Pinned

__all__ = ["SHIPPED"]

SHIPPED = Pinned(
    "the file",
    "whenabouts",
    "whenabouts.encoders",
    {
        "efficientnet-lite0.onnx": "3c2ef6d7bac02cea1fb5cdb2a8c6c28010fb1cbb8adc49e4b31435744b653b8b",
        "imagenet-classes.npz": "36a7614526777075194c4784707ecc04fc431eac8b90ab626adf210e30cece15",
        "bert-uncased-vocabulary.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    },
    within="weights",
)
