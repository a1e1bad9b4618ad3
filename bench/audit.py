"""How near blind baselines are to figures found apart.

    python bench/audit.py [--quick | --smoke]

Data are read from $WHENABOUTS_DATA.

The last line is JSON: the largest difference, in points, of each baseline on Charades-STA, and seconds of CPU.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from _size import parser

from whenabouts.benchmarks import BENCHMARKS
from whenabouts.benchmarks.charades_sta import clamp
from whenabouts.evaluation.blind import BASELINES
from whenabouts.evaluation.protocols import RankedProtocol

ENTRIES = {
    "whole video": "a_whole_video",
    "constant for R1@0.5": "b_const_best_R1@0.5_train",
    "five windows": "c_greedy_cover5@0.5",
    "prior mode": "c_kde_mode_nms0.45",
    "frequent windows": "c_freq_hist0.05_nms0.45",
    "prior sampler": "otani_prior_only_sampler(reimpl)",
    "verb mode": "d_verb_kde_mode",
    "nearest sentence": "d_tfidf_1nn(top5 nn)",
    "vote of similar sentences": "d_tfidf_60nn_vote",
}


def main() -> None:
    """Measure and print."""
    size = parser(__doc__ or "").parse_args().size
    data = Path(os.environ.get("WHENABOUTS_DATA", "../shared/data"))
    if not data.is_dir():
        print(json.dumps({}))
        return
    measured = json.loads((data / "evaluators" / "bias_baselines.json").read_text())["charades"]
    train, test = (clamp(list(BENCHMARKS["charades-sta"].load(data, split).examples)) for split in ("train", "test"))
    rules, truths = RankedProtocol("blind", "", strict=True), {e.qid: e.windows for e in test}
    figures = {}
    for name, entry in list(ENTRIES.items())[: size.pick(9, 9, 1)]:
        begun = time.process_time()
        scores = rules.score(BASELINES[name].answers(train, test), truths)
        off = max(abs(round(scores[f"R1@{m}"], 2) - measured[entry][f"R1@{m}>"]) for m in (0.3, 0.5, 0.7))
        figures[name] = {"off": round(off, 2), "cpu_s": round(time.process_time() - begun, 2)}
        print(name, figures[name], flush=True)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
