"""Text models of random weights from folders as users have them: loaded, asked in words, or refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers", reason="the extra hub is not installed")

import torch
import transformers as hf
from reading_server import lines
from tiny_qwen import tiny_qwen
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.conversation import Decoding, Frames, Turn
from whenabouts.grounders.llm.engines.text import TextEngine, local_engine
from whenabouts.grounders.reader import Reader

SPECIAL = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"]
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
NO_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system turn') }}{% endif %}" + CHAT
ASKED = (Turn("system", ("Be brief.",)), Turn("user", ("When?",)))
NO_FRAMES = Frames((), (), 1.0)


def save(folder: Path, kind: str = "llama", template: str | None = CHAT, positions: int = 8192, **how: Any) -> Path:
    """A folder as `save_pretrained` writes it, of a model of a few thousand parameters; the same every time."""
    letters = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    plain = Tokenizer(models.BPE(vocab=letters, merges=[]))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    tokenizer = hf.PreTrainedTokenizerFast(
        tokenizer_object=plain, eos_token="<|im_end|>", additional_special_tokens=SPECIAL[:1], pad_token=SPECIAL[2]
    )
    tokenizer.chat_template = template
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    shape = {"vocab_size": len(tokenizer), "eos_token_id": end, "bos_token_id": None, "tie_word_embeddings": False}
    torch.manual_seed(0)
    if kind == "gpt2":
        network: Any = hf.GPT2LMHeadModel(hf.GPT2Config(**shape, n_positions=positions, n_embd=32, n_layer=1, n_head=2))
    else:
        sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
        sizes |= {"num_key_value_heads": 1, "max_position_embeddings": positions}
        config, model = {
            "llama": (hf.LlamaConfig, hf.LlamaForCausalLM),
            "qwen2": (hf.Qwen2Config, hf.Qwen2ForCausalLM),
            "qwen3": (hf.Qwen3Config, hf.Qwen3ForCausalLM),
        }[kind]
        network = model(config(**shape, **sizes))
    network.save_pretrained(folder, **how)
    tokenizer.save_pretrained(folder)
    return folder


def words(engine: Any, tokens: int = 6) -> str:
    [[reply]] = engine.answer([ASKED], NO_FRAMES, Decoding(tokens))
    return str(reply.text)


@pytest.mark.parametrize("kind", ["llama", "qwen2", "qwen3", "gpt2"])
def test_a_folder_answers_as_transformers_itself_does(kind: str, tmp_path: Path) -> None:
    folder = save(tmp_path, kind)
    engine = local_engine(folder, device="cpu")
    assert isinstance(engine, TextEngine) and engine.name == f"transformers:{folder}"
    assert len(engine.identity) == 64 and engine.weight_bytes > 0
    network = hf.AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer: Any = hf.AutoTokenizer.from_pretrained(folder)  # type: ignore[no-untyped-call]
    turns = [{"role": turn.role, "content": turn.parts[0]} for turn in ASKED]
    given = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    written = network.generate(**given, max_new_tokens=6, do_sample=False, pad_token_id=0)
    expected = tokenizer.decode(written[0, given["input_ids"].shape[1] :], skip_special_tokens=True)
    assert words(engine) == expected == words(engine) and expected


@pytest.mark.parametrize("template", [NO_SYSTEM, None], ids=["no system turn", "no template"])
def test_a_model_without_system_turn_or_template_is_told_everything_at_once(
    template: str | None, tmp_path: Path
) -> None:
    engine = TextEngine(save(tmp_path, template=template), device="cpu")
    tokenizer: Any = hf.AutoTokenizer.from_pretrained(tmp_path)  # type: ignore[no-untyped-call]
    text = tokenizer.decode(engine._text(ASKED)[0])
    assert "Be brief.\n\nWhen?" in text and ("<|im_start|>user" in text) == (template is not None)
    assert words(engine)


def test_weights_in_several_files_and_a_template_beside_them(tmp_path: Path) -> None:
    folder = save(tmp_path, max_shard_size="20KB")
    assert (folder / "model.safetensors.index.json").is_file() and (folder / "chat_template.jinja").is_file()
    assert words(local_engine(folder, device="cpu")) == words(TextEngine(save(tmp_path / "one"), device="cpu"))


def test_answers_are_drawn_as_decoding_says_whatever_the_folder_recommends(tmp_path: Path) -> None:
    folder = save(tmp_path)
    plain = TextEngine(folder, device="cpu").answer([ASKED], NO_FRAMES, Decoding(8))[0][0].text
    settings = {"repetition_penalty": 9.0, "top_k": 1, "do_sample": True, "num_beams": 2, "temperature": 0.01}
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": 258, "pad_token_id": 257} | settings))
    engine = TextEngine(folder, device="cpu")
    assert engine.answer([ASKED], NO_FRAMES, Decoding(8))[0][0].text == plain
    torch.manual_seed(0)
    [replies] = engine.answer([ASKED], NO_FRAMES, Decoding(8, 1.0, samples=4))
    assert len({reply.text for reply in replies}) == 4


def test_a_window_that_is_too_long_for_a_model_is_refused_in_a_sentence(tmp_path: Path) -> None:
    reader = Reader.named(f"hub:{save(tmp_path, positions=128)}", device="cpu", cache=False)
    with pytest.raises(ModelError, match=r"reads 128 tokens at most, and was to read \d+$"):
        reader.read(lines(["A sentence."] * 20), ["x"])


def test_a_vision_language_model_reads_text_too(tmp_path: Path) -> None:
    network, processor = tiny_qwen("qwen2_5_vl")
    network.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    engine = local_engine(tmp_path, device="cpu")
    assert not isinstance(engine, TextEngine) and isinstance(words(engine), str)


def test_a_text_model_is_shown_no_frames(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="reads text alone"):
        TextEngine(save(tmp_path), device="cpu").answer([(Turn("user", (0, "What?")),)], NO_FRAMES, Decoding())


def _without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _cut_off(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:200])


def _own_code(folder: Path) -> None:
    config = '{"model_type": "mine", "auto_map": {"AutoConfig": "mine.Mine", "AutoModelForCausalLM": "mine.Model"}}'
    (folder / "config.json").write_text(config)
    (folder / "mine.py").write_text("raise SystemExit('code of a repository was run')")


@pytest.mark.parametrize("damage", [_without_weights, _pickled, _cut_off, _own_code, shutil.rmtree])
def test_a_folder_that_cannot_be_loaded_is_told_in_a_sentence(damage: Any, tmp_path: Path) -> None:
    folder = save(tmp_path / "model")
    damage(folder)
    with pytest.raises(ModelError, match="cannot be loaded as a language model: ") as error:
        Reader.named(f"hub:{folder}", device="cpu")
    assert "\n" not in str(error.value)


def test_a_device_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be put on the device 'cuda:99'"):
        TextEngine(save(tmp_path), device="cuda:99")


def test_a_reader_on_this_machine_reads_every_window_and_believes_nothing_random(tmp_path: Path) -> None:
    reader = Reader.named(f"hub:{save(tmp_path)}", device="cpu", cache=False)
    reader = Reader(reader.engine, window=400, tokens=8, cache=False)
    [answer] = reader.read(lines([f"Sentence number {i}." for i in range(30)]), ["a sentence"])
    assert answer.readings == () and len(answer.unread) == 30 and answer.notes
    assert reader.usage is None and reader.weight_bytes > 0
