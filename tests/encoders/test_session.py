"""The number of threads of onnxruntime, however it is asked for."""

from __future__ import annotations

import pytest

from whenabouts.encoders.session import threads


@pytest.mark.parametrize(
    ("asked", "given"),
    [("1", 1), ("2", 2), (" 3 ", 3), ("4,2", 4), ("2,8", 2), ("64", 4), ("9" * 30, 4)],
)
def test_as_many_as_asked_for_but_four(asked: str, given: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    assert threads(asked) == given


@pytest.mark.parametrize("asked", ["", " ", ",", "0", "0,2", "-1", "two", "1.5", "0x2"])
@pytest.mark.parametrize(("cores", "given"), [(1, 1), (3, 3), (16, 4), (None, 1)])
def test_what_is_no_number_of_threads_asks_for_nothing(
    asked: str, cores: int | None, given: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert threads(asked) == given
