"""Feature stores that are damaged or made to harm: each is refused in one sentence, before memory is taken for it."""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from whenabouts.encoders.folders import FeatureFolder, query_of
from whenabouts.encoders.layered import StoredRows
from whenabouts.errors import InputError

ROWS = np.arange(12, dtype=np.float32).reshape(4, 3) + 1


def npy(values: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values)
    return stream.getvalue()


def promising(shape: str, descr: str = "'<f4'") -> bytes:
    """A header that promises values of a shape, and 64 bytes of them."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(64)


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(f"{name}.npy", content)
    return stream.getvalue()


def bomb() -> bytes:
    """300 MB of zeros in 300 kB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("features.npy", "w") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (750_000, 100)})
        for _ in range(300):
            file.write(bytes(10**6))
    return stream.getvalue()


def encrypted() -> bytes:
    """The flag that a password is needed, in both headers of the member."""
    packed = bytearray(archive(features=npy(ROWS)))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def twice() -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as packed:
        warnings.simplefilter("ignore")
        packed.writestr("features.npy", npy(ROWS))
        packed.writestr("features.npy", npy(ROWS + 1))
    return stream.getvalue()


def squeezed() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("features.npy", npy(ROWS))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (promising("(1125899906842624, 1)"), "cut short or damaged: its header promises"),
        (promising("(4, -3)"), "cut short or damaged"),
        (promising("(2, 2)", "'|O'"), "without unpickling"),
        (promising("(" * 3000), "npz or npy"),
        (promising("(2, 2)", "'no such type'"), "npz or npy"),
        (bomb(), r"would unpack to 286 MiB from 0\.\d+ MiB"),
        (encrypted(), "is encrypted"),
        (twice(), "two arrays of one name"),
        (squeezed(), "numpy.savez"),
        (archive(), "has no array features"),
        (archive(features=npy(ROWS)[:-5]), "cut short or damaged"),
        (npy(ROWS.astype(complex)), "of the type complex128; write them as float16"),
        (npy(np.array([["a", "b"]])), "of the type <U1"),
        (npy(np.zeros((2, 2), [("x", "f4")])), "of the type"),
        (npy(ROWS.astype(np.longdouble)), "of the type float128"),
        (npy(np.array(["2026-01-01"], "M8[D]")), "of the type"),
        (npy(np.float32(3)), "not finite rows"),
        (npy(np.zeros((0, 3))), "not finite rows"),
        (npy(np.array([[np.inf, 1]])), "not finite rows"),
        (npy(np.array([[1e300, 1]])), "not finite rows"),
        (npy(np.array([[3e38, 3e38]], np.float32)), "not finite rows"),
    ],
)
def test_hostile_arrays_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "v.npz").write_bytes(content)
    with pytest.raises(InputError, match=message) as refusal:
        FeatureFolder(tmp_path)["v"]
    assert "v.npz" in str(refusal.value) or "'v'" in str(refusal.value)


@pytest.mark.parametrize("values", [ROWS.astype(">f8"), np.asfortranarray(ROWS), ROWS.astype(np.int16), ROWS[::-1]])
def test_odd_but_honest_arrays_are_read(values: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", values)
    (tmp_path / "w.npz").write_bytes(archive(features=npy(values)))
    folder = FeatureFolder(tmp_path, scaled=False)
    np.testing.assert_array_equal(folder["v"], values)
    np.testing.assert_array_equal(folder["w"], values)
    np.testing.assert_array_equal(np.asarray(StoredRows.of(tmp_path / "v.npy")), values)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dangling.npz").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.npz").mkdir()
    os.mkfifo(tmp_path / "pipe.npy")
    folder = FeatureFolder(tmp_path)
    for name, message in {"dangling": "links to a file that", "folder": "regular file", "pipe": "regular file"}.items():
        with pytest.raises(InputError, match=message):
            folder[name]
    with pytest.raises(KeyError):
        folder["../dangling"]


@pytest.mark.parametrize("content", [archive(query=promising("()", "'<U536870911'")), archive(query=npy(ROWS))])
def test_the_query_of_a_file_is_a_short_text(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "qid1.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"qid1\.npz"):
        query_of(tmp_path / "qid1.npz")


def lmdb_of(path: Path, count: int = 300) -> Path:
    """Small values lie in the leaves, large ones in pages of their own, and there are branches."""
    lmdb = pytest.importorskip("lmdb", reason="lmdb is not installed")
    with lmdb.open(str(path), map_size=1 << 24) as base, base.begin(write=True) as edit:
        for number in range(count):
            rows = np.full((1 + number % 7 * 40, 3), number, np.float32)
            edit.put(f"v{number:04}".encode(), archive(features=npy(rows)) if number % 2 else npy(rows))
        edit.put(b"empty", b"")
    return path


def test_an_lmdb_is_read_as_its_library_reads_it(tmp_path: Path) -> None:
    lmdb = pytest.importorskip("lmdb", reason="lmdb is not installed")
    folder = FeatureFolder(lmdb_of(tmp_path), scaled=False)
    with lmdb.open(str(tmp_path), readonly=True, lock=False) as base, base.begin() as view:
        assert [name.encode() for name in folder] == list(view.cursor().iternext(values=False))
    for number in range(300):
        np.testing.assert_array_equal(folder[f"v{number:04}"], np.full((1 + number % 7 * 40, 3), number))
    with pytest.raises(InputError, match="'empty'"):
        folder["empty"]


@pytest.mark.parametrize("kept", [0, 10, 4096, 8192, 20_000, 0.5, 0.99])
def test_a_truncated_lmdb_is_refused(kept: float, tmp_path: Path) -> None:
    path = lmdb_of(tmp_path) / "data.mdb"
    size = path.stat().st_size
    os.truncate(path, int(kept if kept >= 1 else kept * size))
    with pytest.raises(InputError, match=r"data\.mdb is (cut short|damaged)"):
        FeatureFolder(tmp_path)


def test_an_lmdb_that_shrinks_later_is_refused(tmp_path: Path) -> None:
    folder = FeatureFolder(lmdb_of(tmp_path))
    os.truncate(tmp_path / "data.mdb", 8192)
    with pytest.raises(InputError, match=r"data\.mdb is damaged"):
        folder["v0006"]


def test_an_lmdb_with_duplicates_or_databases_is_refused(tmp_path: Path) -> None:
    lmdb = pytest.importorskip("lmdb", reason="lmdb is not installed")
    with lmdb.open(str(tmp_path), max_dbs=2) as base:
        inner = base.open_db(b"inner")
        with base.begin(write=True, db=inner) as edit:
            edit.put(b"v", npy(ROWS))
    with pytest.raises(InputError, match="'inner' is a database of its own"):
        FeatureFolder(tmp_path)


def external(file, folder: Path) -> None:  # type: ignore[no-untyped-def]
    import h5py

    with h5py.File(folder / "other.hdf5", "w") as other:
        other["secret"] = ROWS
    file["v"] = h5py.ExternalLink(str(folder / "other.hdf5"), "secret")


def virtual(file, folder: Path) -> None:  # type: ignore[no-untyped-def]
    import h5py

    layout = h5py.VirtualLayout((4, 3), "f4")
    layout[:] = h5py.VirtualSource(str(folder / "other.hdf5"), "secret", (4, 3))
    file.create_virtual_dataset("v", layout)


def raw_elsewhere(file, folder: Path) -> None:  # type: ignore[no-untyped-def]
    file.create_dataset("v", (4, 3), "f4", external=[(str(folder / "raw.bin"), 0, 48)])


def loop(file, folder: Path) -> None:  # type: ignore[no-untyped-def]
    import h5py

    file["v"], file["w"] = h5py.SoftLink("/w"), h5py.SoftLink("/v")


def blown_up(file, folder: Path) -> None:  # type: ignore[no-untyped-def]
    file.create_dataset("v", (2**40, 2**10), "f4", chunks=(1000, 1000), compression="gzip")


def foreign_filter(file, folder: Path) -> None:  # type: ignore[no-untyped-def]
    import h5py
    from h5py import h5p, h5s, h5t

    made = h5p.create(h5p.DATASET_CREATE)
    made.set_chunk((4, 3))
    made.set_filter(32015, h5py.h5z.FLAG_OPTIONAL)
    h5py.h5d.create(file.id, b"v", h5t.NATIVE_FLOAT, h5s.create_simple((4, 3)), made)


def group(file, folder: Path) -> None:  # type: ignore[no-untyped-def]
    file["v/rows"] = ROWS


def words(file, folder: Path) -> None:  # type: ignore[no-untyped-def]
    file["v"] = ["a", "b"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (external, "a link to another file, '.*other.hdf5', which is not followed"),
        (virtual, "are in other files, which are not read"),
        (raw_elsewhere, "are in other files, which are not read"),
        (loop, "is a link to '/w'"),
        (blown_up, "would unpack to"),
        (foreign_filter, "the filter 32015, which needs a plugin"),
        (group, "is a group, not a data set"),
        (words, "without unpickling"),
    ],
)
def test_hostile_hdf5_is_refused(make: Callable[..., None], message: str, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    with h5py.File(tmp_path / "f.hdf5", "w") as file:
        make(file, tmp_path)
        file["good"] = ROWS
    folder = FeatureFolder(tmp_path / "f.hdf5", scaled=False)
    with pytest.raises(InputError, match=message):
        folder["v"]
    np.testing.assert_array_equal(folder["good"], ROWS)  # one refusal is of one data set


def test_a_child_that_dies_is_one_sentence(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    from whenabouts.encoders.hdf5 import HDF5

    with h5py.File(tmp_path / "f.hdf5", "w") as file:
        file["v"] = ROWS
    stored = HDF5(tmp_path / "f.hdf5")
    assert stored._subject is not None
    os.kill(stored._subject.pid, signal.SIGSEGV)
    with pytest.raises(InputError, match=r"f\.hdf5 is damaged: .* crashed \(SIGSEGV\); copy it anew"):
        stored.read("v")
    np.testing.assert_array_equal(stored.read("v"), ROWS)


def test_threads_share_a_child(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    with h5py.File(tmp_path / "f.hdf5", "w") as file:
        for number in range(8):
            file[f"v{number}"] = np.full((300, 50), number, np.float32)
    folder = FeatureFolder(tmp_path / "f.hdf5", scaled=False)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: folder[f"v{number % 8}"], range(80)))
    assert [set(rows.ravel().tolist()) for rows in found] == [{number % 8} for number in range(80)]


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    """What a process needed at most is little more than without the file: 286 MiB are promised."""
    (tmp_path / "v.npz").write_bytes(bomb())
    program = (
        "import resource, sys; from whenabouts.encoders.folders import FeatureFolder\n"
        "from whenabouts.errors import InputError; from pathlib import Path\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: FeatureFolder(Path(sys.argv[1]))['v']\n"
        "except InputError: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 50 * 2**20


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not say what lies on the disk")
def test_a_file_that_is_mostly_holes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "v.npy"
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (125_000_000, 4)})
        file.truncate(file.tell() + 2_000_000_000)
    for read in (lambda: FeatureFolder(tmp_path)["v"], lambda: StoredRows.of(path)):
        with pytest.raises(InputError, match=r"v\.npy holds 1907 MiB, of which 0.* MiB lie on the disk"):
            read()
