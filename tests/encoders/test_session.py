"""Sessions of onnxruntime: how many threads they have, and that the same weights are loaded once."""

from __future__ import annotations

import gc
import os
import shutil
import weakref
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np
import pytest
from numpy.typing import NDArray

from whenabouts.encoders.minilm import SentenceEncoder
from whenabouts.encoders.session import NETWORK, VALUES
from whenabouts.files.cache import keeping


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


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where prepared networks are kept; there is none, and no session of other tests."""
    monkeypatch.setattr("whenabouts.encoders.session._sessions", WeakValueDictionary())
    monkeypatch.setenv("WHENABOUTS_CACHE", str(tmp_path))
    return tmp_path / "networks"


def fresh() -> NDArray[np.float32]:
    """A vector of a session that is made anew."""
    gc.collect()
    return SentenceEncoder().encode(["a dog on a sofa", "예산"])


def test_a_prepared_network_gives_the_same_bits(kept: Path) -> None:
    with keeping(False):
        ordinary = fresh()
    assert not kept.exists()
    first = fresh()
    [folder] = kept.iterdir()
    made = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    second = fresh()
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == made, "it is made once"
    assert np.array_equal(ordinary, first) and np.array_equal(first, second)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, NDArray[np.float32]]:
    """A prepared network, to be copied, and what it says."""
    place = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("whenabouts.encoders.session._sessions", WeakValueDictionary())
        patch.setenv("WHENABOUTS_CACHE", str(place))
        return place / "networks", fresh()


@pytest.mark.parametrize("name", [NETWORK, VALUES])
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "changed"])
def test_a_damaged_network_is_made_again(
    kept: Path, prepared: tuple[Path, NDArray[np.float32]], name: str, damage: str
) -> None:
    network, whole = prepared
    shutil.copytree(network, kept)
    [folder] = kept.iterdir()
    size = (folder / name).stat().st_size
    if damage == "gone":
        (folder / name).unlink()
    else:
        with (folder / name).open("r+b") as file:
            if damage == "changed":
                file.seek(size // 2)
                file.write(os.urandom(64))
            else:
                file.truncate(size // 2 if damage == "cut" else 0)
    assert np.array_equal(fresh(), whole)
    assert (folder / name).stat().st_size == size
    assert [path.name for path in kept.iterdir()] == [folder.name], "nothing else is left"


def test_a_folder_that_cannot_be_written_costs_only_the_speed(kept: Path) -> None:
    kept.write_text("a file where the folder should be")
    assert len(fresh()) == 2
