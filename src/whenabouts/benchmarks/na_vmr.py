"""NA-VMR (arXiv:2502.08544): as many queries that do not happen beside those of Charades-STA and QVHighlights.

The files have the schema of QVHighlights; the window [0, 0] says that a query does not happen. Negatives "in-domain"
are sentences of the same data set moved to another video; none of them follows from the words of a sentence that is
annotated there, but nobody watched it. Negatives "out-of-domain" are of other worlds, such as animals in the wild;
their qid is 30000 or more.
In the files with both, an in-domain negative has the qid of the positive that its sentence comes from; here its qid
ends in `-neg`. The out-of-domain file of Charades has 2170 of its 3720 negatives twice or more; here their qids end in
`-2`, `-3`, … Answers in the order of the file need no such qids (`evaluation.claims`).
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

from whenabouts.benchmarks.annotations import read_annotations
from whenabouts.benchmarks.example import NO_WINDOWS, Dataset, Example

__all__ = ["NA_CHARADES", "NA_QVHIGHLIGHTS"]

NOWHERE = ((0.0, 0.0),)
FOREIGN = 30000  # the first qid of out-of-domain sentences


def _read(path: Path, split: str) -> list[Example]:
    examples = []
    times: Counter[str | int | None] = Counter()
    for row in read_annotations(path, published=True):
        example, foreign = row.to_example(), isinstance(row.qid, int) and row.qid >= FOREIGN
        times[row.qid] += 1
        if row.relevant_windows == NOWHERE:
            again = "" if times[row.qid] == 1 else f"-{times[row.qid]}" if foreign else "-neg"
            example = dataclasses.replace(
                example,
                qid=f"{row.qid}{again}" if again else example.qid,
                windows=NO_WINDOWS,
                clip_ids=None,
                saliency=None,
                absent="out-of-domain" if foreign else "in-domain",
            )
        examples.append(example)
    return examples


NA_QVHIGHLIGHTS = Dataset(
    name="na-qvhighlights",
    title="NA-VMR on QVHighlights",
    task="MR",
    protocol="na-vmr",
    licence="annotations CC BY-NC-SA 4.0 (QVHighlights); negatives: not stated",
    source="https://github.com/keflanagan/MomentofUntruth",
    paper="arXiv:2502.08544",
    files={
        "train": ("qvhl_pos_train.jsonl", "pos_only/qvhl_pos_train.jsonl"),
        "train_in_domain": ("qvhl_id_neg_train.jsonl", "indomain/qvhl_id_neg_train.jsonl"),
        "train_out_of_domain": ("qvhl_ood_neg_train.jsonl", "outofdomain/qvhl_ood_neg_train.jsonl"),
        "in_domain": ("qvhl_id_pos_neg_val.jsonl", "indomain/qvhl_id_pos_neg_val.jsonl"),
        "out_of_domain": ("qvhl_ood_pos_neg_val.jsonl", "outofdomain/qvhl_ood_pos_neg_val.jsonl"),
    },
    read=_read,
    confirmed="read whole",
    default_split="in_domain",
    notes="nobody watched whether an in-domain negative happens in its video all the same",
)

NA_CHARADES = dataclasses.replace(
    NA_QVHIGHLIGHTS,
    name="na-charades",
    title="NA-VMR on Charades-STA",
    licence="Charades: non-commercial research; negatives: not stated",
    files={
        "train": ("charades_pos_train.jsonl", "pos_only/charades_pos_train.jsonl"),
        "train_in_domain": ("charades_id_neg_train.jsonl", "indomain/charades_id_neg_train.jsonl"),
        "train_out_of_domain": ("charades_ood_neg_train.jsonl", "outofdomain/charades_ood_neg_train.jsonl"),
        "in_domain": ("charades_id_pos_neg_test.jsonl", "indomain/charades_id_pos_neg_test.jsonl"),
        "out_of_domain": ("charades_ood_pos_neg_test.jsonl", "outofdomain/charades_ood_pos_neg_test.jsonl"),
    },
)
