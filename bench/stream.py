"""How well, how soon and at what cost standing queries are answered on a stream, by the embedded default.

    python bench/stream.py [--quick | --smoke] [--hours 24] [--figure docs/images/stream.svg]

1. Composed videos, seen once and causally at one picture a second, beside the offline grounder with the same encoder,
   which sees them whole, at two pictures a second and with exact edges. A table, and the figure, show recall against
   delay and false alarms as the threshold moves. The constants were chosen on the tuning half; the JSON has the
   held-out half.
2. What 20 queries cost beside one, on pictures that are all new.
3. A stream of 24 hours, one picture a second, with 20 queries: shots of 3 to 60 s, of which an eighth move, so that
   each of their pictures is encoded, and the others stand still, as slides and empty rooms do.
4. Cameras that never turn: each sees one of four scenes, with the noise of a sensor, and every ten minutes for 20 s
   another scene in a quarter of the picture, for which a query stands. No query describes what it always sees.

online_vs_offline     R1@0.5 of the moments told, ranked by their last score, over that of the offline grounder
median_delay_s        between the true start and when it was told, over true windows found at a tIoU of 0.5; `p90_` too
false_alarms_per_hour moments told where their query does not happen, per query and hour (`metrics.online.alarms`)
queries_20_vs_1       cost of a picture, ratio of medians
rss_growth            resident memory of the last hour over that of the second (of the second tenth, if shorter), less 1
realtime_factor       seconds of stream per second, pictures made on the way included; `encoded` of `pictures` were new.
                      `_worked` is per second of a processor, which other programs do not change
worst_time_error      seconds between an edge of a moment in still shots and the true cut next to it. An edge
                      is taken to lie half-way between two pictures, half a second at most from the cut;
                      `edges_off` is the share that is farther off: two shots alike enough are no cut for it
long_false_share      of the time, that a query is on which never happens; `long_false_alarms_per_hour` hides how long
still_found           of the visits, those told while they last; `still_false_alarms_per_hour` and `still_false_share`
                      are of 20 queries, outside visits

The last line is JSON.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from _size import Size, parser

from whenabouts.encoders import Encoder, load_encoder
from whenabouts.encoders.features import Features, video_features
from whenabouts.grounders.similarity import Similarity
from whenabouts.grounders.stream import Event
from whenabouts.grounders.stream.similarity import OnlineSimilarity
from whenabouts.metrics.online import OnlineAnswer, delays, false_alarms_per_hour
from whenabouts.moment import tiou
from whenabouts.synthetic.composed import ABSENT, SCENES, Question, make_video
from whenabouts.video import Video

LEAST = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # thresholds of the table
HOUR = 3600.0
MOVING = 1 / 8  # of the shots of the long stream
EVERY, VISIT = 600, 20  # seconds between the ends of visits before a camera, and of each
Picture = np.ndarray
Row = dict[str, float]
PANELS = {"false_alarms_per_hour": "false alarms per query and hour", "median_delay_s": "median |start delay|, s"}
COLOURS = {"tuning": "#1b6ec2", "held-out": "#cf4307"}
LEFT, TOP, WIDE, HIGH = 60, 40, 280, 200  # pixels of a panel


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--hours", type=float, default=None, help="length of the simulated stream")
    arguments.add_argument("--figure", type=Path, help="where recall against delay and false alarms is drawn")
    options = arguments.parse_args()
    videos, scenes, pictures, hours = options.size.pick((12, 8, 400, 24.0), (3, 8, 150, 1.0), (1, 3, 12, 0.02))
    encoder = load_encoder("builtin")
    figures, curves = composed(encoder, videos, scenes, short=options.size is Size.SMOKE)
    if options.figure:
        options.figure.write_text(drawing(curves), "utf-8")
    figures["queries_20_vs_1"] = round(cost_of_queries(encoder, pictures), 3)
    figures |= long_stream(encoder, options.hours or hours)
    figures |= still_cameras(encoder, *options.size.pick((4, 2.0), (4, 0.5), (1, 0.2)))
    print(json.dumps(figures))


def composed(
    encoder: Encoder, videos: int, scenes: int, *, short: bool
) -> tuple[dict[str, float], dict[str, list[Row]]]:
    """Figures of both halves, those of the tuning half with its name before them; and a row for each threshold."""
    figures: dict[str, float] = {}
    curves: dict[str, list[Row]] = {}
    for split in SCENES:
        cases = []
        with tempfile.TemporaryDirectory() as folder:
            for number in range(videos):
                made = make_video(Path(folder) / f"{number}.mp4", split, number, scenes=scenes, short=short)
                queries = [question.query for question in made.questions]
                with Video(made.path) as video:
                    features = video_features(video, encoder, fps=1.0, cache=False)
                    offline = Similarity(evidence=("seen",), cache=False).ground(video, queries)
                spans = [(one.best.start, one.best.end) if one.best else None for one in offline]
                cases.append((features, made.questions, spans, video.duration))
        spans = [
            span
            for _, questions, found, _ in cases
            for question, span in zip(questions, found, strict=True)
            if question.truth
        ]
        truths = [question.truth for _, questions, _, _ in cases for question in questions if question.truth]
        whole = float(np.mean([_best(span, truth) >= 0.5 for span, truth in zip(spans, truths, strict=True)]))
        print(f"\n{split}: {len(truths)} queries that happen; offline R1@0.5 {whole:.3f}")
        print("  least  R1@0.5  of offline  found  delay median  p90  false alarms/h")
        curves[split] = []
        for least in (None, *LEAST):
            rows = [told(encoder, features, questions, end, least) for features, questions, _, end in cases]
            row = judged(cases, rows)
            row["online_vs_offline"] = round(row["r1_05"] / whole, 4) if whole else 0.0
            name = "default" if least is None else f"{least:7.2f}"
            print(
                f"  {name} {row['r1_05']:6.3f} {row['online_vs_offline']:8.3f} {row['found']:10.3f}"
                f" {row['median_delay_s']:9.2f} {row['p90_delay_s']:9.2f} {row['false_alarms_per_hour']:9.1f}"
            )
            if least is None:
                prefix = "tuning_" if split == "tuning" else ""
                figures |= {prefix + key: value for key, value in row.items()}
            else:
                curves[split].append(row)
    return figures, curves


Case = tuple[Features, tuple[Question, ...], list[tuple[float, float] | None], float]


def told(
    encoder: Encoder, features: Features, questions: tuple[Question, ...], end: float, least: float | None
) -> list[Event]:
    """All events of a video."""
    grounder = OnlineSimilarity(encoder) if least is None else OnlineSimilarity(encoder, least=least)
    for question in questions:
        grounder.add(question.query)
    pushed = zip(features.vectors, features.times.tolist(), strict=True)
    return [*(event for vector, t in pushed for event in grounder.push(vector, t)), *grounder.finish(end)]


def judged(cases: list[Case], rows: list[list[Event]]) -> dict[str, float]:
    """Figures of one threshold, over all queries."""
    answers = [
        answer([event for event in events if event.query == question.query], question.truth, end)
        for (_, questions, _, end), events in zip(cases, rows, strict=True)
        for question in questions
    ]
    present = [one for one in answers if len(one.truths)]
    late = delays(present)
    first = [one.overlaps[:1].max(initial=0.0) >= 0.5 for one in present]
    return {
        "r1_05": round(float(np.mean(first)), 4),
        "found": round(late.hits / late.truths, 4),
        "median_delay_s": round(late.start.absolute_median if late.hits else -1.0, 3),
        "p90_delay_s": round(late.start.absolute_p90 if late.hits else -1.0, 3),
        "false_alarms_per_hour": round(false_alarms_per_hour(answers), 2),
    }


def answer(events: list[Event], truth: tuple[tuple[float, float], ...], end: float) -> OnlineAnswer:
    """What was told of one query."""
    started = {event.number: event for event in events if event.state == "started"}
    ended = [event for event in events if event.state == "ended"]
    return OnlineAnswer(
        [(event.start, min(event.end or end, end)) for event in ended],
        [(started[event.number].emitted, event.emitted) for event in ended],
        [event.score for event in ended],
        truth,
        end,
        alarms=[started[event.number].score for event in ended],
    )


def _best(span: tuple[float, float] | None, truth: tuple[tuple[float, float], ...]) -> float:
    return float(tiou(span, truth).max()) if span else 0.0


def scene_pictures(size: int) -> list[Picture]:
    """A picture of each scene that is an image."""
    from PIL import Image

    found = []
    for scene in (scene for scenes in SCENES.values() for scene in scenes if not scene.part):
        with Image.open(scene.path()) as image:
            found.append(np.asarray(image.convert("RGB").resize((size, size))))
    return found


def standing() -> list[str]:
    """Twenty queries: of scenes that are shown, and of things that never are."""
    shown = [scene.queries[0][0] for split in SCENES for scene in SCENES[split][:5]]
    return [*shown, *(query for split in SCENES for query in ABSENT[split][:5])]


def cost_of_queries(encoder: Encoder, count: int) -> float:
    """What a new picture costs with 20 queries over what it costs with one; taken in turn, so both are as disturbed."""
    grounders = [OnlineSimilarity(encoder), OnlineSimilarity(encoder)]
    for grounder, queries in zip(grounders, (standing()[:1], standing()), strict=True):
        for query in queries:
            grounder.add(query)
    rng, pictures = np.random.default_rng(0), scene_pictures(encoder.size)
    spent: tuple[list[float], list[float]] = ([], [])
    for t in range(count):
        picture = moved(pictures[int(rng.integers(len(pictures)))], rng)
        for grounder, seconds in zip(grounders, spent, strict=True):
            begun = time.perf_counter()
            grounder.push(picture, float(t))
            seconds.append(time.perf_counter() - begun)
    one, twenty = (float(np.median(seconds[2:])) for seconds in spent)
    print(f"\na picture costs {1000 * one:.1f} ms with 1 query, {1000 * twenty:.1f} ms with 20")
    return twenty / one


def moved(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture as a camera that turned a little would see it."""
    turned = np.roll(picture, rng.integers(-60, 61, 2), axis=(0, 1))
    return turned if rng.random() < 0.5 else turned[:, ::-1]


def stream(size: int, hours: float, rng: np.random.Generator) -> Iterator[tuple[Picture, float, float, bool]]:
    """Pictures, one a second, each with its time, the true beginning of its shot, and whether the shot moves."""
    pictures, at, end, t, last = scene_pictures(size), 0.0, 0.0, 0, -1
    while t < hours * HOUR:
        at, moves = end, bool(rng.random() < MOVING)
        end += float(rng.uniform(3, 60))
        last = int(rng.choice([i for i in range(len(pictures)) if i != last]))
        shot = moved(pictures[last], rng)
        while t < end and t < hours * HOUR:
            yield moved(shot, rng) if moves else shot, float(t), at, moves
            t += 1


def long_stream(encoder: Encoder, hours: float) -> dict[str, float]:
    grounder = OnlineSimilarity(encoder)
    for query in standing():
        grounder.add(query)
    resident, errors, pictures, alarms, events, wrong = [], [], 0, 0, 0, 0.0
    absent = {query for split in ABSENT for query in ABSENT[split]}
    cuts: list[tuple[float, bool]] = []  # of the last shots: beginning, and whether it moves
    begun, worked = time.perf_counter(), time.process_time()
    for picture, t, cut, moves in stream(encoder.size, hours, np.random.default_rng(1)):
        if not cuts or cuts[-1][0] != cut:
            cuts = [*cuts[-3:], (cut, moves)]
        pictures += 1
        for event in grounder.push(picture, t):
            events += 1
            alarms += event.state == "started" and event.query in absent
            wrong += _length(event) if event.query in absent else 0.0
            edge = event.end if event.end is not None else event.start
            if event.state != "updated" and not any(moves for _, moves in cuts[-3:]):
                errors.append(min(abs(edge - cut) for cut, _ in cuts))
        if pictures % 60 == 0:  # a minute
            resident.append(_resident())
        if pictures % 21_600 == 0:
            spent = time.perf_counter() - begun
            print(f"  {pictures} pictures, {spent:.0f} s, {_resident() / 2**20:.1f} MiB", flush=True)
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    wrong += sum(_length(event) for event in grounder.finish(hours * HOUR) if event.query in absent)
    asked = len(absent & set(standing()))
    tenth = max(1, min(60, len(resident) // 10))  # an hour, of a whole day
    resident = resident if len(resident) > 1 else [_resident()] * 2
    second, last = np.mean(resident[tenth : 2 * tenth]), np.mean(resident[-tenth:])
    worst = max(errors, default=0.0)
    print(
        f"\n{pictures} pictures of {hours:g} h in {seconds:.0f} s, {worked:.0f} s of work, {grounder.encoded} encoded,"
        f" {events} events; resident {second / 2**20:.1f} MiB in the second hour, {last / 2**20:.1f} MiB in the last;"
        f" {len(errors)} edges in still shots, worst {worst:.3f} s from a cut, median {np.median(errors or [0]):.3f} s"
    )
    return {
        "rss_growth": round(float(last / second - 1), 4),
        "realtime_factor": round(hours * HOUR / seconds, 1),
        "realtime_factor_worked": round(hours * HOUR / worked, 1),
        "pictures": pictures,
        "encoded": grounder.encoded,
        "worst_time_error": round(worst, 4),
        "edges_off": round(float(np.mean([error > 0.5 for error in errors or [0.0]])), 5),
        "long_false_alarms_per_hour": round(alarms / hours / asked, 2),
        "long_false_share": round(wrong / (hours * HOUR) / asked, 4),
    }


def still_cameras(encoder: Encoder, cameras: int, hours: float) -> dict[str, float]:
    """Vectors are pushed, of eight noisy pictures each, so that nothing is encoded again and again."""
    rng = np.random.default_rng(2)
    scenes = [scene for scenes in SCENES.values() for scene in scenes if not scene.part]
    pictures = scene_pictures(encoder.size)
    places, visitors = range(2, 2 + cameras), (0, 1)
    absent = [query for split in SCENES for query in ABSENT[split][:9]]
    found, visits, alarms, wrong, whole = 0, 0, 0, 0.0, 0.0
    for place in places:
        empty = noisy(encoder, pictures[place], rng)
        visited = [noisy(encoder, beside(pictures[place], pictures[visitor]), rng) for visitor in visitors]
        grounder = OnlineSimilarity(encoder)
        for query in [*absent, *(scenes[visitor].queries[0][0] for visitor in visitors)]:
            grounder.add(query)
        told: list[Event] = []
        shown: list[tuple[str, float, float]] = []
        for t in range(round(hours * HOUR)):
            turn, within = divmod(t, EVERY)
            who = turn % len(visitors)
            there = within >= EVERY - VISIT
            if within == EVERY - VISIT:
                shown.append((scenes[visitors[who]].queries[0][0], t - 0.5, t + VISIT - 0.5))
            told += grounder.push((visited[who] if there else empty)[int(rng.integers(len(empty)))], float(t))
        told += grounder.finish(hours * HOUR)
        started = [event for event in told if event.state == "started"]
        hits = [[one for one in started if one.query == query and a <= one.emitted <= b + 1] for query, a, b in shown]
        found, visits = found + sum(bool(hit) for hit in hits), visits + len(shown)
        alarms += len(started) - sum(len(hit) for hit in hits)
        wrong += sum(_length(event) for event in told)
        wrong -= sum(
            max(0.0, min(b, event.end) - max(a, event.start))
            for query, a, b in shown
            for event in told
            if event.query == query and event.state == "ended" and event.end is not None
        )
        whole += hours * len(grounder.queries)
    print(
        f"\n{cameras} cameras that never turn, {hours:g} h each: {found} of {visits} visits told, {alarms} false alarms"
    )
    return {
        "still_found": round(found / visits, 4) if visits else -1.0,
        "still_false_alarms_per_hour": round(alarms / whole, 3),
        "still_false_share": round(wrong / HOUR / whole, 4),
    }


def noisy(encoder: Encoder, picture: Picture, rng: np.random.Generator, count: int = 8) -> np.ndarray:
    """Vectors of a picture as a sensor sees it (count, D)."""
    seen = [np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8) for _ in range(count)]
    return encoder.encode_images(seen).astype(np.float16)


def beside(picture: Picture, visitor: Picture) -> Picture:
    """The picture with another, half as high and half as wide, in its corner."""
    size, made = len(picture) // 2, picture.copy()
    made[-size:, -size:] = visitor[: 2 * size : 2, : 2 * size : 2]
    return made


def _length(event: Event) -> float:
    """Seconds of a moment that ended; 0 for any other event."""
    return event.end - event.start if event.state == "ended" and event.end is not None else 0.0


def drawing(curves: dict[str, list[Row]]) -> str:
    """R1@0.5 as a share of offline against false alarms and against delay, a point for each threshold, as SVG."""
    parts = []
    for number, (what, title) in enumerate(PANELS.items()):
        left = LEFT + number * (WIDE + 60)
        drawn = {split: [row for row in rows if row[what] >= 0] for split, rows in curves.items()}
        most = 1.05 * max([row[what] for rows in drawn.values() for row in rows], default=1.0) or 1.0
        for share in (0.0, 0.5, 1.0):
            x, y = left + WIDE * share, TOP + HIGH * (1 - share)
            parts.append(f'<line x1="{left}" x2="{left + WIDE}" y1="{y}" y2="{y}"/>')
            parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{share:g}</text>')
            parts.append(f'<text x="{x}" y="{TOP + HIGH + 18}" text-anchor="middle">{most * share:.3g}</text>')
        parts.append(f'<text x="{left}" y="{TOP - 14}" class="title">share of offline R1@0.5, by {title}</text>')
        for split, rows in drawn.items():
            points = [
                (left + WIDE * row[what] / most, TOP + HIGH * (1 - min(1.0, row["online_vs_offline"]))) for row in rows
            ]
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(f'<polyline points="{line}" stroke="{COLOURS[split]}"/>')
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[split]}"/>' for x, y in points]
    for number, (split, colour) in enumerate(COLOURS.items()):
        x, y = LEFT + number * 110, TOP + HIGH + 42
        parts.append(
            f'<circle cx="{x + 6}" cy="{y - 4}" r="4" fill="{colour}"/><text x="{x + 16}" y="{y}">{split}</text>'
        )
    style = "text{font:12px system-ui,sans-serif;fill:#777}.title{font-weight:600}line{stroke:#8884}"
    style += "polyline{fill:none;stroke-width:2;stroke-linejoin:round}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + 2 * (WIDE + 60)} {TOP + HIGH + 56}" role="img">'
    )
    title = "<title>Recall of the online grounder against its false alarms and its delay</title>"
    return "\n".join([head, title, f"<style>{style}</style>", *parts, "</svg>"]) + "\n"


def _resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
