from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("transformers", reason="the extra hub is not installed")

import torch
from tiny_checkpoints import make_checkpoint
from whole_videos import KINDS

from whenabouts.grounders.llm.engines.transformers import TransformersEngine


@pytest.fixture(scope="session", params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A tiny model of each family with random weights, in float32 as 1e-4 asks for."""
    made = TransformersEngine(make_checkpoint(request.param, tmp_path_factory.mktemp(request.param)), device="cpu")
    made.network.to(torch.float32)
    return made
