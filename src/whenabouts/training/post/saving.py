"""What a training leaves, on any number of GPUs: the adapter, and a whole model in the type in which it was stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whenabouts.training.post.loading import load

__all__ = ["saved"]


def saved(job: Any, processor: Any, base: str, out: Path, dtype: Any) -> tuple[Any, Any] | None:
    """Save what a trainer trained; the model and its processor, or None in every process but the first.

    base: the model under the adapters, if there are any. Weights that are shared over several GPUs are gathered, so
    all processes must call this. Adapters are merged into the base as it is stored: 4-bit weights are not.
    """
    accelerator = job.accelerator
    alone = accelerator.num_processes == 1
    weights = None if alone else accelerator.get_state_dict(job.model)
    if not accelerator.is_main_process:
        return None
    trained = accelerator.unwrap_model(job.model)
    here = alone
    if hasattr(trained, "merge_and_unload"):
        trained.save_pretrained(str(out / "adapter"), state_dict=weights)
        here = alone and not getattr(trained.get_base_model(), "is_quantized", False)
        trained = trained.merge_and_unload() if here else _merged(base, out / "adapter")
        weights = None
    if weights is None:
        trained = trained.to(dtype)
    else:
        weights = {name: weight.to(dtype) for name, weight in weights.items()}
    trained.save_pretrained(str(out), state_dict=weights)
    processor.save_pretrained(str(out))
    if here:
        return trained, processor
    network, processor = load(str(out))
    return network.to(accelerator.device), processor


def _merged(base: str, adapter: Path) -> Any:
    from peft import PeftModel

    return PeftModel.from_pretrained(load(base)[0], str(adapter)).merge_and_unload()
