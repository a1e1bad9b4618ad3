"""Image-text models through transformers, on tiny ones made here: random weights, but the real loading code."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from media import make_video

from whenabouts.commands.grounding import COSTLY
from whenabouts.encoders import load_encoder, weight_bytes
from whenabouts.encoders.clips import FeatureMaker
from whenabouts.encoders.features import video_features
from whenabouts.encoders.hub import HubEncoder
from whenabouts.errors import MissingExtra, ModelError
from whenabouts.grounders.similarity import Similarity
from whenabouts.video import Video

torch = pytest.importorskip("torch", reason="the hub encoders need torch")
transformers = pytest.importorskip("transformers", reason="the hub encoders need transformers")
tokenizers = pytest.importorskip("tokenizers", reason="the hub encoders need tokenizers")

WORDS = ["a", "cat", "dog", "red", "car", "man", "plays", "guitar"]
SIZE = 32
TOWER = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}


@pytest.fixture(scope="module", params=["clip", "siglip"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete model folder, as a person who fine-tuned one would have it."""
    torch.manual_seed(7)
    path = tmp_path_factory.mktemp(request.param)
    vision = {**TOWER, "image_size": SIZE, "patch_size": 8}
    text = {**TOWER, "vocab_size": len(WORDS) + 3, "max_position_embeddings": 12}
    if request.param == "clip":
        text |= {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
        config = transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=24)
        model = transformers.CLIPModel(config)
        mean, deviation = [0.481, 0.458, 0.408], [0.269, 0.261, 0.276]
    else:
        config = transformers.SiglipConfig(text_config=text, vision_config=vision)
        model = transformers.SiglipModel(config)
        mean = deviation = [0.5, 0.5, 0.5]
    model.save_pretrained(path)
    transformers.CLIPImageProcessorPil(
        size={"height": SIZE, "width": SIZE}, do_center_crop=False, image_mean=mean, image_std=deviation
    ).save_pretrained(path)
    _tokenizer().save_pretrained(path)
    return path


def test_a_look_is_cheaper_than_decoding_on_a_gpu_alone(folder: Path) -> None:
    encoder = HubEncoder(folder, device="cpu")
    assert Similarity(encoder=encoder).look_seconds == math.inf, "no one knows what it costs"
    encoder.device = "cuda:0"
    assert Similarity(encoder=encoder).look_seconds < COSTLY
    assert FeatureMaker(encoder).look_seconds(2.0) < COSTLY


def _tokenizer():
    vocabulary = {token: index for index, token in enumerate(["<pad>", "<s>", "</s>", *WORDS])}
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="a"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", bos_token="<s>", eos_token="</s>"
    )


def pictures(count: int) -> list[np.ndarray]:
    return list(np.random.default_rng(3).integers(0, 256, (count, SIZE, SIZE, 3), dtype=np.uint8))


def test_it_runs_on_the_device_given_and_reports_its_bytes(folder: Path) -> None:
    encoder = load_encoder(f"hub:{folder}", device="cpu")
    assert isinstance(encoder, HubEncoder) and encoder.device == "cpu"
    assert weight_bytes(encoder) == 4 * sum(part.numel() for part in encoder._network.parameters()) > 0
    with pytest.raises(ModelError, match="unknown device 'toaster'"):
        load_encoder(f"hub:{folder}", device="toaster")


def test_vectors_are_those_of_the_model_fed_by_its_own_processor(folder: Path) -> None:
    encoder = load_encoder(f"hub:{folder}")
    model = transformers.AutoModel.from_pretrained(folder).eval()
    processor = transformers.CLIPImageProcessorPil.from_pretrained(folder)
    images, texts = pictures(3), ["a cat", "red car", "man plays a guitar"]
    tokens = _tokenizer()(texts, padding="max_length", max_length=12, return_tensors="pt")
    if model.config.model_type == "siglip":
        del tokens["attention_mask"]
    tokens.pop("token_type_ids", None)
    with torch.inference_mode():
        output = model(**tokens, **processor(images=images, return_tensors="pt"))
    np.testing.assert_allclose(encoder.encode_images(images), output.image_embeds.numpy(), atol=1e-5)
    np.testing.assert_allclose(encoder.encode_texts(texts), output.text_embeds.numpy(), atol=1e-5)
    logits = encoder.scale * encoder.encode_images(images) @ encoder.encode_texts(texts).T + encoder.bias
    np.testing.assert_allclose(logits, output.logits_per_image.numpy(), atol=1e-4)


def test_shape_and_length(folder: Path) -> None:
    encoder = load_encoder(f"hub:{folder}")
    assert encoder.size == SIZE
    many = encoder.encode_images(pictures(35))
    assert many.shape == (35, encoder.dim)
    np.testing.assert_allclose(np.linalg.norm(many, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(many[:3], encoder.encode_images(pictures(35)[:3]), atol=1e-5)
    assert encoder.encode_images([]).shape == encoder.encode_texts([]).shape == (0, encoder.dim)


def test_pixels_are_prepared_as_on_the_cpu_before(folder: Path) -> None:
    encoder, images = HubEncoder(folder, device="cpu"), pictures(5)
    prepared, _ = transformers.ImageProcessingMixin.get_image_processor_dict(folder)
    mean, deviation = (np.array(prepared[name], np.float32) for name in ("image_mean", "image_std"))
    pixels = (np.stack(images).astype(np.float32) * ((1 / 255) / deviation) - mean / deviation).transpose(0, 3, 1, 2)
    with torch.inference_mode():
        features = encoder._network.get_image_features(pixel_values=torch.from_numpy(pixels.copy()))
    features = getattr(features, "pooler_output", features)
    expected = (features / features.norm(dim=-1, keepdim=True)).numpy()
    np.testing.assert_allclose(encoder.encode_images(images), expected, rtol=0, atol=1e-6)


def test_vectors_do_not_depend_on_the_size_of_the_batches(folder: Path) -> None:
    encoder = HubEncoder(folder, device="cpu")
    whole = encoder.encode_images(pictures(7))
    for size in (1, 3, 7):  # 3 leaves a last batch that is not full
        encoder._batches.size = size
        np.testing.assert_allclose(encoder.encode_images(np.stack(pictures(7))), whole, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("precision", "apart"), [("float16", 1e-3), ("bfloat16", 1e-2)])
def test_half_precision_is_near_and_says_so(folder: Path, precision: str, apart: float) -> None:
    whole, half = HubEncoder(folder, device="cpu"), HubEncoder(folder, device="cpu", precision=precision)
    assert (whole.precision, half.precision) == ("float32", precision)
    vectors, images = half.encode_images(pictures(9)), whole.encode_images(pictures(9))
    assert vectors.dtype == np.float32 and 0 < np.abs(vectors - images).max() < apart
    assert (vectors * images).sum(axis=1).min() > 1 - apart
    np.testing.assert_array_equal(half.encode_texts(["a cat"]), whole.encode_texts(["a cat"]))


def test_features_of_one_precision_are_not_taken_for_those_of_another(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path / "cache"))
    make_video(tmp_path / "video.mp4", fps=2, seconds=2)
    for precision in ("float32", "float16", "float32"):
        encoder = HubEncoder(folder, device="cpu", precision=precision)
        video_features(Video(tmp_path / "video.mp4"), encoder)
    assert len(list((tmp_path / "cache" / "features").iterdir())) == 2


def test_a_long_text_is_cut_off(folder: Path) -> None:
    vectors = load_encoder(f"hub:{folder}").encode_texts(["cat " * 500])
    assert np.isfinite(vectors).all()


def test_sha256_tells_models_apart(folder: Path, tmp_path: Path) -> None:
    first = load_encoder(f"hub:{folder}")
    model = transformers.AutoModel.from_pretrained(folder)
    with torch.no_grad():
        model.logit_scale += 1
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert load_encoder(f"hub:{tmp_path}").sha256 == first.sha256
    model.save_pretrained(tmp_path)
    assert load_encoder(f"hub:{tmp_path}").sha256 != first.sha256


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoder(f"hub:{tmp_path}")


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    transformers.BertConfig(hidden_size=8).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="bert model"):
        load_encoder(f"hub:{tmp_path}")


def test_an_absent_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="nobody/nothing"):
        load_encoder("hub:nobody/nothing")


def test_without_transformers_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(MissingExtra, match=r"whenabouts\[hub\]"):
        load_encoder("hub:somewhere")


def copied(folder: Path, to: Path) -> Path:
    to.mkdir(exist_ok=True)
    for file in folder.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    return to


def with_weights(folder: Path, to: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    from safetensors.torch import load_file, save_file

    state = load_file(folder / "model.safetensors")
    change(state)
    save_file(state, copied(folder, to) / "model.safetensors", metadata={"format": "pt"})
    return to


def test_weights_that_are_missing_cut_or_no_numbers_are_refused(folder: Path, tmp_path: Path) -> None:
    key = "vision_model.embeddings.patch_embedding.weight"
    with pytest.raises(ModelError, match=f"1 of its weights are in no file, the first: {key}"):
        HubEncoder(with_weights(folder, tmp_path / "lacking", lambda state: state.pop(key)))
    for name, file in (("vision", key), ("text", "text_model.embeddings.token_embedding.weight")):
        spoiled = with_weights(folder, tmp_path / name, lambda state, file=file: state[file].fill_(torch.nan))
        with pytest.raises(ModelError, match="gives numbers that are not finite: its weights are damaged"):
            HubEncoder(spoiled, device="cpu").encode_images(pictures(2))
    weights = copied(folder, tmp_path / "cut") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(ModelError, match="cannot be loaded as an image-text model"):
        HubEncoder(weights.parent)


def test_a_folder_without_a_tokenizer_is_refused(folder: Path, tmp_path: Path) -> None:
    for file in copied(folder, tmp_path).glob("tokenizer*"):
        file.unlink()
    with pytest.raises(ModelError, match=r"has no tokenizer|cannot be loaded as an image-text model"):
        HubEncoder(tmp_path)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"image_mean": None}, "image_mean of preprocessor_config.json is None, not one number for each channel"),
        ({"image_mean": [0.5, 0.5]}, r"image_mean of preprocessor_config.json is \[0.5, 0.5\]"),
        ({"image_std": [0, 0, 0]}, "pixels cannot be normalised"),
        ({"image_std": [0.5, 0.5, float("nan")]}, "pixels cannot be normalised"),
        ({"rescale_factor": None}, "rescale_factor of preprocessor_config.json is None, not a number"),
        ({"rescale_factor": 0}, "pixels cannot be normalised"),
    ],
)
def test_settings_that_no_picture_can_be_prepared_with_are_refused(
    folder: Path, tmp_path: Path, setting: dict[str, Any], told: str
) -> None:
    path = copied(folder, tmp_path) / "preprocessor_config.json"
    settings = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(settings | setting), "utf-8")
    with pytest.raises(ModelError, match=told):
        HubEncoder(tmp_path)
    settings.pop("image_mean")
    path.write_text(json.dumps(settings), "utf-8")
    with pytest.raises(ModelError, match="image_mean of preprocessor_config"):
        HubEncoder(tmp_path)


def test_one_number_stands_for_all_channels(folder: Path, tmp_path: Path) -> None:
    path = copied(folder, tmp_path) / "preprocessor_config.json"
    vectors = []
    for mean in (0.5, [0.5, 0.5, 0.5]):
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"image_mean": mean}), "utf-8")
        vectors.append(HubEncoder(tmp_path, device="cpu").encode_images(pictures(2)))
    np.testing.assert_array_equal(*vectors)


def test_pictures_of_another_shape_and_an_unknown_precision_are_told(folder: Path) -> None:
    encoder = HubEncoder(folder, device="cpu")
    for foreign in (np.zeros((16, 16, 3), np.uint8), np.zeros((SIZE, SIZE, 3), np.float32)):
        with pytest.raises(ModelError, match=r"pictures must be of shape \(32, 32, 3\) in uint8, not"):
            encoder.encode_images([*pictures(1), foreign])
    with pytest.raises(ModelError, match="unknown precision 'float8'; choose from: float32, float16, bfloat16"):
        HubEncoder(folder, precision="float8")


def test_an_example_is_the_picture_of_the_frame_and_its_scores_only_rank(folder: Path, tmp_path: Path) -> None:
    from whenabouts.query import Example
    from whenabouts.video.stills.picture import read_picture

    make_video(tmp_path / "video.mp4", fps=4, seconds=4)
    encoder = load_encoder(f"hub:{folder}@crop", device="cpu")
    with Video(tmp_path / "video.mp4") as video:
        [frame] = video.at([2.0])
        pytest.importorskip("PIL.Image").fromarray(frame.image).save(tmp_path / "frame.png")
        [taken] = video.at([2.0], size=encoder.size)
        read = read_picture(tmp_path / "frame.png", encoder.size)
        assert read.image.shape == taken.image.shape
        assert np.abs(read.image.astype(int) - taken.image).mean() < 8  # grey levels: coloured first, then scaled
        likes = Example(str(tmp_path / "frame.png"))
        [answer] = Similarity(encoder=encoder, like=likes, cache=False).ground(video, [likes.query()])
    assert answer.presence is None
    assert any("not known for this encoder" in note for note in answer.notes)
