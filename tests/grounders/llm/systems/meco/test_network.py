"""MeCo's network from the folder that its training leaves, on tiny widths, against values of the official one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from filled import filled, waves  # noqa: E402
from tiny_meco import write_folder  # noqa: E402

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.llm.systems.meco.head import matching_loss  # noqa: E402
from whenabouts.grounders.llm.systems.meco.loading import Loaded, load  # noqa: E402

BEFORE, AFTER, ANSWER = torch.tensor([1, 20, 30]), torch.tensor([40, 50]), ("a", "E", "b", "T", "E", "c")
QUERY = torch.tensor([2, 9, 8, 3])
FRAMES = slice(3, 8)
INSIDE = torch.tensor([[1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1]], dtype=torch.bool)
# pangzss/MeCo at transformers 4.44.2, meco/model/meco_arch.py, with `filled` parameters and `waves` as five frames:
# encode_image of frames 0, 2, 4; logits at places 0, 5, −1 and the loss of `forward` in training, without dropout
OFFICIAL = [
    (
        ("phi3", False),
        [[-7.99184, 1.772, 9.48853], [-7.99186, 1.7726, 9.48894], [-7.9919, 1.77355, 9.48962]],
        [[-0.18066, 0.176, -0.14233], [-0.21509, 0.18944, -0.13257], [0.19583, -0.12906, 0.04102]],
        7.13068,
    ),
    (
        ("qwen2", True),
        [[-4.04155, -1.82647, 2.83953], [-4.04171, -1.8265, 2.83967], [-4.04177, -1.8266, 2.83967]],
        [[-0.02133, -0.00328, 0.02735], [-0.148, 0.15042, -0.12804], [-0.03577, 0.00961, 0.01813]],
        7.19106,
    ),
]


def answer(loaded: Loaded) -> torch.Tensor:
    named = {"a": 60, "b": 70, "c": 80, "E": loaded.event, "T": loaded.transition}
    return torch.tensor([named[sign] for sign in ANSWER])


def trained(loaded: Loaded, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Tokens of the frames, logits of prompt and answer, and the whole loss."""
    network, said = loaded.network, answer(loaded)
    frames = network.watch(pixels, QUERY)
    prompt = torch.cat([network.words(BEFORE), frames, network.words(AFTER)])
    step = network.read(torch.cat([prompt, network.words(said)]), frames=FRAMES)
    structural = [i for i, token in enumerate(said.tolist()) if token in (loaded.event, loaded.transition)]
    states = step.before[[len(prompt) - 1 + i for i in structural]]
    cosines = network(step.last[FRAMES][None], states[None])[0]
    matched = matching_loss(cosines * network.scale, INSIDE, said[structural] == loaded.event)
    written = torch.nn.functional.cross_entropy(step.logits[len(prompt) - 1 : -1], said)
    return frames, step.logits, written + matched


@pytest.mark.parametrize(("made", "frames", "logits", "loss"), OFFICIAL)
def test_official_values_from_the_pixels_to_the_loss(
    tmp_path: Path, made: tuple[str, bool], frames: Any, logits: Any, loss: float
) -> None:
    write_folder(tmp_path, made[0], mixing=made[1])
    loaded = load(tmp_path, "cpu")
    filled(loaded.network)
    with torch.no_grad():
        seen, told, lost = trained(loaded, waves(5, 3, 224, 224))
    torch.testing.assert_close(seen[[0, 2, 4], :3], torch.tensor(frames), atol=2e-5, rtol=0)
    torch.testing.assert_close(told[[0, 5, -1], :3], torch.tensor(logits), atol=1e-5, rtol=0)
    assert lost.item() == pytest.approx(loss, abs=1e-5)


def test_one_step_moves_every_part(tmp_path: Path) -> None:
    write_folder(tmp_path, "qwen2", mixing=True)
    loaded = load(tmp_path, "cpu")
    before = {name: value.clone() for name, value in loaded.network.state_dict().items()}
    adam = torch.optim.Adam(loaded.network.parameters(), 1e-2)
    trained(loaded, torch.randn(5, 3, 224, 224))[2].backward()
    adam.step()
    still = {name for name, value in loaded.network.state_dict().items() if torch.equal(value, before[name])}
    unread = "model.qformer_bert.bert.encoder.layer.1."  # what the last layer makes of the text is not looked at
    assert {name for name in still if not name.startswith((unread + "intermediate.", unread + "output."))} == set()


def test_the_folder_is_read_whole(tmp_path: Path) -> None:
    written = write_folder(tmp_path, "qwen2", mixing=True).state_dict()
    loaded = load(tmp_path, "cpu")
    state = loaded.network.state_dict()
    assert state.keys() == written.keys()
    assert all(torch.equal(state[name], value) for name, value in written.items())
    mark = tuple(loaded.words("<|im_end|>", add_special_tokens=False).input_ids)
    assert loaded.ends == (mark, (2,))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_type": "phi3"}, "a model of the kind 'phi3', where MeCo's are MeCo_phi3 and meco_qwen2"),
        ({"tst_token_id": None}, "names no ent_token_id and tst_token_id"),
        ({"use_time_tag": True}, "has use_time_tag True, and only False is here"),
        ({"vocab_size": 64}, r"lm_head.weight is 262 x 32, and 64 x 32 is needed"),
        ({"use_mha": True}, r"weights that do not belong here: frm_head.0.bias, .* and \d more"),
        ({"num_hidden_layers": 4}, r"lacks weights: model.layers.3.*, .*, .* and \d more"),
    ],
)
def test_a_folder_that_does_not_fit_is_refused_in_one_sentence(tmp_path: Path, change: Any, words: str) -> None:
    write_folder(tmp_path)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
    refused(tmp_path, words)


def test_missing_and_foreign_files_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    refused(tmp_path, "config.json cannot be read; name the folder that MeCo's training left")
    write_folder(tmp_path)
    shutil.rmtree(tmp_path / "bert-base-uncased")
    refused(tmp_path, "the words of the Q-Former are not here: copy bert-base-uncased of the hub, with its vocab.txt")
    (tmp_path / "model.safetensors").unlink()
    refused(tmp_path, "has no weights")
    (tmp_path / "adapter_config.json").write_text("{}", "utf-8")
    refused(tmp_path, "holds an adapter; join it with its base")


def refused(folder: Path, words: str) -> None:
    with pytest.raises(ModelError, match=words) as told:
        load(folder, "cpu")
    assert "\n" not in str(told.value)
