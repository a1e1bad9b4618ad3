"""The model that is trained or asked, with its processor, and the size at which it is shown frames."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.llm.engines.processors import processor_of
from whenabouts.grounders.llm.engines.rendering import shows_video
from whenabouts.grounders.llm.engines.weights import first_line, network, parts, quietly, unloadable
from whenabouts.grounders.llm.recipe import Recipe
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.training.post.quantising import in_four_bits
from whenabouts.training.post.seeing.clip import Clip
from whenabouts.training.post.seeing.conversation import Show
from whenabouts.training.post.seeing.sight import Sight

__all__ = ["as_shown", "is_tiny", "load", "sampling_of", "seeing", "show_from", "stored_dtype"]


def load(name: str, *, trained: bool = False, weights: str | None = None, quantised: bool = False) -> tuple[Any, Any]:
    """A vision-language model and what prepares text and frames for it: a folder, a name on the hub, or `tiny`.

    `tiny` may be followed by the kind of a tiny model: `tiny:qwen2_5_vl`. For Qwen's models the second is a `Sight`,
    and the vision tower is frozen; for others it is transformers' own processor.

    trained: in float32, since steps of training are too small for half precision; else as the weights are stored
    weights: another folder that they are read from
    quantised: the language part in 4 bits a weight, for adapters (QLoRA, arXiv:2305.14314)

    Raises ModelError, MissingExtra.
    """
    if is_tiny(name):
        from whenabouts.training.post.tiny.models import tiny_model

        made, processor = tiny_model(kind=name.partition(":")[2] or "llava")
        made = _network(weights, trained) if weights else made
    else:
        made = _network(weights or name, trained, quantised=quantised)
        processor = processor_of(name)
    made.requires_grad_(trained)
    return made, seeing(made, processor)


def seeing(network: Any, processor: Any) -> Any:
    """The processor of a model of images; for models of video a `Sight` around it."""
    return Sight(network, processor) if shows_video(processor) else processor


def _network(name: str, trained: bool, *, quantised: bool = False) -> Any:
    try:
        import torch
        import transformers as hf
    except ImportError as error:
        raise MissingExtra("rl", "post-training") from error
    hf.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    base, adapter = parts(name)
    if adapter:
        raise ModelError(f"{name} is an adapter of {base}; merge it into a model before it is trained further")
    try:
        with quietly():
            how: dict[str, Any] = {"dtype": torch.float32} if trained else {}
            how |= in_four_bits() if quantised else {}
            return network(name, hf.AutoModelForImageTextToText, "cpu", **how)
    except unloadable() as error:
        raise ModelError(f"the model {name} cannot be loaded for post-training: {first_line(error)}") from error


def is_tiny(name: str) -> bool:
    """Whether a name means a tiny model of random weights, which is in no file."""
    return name.partition(":")[0] == "tiny"


def stored_dtype(network: Any, name: str) -> Any:
    """The type of numbers in which a model's weights are stored where it comes from."""
    if is_tiny(name):
        return network.dtype
    import transformers as hf

    config = hf.AutoConfig.from_pretrained(name)
    return config.dtype or config.get_text_config().dtype or network.dtype  # some say it of their language part alone


def sampling_of(recipe: Recipe, processor: Any) -> Sampling:
    """As many frames as a recipe says, as large as it pays for."""
    images = processor.image_processor
    side = {"token_side": images.patch_size * images.merge_size} if _sizes(processor) else {}
    return Sampling(fps=recipe.fps, max_frames=recipe.frames, total_tokens=recipe.visual_tokens, **side)


def show_from(folder: Path, recipe: Recipe, processor: Any) -> Show:
    """How a recipe shows the videos of a folder to a model.

    A model that sees pictures of one size is shown frames as large as they are.
    """
    rule, sized = sampling_of(recipe, processor), _sizes(processor)
    return lambda sample: Clip.of_file(folder / sample.video, rule, sized=sized)


def _sizes(processor: Any) -> bool:
    """Whether a model sees pictures of any size."""
    return hasattr(processor.image_processor, "merge_size")


@contextmanager
def as_shown(processor: Any) -> Iterator[None]:
    """Within the block frames keep the size that a recipe gives them: a processor's own bounds are for images."""
    images = processor.image_processor
    if not _sizes(processor):
        yield
        return
    resizes, images.do_resize = images.do_resize, False
    try:
        yield
    finally:
        images.do_resize = resizes
