"""What a training leaves, on any number of GPUs: the adapter, and a whole model in the type in which it was stored.

Steps of an adapter are small: added to weights of 16 bits, most of them round to nothing. So the sum is made in
float32, and stays so where the type of the base would lose more than a little of what was learnt.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whenabouts.files.atomic import replacing
from whenabouts.training.post.loading import is_tiny, load

__all__ = ["saved", "share_kept"]

LEAST = 0.9  # of what was learnt, that must survive the rounding to the type of the base


def saved(job: Any, processor: Any, base: str, out: Path, dtype: Any) -> tuple[Any, Any, dict[str, Any]] | None:
    """Save what a trainer trained; the model, its processor and facts, or None in every process but the first.

    The facts are the type of the `weights` and, of adapters, the share of them that was `kept` in it.
    base: the model under the adapters, if there are any. Weights that are shared over several GPUs are gathered, so
    all processes must call this. Adapters are merged into the base as it is stored: 4-bit weights are not.
    """
    import torch

    accelerator = job.accelerator
    alone = accelerator.num_processes == 1
    weights = None if alone else accelerator.get_state_dict(job.model)
    if not accelerator.is_main_process:
        return None
    trained = accelerator.unwrap_model(job.model)
    here = alone
    facts: dict[str, Any] = {}
    if hasattr(trained, "merge_and_unload"):
        trained.save_pretrained(str(out / "adapter"), state_dict=weights)
        here = alone and not getattr(trained.get_base_model(), "is_quantized", False)
        tuned = (trained if here else _tuned(base, out / "adapter")).float()
        facts = {"kept": share_kept(tuned, dtype)}
        dtype = dtype if facts["kept"] >= LEAST else torch.float32
        trained, weights = tuned.merge_and_unload(), None
    if weights is None:
        trained = trained.to(dtype)
    else:
        weights = {name: weight.to(dtype) for name, weight in weights.items()}
    trained.save_pretrained(str(out), state_dict=weights)
    processor.save_pretrained(str(out))
    _keep_bounds(base, out)
    facts["weights"] = str(dtype).removeprefix("torch.")
    if here:
        return trained, processor, facts
    network, processor = load(str(out))
    return network.to(accelerator.device), processor, facts


def share_kept(tuned: Any, dtype: Any) -> float:
    """How much of the adapters of a model in float32 is left when base and adapters together are rounded to `dtype`."""
    left = learnt = 0.0
    for layer in tuned.modules():
        for name in getattr(layer, "lora_A", ()):
            base, change = layer.get_base_layer().weight.detach(), layer.get_delta_weight(name).detach()
            rounded = (base + change).to(dtype).float()
            left += float(((rounded - base) * change).sum())
            learnt += float((change * change).sum())
    return left / learnt if learnt else 1.0


def _keep_bounds(base: str, out: Path) -> None:
    """Copy how large other programs show video to the base: for ours the recipe says it."""
    from transformers.utils.hub import cached_file

    if is_tiny(base):
        return
    found = cached_file(
        base,
        "video_preprocessor_config.json",
        local_files_only=True,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
    )
    if found:
        with replacing(out / Path(found).name) as part:
            part.write_bytes(Path(found).read_bytes())


def _tuned(base: str, adapter: Path) -> Any:
    from peft import PeftModel

    return PeftModel.from_pretrained(load(base)[0], str(adapter))
