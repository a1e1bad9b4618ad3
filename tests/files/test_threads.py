"""How many threads: those of the machine, or what the environment says."""

from __future__ import annotations

import pytest

from whenabouts.files.threads import allowed_threads


@pytest.mark.parametrize(
    ("value", "given"),
    [("1", 1), ("2", 2), (" 3 ", 3), ("4,2", 4), ("2,8", 2), ("64", 4), ("9" * 30, 4)],
)
def test_as_many_as_omp_num_threads_says_but_no_more_than_wanted(
    value: str, given: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert allowed_threads(4) == given


@pytest.mark.parametrize("value", ["", " ", ",", "0", "0,2", "-1", "two", "1.5", "0x2"])
@pytest.mark.parametrize(("cores", "given"), [(1, 1), (3, 3), (16, 4), (None, 1)])
def test_an_invalid_number_of_threads_is_ignored(
    value: str, cores: int | None, given: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert allowed_threads(4) == given
    assert allowed_threads() == (cores or 1)
