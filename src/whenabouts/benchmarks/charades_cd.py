"""Re-splits: Charades-CD and ActivityNet-CD (arXiv:2101.09028), and Charades-CG (arXiv:2203.13049).

CD parts the test rows by the distribution of their windows (`test_iid`, `test_ood`), CG by words and their
compositions. Both need their own training split: most of their test rows are in the training split of Charades-STA,
and a model trained on that has seen the answers (`defects.leaks` counts them).
"""

from __future__ import annotations

from whenabouts.benchmarks.charades_sta import read
from whenabouts.benchmarks.example import Dataset

__all__ = ["ACTIVITYNET_CD", "CHARADES_CD", "CHARADES_CG"]

LEAK = "train only on its own training split: the training split of Charades-STA contains most of its test rows"

CHARADES_CD = Dataset(
    name="charades-cd",
    title="Charades-CD",
    task="TSG",
    protocol="charades-cd",
    licence="Charades: non-commercial research",
    source="https://github.com/yytzsy/grounding_changing_distribution",
    paper="arXiv:2101.09028",
    files={
        "train": ("charades_train.json",),
        "val": ("charades_val.json",),
        "test_iid": ("charades_test_iid.json",),
        "test_ood": ("charades_test_ood.json",),
    },
    read=read,
    confirmed="all splits read whole",
    default_split="test_ood",
    notes=LEAK,
)

ACTIVITYNET_CD = Dataset(
    name="activitynet-cd",
    title="ActivityNet-CD",
    task="TSG",
    protocol="charades-cd",
    licence="not stated",
    source="https://github.com/yytzsy/grounding_changing_distribution",
    paper="arXiv:2101.09028",
    files={
        "train": ("anet_train.json",),
        "val": ("anet_val.json",),
        "test_iid": ("anet_test_iid.json",),
        "test_ood": ("anet_test_ood.json",),
    },
    read=read,
    confirmed="val and both tests read whole; the training split is not in the repository",
    default_split="test_ood",
    notes="train only on its own training split: that of ActivityNet Captions contains most of its test rows",
)

CHARADES_CG = Dataset(
    name="charades-cg",
    title="Charades-CG",
    task="TSG",
    protocol="charades-sta",
    licence="Charades: non-commercial research",
    source="https://github.com/YYJMJC/Compositional-Temporal-Grounding",
    paper="arXiv:2203.13049",
    files={
        "train": ("train.json",),
        "test_trivial": ("test_trivial.json",),
        "novel_composition": ("novel_composition.json",),
        "novel_word": ("novel_word.json",),
    },
    read=read,
    confirmed="by readers of these files; the files themselves were not at hand",
    default_split="novel_composition",
    notes=LEAK,
)
