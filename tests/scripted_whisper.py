"""A Whisper model that always says the same: real files for the real library, as no test can fetch weights.

Every layer is silent, and the position embedding at each step points at the next token of the script. So the script is
"recognised" in every window of sound, with times of its own, whatever is heard.
"""

from __future__ import annotations

import json
from pathlib import Path

WIDTH, BYTES, TIMESTAMPS = 64, 256, 1501
SPECIAL = ["endoftext", "startoftranscript", "en", "translate", "transcribe", "startoflm", "startofprev", "nospeech"]
SPECIAL += ["notimestamps"]


def scripted_whisper(folder: Path, word: str, start: float, end: float) -> Path:
    """A CTranslate2 model in `folder` that hears `word` from `start` to `end` seconds of every window."""
    import torch
    from ctranslate2.converters.transformers import WhisperLoader
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = letters + [f"<|{name}|>" for name in SPECIAL] + [f"<|{i * 0.02:.2f}|>" for i in range(TIMESTAMPS)]
    ids = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab={letter: ids[letter] for letter in letters}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(tokens[BYTES:])
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))

    torch.manual_seed(0)
    small = {"d_model": WIDTH, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2}
    small |= {"decoder_attention_heads": 2, "encoder_ffn_dim": WIDTH, "decoder_ffn_dim": WIDTH}
    special = {"bos_token_id": 0, "pad_token_id": 0, "eos_token_id": BYTES, "decoder_start_token_id": BYTES + 1}
    model = WhisperForConditionalGeneration(WhisperConfig(vocab_size=len(tokens), **small, **special)).eval()
    said = tokenizer.encode(word, add_special_tokens=False).ids
    script = [ids[f"<|{start:.2f}|>"], *said, ids[f"<|{end:.2f}|>"], BYTES]
    _silence(model, script)

    loader = WhisperLoader()
    spec = loader.get_model_spec(model)
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids, spec.config.suppress_ids_begin, spec.config.lang_ids = [], [], []
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    spec.save(str(folder))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": 80}))
    return folder


def _silence(model, script: list[int]) -> None:
    import torch

    decoder = model.model.decoder
    with torch.no_grad():
        for layer in decoder.layers:
            for part in (layer.self_attn.out_proj, layer.encoder_attn.out_proj, layer.fc2):
                part.weight.zero_()
                part.bias.zero_()
        generator = torch.Generator().manual_seed(0)
        words = torch.randn(decoder.embed_tokens.weight.shape, generator=generator)
        words -= words.mean(dim=1, keepdim=True)
        words *= 4 / words.norm(dim=1, keepdim=True)
        decoder.embed_tokens.weight.copy_(words)
        decoder.embed_positions.weight.zero_()
        for position, token in enumerate(script):
            decoder.embed_positions.weight[position] = 20 * words[token]
