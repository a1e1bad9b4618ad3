from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from whenabouts.grounders.stream.cache.pages import best_pages, page_keys, page_scores


@given(st.integers(1, 40), st.integers(1, 9), st.integers(0, 9))
def test_pages_one_by_one(tokens: int, size: int, count: int) -> None:
    draw = torch.Generator().manual_seed(tokens)
    keys, query = torch.randn(2, tokens, 3, generator=draw), torch.randn(4, 5, 3, generator=draw)
    pages = [keys[:, begin : begin + size] for begin in range(0, tokens, size)]
    means = page_keys(keys, size)
    torch.testing.assert_close(means, torch.stack([page.mean(dim=1) for page in pages], dim=1))
    scores = page_scores(query, means)
    for score, page in zip(scores, pages, strict=True):
        # Query heads 0 and 1 read key head 0, 2 and 3 read 1; the mean over all pairs of heads, tokens and keys.
        pairs = [query[head] @ page[head // 2].T for head in range(4)]
        torch.testing.assert_close(score, torch.stack([pair.mean() for pair in pairs]).mean())
    chosen = best_pages(scores, count, size, tokens).tolist()
    best = sorted(sorted(range(len(pages)), key=lambda page: -scores[page])[:count])
    assert chosen == [token for page in best for token in range(page * size, min(tokens, page * size + size))]
