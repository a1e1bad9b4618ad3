"""Logistic regression by Newton's method, with Platt's softened targets: a perfect order has a finite answer too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["fit_logistic", "sigmoid"]

STEPS = 100
CLOSE = 1e-10  # a step this small, relative to the coefficients, is the last


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(−x)) without overflow."""
    value: NDArray[np.float64] = 0.5 * (1 + np.tanh(x / 2))
    return value


def fit_logistic(features: NDArray[np.float64], happens: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(K,) coefficients of (N, K) features, by maximum likelihood; a constant term is a feature of ones.

    Targets are (n₊ + 1)/(n₊ + 2) and 1/(n₋ + 2) in place of 1 and 0 (Platt 1999, as in Lin, Lin and Weng 2007). The
    loss is convex: a step that does not lower it is halved.
    """
    present, absent = int(happens.sum()), int((~happens).sum())
    target = np.where(happens, (present + 1) / (present + 2), 1 / (absent + 2))
    weights = np.zeros(features.shape[1])
    loss = _loss(features @ weights, target)
    for _ in range(STEPS):
        p = sigmoid(features @ weights)
        gradient = features.T @ (p - target)
        curvature = (features * (p * (1 - p))[:, None]).T @ features
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        if np.abs(step).max() <= CLOSE * (1 + np.abs(weights).max()):
            break
        size = 1.0
        while (lower := _loss(features @ (weights - size * step), target)) > loss and size > CLOSE:
            size /= 2
        if lower > loss:
            break
        weights, loss = weights - size * step, lower
    return weights


def _loss(x: NDArray[np.float64], target: NDArray[np.float64]) -> float:
    return float((np.logaddexp(0, x) - target * x).sum())
