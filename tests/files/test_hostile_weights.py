"""Files of parameters that are damaged or made to harm: refused in one sentence that names the file."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.errors import ModelError  # noqa: E402
from whenabouts.files.pretrained import whole_network  # noqa: E402
from whenabouts.files.shards import fill, shards, tensors_in  # noqa: E402
from whenabouts.files.weights import read_weights  # noqa: E402


def compressed(path: Path) -> None:
    """300 MB of zeros in 300 kB, as torch would unpack them."""
    torch.save({"weight": torch.zeros(75 * 10**6)}, path)
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(f"{path}.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in whole.namelist():
            packed.writestr(entry, whole.read(entry))
    Path(f"{path}.zip").replace(path)


def blown_up(path: Path) -> None:
    torch.save({"model": [{"weight": torch.zeros(1).expand(10**9)}]}, path)


def sparse(path: Path) -> None:
    torch.save({"weight": torch.sparse_coo_tensor([[0]], [1.0], (10**12,))}, path)


def nowhere(path: Path) -> None:
    torch.save({"weight": torch.zeros(10**6, device="meta")}, path)


def circle(path: Path) -> None:
    """A list that holds itself ends the look at what there is, as does a tensor that promises too much."""
    held: list[object] = [torch.zeros(1).expand(10**9)]
    held.append(held)
    torch.save({"held": held}, path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (compressed, "is compressed, encrypted or damaged"),
        (blown_up, r"a tensor of shape \(1000000000,\) whose values it does not hold"),
        (sparse, "whose values it does not hold"),
        (nowhere, "whose values it does not hold"),
        (circle, "whose values it does not hold"),
    ],
)
def test_what_would_take_more_than_the_file_holds_is_refused(
    make: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    make(tmp_path / "w.pt")
    with pytest.raises(ModelError, match=message):
        read_weights(tmp_path / "w.pt")


def test_honest_files_of_both_formats_are_read(tmp_path: Path) -> None:
    shared = torch.arange(6.0)
    content = {"a": shared, "b": shared.view(2, 3), "c": shared[::2], "epoch": 3}
    for zipped in (True, False):
        torch.save(content, tmp_path / "w.pt", _use_new_zipfile_serialization=zipped)
        assert torch.equal(read_weights(tmp_path / "w.pt").content["b"], content["b"])


@pytest.mark.parametrize(
    "entries",
    [
        {"weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "bias": {"dtype": "F32", "shape": [2]}},
        {
            "weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
            "bias": {"dtype": "F32", "shape": [2], "data_offsets": [16, 24]},
        },
        {"weight": {"dtype": "F32", "shape": [2**40, 2**10], "data_offsets": [0, 2**52]}},
        {"weight": {"dtype": "X9", "shape": [2, 3], "data_offsets": [0, 24]}},
    ],
)
def test_damaged_safetensors_are_refused(entries: dict[str, object], tmp_path: Path) -> None:
    header = json.dumps(entries).encode()
    path = tmp_path / "w.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(24))
    with pytest.raises(ModelError, match=r"w\.safetensors cannot be read"):
        fill(torch.nn.Linear(3, 2), [path], path)


def test_a_list_of_a_million_tensors_is_not_read(tmp_path: Path) -> None:
    entry = b'"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
    header = b"{" + b",".join(entry % number for number in range(300_000)) + b"}"
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(ModelError, match=r"model\.safetensors has a header of 1\d{7} bytes, more than any model needs"):
        tensors_in(path)
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    with pytest.raises(ValueError, match="more than any model needs"):
        whole_network(tmp_path, transformers.AutoModel)


def test_an_index_names_files_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "../other.safetensors"}}))
    with pytest.raises(ModelError, match="outside of its folder"):
        shards(tmp_path)
