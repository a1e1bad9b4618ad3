"""What a split is made of, in numbers: lengths, words, grids, oddities.

Percentages are fractions; times are seconds. Numbers about durations are left out where no duration is known, and
numbers about windows where there are none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.moment import merge

__all__ = ["same_query", "stats"]

GRIDS = ("0.01", "0.1", "0.5", "1", "2", "5")
NEAR = 1e-6  # seconds: what float arithmetic of frames and clamps leaves
WHOLE = 0.999  # share of the video


def stats(examples: Sequence[Example]) -> dict[str, Any]:
    """Counts, means and medians over queries, videos and annotated windows."""
    words = [len(re.findall(r"[A-Za-z0-9']+", e.query)) for e in examples]
    durations = {e.video: e.duration for e in examples}
    known = [d for d in durations.values() if d is not None]
    out: dict[str, Any] = {
        "n_queries": len(examples),
        "n_videos": len(durations),
        "n_moments": sum(len(e.windows) for e in examples),
        "null_or_empty_queries": sum(not e.query.strip() for e in examples),
    }
    if words:
        out |= {
            "words_mean": float(np.mean(words)),
            "words_median": float(np.median(words)),
            "words_split_mean": float(np.mean([len(e.query.split()) for e in examples])),
        }
    if known:
        out |= {"video_dur_mean": float(np.mean(known)), "video_dur_median": float(np.median(known))}
    if out["n_moments"]:
        out |= _of_windows(examples)
    return out | {
        "no_window_queries": sum(not len(e.windows) for e in examples),
        "dup_qid": len(examples) - len({e.qid for e in examples}),
        "dup_rows": len(examples) - len({(same_query(e), e.windows.tobytes()) for e in examples}),
        "dup_vid_query": len(examples) - len({same_query(e) for e in examples}),
        "missing_duration": sum(e.duration is None for e in examples),
        "dur_conflict_vids": _conflicts(examples),
    }


def same_query(example: Example) -> tuple[str, str]:
    """Two examples with the same value ask the same question of the same video."""
    return example.video, example.query.strip().lower()


def _of_windows(examples: Sequence[Example]) -> dict[str, Any]:
    windows = np.concatenate([e.windows for e in examples])
    start, end = windows[:, 0], windows[:, 1]
    length = end - start
    annotated = [e for e in examples if len(e.windows)]
    duration = np.array([np.nan if e.duration is None else e.duration for e in annotated for _ in e.windows])
    out = {
        "moment_len_mean": float(length.mean()),
        "moment_len_median": float(np.median(length)),
        "moment_len_max": float(length.max()),
        "moments_per_query": float(np.mean([len(e.windows) for e in annotated])),
        "queries_multi_moment_frac": float(np.mean([len(e.windows) > 1 for e in annotated])),
        "start_ge_end": int((start >= end).sum()),
        "start_gt_end": int((start > end).sum()),
        "zero_len": int((start == end).sum()),
        "end_gt_dur": int((end > duration + NEAR).sum()),
        "end_gt_dur_by_1s": int((end > duration + 1).sum()),
        "start_ge_dur": int((start >= duration).sum()),
        "neg_start": int((start < 0).sum()),
        "grid": {step: _on_grid(windows, float(step)) for step in GRIDS},
        "start_at_0_frac": float((start <= NEAR).mean()),
        "disjoint_moments_per_query": float(np.mean([len(merge(e.windows)) for e in annotated])),
    }
    if not np.isnan(duration).all():
        share = (length / duration)[~np.isnan(duration)]
        out |= {
            "ratio_mean": float(share.mean()),
            "ratio_median": float(np.median(share)),
            "end_at_dur_frac": float((end >= duration - NEAR).mean()),
            "whole_video_frac": float((length / duration >= WHOLE).mean()),
        }
    return out


def _on_grid(windows: NDArray[np.float64], step: float) -> float:
    off = np.abs(windows / step - np.round(windows / step))
    return float((off < NEAR).mean())


def _conflicts(examples: Sequence[Example]) -> int:
    seen: dict[str, set[float | None]] = {}
    for e in examples:
        seen.setdefault(e.video, set()).add(e.duration)
    return sum(len(durations) > 1 for durations in seen.values())
