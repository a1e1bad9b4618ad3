"""Vision-language models of about a million parameters, from configurations: for dry runs, tests and toy studies.

LLaVA (arXiv:2304.08485), which sees frames as images between their time stamps, and Qwen's models, which see video
(`tiny_qwen`): random weights, a vision tower of two layers, a language model of four. The tokenizer is lossless for any
text (one token per byte) and reads the `words` it is given as one token each. No hub, no file, no torchvision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from whenabouts.errors import InputError, MissingExtra
from whenabouts.training.post.tiny.qwen import KINDS, tiny_qwen
from whenabouts.training.post.tiny.words import tiny_tokenizer

__all__ = ["tiny_model"]


SPECIAL = ("<|pad|>", "<|user|>", "<|assistant|>", "<|end|>", "<|image|>")
CHAT = (
    "{% for m in messages %}{{ '<|assistant|>' if m['role'] == 'assistant' else '<|user|>' }}"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<|image|>{% elif c['type'] == 'text' %}{{ c['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def tiny_model(
    words: Sequence[str] = (),
    *,
    kind: str = "llava",
    hidden: int = 128,
    layers: int = 4,
    image: int = 24,
    patch: int = 12,
    seed: int = 0,
) -> tuple[Any, Any]:
    """A model and its processor, on the CPU in float32, always the same for the same arguments.

    kind:         `llava`, or one of `tiny_qwen.KINDS`
    image, patch: of LLaVA, the side of the square picture and of its patches, in pixels; a frame takes
                  (image / patch)² tokens
    Raises InputError, MissingExtra.
    """
    if kind != "llava":
        if kind not in KINDS:
            raise InputError(f"unknown tiny model {kind!r}; choose one of: llava, {', '.join(KINDS)}")
        return tiny_qwen(kind, words, hidden=hidden, layers=layers, seed=seed)
    try:
        import torch
        import transformers as hf
    except ImportError as error:
        raise MissingExtra("rl", "the tiny model") from error
    tokenizer = tiny_tokenizer(words, special=SPECIAL, end="<|end|>", pad="<|pad|>", chat=CHAT)
    vision = hf.CLIPVisionConfig(
        hidden_size=hidden // 2,
        intermediate_size=hidden,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=image,
        patch_size=patch,
    )
    text = hf.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=3 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=4096,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=False,
    )
    torch.manual_seed(seed)
    model = hf.LlavaForConditionalGeneration(
        hf.LlavaConfig(
            vision_config=vision,
            text_config=text,
            image_token_index=tokenizer.convert_tokens_to_ids("<|image|>"),
            vision_feature_layer=-1,
            tie_word_embeddings=False,
        )
    )
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return model, _processor(tokenizer, image, patch)


def _processor(tokenizer: Any, image: int, patch: int) -> Any:
    import transformers as hf
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    side = {"height": image, "width": image}
    pictures = CLIPImageProcessorPil(size=side, crop_size=side, do_center_crop=False, do_convert_rgb=True)
    joined: Any = hf.LlavaProcessor
    return joined(
        image_processor=pictures,
        tokenizer=tokenizer,
        patch_size=patch,
        vision_feature_select_strategy="default",
        chat_template=CHAT,
        image_token="<|image|>",  # noqa: S106
        num_additional_image_tokens=1,
    )
