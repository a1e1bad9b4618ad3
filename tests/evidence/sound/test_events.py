"""CLAP and AST with tiny random weights, in the folders that `save_pretrained` writes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from whenabouts.errors import ModelError
from whenabouts.evidence import Answer, EvidenceModels, EvidenceSettings
from whenabouts.evidence.heard import Heard
from whenabouts.evidence.sound import events
from whenabouts.evidence.sound.events import Curve, load_sound_model
from whenabouts.synthetic.signals import SOUND_RATE, hiss, mumble, tone, write_faulty
from whenabouts.video import Video

torch = pytest.importorskip("torch", reason="needs the extra: hub")
transformers = pytest.importorskip("transformers", reason="needs the extra: hub")

LABELS = ("Speech", "Applause", "Telephone bell ringing", "Bark", "Music", "Rain", "Vehicle horn, car horn, honking")


@pytest.fixture(scope="module")
def ast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "ast"
    torch.manual_seed(0)
    config = transformers.ASTConfig(
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_length=128,
        num_mel_bins=32,
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
    )
    transformers.ASTForAudioClassification(config).save_pretrained(folder)
    transformers.ASTFeatureExtractor(num_mel_bins=32, max_length=128).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def clap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "clap"
    folder.mkdir()
    torch.manual_seed(0)
    text = {
        "vocab_size": 300,
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 80,
        "projection_dim": 16,
    }
    audio = {
        "patch_embeds_hidden_size": 16,
        "depths": [1, 1],
        "num_attention_heads": [2, 2],
        "hidden_size": 32,
        "num_mel_bins": 32,
        "spec_size": 64,
        "window_size": 4,
        "projection_dim": 16,
        "num_classes": 4,
    }
    config = transformers.ClapConfig(text_config=text, audio_config=audio, projection_dim=16)
    transformers.ClapModel(config).save_pretrained(folder)
    extractor = transformers.ClapFeatureExtractor(
        feature_size=32, sampling_rate=48_000, max_length_s=4, truncation="rand_trunc", hop_length=2400
    )
    extractor.save_pretrained(folder)
    words(folder)
    return folder


def words(folder: Path) -> None:
    """A tokenizer of whole words as RoBERTa's, in `tokenizer.json`."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    known = ["<s>", "<pad>", "</s>", "<unk>", "the", "sound", "of", "applause", "silence", "music"]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(known)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>"
    )
    fast.save_pretrained(folder)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Video:
    sound = np.concatenate([mumble(9), hiss(6), tone(6, pitch=700), hiss(8)])
    path = tmp_path_factory.mktemp("videos") / "a.mkv"
    write_faulty(path, times=[Fraction(k, 5) for k in range(150)], size=(32, 32), sound=sound, offset=5.0)
    return Video(path)


SETTINGS = EvidenceSettings(cache=False)


def test_labels_are_probabilities(ast: Path, video: Video) -> None:
    heard = Heard(EvidenceModels(sound_model=f"hub:{ast}", device="cpu"))
    applause, horn, nothing = heard.answers(video, ["applause", "a car honks", "she talks about her mother"], SETTINGS)
    assert applause.saliency is not None and applause.probability and nothing == Answer()
    assert len(applause.saliency.values) == 14 and all(0 <= score <= 1 for score in applause.saliency.values)
    assert all(0 <= moment.start < moment.end <= video.duration for moment in applause.moments + horn.moments)
    assert {e.text for m in applause.moments for e in m.evidence} <= {"Applause"}
    assert heard.identities[f"hub:{ast}"] and heard.weight_bytes > 10_000


def test_rows_are_what_the_model_says_of_each_window(ast: Path, video: Video) -> None:
    model = load_sound_model(f"hub:{ast}", device="cpu")
    rows = model._rows(video, SETTINGS)
    from whenabouts.video.samples import samples

    whole = np.concatenate([*samples(video)])
    extractor = transformers.ASTFeatureExtractor.from_pretrained(ast)
    network = transformers.ASTForAudioClassification.from_pretrained(ast)
    for number in (0, 5, 12):
        window = whole[number * 32_000 : number * 32_000 + 64_000]
        with torch.inference_mode():
            logits = network(**extractor([window], sampling_rate=16_000, return_tensors="pt")).logits
        said = torch.sigmoid(logits).numpy()[0]
        assert np.allclose(rows[number], said, rtol=2**-11, atol=1e-5)  # kept in half precision


def test_a_label_is_found_by_name_or_meaning(ast: Path) -> None:
    model = load_sound_model(f"hub:{ast}", device="cpu")
    models = EvidenceModels()
    assert model._label("Applause", "박수 소리", models) == 1
    assert model._label(None, "rain", models) == 5
    assert model._label(None, "quantum chromodynamics", models) is None


def test_free_text_by_clap(clap: Path, video: Video) -> None:
    heard = Heard(EvidenceModels(sound_model=f"hub:{clap}", device="cpu"))
    rings, chainsaw = heard.answers(video, ["a phone rings", "the sound of a chainsaw"], SETTINGS)
    for answer in (rings, chainsaw):
        assert answer.saliency is not None and not answer.probability
        assert len(answer.saliency.values) == 14 and all(0 <= score <= 1 for score in answer.saliency.values)


def test_a_second_question_listens_to_nothing(clap: Path, video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard(EvidenceModels(sound_model=f"hub:{clap}", device="cpu"))
    [first] = heard.answers(video, ["applause"], EvidenceSettings())

    def fail(*_: object) -> None:
        raise AssertionError("listened")

    monkeypatch.setattr(events, "samples", fail)
    [again] = heard.answers(video, ["applause"], EvidenceSettings())
    assert first.saliency and again.saliency
    assert np.allclose(first.saliency.values, again.saliency.values, atol=0.01)


def test_windows_become_moments() -> None:
    curve = Curve(np.array([0.1, 0.9, 0.8, 0.1, 0.0, 0.6], np.float32), 14.0, "applause", calibrated=True)
    assert [(m.start, m.end, m.score) for m in curve.answer("heard").moments] == [(3.0, 7.0, 0.9), (11.0, 14.0, 0.6)]


def test_a_model_that_cannot_be_used_is_one_sentence(ast: Path, tmp_path: Path) -> None:
    transformers.BertConfig().save_pretrained(tmp_path / "bert")
    with pytest.raises(ModelError, match="is a bert model, not a sound model; known families: clap"):
        load_sound_model(f"hub:{tmp_path / 'bert'}")
    with pytest.raises(ModelError, match="unknown sound model 'clap'; give hub: and the folder"):
        load_sound_model("clap")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="cannot be loaded as a sound model"):
        load_sound_model(f"hub:{tmp_path / 'empty'}")


def test_sound_rates_differ(clap: Path, ast: Path) -> None:
    assert load_sound_model(f"hub:{clap}", device="cpu")._rate == SOUND_RATE
    assert load_sound_model(f"hub:{ast}", device="cpu")._rate == 16_000
