from __future__ import annotations

import torch

from whenabouts.grounders.stream.cache.block_index import FrozenGRU, MeanKey


def test_the_state_is_that_of_torch_and_of_no_other_weights() -> None:
    keys = torch.randn(2, 7, 4, generator=torch.Generator().manual_seed(0))
    one, same, other = FrozenGRU(8, hidden=5, seed=3), FrozenGRU(8, hidden=5, seed=3), FrozenGRU(8, hidden=5, seed=4)
    assert torch.equal(one.of_block(keys), same.of_block(keys))
    assert not torch.equal(one.of_block(keys), other.of_block(keys))
    state = torch.zeros(5)
    w_in, w_state, b_in, b_state = (weight.detach() for weight in one._unit.parameters())
    for token in range(7):  # Cho et al. 2014, gates in torch's order reset, update, new
        rows = [keys[:, token].flatten() @ part.T for part in w_in.chunk(3)]
        held = [state @ part.T + bias for part, bias in zip(w_state.chunk(3), b_state.chunk(3), strict=True)]
        reset, update = ((rows[i] + b_in.chunk(3)[i] + held[i]).sigmoid() for i in (0, 1))
        new = (rows[2] + b_in.chunk(3)[2] + reset * held[2]).tanh()
        state = (1 - update) * new + update * state
    torch.testing.assert_close(one.of_block(keys), state)
    assert one.of_block(keys.bfloat16()).dtype == torch.float32


def test_making_one_draws_no_random_numbers_of_others() -> None:
    torch.manual_seed(0)
    before = torch.rand(1)
    torch.manual_seed(0)
    FrozenGRU(8, hidden=5)
    assert torch.equal(torch.rand(1), before)


def test_a_question_is_compared_as_a_key_would_be() -> None:
    key = torch.randn(2, 4, generator=torch.Generator().manual_seed(0))
    for index in (FrozenGRU(8), MeanKey()):
        torch.testing.assert_close(index.of_question(key), index.of_block(key[:, None]))
