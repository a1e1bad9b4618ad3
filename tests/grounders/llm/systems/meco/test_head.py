"""MeCo's heads under their official names, against values of the official modules."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

from filled import filled, waves  # noqa: E402

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.grounders.llm.systems.meco.decoding import decode  # noqa: E402
from whenabouts.grounders.llm.systems.meco.head import EVENT, StructuralMatcher, matching_loss  # noqa: E402
from whenabouts.moment import tiou  # noqa: E402

WIDTH = 16
# pangzss/MeCo at transformers 4.44.2, meco/model/language_model/phi3.py: MeCoPhi3ForCausalLM.frm_head (Sequential, or
# FrameHeadPhi3) and vid_head, qwen2.py: FrameHeadQwen2, with `filled` weights and `waves` as input
OFFICIAL = {
    None: [[0.890967, 0.959405, 0.958054, 0.953463, 0.931639], [0.724862, 0.838937, 0.836695, 0.828474, 0.78915]],
    "phi3": [
        [-0.162189, 0.144129, 0.057914, -0.19856, 0.079155],
        [-0.122684, 0.180248, -0.004447, -0.185541, 0.136159],
    ],
    "qwen2": [
        [-0.176515, 0.154845, -0.002424, -0.196818, 0.107298],
        [-0.117484, 0.201587, -0.101055, -0.18584, 0.183588],
    ],
}


def config(family: str) -> Any:
    kind = {"phi3": transformers.Phi3Config, "qwen2": transformers.Qwen2Config}[family]
    return kind(
        hidden_size=WIDTH,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=50,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=2,
    )


@pytest.mark.parametrize("family", list(OFFICIAL))
def test_official_cosines(family: str | None) -> None:
    model = StructuralMatcher(WIDTH, layer_of=family and config(family)).eval()
    scale = model.logit_scale
    del model.logit_scale  # the official values were made without it among the parameters
    filled(model)
    model.logit_scale = scale
    with torch.no_grad():
        cosines = model(waves(1, 5, WIDTH), waves(1, 2, WIDTH, phase=2.0))
    torch.testing.assert_close(cosines, torch.tensor([OFFICIAL[family]]), atol=1e-5, rtol=0)


def test_official_names_and_shapes() -> None:
    narrow = StructuralMatcher(WIDTH).state_dict()
    assert {name: tuple(value.shape) for name, value in narrow.items() if name.startswith("vid_head")} == {
        "vid_head.0.weight": (16,),
        "vid_head.0.bias": (16,),
        "vid_head.1.weight": (8, 16),
        "vid_head.1.bias": (8,),
        "vid_head.3.weight": (16, 8),
        "vid_head.3.bias": (16,),
    }
    assert {name.split(".")[0] for name in narrow} == {"vid_head", "frm_head", "logit_scale"}
    layer = StructuralMatcher(WIDTH, layer_of=config("phi3")).state_dict()
    assert {name.removeprefix("frm_head.") for name in layer if name.startswith("frm_head")} == {
        "input_layernorm.weight",
        "self_attn.qkv_proj.weight",
        "self_attn.o_proj.weight",
        "post_attention_layernorm.weight",
        "mlp.gate_up_proj.weight",
        "mlp.down_proj.weight",
    }


def test_other_language_models_are_refused() -> None:
    with pytest.raises(ModelError, match="Phi-3 or Qwen2, not gpt2"):
        StructuralMatcher(WIDTH, layer_of=transformers.GPT2Config())


def test_loss_weighs_both_kinds_alike_however_many_of_each() -> None:
    logits = torch.tensor([[0.0, 0, 0, 0], [0.0, 0, 0, 0], [2.0, 0, 0, 0]])
    inside = torch.tensor([[1, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]], dtype=torch.bool)
    background = torch.logsumexp(logits[2], 0) - 2
    expected = (torch.tensor(4.0).log() + background) / 2
    torch.testing.assert_close(matching_loss(logits, inside, torch.tensor([True, True, False])), expected)
    events = matching_loss(logits[:2], inside[:2], torch.tensor([True, True]))
    torch.testing.assert_close(events, torch.tensor(4.0).log())
    assert matching_loss(logits[2:], inside[2:], torch.tensor([False])) == 0


def planted(count: int, generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    """Videos of 32 random frames; the query's hidden state is a rotation of what the frames of its segment share."""
    rotation = torch.linalg.qr(torch.randn(16, 16, generator=torch.Generator().manual_seed(7)))[0]
    theme = torch.randn(count, 1, 16, generator=generator)
    start = torch.randint(0, 20, (count, 1), generator=generator)
    end = start + torch.randint(4, 12, (count, 1), generator=generator)
    place = torch.arange(32)
    inside = (place >= start) & (place <= end)
    frames = 0.3 * torch.randn(count, 32, 16, generator=generator) + theme * inside[..., None]
    return frames, theme @ rotation, inside


@pytest.mark.parametrize("family", [None, "qwen2"])
def test_one_step_moves_every_parameter(family: str | None) -> None:
    torch.manual_seed(0)
    model = StructuralMatcher(WIDTH, layer_of=family and config(family))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    frames, token, inside = planted(4, torch.Generator().manual_seed(1))
    adam = torch.optim.Adam(model.parameters(), 1e-2)
    logits = model(frames, token)[:, 0] * model.scale
    matching_loss(logits, inside, torch.ones(4, dtype=torch.bool)).backward()
    adam.step()
    assert [name for name, value in model.state_dict().items() if torch.equal(value, before[name])] == []


def test_learns_to_find_planted_segments() -> None:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    model = StructuralMatcher(WIDTH)
    adam = torch.optim.Adam(model.parameters(), 5e-3)
    for _ in range(300):
        frames, token, inside = planted(32, generator)
        logits = model(frames, token)[:, 0] * model.scale
        loss = matching_loss(logits, inside, torch.ones(32, dtype=torch.bool))
        adam.zero_grad()
        loss.backward()
        adam.step()
    frames, token, inside = planted(64, generator)
    overlaps = []
    for cosines, frames_inside in zip(model(frames, token), inside, strict=True):
        found = decode(cosines, model.scale.item(), [EVENT], 32.0).moments[0]
        truth = frames_inside.nonzero()
        overlaps.append(tiou([found.start, found.end], [truth.min().item(), truth.max().item()])[0, 0])
    assert sum(overlaps) / len(overlaps) > 0.7
