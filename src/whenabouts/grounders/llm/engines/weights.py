"""The weights of a model on this machine: read whole and quietly, onto a device, and told apart from others."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.files.pretrained import first_line, unloadable, whole_network
from whenabouts.files.quiet import quietly

__all__ = ["device_named", "first_line", "network", "parts", "quietly", "unloadable", "weights_identity"]

ADAPTER = "adapter_config.json"
WEIGHTS = (".safetensors", ".bin", ".pt", ".pth")  # only the first is ever loaded by an engine


def parts(model: str | Path) -> tuple[str, str | None]:
    """The model whose weights are read first, and the adapter that peft lays over them, where `model` is one.

    An adapter names its base in `adapter_config.json`: a name on the hub, or a folder, also beside the adapter.
    Raises ModelError where the base is not said or is a folder that is not there.
    """
    said = Path(model) / ADAPTER
    if not said.is_file() or (Path(model) / "config.json").is_file():
        return str(model), None
    try:
        base = json.loads(said.read_text("utf-8")).get("base_model_name_or_path")
    except (ValueError, AttributeError) as error:
        raise ModelError(f"{said} is not JSON of an adapter: {first_line(error)}") from error
    if not base:
        raise ModelError(f"{said} does not name the model under the adapter; set its base_model_name_or_path")
    for folder in (Path(base), Path(model) / base):
        if folder.is_dir():
            return str(folder), str(model)
    if Path(base).is_absolute() or str(base).startswith(".") or str(base).count("/") != 1:
        raise ModelError(
            f"{model} is an adapter of {base}, which is not here; set base_model_name_or_path in {said} to the folder"
            " of that model, or to its name on the hub"
        )
    return str(base), str(model)


def device_named(name: str | None, model: str | Path) -> str:
    """The device for a model, as torch names it; None is a GPU where there is one.

    Raises ModelError for one that is not there.
    """
    import torch

    gpu = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    here = [] if gpu is None else [f"{gpu.type}:{i}" for i in range(torch.accelerator.device_count())]
    if name is None:
        return "cpu" if gpu is None else gpu.type
    if name not in {"cpu", *here, *([gpu.type] if gpu else [])}:
        choices = ", ".join(["cpu", *here])
        raise ModelError(f"{model} cannot be put on the device {name!r}: this machine has {choices}")
    return name


def network(model: str | Path, auto: Any, device: str, **how: Any) -> Any:
    """The network of a folder or a name on the hub, with its adapter if it has one, ready to answer on `device`.

    auto: the class of transformers that makes it. how: goes to transformers

    Raises what `unloadable` names, also where weights are in no file, and where no layer has full attention, which
    transformers cannot draw answers from; ModelError for an adapter that does not fit.
    """
    base, adapter = parts(model)
    made = whole_network(base, auto, **{"dtype": "auto"} | how)
    if set(getattr(made.config.get_text_config(), "layer_types", None) or ()) == {"linear_attention"}:
        raise ValueError(
            "all its layers are linear attention, which transformers cannot draw answers from; one with full attention"
            " must be among them, as every fourth is in Qwen3.5"
        )
    if adapter:
        made = _adapted(made, adapter)
    return (made if "device_map" in how else made.to(device)).eval()


def _adapted(made: Any, adapter: str) -> Any:
    """The network with an adapter in its layers, as its authors run it: nothing is merged, so nothing is rounded."""
    try:
        from peft import PeftConfig, PeftModel
    except ImportError as error:
        raise MissingExtra("rl", "a model that is an adapter") from error
    try:
        with quietly():
            wrapped = PeftModel(made, PeftConfig.from_pretrained(adapter))
            lacking = wrapped.load_adapter(adapter, "default").missing_keys
    except unloadable() as error:
        raise ModelError(f"{adapter} cannot be laid over its model: {first_line(error)}") from error
    if lacking:
        raise ModelError(f"{adapter} lacks {len(lacking)} of the weights that it declares, the first: {lacking[0]}")
    return wrapped.get_base_model()


def weights_identity(model: str) -> str:
    """The sha256 of all weights in a folder, adapters and their base included; of a name on the hub its commit.

    A name of which nothing is cached here is all that is known, and is returned as it is.
    """
    folder = Path(model)
    if not folder.is_dir():
        return _commit(model)
    digest = hashlib.sha256()
    found = [path for path in folder.rglob("*") if path.suffix in WEIGHTS and "checkpoint-" not in str(path.parent)]
    kept = [path for path in found if path.suffix == WEIGHTS[0]] or found
    for path in sorted(kept):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    with suppress(ModelError):  # an adapter that does not say its base, as that of a role, which is laid over another
        base, adapter = parts(model)
        digest.update(weights_identity(base).encode() if adapter else b"")
    return digest.hexdigest() if kept else model


def _commit(name: str) -> str:
    """`name@commit` of what the hub's cache holds under a name."""
    try:
        from huggingface_hub import try_to_load_from_cache

        for file in ("config.json", ADAPTER):
            cached = try_to_load_from_cache(name, file)
            if isinstance(cached, str):
                return f"{name}@{Path(cached).parent.name}"
    except (ImportError, ValueError):  # no cache, or what cannot be a name on the hub
        pass
    return name
