"""Answers as an evaluation server takes them: a zip without folders, with a file of each split."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from whenabouts.errors import InputError
from whenabouts.files.atomic import replacing
from whenabouts.files.records import read_lines

__all__ = ["write_submission"]

FIELDS = ("qid", "query", "vid", "pred_relevant_windows", "pred_saliency_scores")
PREFIX = {"qvhighlights": "hl"}  # as its server asks for; other benchmarks have none, and files have their name
STAMP = (2020, 1, 1, 0, 0, 0)  # equal answers give an equal file


def write_submission(path: Path, answers: Path, benchmark: str, split: str) -> None:
    """Put answers into the zip as `hl_val_submission.jsonl`, for QVHighlights; files of other splits in it stay.

    Raises InputError for a file that is no zip, AnnotationError.
    """
    name = f"{PREFIX.get(benchmark, Path(benchmark).stem)}_{split}_submission.jsonl"
    rows = [{field: row[field] for field in FIELDS if field in row} for row in read_lines(answers)]
    files = {}
    if path.exists():
        try:
            with zipfile.ZipFile(path) as old:
                files = {one: old.read(one) for one in old.namelist()}
        except (zipfile.BadZipFile, OSError) as error:
            raise InputError(f"{path} is there and is no zip; name another file") from error
    files[name] = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    with replacing(path, folders=True) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as fresh:
        for one, content in sorted(files.items()):
            fresh.writestr(zipfile.ZipInfo(one, STAMP), content, zipfile.ZIP_DEFLATED)
