"""What prepares text and frames for a model, read from its folder, without the parts that want torchvision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whenabouts.errors import ModelError
from whenabouts.files.pretrained import require_words
from whenabouts.grounders.llm.engines.qwen import FAMILY, FrameProcessor
from whenabouts.grounders.llm.engines.weights import first_line, parts, quietly, unloadable

__all__ = ["image_processor_of", "processor_of"]


def processor_of(model: str | Path) -> Any:
    """The processor of a folder or a name on the hub; for Qwen's models ours, which also takes video.

    An adapter's own files are taken where it has them, else its base's. Raises ModelError.
    """
    from transformers import AutoConfig

    base, adapter = parts(model)
    try:
        with quietly():
            kind = AutoConfig.from_pretrained(base)
            source = adapter if adapter and (Path(adapter) / "preprocessor_config.json").is_file() else base
            found = image_processor_of(source, kind)
    except unloadable() as error:
        raise ModelError(f"{model} cannot be loaded as a vision-language model: {first_line(error)}") from error
    require_words(found.tokenizer, model)
    if kind.model_type in FAMILY:
        return FrameProcessor(found.tokenizer, found.image_processor, found.chat_template)
    return found


def image_processor_of(model: str | Path, config: Any) -> Any:
    """The processor of transformers for a model's text and images.

    Those of recent models have a part for video that cannot be made without torchvision, so theirs is left out.
    Raises what transformers raises (`weights.unloadable`).
    """
    from transformers import PROCESSOR_MAPPING, AutoProcessor

    auto: Any = AutoProcessor
    try:
        kind: Any = PROCESSOR_MAPPING[type(config)]
    except KeyError:
        kind = auto
    return (_without_video(kind) if _takes(kind)[-1:] == ["video_processor"] else kind).from_pretrained(model)


def _takes(kind: Any) -> list[str]:
    """The parts that a class of processors is made of; releases before 5 list them."""
    return list(kind.get_attributes() if hasattr(kind, "get_attributes") else getattr(kind, "attributes", ()))


def _without_video(kind: Any) -> Any:
    """The same class of processors, its name included, with nothing where the part for video would be."""
    left = _takes(kind)[:-1]

    def arguments(cls: Any, *args: Any, **named: Any) -> list[Any]:
        return [*super(made, cls)._get_arguments_from_pretrained(*args, **named), None]  # __init__ may demand it

    changed = {"attributes": left, "get_attributes": classmethod(lambda _: left), "__module__": kind.__module__}
    made: Any = type(kind.__name__, (kind,), changed | {"_get_arguments_from_pretrained": classmethod(arguments)})
    return made
