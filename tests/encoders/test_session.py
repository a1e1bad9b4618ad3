"""Sessions of onnxruntime: how many threads they have, and that the same weights are loaded once."""

from __future__ import annotations

import gc
import weakref
from weakref import WeakValueDictionary

import pytest

from whenabouts.encoders.minilm import SentenceEncoder


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
