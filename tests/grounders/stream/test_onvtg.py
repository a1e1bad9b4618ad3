"""OnVTG on streams: the same as the whole video, bounded, and events that keep the rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.errors import InputError, ModelError  # noqa: E402
from whenabouts.grounders.learned.checkpoint import save_head  # noqa: E402
from whenabouts.grounders.learned.onvtg.head import OnVTGHead  # noqa: E402
from whenabouts.grounders.learned.onvtg.model import OnVTGConfig  # noqa: E402
from whenabouts.grounders.stream import load_online  # noqa: E402
from whenabouts.grounders.stream.event import Event  # noqa: E402
from whenabouts.grounders.stream.onvtg import OnVTGOnline  # noqa: E402

SIZES = OnVTGConfig(
    video_dim=12, text_dim=6, hidden=16, text_hidden=16, text_layers=1, positions=64, memory=(2, 3, 4, 5), dropout=0.0
)
RNG = np.random.default_rng(0)
WORDS = {name: RNG.normal(size=(count, 6)).astype("float32") for name, count in (("a", 3), ("b", 5))}


def head(**sizes: Any) -> OnVTGHead:
    torch.manual_seed(1)
    found = OnVTGHead(OnVTGConfig(**{**vars(SIZES), **sizes}), clip_seconds=0.5)
    with torch.no_grad():
        for name, value in found.model.named_parameters():
            if "scale" in name:
                value.fill_(0.5)
            elif value.ndim == 3:
                value.normal_(0, 1.5 / np.sqrt(np.prod(value.shape[1:])))
    return found


def online(model: OnVTGHead | Path | None = None, **settings: Any) -> OnVTGOnline:
    made = OnVTGOnline(model or head(), **{"words": WORDS, "least": 0.4, "start": 0.55, **settings})
    for query in WORDS:
        made.add(query)
    return made


def rows(count: int, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 12)).astype("float32")


def pushed(to: OnVTGOnline, table: np.ndarray, first: float = 0.25) -> list[Event]:
    return [event for number, row in enumerate(table) for event in to.push(row, first + number * 0.5)]


def check(events: list[Event]) -> None:
    """Each moment is started once, ends at most once, and times of telling never go back."""
    states: dict[tuple[str, int], str] = {}
    for before, event in zip([None, *events], events, strict=False):
        assert before is None or event.emitted >= before.emitted
        key = event.query, event.number
        assert (states.get(key) is None) == (event.state == "started")
        assert states.get(key) != "ended"
        states[key] = event.state
    assert all(state == "ended" for state in states.values())


def test_events_keep_the_rules_and_are_told_in_time() -> None:
    made = online()
    events = pushed(made, rows(200))
    assert {"started", "ended"} <= {event.state for event in events}
    for event in events:
        if event.state == "ended" and event.seen_end:
            assert event.end is not None and event.end <= event.emitted
    events += made.finish(100.0)
    check(events)
    assert not any(made.ledger.open(query) for query in WORDS)


def test_a_saved_stream_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    save_head(head(), tmp_path / "head.pt", {})
    whole, first = online(tmp_path / "head.pt"), online(tmp_path / "head.pt")
    expected = pushed(whole, rows(120)) + whole.finish(60.0)
    events = pushed(first, rows(120)[:77])
    second = OnVTGOnline(tmp_path / "head.pt", words=WORDS, least=0.4, start=0.55)
    second.restore(json.loads(json.dumps(first.snapshot())))
    events += [e for number, row in enumerate(rows(120)[77:], 77) for e in second.push(row, 0.25 + number * 0.5)]
    assert events + second.finish(60.0) == expected
    other = OnVTGOnline(head(hidden=32), words=WORDS)
    with pytest.raises(InputError, match="another model"):
        other.restore(first.snapshot())


def test_what_it_keeps_is_bounded() -> None:
    made = online()
    sizes = []
    for number, row in enumerate(rows(600)):
        made.push(row, number * 0.5)
        sizes.append(made.resident_bytes)
    cycle = 8
    assert max(sizes[-200:]) == max(sizes[200:400])
    assert sizes[400 : 400 + cycle] == sizes[400 + 8 * cycle : 400 + 9 * cycle]


def test_queries_come_and_go() -> None:
    made = OnVTGOnline(head(), words=WORDS, least=0.4)
    assert pushed(made, rows(30)) == []
    made.add("a")
    events = pushed(made, rows(60)[30:], 15.25)
    assert {event.query for event in events} == {"a"}
    made.add("b")
    made.remove("a")
    events = pushed(made, rows(120)[60:], 30.25)
    assert {event.query for event in events} == {"b"} and made.queries == ("b",)
    made.remove("b")
    assert pushed(made, rows(130)[120:], 60.25) == []


def test_rows_lie_on_a_grid() -> None:
    plain, uneven = online(), online()
    table = rows(64)
    expected = pushed(plain, table)
    rng, found = np.random.default_rng(0), []
    for number, row in enumerate(table):
        found += uneven.push(row, 0.25 + number * 0.5 + (rng.uniform(-0.1, 0.1) if number else 0.0))
        found += uneven.push(rng.normal(size=12).astype("float32"), 0.25 + number * 0.5 + 0.12)  # one too many
    assert [(e.state, e.start, e.end) for e in found] == [(e.state, e.start, e.end) for e in expected]
    held, repeated = online(), table.copy()
    repeated[20:23] = repeated[19]
    events = [e for n, row in enumerate(table) if not 20 <= n < 23 for e in held.push(row, 0.25 + n * 0.5)]
    told = [(e.state, e.start, e.end) for e in pushed(online(), repeated)]
    assert [(e.state, e.start, e.end) for e in events] == told


def test_a_gap_ends_what_is_open_unseen_and_begins_anew() -> None:
    made, fresh = online(), online()
    events = pushed(made, rows(50))
    open_before = {(m.query, m.number) for q in WORDS for m in made.ledger.open(q)}
    table = rows(40, seed=9)
    after = pushed(made, table, 1000.25)
    told = [e for e in after if e.emitted == 1000.25]
    assert {(e.query, e.number) for e in told if e.state == "ended"} >= open_before
    assert all(e.end is None or e.end <= 25.5 for e in told)
    alone = pushed(fresh, table, 1000.25)
    assert [(e.query, e.state, e.start) for e in after if e not in told] == [(e.query, e.state, e.start) for e in alone]
    check(events + after + made.finish(1020.0))


def test_what_is_wrong_is_refused_in_a_sentence(tmp_path: Path) -> None:
    made = online()
    with pytest.raises(ModelError, match=r"has 12 numbers, not \(11,\)"):
        made.push(np.zeros(11, "float32"), 0.0)
    with pytest.raises(InputError, match="not finite"):
        made.push(np.full(12, np.nan, "float32"), 0.0)
    with pytest.raises(ModelError, match="not made of single pictures"):
        made.push(np.zeros((8, 8, 3), "uint8"), 0.0)
    with pytest.raises(ModelError, match="no words of 'c'"):
        made.add("c")
    assert made.queries == ("a", "b")
    with pytest.raises(ModelError, match="where in the whole video"):
        OnVTGOnline(head(places="relative"), words=WORDS)
    for wrong in ({"least": 1.0}, {"wait": -1}, {"hold": -1.0}, {"seconds": 0.0}):
        with pytest.raises(InputError, match="least must be between 0 and 1"):
            online(**wrong)
    save_head(OnVTGHead(SIZES), tmp_path / "bare.pt", {})
    with pytest.raises(ModelError, match="how long its rows are"):
        load_online(f"onvtg:{tmp_path / 'bare.pt'}")
    assert made.finish(0.0) == [] and made.finish(0.0) == []


def test_it_is_loaded_by_name(tmp_path: Path) -> None:
    save_head(head(), tmp_path / "head.pt", {"clip_seconds": 0.5})
    made = load_online(f"onvtg:{tmp_path / 'head.pt'}", words=WORDS, wait=2)
    assert isinstance(made, OnVTGOnline) and made.fps == 2.0 and made.settings()["wait"] == 2
    assert list(made.models) == ["onvtg"]
