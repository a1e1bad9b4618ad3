"""Sessions of onnxruntime: how many threads they have, and that the same weights are loaded once."""

from __future__ import annotations

import gc
import weakref
from weakref import WeakValueDictionary

import pytest

from whenabouts.encoders.minilm import SentenceEncoder
from whenabouts.encoders.session import threads


@pytest.mark.parametrize(
    ("value", "given"),
    [("1", 1), ("2", 2), (" 3 ", 3), ("4,2", 4), ("2,8", 2), ("64", 4), ("9" * 30, 4)],
)
def test_as_many_as_omp_num_threads_but_at_most_four(value: str, given: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    assert threads(value) == given


@pytest.mark.parametrize("value", ["", " ", ",", "0", "0,2", "-1", "two", "1.5", "0x2"])
@pytest.mark.parametrize(("cores", "given"), [(1, 1), (3, 3), (16, 4), (None, 1)])
def test_an_invalid_number_of_threads_is_ignored(
    value: str, cores: int | None, given: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert threads(value) == given


def test_the_same_weights_are_one_session_while_it_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whenabouts.encoders.session._sessions", WeakValueDictionary())  # none from other tests
    first, second = SentenceEncoder(), SentenceEncoder()
    assert first.weight_bytes == 0
    same = first.encode(["a dog"]) == second.encode(["a dog"])
    assert same.all() and first._session is second._session
    assert first.weight_bytes > 2**20
    held = weakref.ref(first._session)
    del first, second
    gc.collect()
    assert held() is None
