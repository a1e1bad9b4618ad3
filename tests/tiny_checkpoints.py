"""Folders as authors publish them on the hub, with small random weights: every file, name of a weight and setting.

The layouts are those of the repositories named in `PUBLISHED`: sharded safetensors in bfloat16 under the names of the
first release, `generation_config.json` with its settings of sampling, and the files of tokenizer and processor. Chat
templates are shortened to what they do with text, images and video.
"""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers", reason="the extra hub is not installed")

import torch
import transformers as hf
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

__all__ = ["PUBLISHED", "make_adapter", "make_checkpoint", "merged"]

PUBLISHED = {
    "qwen2_vl": "Qwen/Qwen2-VL-2B-Instruct",
    "qwen2_5_vl": "Qwen/Qwen2.5-VL-7B-Instruct",
    "qwen3_vl": "Qwen/Qwen3-VL-8B-Instruct",
    "qwen3_vl_moe": "Qwen/Qwen3-VL-30B-A3B-Instruct",
    "qwen3_5": "Qwen/Qwen3.5-9B",
    "llava_onevision": "llava-hf/llava-onevision-qwen2-7b-ov-hf",
    "internvl": "OpenGVLab/InternVL3-8B-hf",
    "video_llama_3": "lkhl/VideoLLaMA3-7B-Image-HF",
    "smolvlm": "HuggingFaceTB/SmolVLM2-2.2B-Instruct",
    "glm46v": "zai-org/GLM-4.6V-Flash",
}
WIDTH = 64
PIECES = {"model_max_length": 4096, "padding_side": "left", "clean_up_tokenization_spaces": False}
QWEN_MARKS = ("vision_start", "vision_end", "vision_pad", "image_pad", "video_pad")
CHAT = (
    "{%% for m in messages %%}%s<|im_start|>{{ m['role'] }}\n"
    "{%% if m['content'] is string %%}{{ m['content'] }}{%% else %%}{%% for c in m['content'] %%}"
    "{%% if c['type'] == 'image' %%}%s{%% elif c['type'] == 'video' %%}%s{%% elif 'text' in c %%}{{ c['text'] }}"
    "{%% endif %%}"
    "{%% endfor %%}{%% endif %%}<|im_end|>\n{%% endfor %%}"
    "{%% if add_generation_prompt %%}<|im_start|>assistant\n%s{%% endif %%}"
)
SYSTEM = (  # Qwen2-VL's and Qwen2.5-VL's, where the first turn is not the system's
    "{% if loop.first and m['role'] != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    "{% endif %}"
)
QWEN_IMAGE, QWEN_VIDEO = (f"<|vision_start|><|{kind}_pad|><|vision_end|>" for kind in ("image", "video"))
QWEN2 = CHAT % (SYSTEM, QWEN_IMAGE, QWEN_VIDEO, "")
QWEN3 = CHAT % ("", QWEN_IMAGE, QWEN_VIDEO, "")
QWEN3_5 = CHAT % ("", QWEN_IMAGE, QWEN_VIDEO, "<think>\n")
PLAIN = CHAT % ("", "<image>", "<video>", "")
GLM = CHAT % ("", "<|begin_of_image|><|image|><|end_of_image|>", "<|begin_of_video|><|video|><|end_of_video|>", "")
CLIP = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
HALVES = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
SAMPLING = {  # as the repositories recommend it; none of it is what a paper decodes with
    "qwen2_vl": {"do_sample": True, "temperature": 0.01, "top_k": 1, "top_p": 0.001, "repetition_penalty": 1.05},
    "qwen2_5_vl": {"do_sample": True, "temperature": 1e-06, "repetition_penalty": 1.05},
    "qwen3_vl": {"do_sample": True, "temperature": 0.7, "top_k": 20, "top_p": 0.8, "repetition_penalty": 1.0},
    "qwen3_5": {"do_sample": True, "temperature": 1.0, "top_k": 20, "top_p": 0.95},
    "llava_onevision": {"do_sample": True, "temperature": 0.7, "top_k": 20, "top_p": 0.8, "repetition_penalty": 1.1},
}


def make_checkpoint(kind: str, folder: Path, *, seed: int = 0) -> Path:
    """A folder as `PUBLISHED[kind]` has it; the same every time. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    hf.utils.logging.disable_progress_bar()
    tokenizer = _tokenizer(kind)
    torch.manual_seed(seed)
    network = _network(kind, tokenizer).to(torch.bfloat16)
    ends = [tokenizer.convert_tokens_to_ids(end) for end in ("<|im_end|>", "<|endoftext|>")]
    network.generation_config.update(eos_token_id=ends, pad_token_id=ends[1], bos_token_id=ends[1])
    network.save_pretrained(folder, max_shard_size="100KB")
    if kind == "llava_onevision":  # whose vision tower was a module of its own inside another
        _rename(folder, "vision_tower.", "vision_tower.vision_model.")
    _flatten(kind, folder / "config.json")
    _write(folder / "generation_config.json", {
        "bos_token_id": ends[1], "eos_token_id": ends, "pad_token_id": ends[1], "transformers_version": "4.57.0",
        **SAMPLING.get(kind.removesuffix("_moe"), {}),
    })  # fmt: skip
    _save_tokenizer(kind, tokenizer, folder)
    for name, content in _preparation(kind).items():
        _write(folder / name, content)
    return folder


def make_adapter(base: str | Path, folder: Path, *, seed: int = 1, scale: float = 0.5, says: str | None = None) -> Path:
    """A folder with a LoRA adapter alone, as peft writes it, of a model in the folder `base`.

    says: the name of the base that the adapter's file has; None is the folder
    """
    from peft import LoraConfig, get_peft_model

    auto: Any = hf.AutoModelForImageTextToText
    network = auto.from_pretrained(base, dtype="auto")
    network.name_or_path = str(says or base)
    torch.manual_seed(seed)
    with warnings.catch_warnings(action="ignore"):  # peft uses what transformers deprecated
        tuned = get_peft_model(network, LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"]))
    for name, weight in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=scale)
    tuned.peft_config["default"].base_model_name_or_path = str(says or base)
    tuned.save_pretrained(str(folder))
    return folder


def merged(base: Path, adapter: Path, folder: Path) -> Path:
    """The adapter's model as a whole folder: the files of its base, with weights in which the adapter is merged."""
    from peft import PeftModel

    shutil.copytree(base, folder)
    for path in folder.glob("model*.safetensors*"):
        path.unlink()
    auto: Any = hf.AutoModelForImageTextToText
    with warnings.catch_warnings(action="ignore"):
        whole: Any = PeftModel.from_pretrained(auto.from_pretrained(base, dtype=torch.float32), str(adapter))
    whole.merge_and_unload().save_pretrained(folder)
    return folder


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2), "utf-8")


def _marks(kind: str) -> list[str]:
    """The special tokens of a family, besides those of a turn."""
    if kind.startswith("qwen"):
        return [f"<|{mark}|>" for mark in QWEN_MARKS]
    return {
        "llava_onevision": ["<image>", "<video>"],
        "internvl": ["<img>", "</img>", "<IMG_CONTEXT>", "<video>"],
        "video_llama_3": ["<image>", "<video>", "<|stream_start|>", "<|stream_end|>"],
        "smolvlm": ["<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>"],
        "glm46v": [f"<|{p}{kind}|>" for kind in ("image", "video") for p in ("begin_of_", "", "end_of_")],
    }[kind]


def _tokenizer(kind: str) -> Any:
    """One token per byte, and the marks."""
    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    inner = Tokenizer(models.BPE(vocab=letters, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *_marks(kind)]
    inner.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in special])
    fast: Any = hf.PreTrainedTokenizerFast
    return fast(tokenizer_object=inner, eos_token="<|im_end|>", pad_token="<|endoftext|>")


def _save_tokenizer(kind: str, tokenizer: Any, folder: Path) -> None:
    """tokenizer.json, vocab.json, merges.txt and tokenizer_config.json, and the chat template where it is kept."""
    inner = json.loads(tokenizer.backend_tokenizer.to_str())
    _write(folder / "tokenizer.json", inner)
    _write(folder / "vocab.json", inner["model"]["vocab"])
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    added = {str(each["id"]): {k: v for k, v in each.items() if k != "id"} for each in inner["added_tokens"]}
    config = PIECES | {
        "added_tokens_decoder": added, "additional_special_tokens": [each["content"] for each in added.values()],
        "bos_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "unk_token": None,
        "tokenizer_class": "Qwen2Tokenizer" if kind.startswith("qwen") else "PreTrainedTokenizerFast",
    }  # fmt: skip
    template = {"qwen2_vl": QWEN2, "qwen2_5_vl": QWEN2, "qwen3_5": QWEN3_5, "glm46v": GLM}.get(
        kind, QWEN3 if kind.startswith("qwen") else PLAIN
    )
    if kind == "internvl":
        template = template.replace("<image>", "<IMG_CONTEXT>")
        config["extra_special_tokens"] = {
            "start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>",
            "video_token": "<video>",
        }  # fmt: skip
    if kind == "video_llama_3":
        config["extra_special_tokens"] = {"image_token": "<image>", "video_token": "<video>"}
    if kind in {"qwen3_5", "glm46v", "smolvlm"}:
        (folder / "chat_template.jinja").write_text(template, "utf-8")
    else:
        _write(folder / "chat_template.json", {"chat_template": template})
    if kind.startswith("qwen") and kind != "qwen3_5":
        config["chat_template"] = template
    _write(folder / "tokenizer_config.json", config)


def _text(tokenizer: Any, **more: Any) -> dict[str, Any]:
    ids = {name: tokenizer.convert_tokens_to_ids(token) for name, token in
           (("eos_token_id", "<|im_end|>"), ("pad_token_id", "<|endoftext|>"))}  # fmt: skip
    return {
        "vocab_size": len(tokenizer), "hidden_size": WIDTH, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 8192, "bos_token_id": None,
        "tie_word_embeddings": False, **ids, **more,
    }  # fmt: skip


def _network(kind: str, tokenizer: Any) -> Any:
    """The model itself, by the classes of transformers, from a configuration of a few hundred thousand weights."""
    mark = {name: tokenizer.convert_tokens_to_ids(name) for name in _marks(kind)}
    if kind.startswith("qwen"):
        return _qwen(kind, tokenizer, {name.strip("<|>"): number for name, number in mark.items()})
    siglip = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = _text(tokenizer)
    if kind == "llava_onevision":
        vision = {
            "model_type": "siglip_vision_model",
            **siglip,
            "image_size": 28,
            "patch_size": 14,
            "vision_use_head": False,
        }
        config: Any = hf.LlavaOnevisionConfig(
            vision_config=vision, text_config={"model_type": "qwen2", **text}, image_token_index=mark["<image>"],
            video_token_index=mark["<video>"], image_grid_pinpoints=[[28, 28], [28, 56], [56, 28]],
            tie_word_embeddings=False,
        )  # fmt: skip
        return hf.LlavaOnevisionForConditionalGeneration(config)
    if kind == "internvl":
        vision = {"model_type": "internvl_vision", **siglip, "image_size": [28, 28], "patch_size": [14, 14]}
        config = hf.InternVLConfig(
            vision_config=vision, text_config={"model_type": "qwen2", **text}, image_token_id=mark["<IMG_CONTEXT>"],
            image_seq_length=1, tie_word_embeddings=False,
        )  # fmt: skip
        return hf.InternVLForConditionalGeneration(config)
    if kind == "video_llama_3":
        config = hf.VideoLlama3Config(
            vision_config={**siglip, "patch_size": 14}, text_config={"model_type": "qwen2", **text},
            image_token_id=mark["<image>"], video_token_id=mark["<video>"], tie_word_embeddings=False,
        )  # fmt: skip
        return hf.VideoLlama3ForConditionalGeneration(config)
    if kind == "smolvlm":
        config = hf.SmolVLMConfig(
            vision_config={**siglip, "image_size": 56, "patch_size": 14}, scale_factor=2,
            text_config={"model_type": "llama", **text}, image_token_id=mark["<image>"], tie_word_embeddings=False,
        )  # fmt: skip
        return hf.SmolVLMForConditionalGeneration(config)
    ids = {
        f"{what}_{side}_token_id": mark[f"<|{full}_of_{what}|>"]
        for what in ("image", "video") for side, full in (("start", "begin"), ("end", "end"))
    }  # fmt: skip
    rope = {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3], "partial_rotary_factor": 1.0}
    config = hf.Glm46VConfig(
        text_config={"model_type": "glm4v_text", **text, "rope_parameters": rope},
        vision_config={
            "model_type": "glm4v_vision", "depth": 2, "hidden_size": 32, "num_heads": 2, "intermediate_size": 64,
            "out_hidden_size": WIDTH, "patch_size": 14, "image_size": 56,
        },
        image_token_id=mark["<|image|>"], video_token_id=mark["<|video|>"], tie_word_embeddings=False, **ids,
    )  # fmt: skip
    return hf.Glm46VForConditionalGeneration(config)


def _qwen(kind: str, tokenizer: Any, mark: dict[str, int]) -> Any:
    ids = {f"{name}_token_id": mark[f"{name}_pad"] for name in ("image", "video")}
    ids |= {f"vision_{side}_token_id": mark[f"vision_{side}"] for side in ("start", "end")}
    vision: dict[str, Any] = {
        "depth": 2,
        "hidden_size": 32,
        "num_heads": 2,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
    }
    rope: dict[str, Any] = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 1e6}
    if kind == "qwen2_vl":
        vision |= {"embed_dim": 32, "hidden_size": WIDTH, "mlp_ratio": 2, "patch_size": 14}
    else:
        vision |= {"intermediate_size": 64, "out_hidden_size": WIDTH}
    if kind == "qwen2_5_vl":
        vision |= {"patch_size": 14, "window_size": 56, "fullatt_block_indexes": [1], "tokens_per_second": 2}
    if kind.startswith("qwen3"):
        vision |= {"patch_size": 16, "num_position_embeddings": 64}
        rope |= {"mrope_section": [4, 2, 2], "mrope_interleaved": True}
    if kind.startswith("qwen3_vl"):
        vision |= {"deepstack_visual_indexes": [0, 1]}
    text = _text(tokenizer, rope_parameters=rope)
    if kind.startswith("qwen3"):
        text |= {"head_dim": 16}
    if kind == "qwen3_vl_moe":
        text |= {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32, "decoder_sparse_step": 1}
    if kind == "qwen3_5":
        text |= {
            "head_dim": 32, "num_hidden_layers": 4, "linear_conv_kernel_dim": 4, "linear_key_head_dim": 16,
            "linear_value_head_dim": 16, "linear_num_key_heads": 2, "linear_num_value_heads": 4,
            "rope_parameters": rope | {"mrope_section": [2, 1, 1], "partial_rotary_factor": 0.25},
            "layer_types": ["linear_attention", "linear_attention", "linear_attention", "full_attention"],
        }  # fmt: skip
    config, model = {
        "qwen2_vl": (hf.Qwen2VLConfig, hf.Qwen2VLForConditionalGeneration),
        "qwen2_5_vl": (hf.Qwen2_5_VLConfig, hf.Qwen2_5_VLForConditionalGeneration),
        "qwen3_vl": (hf.Qwen3VLConfig, hf.Qwen3VLForConditionalGeneration),
        "qwen3_vl_moe": (hf.Qwen3VLMoeConfig, hf.Qwen3VLMoeForConditionalGeneration),
        "qwen3_5": (hf.Qwen3_5Config, hf.Qwen3_5ForConditionalGeneration),
    }[kind]
    return model(config(text_config=text, vision_config=vision, tie_word_embeddings=False, **ids))


def _flatten(kind: str, path: Path) -> None:
    """config.json as first released: Qwen2-VL's and Qwen2.5-VL's have the settings of the text at the top."""
    config = json.loads(path.read_text("utf-8"))
    config["torch_dtype"] = config.pop("dtype", "bfloat16")
    config["transformers_version"] = "4.57.0"
    if kind in {"qwen2_vl", "qwen2_5_vl"}:
        text = config.pop("text_config")
        rope = text.pop("rope_parameters")
        config = text | config | {"rope_theta": rope["rope_theta"]}
        config["rope_scaling"] = {"type": "mrope", "mrope_section": rope["mrope_section"]}
        config["model_type"] = kind
        config.pop("layer_types", None)
    if kind.startswith("qwen3_vl"):
        text = config["text_config"]
        rope = text.pop("rope_parameters")
        text |= {"rope_theta": rope.pop("rope_theta"), "rope_scaling": rope}
    path.write_text(json.dumps(config, indent=2), "utf-8")


def _rename(folder: Path, old: str, new: str) -> None:
    """Begin the names of weights that begin with `old` with `new`, in every file and in the index."""
    index = json.loads((folder / "model.safetensors.index.json").read_text("utf-8"))

    def renamed(name: str) -> str:
        return new + name.removeprefix(old) if name.startswith(old) else name

    index["weight_map"] = {renamed(name): file for name, file in index["weight_map"].items()}
    _write(folder / "model.safetensors.index.json", index)
    for file in folder.glob("*.safetensors"):
        weights = {renamed(name): value for name, value in load_file(file).items()}
        save_file(weights, file, metadata={"format": "pt"})


def _preparation(kind: str) -> dict[str, Any]:
    """The files of the processor."""
    if kind in {"qwen2_vl", "qwen2_5_vl"}:
        name = "Qwen2VLProcessor" if kind == "qwen2_vl" else "Qwen2_5_VLProcessor"
        return {"preprocessor_config.json": {
            "min_pixels": 3136, "max_pixels": 12845056, "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2,
            **CLIP, "image_processor_type": "Qwen2VLImageProcessor", "processor_class": name,
        }}  # fmt: skip
    if kind.startswith("qwen3"):
        shape = {
            "patch_size": 16,
            "temporal_patch_size": 2,
            "merge_size": 2,
            **HALVES,
            "processor_class": "Qwen3VLProcessor",
        }
        return {
            "preprocessor_config.json": {
                "size": {"longest_edge": 16777216, "shortest_edge": 65536}, **shape,
                "image_processor_type": "Qwen2VLImageProcessorFast",
            },
            "video_preprocessor_config.json": {
                "size": {"longest_edge": 25165824, "shortest_edge": 4096}, **shape,
                "video_processor_type": "Qwen3VLVideoProcessor",
            },
        }  # fmt: skip
    flags = {"do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True, "resample": 3}
    flags |= {"rescale_factor": 1 / 255, **HALVES}
    if kind == "llava_onevision":
        return {
            "preprocessor_config.json": flags | {
                "image_processor_type": "LlavaOnevisionImageProcessor", "size": {"height": 28, "width": 28},
                "image_grid_pinpoints": [[28, 28], [28, 56], [56, 28]], "do_pad": True,
                "processor_class": "LlavaOnevisionProcessor",
            },
            "video_preprocessor_config.json": flags | {
                "video_processor_type": "LlavaOnevisionVideoProcessor", "size": {"height": 28, "width": 28},
            },
            "processor_config.json": {
                "image_token": "<image>", "num_image_tokens": 4, "processor_class": "LlavaOnevisionProcessor",
                "video_token": "<video>", "vision_feature_select_strategy": "full",
                "vision_aspect_ratio": "anyres_max_9",
            },
        }  # fmt: skip
    if kind == "internvl":
        return {
            "preprocessor_config.json": flags | {
                "image_processor_type": "GotOcr2ImageProcessorFast", "size": {"height": 28, "width": 28},
                "crop_to_patches": False, "min_patches": 1, "max_patches": 12, "processor_class": "InternVLProcessor",
            },
            "processor_config.json": {"image_seq_length": 1, "processor_class": "InternVLProcessor"},
        }  # fmt: skip
    if kind == "video_llama_3":
        return {"preprocessor_config.json": flags | {
            "image_processor_type": "VideoLlama3ImageProcessor", "patch_size": 14, "temporal_patch_size": 1,
            "merge_size": 1, "min_pixels": 784, "max_pixels": 3136, "processor_class": "VideoLlama3Processor",
        }}  # fmt: skip
    if kind == "smolvlm":
        return {
            "preprocessor_config.json": flags | {
                "image_processor_type": "SmolVLMImageProcessor", "do_image_splitting": True, "do_pad": True,
                "max_image_size": {"longest_edge": 56}, "size": {"longest_edge": 112},
                "processor_class": "SmolVLMProcessor",
            },
            "processor_config.json": {"image_seq_len": 4, "processor_class": "SmolVLMProcessor"},
        }  # fmt: skip
    return {
        "preprocessor_config.json": {
            "size": {"shortest_edge": 12544, "longest_edge": 9633792}, "patch_size": 14, "temporal_patch_size": 2,
            "merge_size": 2, **CLIP, "image_processor_type": "Glm46VImageProcessor",
            "processor_class": "Glm46VProcessor",
        },
        "video_preprocessor_config.json": {
            "size": {"shortest_edge": 12544, "longest_edge": 100352000}, "patch_size": 14, "temporal_patch_size": 2,
            "merge_size": 2, **CLIP, "video_processor_type": "Glm46VVideoProcessor",
        },
    }  # fmt: skip
