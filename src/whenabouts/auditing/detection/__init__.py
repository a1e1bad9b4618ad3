"""What a detector of actions gets wrong: the analyses of DETAD (arXiv:1807.10706).

truth.py            annotated instances that count, with their characteristics
matched.py          which instance each detection takes
mistakes.py         the kinds of false positives, what each costs; shares.py: how many there are
sensitivity.py      mAP and misses by characteristic
official.py         what the official code does beyond the paper
diagnosis.py        `diagnose_detections`; values.py, sentences.py and page.py: as JSON, in words, to read
"""

from __future__ import annotations

from whenabouts.auditing.detection.diagnosis import DetectionDiagnosis, diagnose_detections

__all__ = ["DetectionDiagnosis", "diagnose_detections"]
