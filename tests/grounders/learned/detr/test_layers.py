"""Attention is torch's own, with its gradients, its masks and its dropout."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.grounders.learned.detr.layers import Attention, EncoderLayer, PReLU, attend  # noqa: E402


@pytest.mark.parametrize("alike", [True, False])
def test_answers_and_gradients_are_those_of_torch(alike: bool) -> None:
    torch.manual_seed(0)
    ours, theirs = Attention(12, 3), torch.nn.MultiheadAttention(12, 3, batch_first=True)
    theirs.load_state_dict(ours.state_dict())
    key = torch.randn(2, 5, 12)
    query, value = key if alike else torch.randn(2, 4, 12), torch.randn(2, 5, 12)
    valid = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]).bool()
    found = ours(query, key, value, valid[:, None, None])
    wanted = theirs(query, key, value, key_padding_mask=~valid)[0]
    torch.testing.assert_close(found, wanted)
    for layer, output in ((ours, found), (theirs, wanted)):
        output.square().sum().backward()
        assert layer.in_proj_weight.grad is not None
    torch.testing.assert_close(ours.in_proj_weight.grad, theirs.in_proj_weight.grad)


def test_dropout_of_weights_keeps_their_mean_and_follows_the_seed() -> None:
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 1, 1, 6, 4).unbind()
    allowed = torch.tensor([[True, True, True, True, True, False]])
    many = q.expand(4000, 1, 6, 4)
    dropped = attend(many, k.expand_as(many), v.expand_as(many), allowed, 0.3)
    torch.testing.assert_close(dropped.mean(0, keepdim=True), attend(q, k, v, allowed, 0.0), rtol=0, atol=0.05)
    assert dropped.std(0).min() > 0
    torch.manual_seed(1)
    first = attend(q, k, v, allowed, 0.3)
    torch.manual_seed(1)
    assert torch.equal(first, attend(q, k, v, allowed, 0.3))


def test_the_first_rows_alone_are_those_of_the_whole() -> None:
    torch.manual_seed(0)
    layer = EncoderLayer(8, 2, 16, 0.1).eval()
    x, position = torch.randn(2, 2, 6, 8).unbind()
    mask = torch.tensor([[1] * 6, [1, 1, 0, 0, 1, 0]]).bool()
    torch.testing.assert_close(layer(x, position, mask, 4), layer(x, position, mask)[:, :4])


def test_the_slope_of_an_activation_learns_as_in_torch() -> None:
    torch.manual_seed(0)
    ours, torchs = PReLU(), torch.nn.PReLU()
    x, direction = torch.randn(7, 9, 11), torch.randn(7, 9, 11)
    for slope in (0.25, -0.5, 3.0):
        found = []
        for layer in (ours, torchs):
            torch.nn.init.constant_(layer.weight, slope)
            layer.weight.grad, given = None, x.clone().requires_grad_()
            out = layer(given)
            out.backward(direction)
            found.append((out, given.grad, layer.weight.grad))
        torch.testing.assert_close(found[0], found[1])
