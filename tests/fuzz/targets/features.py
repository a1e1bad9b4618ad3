"""Stores of features and of parameters: NumPy's files, LMDB, HDF5, safetensors, torch's."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from fuzz import sound
from fuzz.target import Target
from whenabouts.encoders.folders import FeatureFolder, query_of
from whenabouts.errors import WhenaboutsError

ROWS = np.arange(60, dtype=np.float32).reshape(20, 3) + 1


def seeds(folder: Path) -> Mapping[str, bytes]:
    """One file of every kind; those of extras that are not installed are left out."""
    plain, packed = io.BytesIO(), io.BytesIO()
    np.save(plain, ROWS.astype(np.float16))
    np.savez_compressed(packed, features=ROWS, query=np.array("a dog"))
    made = {"v.npy": plain.getvalue(), "v.npz": packed.getvalue(), "layers.npy": plain.getvalue()}
    for make in (_lmdb, _hdf5, _torch):
        try:
            made |= make(folder)
        except ImportError:
            continue
    return made


def _lmdb(folder: Path) -> dict[str, bytes]:
    import lmdb

    small, large = io.BytesIO(), io.BytesIO()
    np.save(small, ROWS)
    np.savez(large, features=np.tile(ROWS, (30, 1)))
    with lmdb.open(str(folder / "base"), map_size=1 << 20) as base, base.begin(write=True) as edit:
        for number in range(40):
            edit.put(f"video {number}".encode(), (small if number % 5 else large).getvalue())
    return {"data.mdb": (folder / "base" / "data.mdb").read_bytes()}


def _hdf5(folder: Path) -> dict[str, bytes]:
    import h5py

    with h5py.File(folder / "f.hdf5", "w") as file:
        file["plain"] = ROWS
        file.create_dataset("packed", data=ROWS, chunks=(5, 3), compression="gzip", shuffle=True, fletcher32=True)
        file["group/inner"] = ROWS
    return {"f.hdf5": (folder / "f.hdf5").read_bytes()}


def _torch(folder: Path) -> dict[str, bytes]:
    import torch
    from safetensors.torch import save_file

    from whenabouts.grounders.learned.detr.moment_detr import MomentDETR, MomentDETRConfig

    layer = torch.nn.Linear(3, 2)
    save_file(layer.state_dict(), folder / "layer.safetensors")
    model = MomentDETR(MomentDETRConfig(14, 6, hidden=8, feedforward=8, queries=2, words=4))
    options = {"v_feat_dim": 14, "t_feat_dim": 6, "hidden_dim": 8, "nheads": 8}
    torch.save({"model": model.state_dict(), "opt": options}, folder / "best.ckpt")
    torch.save({"weight": torch.zeros(4, 4), "epoch": 3, "names": ["a"]}, folder / "old.pt")
    torch.save({"weight": torch.zeros(4, 4)}, folder / "older.pt", _use_new_zipfile_serialization=False)
    names = ("layer.safetensors", "best.ckpt", "old.pt", "older.pt")
    return {name: (folder / name).read_bytes() for name in names}


@cache
def _place() -> Path:
    return Path(tempfile.mkdtemp(prefix="features-"))


def run(path: Path) -> None:
    """Read all that a file has."""
    if path.suffix in {".safetensors", ".ckpt", ".pt"}:
        _parameters(path)
        return
    shutil.rmtree(_place())
    _place().mkdir()
    shutil.copy(path, _place())
    store = FeatureFolder(_place() if path.suffix != ".hdf5" else path, layered=path.name == "layers.npy")
    refused: list[WhenaboutsError] = []
    for name in list(store)[:50]:
        try:
            rows = np.asarray(store[name])
        except WhenaboutsError as error:
            refused.append(error)
            continue
        sound.require(rows.ndim == 2 and rows.size and np.isfinite(rows).all(), f"rows {rows.shape} of {name!r}")
    if path.suffix == ".npz":
        query_of(path)
    if refused:
        raise refused[0]


def _parameters(path: Path) -> None:
    import torch

    from whenabouts.files.shards import fill
    from whenabouts.files.weights import read_weights
    from whenabouts.grounders.learned.checkpoint import read_checkpoint

    if path.suffix == ".safetensors":
        fill(torch.nn.Linear(3, 2), [path], path)
    elif path.suffix == ".ckpt":
        read_checkpoint(path)
    else:
        read_weights(path)


TARGET = Target(
    seeds,
    run,
    tokens=(
        *(b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x93NUMPY", b"\x89HDF\r\n\x1a\n", b"TREE", b"SNOD", b"OHDR"),
        *(
            b"'descr': '|O'",
            b"'<f4'",
            b"(1125899906842624, 3)",
            b"features.npy",
            b"\xde\xc0\xef\xbe",
            b"cposix\nsystem\n",
        ),
    ),
)
