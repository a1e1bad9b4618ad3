"""PANN and CLAP give the vectors of the code that Lighthouse runs, clip by clip of a video's sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

from drawn import drawn, normal  # noqa: E402
from media import make_video  # noqa: E402

from whenabouts.cli.features import features  # noqa: E402
from whenabouts.encoders import SoundEncoder, WordEncoder  # noqa: E402
from whenabouts.encoders.clips import load_maker  # noqa: E402
from whenabouts.encoders.msclap import MSCLAPEncoder  # noqa: E402
from whenabouts.encoders.pann import Cnn14, PANNEncoder  # noqa: E402
from whenabouts.encoders.sound import sound_rows  # noqa: E402
from whenabouts.errors import ModelError, VideoError  # noqa: E402
from whenabouts.video import Video  # noqa: E402
from whenabouts.video.samples import samples  # noqa: E402


def sound(size: int) -> np.ndarray:
    return (0.1 * normal("sound", 7, (size,))).astype(np.float32)


@pytest.fixture(scope="module")
def pann(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pann") / "Cnn14_mAP=0.431.pth"
    torch.save({"iteration": 600_000, "model": drawn(Cnn14().state_dict(), 7)}, path)
    return path


@pytest.fixture(scope="module")
def clap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the names of CLAP_weights_2023.pth, GPT-2 of one layer and 50 words, and a tokenizer beside it."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder = tmp_path_factory.mktemp("clap")
    state = drawn({name: torch.empty(shape) for name, shape in clap_shapes().items()}, 7)
    torch.save({"model": state}, folder / "CLAP_weights_2023.pth")
    words = Tokenizer(models.WordLevel({"!": 0, "a": 5, "bell": 17, "<|endoftext|>": 40}, unk_token="a"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    return folder / "CLAP_weights_2023.pth"


def clap_shapes() -> dict[str, tuple[int, ...]]:
    """Names and shapes of msclap's CLAP: models/htsat.py and transformers' GPT-2."""
    front = {"stft.conv_real.weight": (513, 1, 1024), "stft.conv_imag.weight": (513, 1, 1024)}
    htsat = {f"spectrogram_extractor.{name}": shape for name, shape in front.items()}
    htsat |= {"logmel_extractor.melW": (513, 64), "tscam_conv.weight": (527, 768, 2, 3), "tscam_conv.bias": (527,)}
    htsat |= {f"bn0.{name}": (64,) for name in ("weight", "bias", "running_mean", "running_var")}
    htsat |= {"bn0.num_batches_tracked": (), "patch_embed.proj.weight": (96, 1, 4, 4), "patch_embed.proj.bias": (96,)}
    htsat |= {f"{name}.{end}": (size,) for name, size in (("patch_embed.norm", 96), ("norm", 768)) for end in ENDS}
    for layer, (depth, heads) in enumerate(zip((2, 2, 6, 2), (4, 8, 16, 32), strict=True)):
        wide = 96 * 2**layer
        for block in (f"layers.{layer}.blocks.{number}" for number in range(depth)):
            htsat |= {f"{block}.{norm}.{end}": (wide,) for norm in ("norm1", "norm2") for end in ENDS}
            htsat |= {f"{block}.attn.relative_position_bias_table": (225, heads)}
            linear = {"attn.qkv": (3, 1), "attn.proj": (1, 1), "mlp.fc1": (4, 1), "mlp.fc2": (1, 4)}
            for name, (out, into) in linear.items():
                htsat |= {f"{block}.{name}.weight": (out * wide, into * wide), f"{block}.{name}.bias": (out * wide,)}
        if layer < 3:
            htsat |= {f"layers.{layer}.downsample.reduction.weight": (2 * wide, 4 * wide)}
            htsat |= {f"layers.{layer}.downsample.norm.{end}": (4 * wide,) for end in ENDS}
    config = transformers.GPT2Config(n_layer=1, vocab_size=50, n_positions=80, bos_token_id=40, eos_token_id=40)
    gpt2 = {name: tuple(value.shape) for name, value in transformers.GPT2Model(config).state_dict().items()}
    named = (("audio_encoder.base.htsat.", htsat), ("caption_encoder.base.", gpt2))
    return {prefix + name: shape for prefix, part in named for name, shape in part.items()}


ENDS = ("weight", "bias")


def test_pann_is_the_official_one(pann: Path) -> None:
    encoder = PANNEncoder(pann, device="cpu")
    assert isinstance(encoder, SoundEncoder)
    rows = encoder.encode_sound(sound(25_600).reshape(2, -1))
    # Lighthouse lighthouse/feature_extractor/audio_encoders/pann.py:PANN.forward with feature_time 0.4, at d095eaa
    expected = [0.0, 0.0, 0.0, 0.121783, 0.133547, 0.0, 0.0, 0.0, 0.0, 0.0, 0.124823, 0.133333, 0.0, 0.0]
    assert rows.shape == (2, 2048)
    assert np.allclose(rows[:, ::300].ravel(), expected, atol=1e-5)
    assert np.allclose(rows.sum(1), [196.152283, 195.919632], atol=1e-2)


def test_clap_hears_and_reads_as_the_official_one(clap: Path) -> None:
    encoder = MSCLAPEncoder(clap, device="cpu")
    assert isinstance(encoder, SoundEncoder) and isinstance(encoder, WordEncoder)
    [row] = encoder.encode_sound(sound(44_100)[None])
    # msclap 1.3.4 models/clap.py:AudioEncoder.base, as Lighthouse's audio_encoders/clap_a.py:CLAPAudio calls it
    expected = [0.269576, 0.563196, -0.060922, 0.864502, 0.530219, -0.643401, 1.973457, 1.143881]
    assert np.allclose(row[::100], expected, atol=1e-4)
    [words] = encoder.encode_words(["a bell"])
    # msclap 1.3.4 models/clap.py:TextEncoder.base on the tokens 5, 17, 40
    expected = [0.931681, -0.874169, 0.040134, 0.617268, -0.578997, 0.043154, 0.712545, 0.235359, -0.926007]
    assert words.shape == (3, 768) and np.allclose(words[:, ::300].ravel(), expected, atol=1e-4)


def test_rows_of_sound_are_whole_clips_of_the_videos_clock(pann: Path, tmp_path: Path) -> None:
    make_video(tmp_path / "v.mp4", seconds=5, audio=(1, 5))
    encoder = PANNEncoder(pann, device="cpu")
    with Video(tmp_path / "v.mp4") as video:
        heard = np.concatenate([*samples(video, 32_000)])
        rows = sound_rows(video, encoder, 2.0)
    assert rows.shape == (2, 2048), "the last second is no whole clip"
    assert np.allclose(rows, encoder.encode_sound(heard[: 2 * 64_000].reshape(2, -1)), atol=1e-5)


def test_pictures_and_sound_are_cut_to_the_shorter(pann: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHENABOUTS_PANN", str(pann))
    make_video(tmp_path / "v.mp4", seconds=5, audio=(0, 3))
    maker = load_maker("builtin+pann", device="cpu")
    with Video(tmp_path / "v.mp4") as video:
        pictures, heard = maker.clips(video, 2.0, cache=False)
        alone, nothing = load_maker("builtin").clips(video, 2.0, cache=False)
    assert nothing is None and heard is not None and len(alone) == 3
    assert np.array_equal(pictures, alone[: len(heard)]) and len(heard) == 1
    assert np.allclose(np.linalg.norm(heard, axis=1), 1, atol=1e-3)
    assert maker.name == "builtin+pann" and len(maker.words(["a bell"])) == 1


def test_what_cannot_be_heard_is_told(pann: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = PANNEncoder(pann, device="cpu")
    make_video(tmp_path / "silent.mp4", seconds=2)
    make_video(tmp_path / "short.mp4", seconds=1, audio=(0, 1))
    with Video(tmp_path / "silent.mp4") as video, pytest.raises(VideoError, match=r"silent\.mp4 has no sound"):
        sound_rows(video, encoder, 2.0)
    with Video(tmp_path / "short.mp4") as video:
        with pytest.raises(VideoError, match="shorter than one clip of 2 s"):
            sound_rows(video, encoder, 2.0)
        with pytest.raises(ModelError, match=r"pann hears clips of at least 0\.31 s, not 0\.1 s"):
            sound_rows(video, encoder, 0.1)
    monkeypatch.delenv("WHENABOUTS_PANN", raising=False)
    with pytest.raises(ModelError, match="set WHENABOUTS_PANN to its path"):
        load_maker("pann")
    with pytest.raises(ModelError, match=r"is not a Cnn14 checkpoint: spectrogram_extractor\.stft"):
        torch.save({"fc1.weight": torch.zeros(2)}, tmp_path / "other.pth")
        PANNEncoder(tmp_path / "other.pth")
    with pytest.raises(ModelError, match=r"is not the CLAP of 2023: spectrogram_extractor\.stft"):
        MSCLAPEncoder(tmp_path / "other.pth")


def test_sound_without_words_needs_another_encoder_for_them(pann: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHENABOUTS_PANN", str(pann))
    with pytest.raises(ModelError, match="pann has no vectors of words"):
        load_maker("pann").words(["a bell"])
    [words] = load_maker("pann", words="builtin").words(["a bell"])
    assert np.array_equal(words, load_maker("builtin").words(["a bell"])[0])


def test_queries_that_cannot_be_read_are_refused_before_anything_is_written(
    pann: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHENABOUTS_PANN", str(pann))
    (tmp_path / "queries.jsonl").write_text('{"qid": 1, "query": "a bell"}\n')
    with pytest.raises(ModelError, match="choose builtin, clip, siglip2 or clap"):
        features([tmp_path / "a.wav"], tmp_path / "out", "pann", queries=tmp_path / "queries.jsonl", device="cpu")
    assert not (tmp_path / "out").exists()
