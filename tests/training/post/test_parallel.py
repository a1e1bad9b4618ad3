"""Settings for several GPUs: accelerate reads every file, and each does what its name says. None was run on GPUs."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from whenabouts.cli.app import app
from whenabouts.errors import InputError
from whenabouts.training.post.parallel import WAYS, settings_of
from whenabouts.training.post.processes import passes

STAGES = {"zero2": 2, "zero3": 3}


@pytest.mark.parametrize("way", WAYS)
def test_accelerate_reads_the_settings(way: str) -> None:
    config_args = pytest.importorskip("accelerate.commands.config.config_args")
    utils = pytest.importorskip("accelerate.utils")
    found = config_args.load_config_from_file(str(settings_of(way)))
    kinds = {"ddp": utils.DistributedType.MULTI_GPU, "fsdp": utils.DistributedType.FSDP}
    assert found.distributed_type == kinds.get(way, utils.DistributedType.DEEPSPEED)
    assert found.deepspeed_config.get("zero_stage") == STAGES.get(way)
    if way == "fsdp":  # as accelerate itself takes them from the environment
        plugin = utils.FullyShardedDataParallelPlugin(
            fsdp_version=found.fsdp_config["fsdp_version"],
            auto_wrap_policy=found.fsdp_config["fsdp_auto_wrap_policy"],
            state_dict_type=found.fsdp_config["fsdp_state_dict_type"],
            reshard_after_forward=found.fsdp_config["fsdp_reshard_after_forward"],
        )
        assert plugin.fsdp_version == 2 and plugin.reshard_after_forward is True


def test_the_command_line_prints_where_they_are() -> None:
    printed = CliRunner().invoke(app, ["post-train", "--parallel", "zero3"])
    assert Path(printed.stdout.strip()) == WAYS["zero3"] and set(WAYS) == {"ddp", "zero2", "zero3", "fsdp"}
    with pytest.raises(InputError, match="unknown way to share a training 'zero9'; choose one of: ddp, fsdp, zero2"):
        settings_of("zero9")


def test_processes_share_the_batch_of_a_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    assert passes("r", 64, None, "answers") == (64, 1)
    assert passes("r", 64, 8, "answers") == (8, 8)
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert passes("r", 64, None, "answers") == (16, 1)
    assert passes("r", 64, 8, "answers") == (8, 2)
    with pytest.raises(
        InputError, match="r: 64 answers per update must be a multiple of 3 per forward pass on each of 4"
    ):
        passes("r", 64, 3, "answers")
