"""A stream gives what the whole video gives, which `test_onvtg` holds against the official code."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from tiny_onvtg import SIZES, example, head  # noqa: E402

from whenabouts.grounders.learned.onvtg.head import OnVTGHead  # noqa: E402
from whenabouts.grounders.learned.onvtg.stream import EventStream  # noqa: E402


def whole(found: OnVTGHead, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the whole video: proposals and starts as a stream says them, and the length of each proposal's event."""
    with torch.no_grad():
        levels, soon = found.model(*found.inputs([example(rows)]))
    table = []
    for number, level in enumerate(levels):
        inside, step = level.mask[0], 2.0**number
        place = torch.arange(len(inside))[inside] * step
        start, end = place - step * level.offsets[0, inside, 0], place + step * level.offsets[0, inside, 1]
        score = level.logits[0, inside].sigmoid()
        table.append(torch.column_stack([start, end, place + step, score, 0 * place + step]))
    assert soon is not None
    inside = levels[0].mask[0]
    place = torch.arange(len(inside))[inside]
    starts = torch.column_stack([place - soon.offsets[0, inside], place + 1, soon.logits[0, inside].sigmoid()])
    events = _sorted(torch.cat(table).numpy())
    return events[:, :4], starts.numpy(), events[:, 4]


def _sorted(table: np.ndarray) -> np.ndarray:
    return table[np.lexsort((table[:, 3], table[:, 2]))]


def streamed(found: OnVTGHead, rows: int, stream: EventStream, cut: int) -> tuple[np.ndarray, np.ndarray]:
    one = example(rows)
    with torch.no_grad():
        text = torch.from_numpy(one.text)[None]
        words = found.model.read(text, torch.ones(text.shape[:2], dtype=torch.bool))
    said = []
    for number, row in enumerate(one.video):
        if number == cut:
            kept, stream = (
                json.loads(json.dumps(stream.snapshot())),
                EventStream(found.model, wait=stream.wait, whole=stream.whole, most=stream.most),
            )
            stream.restore(kept)
        now = stream.push(row, words)
        said += [now] if now else []
    said += stream.close(words)
    proposals = np.concatenate([each.proposals[0] for each in said])
    starts = np.concatenate([each.starts[0] for each in said])
    return _sorted(proposals), starts


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("kind", "rows"), [("tacos", 100), ("tacos", 64), ("anet", 101), ("mad", 150), ("mad", 3)])
def test_a_stream_says_what_the_whole_video_says(kind: str, rows: int, strict: bool) -> None:
    found = head(kind, strict_official=strict)
    expected, soon, steps = whole(found, rows)
    stream = EventStream(found.model, wait=found.model.ahead, whole=len(soon))
    proposals, starts = streamed(found, rows, stream, cut=rows // 2)
    assert np.abs(proposals[:, 3] - expected[:, 3]).max() <= 1e-5
    assert np.abs((proposals[:, :3] - expected[:, :3]) / steps[:, None]).max() <= 2e-5  # in events of their level
    assert np.abs(starts - soon).max() <= 2e-5


@settings(max_examples=20)
@given(st.integers(1, 60), st.integers(0, 5))
def test_every_event_is_judged_once_and_in_time(rows: int, wait: int) -> None:
    found = head("tacos", strict_official=False)
    stream = EventStream(found.model, wait=wait)
    proposals, starts = streamed(found, rows, stream, cut=rows)
    expected, _, _ = whole(found, rows)
    assert sorted(proposals[:, 2].tolist()) == expected[:, 2].tolist()
    assert starts[:, 1].tolist() == list(range(1, rows + 1))


@pytest.mark.parametrize("strict", [True, False])
def test_what_is_kept_is_bounded(strict: bool) -> None:
    found = head("tacos", strict_official=strict)
    stream = EventStream(found.model, wait=5, most=32)
    sizes = []
    for row in np.random.default_rng(0).normal(size=(400, 24)).astype("float32"):
        stream.push(row, None)
        sizes.append(stream.resident_bytes)
    assert max(sizes[200:300]) == max(sizes[300:]) == max(sizes)


def test_places_beyond_those_that_were_trained_go_on() -> None:
    tree = head("tacos").model.vid_net
    rows, mask = torch.zeros(1, SIZES["tacos"].hidden, 8), torch.ones(1, 1, 8, dtype=torch.bool)
    inside, beyond = tree.placed_from(120, rows, mask), tree.placed_from(124, rows, mask)
    assert torch.allclose(inside[..., 4:], beyond[..., :4], atol=1e-5)
    assert torch.isfinite(tree.placed_from(10**9, rows, mask)).all()
