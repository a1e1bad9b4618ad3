"""Learned heads over features of videos, and the grounder that answers with one.

A head is one file and one line in `HEADS`: `whenabouts train`, the recognition of checkpoints, the tables of the
documentation, the benches and the conformance runner all iterate it. Other packages add heads through the entry points
`whenabouts.heads`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whenabouts.errors import ModelError
from whenabouts.plugins import Registry

if TYPE_CHECKING:
    from whenabouts.grounders.learned.head import Head

__all__ = ["HEADS"]


def _is_head(part: Any) -> bool:
    from whenabouts.grounders.learned.head import Head  # imports torch

    return isinstance(part, type) and issubclass(part, Head)


HEADS: Registry[type[Head]] = Registry(
    "head",
    "whenabouts.heads",
    {
        "moment-detr": "whenabouts.grounders.learned.detr.moment_detr:MomentDETRHead",
        "qd-detr": "whenabouts.grounders.learned.detr.qd_detr:QDDETRHead",
        "tr-detr": "whenabouts.grounders.learned.detr.tr_detr:TRDETRHead",
        "taskweave": "whenabouts.grounders.learned.detr.taskweave:TaskWeaveHead",
        "cg-detr": "whenabouts.grounders.learned.detr.cg_detr:CGDETRHead",
        "eatr": "whenabouts.grounders.learned.detr.eatr:EaTRHead",
        "uvcom": "whenabouts.grounders.learned.detr.uvcom:UVCOMHead",
        "flash-vtg": "whenabouts.grounders.learned.detr.flash_vtg:FlashVTGHead",
        "r2-tuning": "whenabouts.grounders.learned.r2_tuning.head:R2TuningHead",
        "univtg": "whenabouts.grounders.learned.detr.univtg:UniVTGHead",
        "universalvtg": "whenabouts.grounders.learned.universalvtg.head:UniversalVTGHead",
        "onvtg": "whenabouts.grounders.learned.onvtg.head:OnVTGHead",
        "actionformer": "whenabouts.grounders.learned.actionformer.head:ActionFormerHead",
        "2d-tan": "whenabouts.grounders.learned.proposal.two_d_tan:TwoDTANHead",
        "ms-2d-tan": "whenabouts.grounders.learned.proposal.ms_two_d_tan:MSTwoDTANHead",
    },
    fits=_is_head,
    error=ModelError,
)
