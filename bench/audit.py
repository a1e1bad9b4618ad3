"""How near blind baselines are to figures found apart, and what looking at the video gained on QVHighlights.

    python bench/audit.py [--quick | --smoke]

Data are read from $WHENABOUTS_DATA. Quick: Charades-STA and QVHighlights alone. The last line is JSON: per data set and
baseline the largest difference in points of its seven figures, with > and with >=, and seconds of CPU; and the visual
gain of two prediction files with its interval.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from _blind import ENTRIES, baseline, figures, splits
from _size import parser

import whenabouts

SETS = ("charades", "qvhighlights_val", "tacos", "activitynet_val1", "activitynet_val2")


def main() -> None:
    """Measure and print."""
    size = parser(__doc__ or "").parse_args().size
    data = Path(os.environ.get("WHENABOUTS_DATA", "../shared/data"))
    if not data.is_dir():
        print(json.dumps({}))
        return
    measured = json.loads((data / "evaluators" / "bias_baselines.json").read_text())
    found: dict[str, Any] = {}
    for name in SETS[: size.pick(5, 2, 1)]:
        train, test = splits(data, name)
        entries = [entry for entry in ENTRIES if entry in measured[name]][: size.pick(99, 99, 2)]
        for entry in entries:
            begun = time.process_time()
            scores = figures(baseline(entry, name).answers(train, test), test)
            off = max(abs(scores[key] - measured[name][entry][key]) for key in scores)
            row = {"off": round(off, 2), "cpu_s": round(time.process_time() - begun, 2)}
            print(name, ENTRIES[entry], row, flush=True)
            found.setdefault(name, {})[ENTRIES[entry]] = row
    for system in ("moment_detr", "qd_detr")[: size.pick(2, 2, 0)]:
        answers = data / "qvhighlights" / f"{system}_val_preds.jsonl"
        report = whenabouts.audit("qvhighlights", answers, data)
        found[system] = {gain.metric: (gain.gain, gain.gain_interval) for gain in report.gains}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
