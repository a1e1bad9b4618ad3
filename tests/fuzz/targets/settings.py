"""Files that say how something is done or was done: calibrators, bundles, answers, settings, corrections."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from fuzz import sound
from fuzz.target import Target
from whenabouts.commands import Find
from whenabouts.commands.settings import read_settings
from whenabouts.errors import WhenaboutsError
from whenabouts.interchange.bundle.verify import read_bundle, verify
from whenabouts.moment import Evidence, Moment
from whenabouts.prediction import Prediction, Receipt, Saliency
from whenabouts.training.supervised.features import read_receipt
from whenabouts.trust.calibration.beta import Beta
from whenabouts.trust.calibration.isotonic import Isotonic
from whenabouts.trust.calibration.presence import Presence
from whenabouts.trust.calibrator import Calibrator, Fitted
from whenabouts.trust.conformal import Band, Ranges

FITTED = Fitted("1", "mine.jsonl", "test", 30, 300, 150, ("similarity",), {"builtin": "a" * 64}, {"fps": 2.0})
RANGES = Ranges(0.9, "bonferroni", "moment", 1.0, (Band(60.0, 1.5, 2.0), Band(None, 3.0, 2.5)), 90.0)
ANSWER = Prediction(
    "a dog",
    (Moment(0.1, 0.5, 0.9, (Evidence("seen", 0.1, 0.5),)),),
    1.0,
    0.75,
    Saliency((0.0, 0.5), (0.1, 0.9)),
    "a.mp4",
    Receipt("1", "similarity", "0" * 64, {"builtin": "1" * 64}, {"fps": 2.0}),
)


def seeds(folder: Path) -> Mapping[str, bytes]:
    """One file of every kind."""
    for name, curve in {"beta": Beta(1.0, 0.0, 0.5), "isotonic": Isotonic((0.0, 3.5), (0.1, 0.9))}.items():
        made = Calibrator(Presence(curve, "presence", 0.25), RANGES, 0.4, FITTED, {"auroc": 0.9})
        made.write(folder / f"{name}.calibrator.json")
    options = {"queries": ["a dog"], "fps": 1.0, "top": 3, "evidence": ["seen"], "threshold": 0.1}
    (folder / "options.find.json").write_text(json.dumps(options))
    (folder / "answer.prediction.json").write_text(json.dumps(ANSWER.to_dict()))
    (folder / "set.lines").write_text("hop=2\npolicy=livevlm\noptions.budget=6000\noptions.ratio=[0.4, {}]\n")
    receipt = {"encoder": "clip", "sha256": "0" * 64, "clip_seconds": 2.0}
    (folder / "receipt.json").write_text(json.dumps(receipt))
    _bundle(folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _bundle(folder: Path) -> None:
    from media import make_video

    from whenabouts.interchange.bundle.write import write_bundle
    from whenabouts.video import Video

    make_video(folder / "a.mp4", seconds=1.0, size=(64, 48))
    with Video(folder / "a.mp4") as video:
        write_bundle([ANSWER], video, folder / "b.bundle.zip", {"command": "find"})
    (folder / "a.mp4").unlink()


def run(path: Path) -> None:
    """Read it as the command does that takes it."""
    if path.name.endswith(".calibrator.json"):
        Calibrator.read(path)
    elif path.name.endswith(".zip"):
        sound.require(all(problem.strip() for problem in verify(path).problems), "a problem without words")
        sound.predictions(read_bundle(path)[1])
    elif path.name == "receipt.json":
        read_receipt(path.parent)
    else:
        _values(path)


def _values(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".lines":
        try:
            read_settings(text.splitlines())
        except ValueError as error:  # pydantic's own, which the command says as one sentence
            if type(error).__name__ != "PydanticCustomError":
                raise
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(value, dict):
        return
    if path.name.endswith(".find.json"):
        Find.of(**value)
        return
    try:
        made = Prediction.from_dict(value)
    except WhenaboutsError:
        return
    sound.predictions([made])
    sound.all_finite(made.to_dict())


TARGET = Target(
    seeds,
    run,
    tokens=(b"PK\x03\x04", b"PK\x05\x06", b"manifest.json", b"whenabouts_calibrator", b"..", b'"sha256"', b"null"),
)
