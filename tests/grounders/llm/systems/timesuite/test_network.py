"""VideoChat-T's network under its official names, against values of the official one, on tiny widths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from filled import filled, waves  # noqa: E402
from tiny_timesuite import write_folder  # noqa: E402

from whenabouts.grounders.llm.systems.lora import Adapted  # noqa: E402
from whenabouts.grounders.llm.systems.timesuite.grounder import about_clips  # noqa: E402
from whenabouts.grounders.llm.systems.timesuite.loading import Loaded, load  # noqa: E402

TIMES = [0.4 + 1.37 * i for i in range(128)]
BEFORE, AFTER = [1, 20], [30, 40, 50]
# OpenGVLab/TimeSuite, models/videochat_mistra/videochat2_it4_mistral_LinearProAda.py, at transformers 4.44.2, with
# `filled` parameters and `waves` as pixels: vision_encoder of the first clip at patches 0, 50, 127; encode_long_video
# at tokens 0, 13, 31; logits of BEFORE, the video and AFTER at places 0, 20, −1; three numbers each
VISION = [[-6.29814, -1.72026, 1.48128], [-6.64764, -2.21602, 1.04112], [-5.99825, -1.59574, 2.41375]]
VIDEO = [[-0.84828, -0.72833, 1.60701], [-0.8065, -0.72908, 1.5657], [-0.73876, -0.79458, 1.5621]]
LOGITS = [[0.32701, -0.20941, 0.0658], [-0.05115, 0.01271, 0.28317], [-0.06245, 0.04303, -0.05696]]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder = tmp_path_factory.mktemp("timesuite")
    write_folder(folder)
    return load(folder, "cpu")


def close(given: Any, official: list[list[float]]) -> None:
    torch.testing.assert_close(given, torch.tensor(official), atol=1.5e-5, rtol=0)


def test_official_values_from_the_pixels_to_the_words(loaded: Loaded) -> None:
    network = filled(loaded.network)
    clips = loaded.reads(about_clips(TIMES, 8), padding="longest", return_tensors="pt")
    pixels = waves(1, 128, 3, 224, 224)
    with torch.no_grad():
        seen = network.vision_encoder(pixels[:, :8].transpose(1, 2))[0]
        video = network.watch(pixels, clips.input_ids, clips.attention_mask)[0]
        logits = network.language(inputs_embeds=network.embed(BEFORE, video, AFTER)[None]).logits[0]
    close(seen[[0, 50, 127], :3], VISION)
    close(video[[0, 13, 31], :3], VIDEO)
    close(logits[[0, 20, -1], :3], LOGITS)


def test_adapters_stand_beside_every_linear_layer_of_the_language_model(loaded: Loaded) -> None:
    adapted = [name for name, module in loaded.network.named_modules() if isinstance(module, Adapted)]
    assert len(adapted) == 2 * 7 + 1
    names = set(loaded.network.state_dict())
    first = "mistral_model.base_model.model.model.layers.0.self_attn.q_proj."
    assert {first + "weight", first + "lora_A.default.weight", first + "lora_B.default.weight"} <= names
    assert "mistral_model.base_model.model.lm_head.lora_A.default.weight" in names


def test_one_step_moves_every_part(tmp_path: Path) -> None:
    write_folder(tmp_path)
    loaded = load(tmp_path, "cpu")
    network = loaded.network
    before = {name: value.clone() for name, value in network.state_dict().items()}
    clips = loaded.reads(about_clips(TIMES, 8), padding="longest", return_tensors="pt")
    video = network.watch(torch.randn(1, 128, 3, 224, 224), clips.input_ids, clips.attention_mask)[0]
    adam = torch.optim.Adam(network.parameters(), 1e-2)
    first = network.loss(network.embed(BEFORE, video, AFTER), [60, 70, 2])
    first.backward()
    adam.step()
    still = {name for name, value in network.state_dict().items() if torch.equal(value, before[name])}
    unread = "qformer.bert.encoder.layer.1."  # what the last layer makes of the text is not looked at
    assert {name for name in still if not name.startswith((unread + "intermediate.", unread + "output."))} == set()
