"""How many questions about dialogues get the right first answer, in several languages.

    python bench/answers.py [--quick | --smoke] [--half tuning | held-out] [--only NAME …] [--no-subtitles]
                            [--questions VIDEO QUESTIONS.json …] [--failures]

Asks `whenabouts.find` every question of every dialogue of `synthetic/dialogue`, and those of given files (a
QUESTIONS.json holds "queries", each with "query", "windows" and "all"). An answer is right as `evaluation/answers.py`
says. `--quick` asks an English and a Korean dialogue of each half, `--smoke` a few questions of one.
`--no-subtitles` is meant for given videos that hold speech: nobody can understand the murmur of the dialogues.

The last line is JSON: `right` of `of` questions about what happens, `right_at_5`, and `absent_right` of `absent_of`
about what does not; the same per half, per language of the dialogue, and for questions in another language than theirs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _size import Size, parser

import whenabouts
from whenabouts.evaluation.answers import AnswerScore, score_answer
from whenabouts.synthetic.dialogue import HALVES, RECIPES, Question, load_recipe, make_dialogue

GIVEN = "given"  # the half of questions that are not from a recipe


@dataclass(frozen=True)
class Asked:
    """A question, where it comes from, and how its answer was scored."""

    question: Question
    dialogue: str
    half: str
    language: str  # of the dialogue
    score: AnswerScore
    answer: str


def main() -> None:
    options = read_options()
    asked: list[Asked] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen(options):
            made = make_dialogue(Path(folder), name)
            questions = made.questions[:: 6 if options.size is Size.SMOKE else 1]
            video = without_subtitles(made.path, Path(folder)) if options.no_subtitles else made.path
            asked += ask(video, questions, name, made.half, made.language, options.evidence)
            made.path.unlink()
        for path, file in options.questions:
            content = json.loads(Path(file).read_text("utf-8"))
            questions = tuple(read_question(query) for query in content["queries"])
            video = without_subtitles(Path(path), Path(folder)) if options.no_subtitles else Path(path)
            asked += ask(video, questions, video.stem, GIVEN, "unknown", options.evidence)
    if options.failures:
        print_failures(asked)
    print_tables(asked)
    print(json.dumps(figures(asked)))


def read_options() -> argparse.Namespace:
    arguments = parser(__doc__)
    arguments.add_argument("--half", choices=HALVES, help="only this half of the dialogues")
    arguments.add_argument("--only", nargs="+", default=[], choices=tuple(RECIPES), help="only these dialogues")
    arguments.add_argument(
        "--questions", nargs=2, action="append", default=[], metavar=("VIDEO", "JSON"), help="ask these too"
    )
    arguments.add_argument("--given-only", action="store_true", help="ask only those of --questions")
    arguments.add_argument("--no-subtitles", action="store_true", help="answer from picture and sound alone")
    arguments.add_argument("--failures", action="store_true", help="print every question that was answered wrongly")
    arguments.add_argument("--evidence", nargs="+", help="as `whenabouts find --evidence`")
    options = arguments.parse_args()
    if options.size is Size.SMOKE and not options.evidence:
        options.evidence = ["said"]  # words answer in seconds
    return options


def chosen(options: argparse.Namespace) -> list[str]:
    """The names of the dialogues to ask."""
    if options.given_only:
        return []
    recipes = [load_recipe(name) for name in options.only or RECIPES]
    groups = [[r for r in recipes if r.half == half] for half in HALVES if options.half in {None, half}]
    if options.size is not Size.FULL:
        groups = [[r for r in group if r.language == language][:1] for group in groups for language in ("en", "ko")]
    names = [recipe.name for group in groups for recipe in group]
    return names[:1] if options.size is Size.SMOKE else names


def without_subtitles(video: Path, folder: Path) -> Path:
    """A copy of the video in a folder where no subtitle file lies beside it."""
    bare = folder / "bare" / video.name
    bare.parent.mkdir(exist_ok=True)
    return Path(shutil.copy(video, bare))


def read_question(query: dict[str, Any]) -> Question:
    windows = tuple((float(start), float(end)) for start, end in query["windows"])
    kind = query.get("kind", "act" if windows else "absent")
    return Question(query["query"], windows, bool(query.get("all")), kind, query.get("language", "unknown"))


def ask(
    video: Path, questions: Sequence[Question], name: str, half: str, language: str, evidence: list[str] | None
) -> list[Asked]:
    chosen_evidence: dict[str, Any] = {"evidence": evidence} if evidence else {}
    began = time.perf_counter()
    predictions = whenabouts.find(video, [question.query for question in questions], **chosen_evidence)
    print(f"{name}: {len(questions)} questions, {time.perf_counter() - began:.1f} s", flush=True)
    asked = []
    for question, prediction in zip(questions, predictions, strict=True):
        moments = [(moment.start, moment.end) for moment in prediction.moments]
        score = score_answer(moments, prediction.presence, question.windows, question.all)
        first = f"{moments[0][0]:.1f}-{moments[0][1]:.1f}" if moments else "nothing"
        presence = "" if prediction.presence is None else f", presence {prediction.presence:.2f}"
        asked.append(Asked(question, name, half, language, score, first + presence))
    return asked


def figures(asked: Sequence[Asked]) -> dict[str, Any]:
    """The counts, then the same per half, per language of the dialogue and for questions in another language."""
    groups: dict[str, Any] = dict(counts(asked))
    for title, names in {"half": [a.half for a in asked], "language": [a.language for a in asked]}.items():
        groups[title] = {
            name: counts([a for a, group in zip(asked, names, strict=True) if group == name])
            for name in dict.fromkeys(names)
        }
    groups["across_languages"] = counts([a for a in asked if a.question.language != a.language])
    return groups


def counts(asked: Iterable[Asked]) -> dict[str, int]:
    present: list[AnswerScore] = []
    absent: list[AnswerScore] = []
    for one in asked:
        (present if one.question.windows else absent).append(one.score)
    return {
        "right": sum(score.right for score in present),
        "of": len(present),
        "right_at_5": sum(score.right_at_5 for score in present),
        "absent_right": sum(score.right for score in absent),
        "absent_of": len(absent),
    }


def print_tables(asked: Sequence[Asked]) -> None:
    titles: dict[str, list[str]] = {
        "dialogue": [f"{a.dialogue} ({a.half}, {a.language})" for a in asked],
        "kind": [a.question.kind for a in asked],
        "half": [a.half for a in asked],
        "language": [a.language for a in asked],
    }
    for title, names in titles.items():
        print(f"\n{title:44} right    of  at 5   absent")
        for name in dict.fromkeys(names):
            c = counts([a for a, group in zip(asked, names, strict=True) if group == name])
            absent = f"{c['absent_right']} of {c['absent_of']}"
            print(f"  {name:42} {c['right']:5} {c['of']:5} {c['right_at_5']:5}   {absent}")


def print_failures(asked: Sequence[Asked]) -> None:
    for one in asked:
        if not one.score.right:
            truth = ", ".join(f"{start:.1f}-{end:.1f}" for start, end in one.question.windows) or "absent"
            mark = "at 5 " if one.score.right_at_5 else "     "
            print(f"  {mark}{one.dialogue}: {one.question.query!r} ({one.question.kind}): {one.answer}; truth {truth}")


if __name__ == "__main__":
    main()
