"""What a curated data set was made from and how: names, settings and hashes, in one JSON file beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from whenabouts.files.atomic import replacing
from whenabouts.grounders.llm.recipe import Selection
from whenabouts.training.post.samples import Sample, write_samples

__all__ = ["digest", "write_curated"]


def write_curated(
    path: Path,
    samples: Sequence[Sample],
    *,
    source: Path,
    rule: Selection,
    counts: Mapping[str, int],
    reference: str | None = None,
    against: Sequence[str] = (),
) -> Path:
    """Write the samples and, beside them, `NAME.manifest.json`; returns the manifest's path. Raises OSError.

    The manifest has the SHA-256 of the source file, of the written file and of every sample, so that it can be checked
    later whether the same data was trained on. reference: the model whose answers measured the difficulty; against: the
    evaluations that nothing may leak from.
    """
    write_samples(path, samples)
    manifest: dict[str, Any] = {
        "data": {"file": path.name, "sha256": _sha256(path.read_bytes()), "samples": len(samples)},
        "source": {"file": source.name, "sha256": _sha256(source.read_bytes())},
        "reference": reference,
        "against": list(against),
        "rule": asdict(rule),
        "counts": dict(counts),
        "negatives": sum(not one.windows for one in samples),
        "samples": {one.sample: digest(one) for one in samples},
    }
    beside = path.with_name(f"{path.stem}.manifest.json")
    with replacing(beside) as part:
        part.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return beside


def digest(sample: Sample) -> str:
    """SHA-256 of a sample's content, whatever the order of its fields in a file."""
    content = {name: value for name, value in asdict(sample).items() if value is not None}
    return _sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
