"""Protocols: what exactly a published number means.

`PROTOCOLS` has them by name; `OFFICIAL` has the official evaluators that can take the place of a data set's protocol.
"""

from __future__ import annotations

from whenabouts.errors import InputError
from whenabouts.evaluation.protocols.absence import AbsenceProtocol, PresenceProtocol
from whenabouts.evaluation.protocols.con import ConsistencyProtocol
from whenabouts.evaluation.protocols.detection import DetectionProtocol
from whenabouts.evaluation.protocols.didemo import DiDeMoProtocol
from whenabouts.evaluation.protocols.discounted import DiscountedProtocol
from whenabouts.evaluation.protocols.highlights import HighlightProtocol
from whenabouts.evaluation.protocols.na_vmr import NAVMRProtocol
from whenabouts.evaluation.protocols.protocol import EvaluationProtocol
from whenabouts.evaluation.protocols.qvhighlights import QVHighlightsProtocol
from whenabouts.evaluation.protocols.ranked import RankedProtocol
from whenabouts.evaluation.protocols.relevance import RelevanceProtocol
from whenabouts.metrics.highlights import evaluate_tvsum, evaluate_youtube
from whenabouts.metrics.instances import VARIANTS
from whenabouts.metrics.qvhighlights import DIALECTS
from whenabouts.metrics.tal import ACTIVITYNET, THUMOS14

__all__ = [
    "OFFICIAL",
    "PROTOCOLS",
    "AbsenceProtocol",
    "ConsistencyProtocol",
    "DetectionProtocol",
    "DiDeMoProtocol",
    "DiscountedProtocol",
    "EvaluationProtocol",
    "HighlightProtocol",
    "NAVMRProtocol",
    "PresenceProtocol",
    "QVHighlightsProtocol",
    "RankedProtocol",
    "RelevanceProtocol",
    "protocol_named",
]

_TAN = "2D-TAN eval.py (1912.03590)"
_UNIVTG = "UniVTG evaluation (2307.16715)"
_UNITS = {"charades-sta": 0.1, "activitynet-captions": 0.01, "qvhighlights": 2.0, "didemo": 1.0}  # VideoMind's, in s
_CD = (0.1, 0.3, 0.5, 0.7, 0.9)
_RANKS = (1, 2, 3, 4, 5)
_EGO4D_MQ = (0.1, 0.2, 0.3, 0.4, 0.5)

PROTOCOLS: dict[str, EvaluationProtocol] = {
    protocol.name: protocol
    for protocol in (
        QVHighlightsProtocol("qvhighlights", "moment_detr standalone_eval (2107.09609)"),
        QVHighlightsProtocol("lighthouse", "Lighthouse standalone_eval (2408.02901)", evaluator="lighthouse"),
        RankedProtocol("2d-tan", _TAN, (0.1, 0.3, 0.5, 0.7), (1, 5), True, nms=0.5, missing="error", truth="clamped"),
        RankedProtocol("charades-sta", _TAN, (0.5, 0.7), (1, 5), True, nms=0.5, missing="error", truth="clamped"),
        RankedProtocol(
            "ms-2d-tan",
            "MS-2D-TAN eval.py (2012.02646)",
            (0.1, 0.3, 0.5, 0.7),
            (1, 5),
            True,
            nms=0.49,
            missing="error",
            truth="clamped",
        ),
        DiscountedProtocol(
            "charades-cd",
            "2101.09028, with hits as in ShufflingVideosForTSG IoU_eval.py (2207.14698)",
            _CD,
            strict=True,
        ),
        RankedProtocol("otani", "hidden-challenges-MR (2009.00325)", ranks=(1, 5), strict=True, nms=0.45),
        RankedProtocol(
            "ego4d-nlq", "Ego4D NLQ evaluation (2110.07058)", (0.3, 0.5), (1, 3, 5), True, missing="dropped"
        ),
        RankedProtocol("mad", "VLG-Net evaluation for MAD (2112.00431)", (0.1, 0.3, 0.5, 0.7), (1, 5, 10, 50, 100)),
        RankedProtocol(
            "time-r1", "Time-R1 evaluation, first release (2503.13377)", missing="dropped", parser="time-r1"
        ),
        RankedProtocol(
            "time-r1-final", "Time-R1 eval_all.py, final release (2503.13377)", strict=True, parser="time-r1"
        ),
        RankedProtocol("timelens", "TimeLens eval_dataloader.py (2512.14698)", unit=1.0, parser="timelens"),
        RankedProtocol("lmms-eval", "lmms-eval charades_sta", inverted="swapped", parser="lmms-charades"),
        RankedProtocol("lmms-eval-timelens", "lmms-eval timelens", missing="dropped", parser="lmms-timelens"),
        RankedProtocol(
            "unitime", "UniTime evaluation (2506.18883)", strict=True, iou="set", floats="float32", parser="unitime"
        ),
        RankedProtocol(
            "videomind",
            "VideoMind eval_auto (2503.13444)",
            ranks=(1, 3, 5),
            iou="union",
            floats="float32",
            inverted="swapped",
            unit=0.001,
            units=_UNITS,
        ),
        RankedProtocol("timesuite", "TimeSuite tvg (2410.19702)"),
        RankedProtocol(
            "tempsamp-r1", "TempSamp-R1 eval_timelens_bench.py (2509.18056)", unit=1.0, parser="tempsamp-r1"
        ),
        RankedProtocol("timelens2", "TimeLens2 timelens.py (2607.17423)", missing="dropped", parser="timelens"),
        RankedProtocol("museg", "MUSEG eval_grounding.py", (0.1, 0.3, 0.5, 0.7), iou="union", parser="museg"),
        RankedProtocol("taro", "TaRO evaluate_vtg.py (2606.09248)", parser="taro"),
        RankedProtocol("ra-rft", "RA-RFT llm_eval, queries that happen", iou="union", parser="ra-rft"),
        RankedProtocol("trace", "TRACE eval_tvg.py (2410.05643)", missing="dropped"),
        RankedProtocol(
            "extremewhenbench",
            "ExtremeWhenBench reference script (2606.12300)",
            inverted="swapped",
            parser="extremewhenbench",
        ),
        RankedProtocol(
            "lmms-extremewhenbench",
            "lmms-eval extremewhenbench (2606.12300)",
            inverted="swapped",
            parser="lmms-extremewhenbench",
        ),
        RankedProtocol("own", "whenabouts", ranks=(1, 5)),
        PresenceProtocol("presence", "whenabouts"),
        NAVMRProtocol("na-vmr", "MomentofUntruth precision_recall_curve.py (2502.08544)"),
        RelevanceProtocol("tsg-rf", "RaTSG model_eval (NeurIPS 2024)"),
        RelevanceProtocol(
            "ra-rft-relevance",
            "RA-RFT llm_eval (2511.23151), by rule in place of its judge",
            form="ra-rft",
            parser="ra-rft",
        ),
        ConsistencyProtocol("con", "Consistency-of-Video-LLM eval.py (2411.12951)"),
        HighlightProtocol("tvsum", _UNIVTG, measure=evaluate_tvsum),
        HighlightProtocol("youtube-highlights", _UNIVTG, measure=evaluate_youtube),
        DiDeMoProtocol("didemo", "LocalizingMoments eval (1708.01641)"),
        DetectionProtocol("activitynet-1.3", "ActivityNet eval_detection", ACTIVITYNET, "anet"),
        DetectionProtocol("thumos14", "OpenTAD mAP", THUMOS14, "opentad"),
        DetectionProtocol(
            "ego4d-mq", "OpenTAD mAP and Ego4D MQ retrieval (2110.07058)", _EGO4D_MQ, "opentad", (1, 5), _RANKS
        ),
    )
}

OFFICIAL: dict[str, EvaluationProtocol] = {
    name: QVHighlightsProtocol(name, f"{name} evaluation", evaluator=name) for name in DIALECTS
} | {name: DetectionProtocol(name, f"{name} mAP", evaluator=name) for name in VARIANTS}


def protocol_named(name: str) -> EvaluationProtocol:
    """A protocol by name. Raises InputError with the names there are."""
    if name not in PROTOCOLS:
        raise InputError(f"unknown protocol {name!r}; choose one of: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]
