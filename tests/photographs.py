"""Real photographs that come inside scikit-image and scikit-learn, squeezed to a square."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


def photographs(size: int) -> dict[str, np.ndarray]:
    """Name -> (size, size, 3) uint8 RGB; the calling test skips where the packages are absent."""
    data = pytest.importorskip("skimage.data", reason="the photographs of scikit-image are not installed")
    datasets = pytest.importorskip("sklearn.datasets", reason="the photographs of scikit-learn are not installed")
    images = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    found = {
        "cat": data.chelsea(),
        "coffee": data.coffee(),
        "astronaut": data.astronaut(),
        "rocket": data.rocket(),
        "camera": data.camera(),
        "page": data.page(),
        "moon": data.moon(),
        "coins": data.coins(),
        "brick": data.brick(),
        "motorcycle": np.asarray(images.open(Path(data.__file__).parent / "motorcycle_left.png").convert("RGB")),
        "temple": datasets.load_sample_image("china.jpg"),
        "flower": datasets.load_sample_image("flower.jpg"),
    }
    return {
        name: np.asarray(images.fromarray(image).convert("RGB").resize((size, size), images.Resampling.BILINEAR))
        for name, image in found.items()
    }
