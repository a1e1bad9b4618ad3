"""OWL-ViT as a detector, on tiny models made here: random weights, but the real loading code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from plain_pictures import coloured

from whenabouts.errors import ModelError
from whenabouts.selection import load_selector
from whenabouts.selection.tstar.owl import LEAST, OWLDetector

torch = pytest.importorskip("torch", reason="the detector needs torch")
transformers = pytest.importorskip("transformers", reason="the detector needs transformers")
tokenizers = pytest.importorskip("tokenizers", reason="the detector needs tokenizers")

SIZE = 32
WORDS = ["a", "cat", "dog", "red", "car"]
TOWER = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
MEAN, DEVIATION = [0.481, 0.458, 0.408], [0.269, 0.261, 0.276]


@pytest.fixture(scope="module", params=["owlvit", "owlv2"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp(request.param)
    name = {"owlvit": "OwlViT", "owlv2": "Owlv2"}[request.param]
    text = {**TOWER, "vocab_size": len(WORDS) + 3, "max_position_embeddings": 16, "pad_token_id": 0}
    text |= {"bos_token_id": 1, "eos_token_id": 2}
    vision = {**TOWER, "image_size": SIZE, "patch_size": 8}
    config = getattr(transformers, f"{name}Config")(text_config=text, vision_config=vision, projection_dim=16)
    getattr(transformers, f"{name}ForObjectDetection")(config).save_pretrained(path)
    transformers.OwlViTImageProcessor(
        size={"height": SIZE, "width": SIZE}, image_mean=MEAN, image_std=DEVIATION
    ).save_pretrained(path)
    vocabulary = {token: index for index, token in enumerate(["<pad>", "<s>", "</s>", *WORDS])}
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="a"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", bos_token="<s>", eos_token="</s>"
    ).save_pretrained(path)
    return path


def test_confidences_are_those_of_the_best_box(folder: Path) -> None:
    detector = OWLDetector(str(folder), device="cpu")
    images = list(np.random.default_rng(3).integers(0, 256, (9, SIZE, SIZE, 3), dtype=np.uint8))
    words = ["a cat", "red car", "dog"]
    found = detector.confidences(images, words)
    model = transformers.AutoModelForZeroShotObjectDetection.from_pretrained(folder).eval()
    tokens = transformers.AutoTokenizer.from_pretrained(folder)(
        words, padding="max_length", max_length=16, return_tensors="pt"
    )
    for image, row in zip(images, found, strict=True):
        pixels = torch.tensor((image / 255 - np.array(MEAN)) / np.array(DEVIATION), dtype=torch.float32)
        with torch.inference_mode():
            logits = model(
                input_ids=tokens["input_ids"],
                attention_mask=tokens["attention_mask"],
                pixel_values=pixels.permute(2, 0, 1)[None],
            ).logits
        expected = torch.sigmoid(logits[0]).max(dim=0).values.numpy()
        assert row == pytest.approx(np.where(expected >= LEAST, expected, 0), abs=1e-5)


def test_a_search_runs_with_it(folder: Path) -> None:
    video = coloured(["red", "grey"] * 50, [float(k) for k in range(100)], 100.0)
    selector = load_selector("tstar", detector=f"hub:{folder}", device="cpu")
    chosen = selector.select(video, "a red car", 4)
    assert len(chosen.times) == 4 and list(chosen.models) == [f"hub:{folder}"] and chosen.notes == ()


def test_a_model_that_is_no_detector_is_refused(tmp_path: Path) -> None:
    transformers.BertConfig(hidden_size=8).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="is a bert model, not a detector"):
        OWLDetector(str(tmp_path))
    with pytest.raises(ModelError, match="cannot be loaded as a detector"):
        (tmp_path / "empty").mkdir()
        OWLDetector(str(tmp_path / "empty"))
