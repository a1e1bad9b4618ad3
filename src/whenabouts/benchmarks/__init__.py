"""Benchmarks: one file per data set, with its reader, splits, licence, official protocol and known defects.

>>> from pathlib import Path
>>> from whenabouts.benchmarks import dataset
>>> benchmark = dataset("qvhighlights").load(Path("annotations"), "val")
>>> benchmark.examples[0].query
'a cup of coffee'
>>> len(dataset("mine.jsonl").load().examples)
1

A data set is a file and a line in `BENCHMARKS`; other packages add theirs under `whenabouts.benchmarks`.
"""

from __future__ import annotations

from pathlib import Path

from whenabouts.benchmarks.annotations import Annotation, read_annotations, write_annotations
from whenabouts.benchmarks.example import Benchmark, Dataset, Example
from whenabouts.benchmarks.own import own_file
from whenabouts.plugins import Registry

__all__ = [
    "BENCHMARKS",
    "Annotation",
    "Benchmark",
    "Dataset",
    "Example",
    "dataset",
    "read_annotations",
    "write_annotations",
]

BENCHMARKS: Registry[Dataset] = Registry(
    "benchmark",
    "whenabouts.benchmarks",
    {
        "qvhighlights": "whenabouts.benchmarks.qvhighlights:QVHIGHLIGHTS",
        "charades-sta": "whenabouts.benchmarks.charades_sta:CHARADES_STA",
        "charades-sta-clamped": "whenabouts.benchmarks.charades_sta:CHARADES_STA_CLAMPED",
        "activitynet-cd": "whenabouts.benchmarks.charades_cd:ACTIVITYNET_CD",
        "charades-cd": "whenabouts.benchmarks.charades_cd:CHARADES_CD",
        "charades-cg": "whenabouts.benchmarks.charades_cd:CHARADES_CG",
        "activitynet-captions": "whenabouts.benchmarks.activitynet_captions:ACTIVITYNET_CAPTIONS",
        "tacos": "whenabouts.benchmarks.tacos:TACOS",
        "didemo": "whenabouts.benchmarks.didemo:DIDEMO",
        "ego4d-nlq": "whenabouts.benchmarks.ego4d_nlq:EGO4D_NLQ",
        "mad": "whenabouts.benchmarks.mad:MAD",
        "timelens-bench": "whenabouts.benchmarks.timelens_bench:TIMELENS_BENCH",
        "extremewhenbench": "whenabouts.benchmarks.extremewhenbench:EXTREMEWHENBENCH",
        "clotho-moment": "whenabouts.benchmarks.audio_moments:CLOTHO_MOMENT",
        "castella": "whenabouts.benchmarks.audio_moments:CASTELLA",
        "unav100-subset": "whenabouts.benchmarks.audio_moments:UNAV100_SUBSET",
        "tut2017": "whenabouts.benchmarks.audio_moments:TUT2017",
        "tvsum": "whenabouts.benchmarks.tvsum:TVSUM",
        "youtube-highlights": "whenabouts.benchmarks.youtube_highlights:YOUTUBE_HIGHLIGHTS",
        "activitynet-1.3": "whenabouts.benchmarks.activitynet:ACTIVITYNET",
        "thumos14": "whenabouts.benchmarks.thumos14:THUMOS14",
        "ego4d-mq": "whenabouts.benchmarks.ego4d_mq:EGO4D_MQ",
        "na-charades": "whenabouts.benchmarks.na_vmr:NA_CHARADES",
        "na-qvhighlights": "whenabouts.benchmarks.na_vmr:NA_QVHIGHLIGHTS",
        "charades-rf": "whenabouts.benchmarks.tsg_rf:CHARADES_RF",
        "activitynet-rf": "whenabouts.benchmarks.tsg_rf:ACTIVITYNET_RF",
        "hi-vtg": "whenabouts.benchmarks.hi_vtg:HI_VTG",
        "charades-con": "whenabouts.benchmarks.consistency:CHARADES_CON",
        "activitynet-con": "whenabouts.benchmarks.consistency:ACTIVITYNET_CON",
        "own": "whenabouts.benchmarks.own:OWN",
    },
    fits=lambda part: isinstance(part, Dataset),
)


def dataset(name_or_path: str | Path) -> Dataset:
    """A data set by name, or the one that a file of your own annotations (`.jsonl`) is.

    Raises InputError with the names there are, AnnotationError for a file that cannot be read.
    """
    name = str(name_or_path)
    if name not in BENCHMARKS and name.lower().endswith(".jsonl"):
        return own_file(Path(name))
    return BENCHMARKS.named(name)
