"""Search before grounding, against the same grounder without it, on films of ten minutes, an hour and ten hours.

    python bench/longform.py [--quick]

Films are joined from real stills and clips with known truth (`benchmarks/long_film.py`); 13 scenes of two queries
each are sought, each shown once for 3 to 9 s. One line of JSON per length and method, with `miou`, `r1_05`, `seconds`
for all 26 queries and how misses come about:

- `monolithic`: the embedded encoder with a budget of 256 frames for the whole film, as video-language models have one
- `unlimited`:  the same encoder looking at two frames a second everywhere, at any price
- `retrieval`:  the best region of the shortlist, as it is
- `search`:     shortlist, then the same encoder at two frames a second in the regions

Every method decodes and encodes anew. The last line is JSON: `hybrid_vs_monolithic` and `hybrid_vs_unlimited` are
ratios of mIoU at one hour (ten minutes with --quick), `kept` is the mIoU of search at the longest film over that at
the shortest, `peak_mb` the most memory used by the process.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.benchmarks.attribution import attribute, shares
from whenabouts.benchmarks.composed import ComposedFilm
from whenabouts.benchmarks.long_film import LongFilms
from whenabouts.encoders import load_encoder
from whenabouts.grounders import Grounder
from whenabouts.grounders.search.regions import Shortlist
from whenabouts.grounders.search.retrieve_then_ground import RetrieveThenGround
from whenabouts.grounders.similarity import Similarity
from whenabouts.moment import Moment, tiou
from whenabouts.prediction import Prediction
from whenabouts.video import Video

LENGTHS = {"10 min": 600.0, "1 h": 3600.0, "10 h": 36000.0}
FRAMES = 256


class Retrieval:
    """The best region itself is the answer."""

    def ground(self, video: Video, queries: Sequence[str]) -> list[Prediction]:
        """Regions as moments."""
        named = Shortlist(load_encoder("builtin"), words=False, cache=False).regions(video, queries)
        return [
            Prediction(query, tuple(Moment(r.start, r.end, r.score) for r in regions), video.duration)
            for query, regions in zip(queries, named, strict=True)
        ]


METHODS: dict[str, Grounder] = {
    "monolithic": Similarity(frames=FRAMES, evidence=("seen",), cache=False),
    "unlimited": Similarity(evidence=("seen",), cache=False),
    "retrieval": Retrieval(),
    "search": RetrieveThenGround(words=False, cache=False),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="ten minutes only")
    lengths = {"10 min": LENGTHS["10 min"]} if parser.parse_args().quick else LENGTHS
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        films = LongFilms.prepare(Path(folder) / "cuttings")
        for length, seconds in lengths.items():
            film = films.film(Path(folder) / "film.mp4", seconds)
            for name, grounder in METHODS.items():
                found[f"{length} {name}"] = told = measure(grounder, film)
                print(json.dumps({"length": length, "method": name, **told}), flush=True)
    middle = "1 h" if "1 h" in lengths else "10 min"
    first, *_, last = [found[f"{length} search"]["miou"] for length in (*lengths, *lengths)]
    search = found[f"{middle} search"]["miou"]
    figures = {
        "hybrid_vs_monolithic": round(search / max(found[f"{middle} monolithic"]["miou"], 1e-9), 2),
        "hybrid_vs_unlimited": round(search / found[f"{middle} unlimited"]["miou"], 2),
        "kept": round(last / first, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "miou": {name: told["miou"] for name, told in found.items()},
        "seconds": {name: told["seconds"] for name, told in found.items()},
    }
    print(json.dumps(figures))


def measure(grounder: Grounder, film: ComposedFilm) -> dict[str, Any]:
    """Answer all questions about a film at once."""
    began = time.perf_counter()
    with Video(film.path) as video:
        answers = grounder.ground(video, [question.query for question in film.questions])
    seconds = time.perf_counter() - began
    overlaps = [
        float(tiou([[p.best.start, p.best.end]], q.truth).max()) if p.best else 0.0
        for p, q in zip(answers, film.questions, strict=True)
    ]
    kinds = [
        attribute([[m.start, m.end] for m in p.moments], q.truth, shortlist=_looked(p))
        for p, q in zip(answers, film.questions, strict=True)
    ]
    told = {kind: round(share, 3) for kind, share in shares(kinds).items() if kind != "hit"}
    r1 = float(np.mean([overlap >= 0.5 for overlap in overlaps]))
    return {"miou": round(float(np.mean(overlaps)), 3), "r1_05": round(r1, 3), "seconds": round(seconds, 1), **told}


def _looked(prediction: Prediction) -> list[list[float]] | None:
    steps = [step for step in prediction.trace if step["step"] == "shortlist"]
    return [region[:2] for step in steps for region in step["regions"]] if steps else None


if __name__ == "__main__":
    main()
