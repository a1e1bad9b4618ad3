"""A vision-language model of about a million parameters, from its configuration: for dry runs, tests and toy studies.

LLaVA's architecture (arXiv:2304.08485) with random weights: a CLIP tower of two layers, a projector, a Llama of four.
Frames enter as images between their time stamps, as they do for large models. The tokenizer is lossless for any text
(one token per byte) and reads the `words` it is given as one token each. No hub, no file, no torchvision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from whenabouts.errors import MissingExtra

if TYPE_CHECKING:
    from transformers import LlavaForConditionalGeneration, LlavaProcessor

__all__ = ["tiny_model"]


TAGS = ("<think>", "</think>", "<answer>", "</answer>", " to ", " seconds")
SPECIAL = ("<|pad|>", "<|user|>", "<|assistant|>", "<|end|>", "<|image|>")
CHAT = (
    "{% for m in messages %}{{ '<|assistant|>' if m['role'] == 'assistant' else '<|user|>' }}"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<|image|>{% elif c['type'] == 'text' %}{{ c['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def tiny_model(
    words: Sequence[str] = (), *, hidden: int = 128, layers: int = 4, image: int = 24, patch: int = 12, seed: int = 0
) -> tuple[LlavaForConditionalGeneration, LlavaProcessor]:
    """A model and its processor, on the CPU in float32, always the same for the same arguments.

    image, patch: side of the square picture and of its patches, in pixels; a frame takes (image / patch)² tokens.
    Raises MissingExtra.
    """
    try:
        import torch
        import transformers as hf
    except ImportError as error:
        raise MissingExtra("rl", "the tiny model") from error
    tokenizer = _tokenizer([*TAGS, *words])
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


def _tokenizer(words: Sequence[str]) -> Any:
    import transformers as hf
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_tokens([AddedToken(word, normalized=False, special=False) for word in dict.fromkeys(words)])
    fast: Any = hf.PreTrainedTokenizerFast
    tokenizer = fast(
        tokenizer_object=inner,
        eos_token="<|end|>",  # noqa: S106
        pad_token="<|pad|>",  # noqa: S106
        additional_special_tokens=list(SPECIAL),
        padding_side="left",
    )
    tokenizer.chat_template = CHAT
    return tokenizer


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
