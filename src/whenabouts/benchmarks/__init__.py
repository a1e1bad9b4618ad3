"""Benchmarks: one file per data set, with its reader, splits, licence, official protocol and known defects.

>>> from pathlib import Path
>>> from whenabouts.benchmarks import BENCHMARKS
>>> benchmark = BENCHMARKS["qvhighlights"].load(Path("data"), "val")    # doctest: +SKIP
>>> benchmark.examples[0].query                                         # doctest: +SKIP
'A girl and her mother cooked while talking with each other on facetime.'
"""

from __future__ import annotations

from whenabouts.benchmarks.activitynet import ACTIVITYNET
from whenabouts.benchmarks.activitynet_captions import ACTIVITYNET_CAPTIONS
from whenabouts.benchmarks.charades_cd import CHARADES_CD, CHARADES_CG
from whenabouts.benchmarks.charades_sta import CHARADES_STA, CHARADES_STA_CLAMPED
from whenabouts.benchmarks.didemo import DIDEMO
from whenabouts.benchmarks.ego4d_mq import EGO4D_MQ
from whenabouts.benchmarks.ego4d_nlq import EGO4D_NLQ
from whenabouts.benchmarks.example import Benchmark, Dataset, Example
from whenabouts.benchmarks.extremewhenbench import EXTREMEWHENBENCH
from whenabouts.benchmarks.mad import MAD
from whenabouts.benchmarks.qvhighlights import QVHIGHLIGHTS
from whenabouts.benchmarks.tacos import TACOS
from whenabouts.benchmarks.thumos14 import THUMOS14
from whenabouts.benchmarks.timelens_bench import TIMELENS_BENCH
from whenabouts.benchmarks.tvsum import TVSUM
from whenabouts.benchmarks.youtube_highlights import YOUTUBE_HIGHLIGHTS
from whenabouts.errors import InputError

__all__ = ["BENCHMARKS", "Benchmark", "Dataset", "Example", "dataset"]

BENCHMARKS: dict[str, Dataset] = {
    d.name: d
    for d in [
        QVHIGHLIGHTS,
        CHARADES_STA,
        CHARADES_STA_CLAMPED,
        CHARADES_CD,
        CHARADES_CG,
        ACTIVITYNET_CAPTIONS,
        TACOS,
        DIDEMO,
        EGO4D_NLQ,
        MAD,
        TIMELENS_BENCH,
        EXTREMEWHENBENCH,
        TVSUM,
        YOUTUBE_HIGHLIGHTS,
        ACTIVITYNET,
        THUMOS14,
        EGO4D_MQ,
    ]
}


def dataset(name: str) -> Dataset:
    """A data set by name. Raises InputError with the names there are."""
    if name not in BENCHMARKS:
        raise InputError(f"there is no benchmark named {name!r}; choose one of: {', '.join(BENCHMARKS)}")
    return BENCHMARKS[name]
