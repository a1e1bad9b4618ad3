"""The model that is trained or asked, with its processor, and the size at which it is shown frames."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.llm.recipe import Recipe
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["as_shown", "load", "sampling_of", "stored_dtype"]


def load(name: str, *, trained: bool = False) -> tuple[Any, Any]:
    """A vision-language model and its processor for text and images: a folder, a name on the hub, or `tiny`.

    trained: in float32, since steps of training are too small for half precision; else as the weights are stored

    Raises ModelError, MissingExtra.
    """
    if name == "tiny":
        from whenabouts.training.post.tiny import tiny_model

        return tiny_model()
    try:
        import torch
        import transformers as hf
    except ImportError as error:
        raise MissingExtra("rl", "post-training") from error
    from whenabouts.grounders.llm.engines.processors import image_processor_of
    from whenabouts.grounders.llm.engines.weights import first_line, network, parts, quietly, unloadable

    hf.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    base, adapter = parts(name)
    if adapter:
        raise ModelError(f"{name} is an adapter of {base}; merge it into a model before it is trained further")
    try:
        with quietly():
            processor = image_processor_of(name, hf.AutoConfig.from_pretrained(name))
            how = {"dtype": torch.float32} if trained else {}
            return network(name, hf.AutoModelForImageTextToText, "cpu", **how), processor
    except unloadable() as error:
        raise ModelError(f"the model {name} cannot be loaded for post-training: {first_line(error)}") from error


def stored_dtype(network: Any, name: str) -> Any:
    """The type of numbers in which a model's weights are stored where it comes from."""
    if name == "tiny":
        return network.dtype
    import transformers as hf

    return hf.AutoConfig.from_pretrained(name).dtype or network.dtype


def sampling_of(recipe: Recipe, processor: Any) -> Sampling | None:
    """How large frames are shown under a recipe; None where a model sees pictures of one size."""
    images = processor.image_processor
    if not hasattr(images, "merge_size"):
        return None
    side = images.patch_size * images.merge_size
    return Sampling(fps=recipe.fps, max_frames=recipe.frames, token_side=side, total_tokens=recipe.visual_tokens)


@contextmanager
def as_shown(processor: Any) -> Iterator[None]:
    """Within the block frames keep the size that a recipe gives them: a processor's own bounds are for images."""
    images = processor.image_processor
    if not hasattr(images, "merge_size"):
        yield
        return
    resizes, images.do_resize = images.do_resize, False
    try:
        yield
    finally:
        images.do_resize = resizes
