"""Collect the messages that people read, and compare them with the catalogues of `src/whenabouts/language`.

    python scripts/messages.py                 what each language lacks, and what is no longer said
    python scripts/messages.py --update        write missing messages into the catalogues as "", and drop old ones
    python scripts/messages.py --new de Deutsch    begin the catalogue of another language

An empty translation counts as missing, and is shown in English. Messages are found in the source: what is raised or
noted, what progress bars, tables and help texts say, what stands in the pages. `{1}`, `{2}` … are places for values.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[1] / "src" / "whenabouts"
CATALOGUES = SOURCE / "language"
PLACE = "\0"  # stands for a value while a message is put together

NOT_FOR_PEOPLE = {"AttributeError", "KeyError", "TypeError", "IndexError", "AssertionError", "ValueError", "MCPError"}
TO_MODELS = ("training/post/seeing/crops.py",)  # whose errors are read by models
WITHIN = {  # functions and constants in which every string of several words is a message
    "auditing/detection/characteristics.py": {"ranges", "IN_FILES", "ACTIVITYNET", "THUMOS14"},
    "auditing/detection/page.py": {"document", "MAP_N", "_scores", "_false_positives", "_characteristic"},
    "commands/featured.py": {"notes"},
    "evidence/subtitles.py": {"_beyond", "_notes"},
    "auditing/detection/sentences.py": {"MEANS", "_sentences", "_weakest", "_missed"},
    "auditing/biases/description.py": {"look", "_of_system", "SOURCE"},
    "auditing/biases/disagreement.py": {"look", "_rated", "_opinions", "SOURCE"},
    "auditing/biases/first_verb.py": {"look", "_shown"},
    "auditing/biases/granularity.py": {"look", "SOURCE"},
    "auditing/biases/long_form.py": {"look", "_by_length", "SOURCE"},
    "auditing/biases/negatives.py": {"look", "SOURCE"},
    "auditing/biases/prior.py": {"look", "_TRAINED", "_NO_TRAIN", "_NO_DURATIONS", "SOURCE"},
    "auditing/biases/split.py": {"look", "_verdict", "SOURCE"},
    "auditing/biases/static.py": {"look", "_ASK", "_OF_WORDS"},
    "auditing/audit.py": {"_notes"},
    "auditing/audited.py": {"document", "_of_gain", "_of_metrics", "_gained", "_baselines", "_in_full"},
    "auditing/diagnosis/beside.py": {"_sentences", "_compared", "_of_outcomes"},
    "auditing/diagnosis/notes.py": {"_notes"},
    "auditing/diagnosis/report.py": {"document", "_sections", "_of_outcome"},
    "auditing/diagnosis/sentences.py": {"LESSONS", "lesson", "shape", "_change", "_sentences", "_of_groups", "_scored"},
    "commands/command.py": {"_sentence"},
    "grounders/learned/grounder.py": {"_unheard"},
    "auditing/comparison/comparison.py": {"verdicts", "_disagreement", "_parts"},
    "auditing/comparison/compare.py": {"_unanswered", "_cautions"},
    "auditing/comparison/buckets.py": {"PARTS"},
    "auditing/kinds.py": {"THIRDS", "by_length", "by_words", "by_moments", "between"},
    "auditing/comparison/delta.py": {"told"},
    "auditing/comparison/made.py": {"made_differently"},
    "auditing/comparison/reading.py": {
        "document",
        "_sections",
        "_figures",
        "_spans",
        "_tests",
        "_parts",
        "_references",
        "_overlaps",
        "_changes",
        "_queries",
    },
    "auditing/comparison/references.py": {"verdicts"},
    "commands/choices.py": {"ONLY"},
    "commands/bundle.py": {"run", "_version", "_differences", "_other_receipt", "_other_answer"},
    "video/damage/sentences.py": {"damage_of", "_unfinished", "_length", "_of_pictures", "_of_sound"},
    "commands/watching/loop.py": {"_failed", "_end", "SLOW_SPEECH"},
    "commands/watching/sinks/background.py": {"put", "close"},
    "commands/evaluate.py": {"_checked"},
    "commands/predict.py": {"_jobs"},
    "commands/train.py": {"borrowed"},
    "auditing/leaderboard/beside.py": {"no_baselines"},
    "auditing/leaderboard/listing.py": {"document"},
    "auditing/leaderboard/placed.py": {"where", "verdicts", "beside", "section"},
    "auditing/leaderboard/ranking.py": {"NOT_STATED", "withheld", "unranked"},
    "auditing/leaderboard/shown.py": {"_again", "document", "table", "told", "_sections"},
    "documents/axes.py": {"EMPTY"},
    "evaluation/predictions.py": {"name_of"},
    "evidence/everywhere.py": {"_unanswerable", "left_out"},
    "files/storage.py": {"GONE", "OF_DISK", "OF_NAME", "storage_error"},
    "isolation/process.py": {"_reason", "_why", "exchange", "send", "__init__", "end"},
    "evidence/heard.py": {"NO_TRACK", "NO_DETECTOR", "NO_MODEL"},
    "evidence/speech/weights.py": {"_unloadable"},
    "commands/doctor.py": {"_examined", "examined"},
    "commands/checks/extras.py": {"extras", "_driver", "_imported"},
    "commands/checks/installation.py": {"decoding"},
    "commands/checks/models.py": {"models"},
    "commands/checks/outward.py": {"NAMED", "telemetry"},
    "commands/checks/stored.py": {"cache", "leftovers", "libraries", "_put_right"},
    "commands/checks/versions.py": {"dependencies", "codecs"},
    "library/check.py": {"faults"},
    "grounders/llm/engines/openai/answers.py": {"reply"},
    "grounders/llm/engines/openai/asking.py": {"__call__", "_attempt"},
    "grounders/llm/engines/openai/engine.py": {"OVER"},
    "grounders/llm/engines/openai/learned.py": {"notes"},
    "grounders/llm/engines/openai/messages.py": {"REFUSED", "UNEVEN", "WRITTEN"},
    "grounders/llm/asking.py": {"APART", "UNEVEN"},
    "grounders/llm/limit.py": {"told"},
    "grounders/llm/grounder.py": {"_doubts", "_told_whole"},
    "grounders/llm/timekeeping.py": {"judge", "_judge", "_scaled", "known"},
    "grounders/reader/reader.py": {"run", "_spent"},
    "grounders/stream/looked.py": {"notes_on", "UNHEARD"},
    "grounders/stream/window.py": {"_late"},
    "grounders/understanding.py": {"_answer", "_told"},
    "evaluation/units.py": {"suspected_unit", "_of_rows"},
    "grounders/learned/checkpoint.py": {"_recognised"},
    "grounders/stream/harness/trigger.py": {"_reply", "_read", "_unsummed"},
    "grounders/search/agent.py": {"run", "_prediction"},
    "interchange/bundle/pictures.py": {"unlike"},
    "interchange/bundle/verify.py": {"verify", "_examined", "_odd", "_directory"},
    "interchange/belonging.py": {"answers_about"},
    "interchange/only.py": {"told"},
    "interchange/scenes.py": {"of_moments"},
    "interchange/stringout.py": {"_notes"},
    "interchange/timeline.py": {"conformed"},
    "interchange/formats/edl.py": {"notes"},
    "interchange/formats/otio.py": {"read"},
    "interchange/formats/youtube.py": {"notes"},
    "library/run.py": {"_finish", "_put"},
    "plugins.py": {"_broken"},
    "trust/stress/cases.py": {"of_benchmark"},
    "trust/stress/report.py": {"facts", "verdict"},
    "trust/stress/document.py": {"document", "_unseen", "_query_by_query", "_receipt", "_cases", "_windows"},
    "trust/stress/run.py": {"stress"},
    "rewards/parse.py": {"_in_seconds"},
    "selection/keyframes.py": {"NO_KEYFRAME"},
    "selection/videoitg/selector.py": {"NONE_HERE"},
    "selection/scored.py": {"_notes"},
    "selection/tstar/selector.py": {"BY_LIKENESS"},
    "selection/videoitg/published.py": {"NO_OPTIONS"},
    "selection/tstar/words.py": {"UNREADABLE"},
    "server/app.py": {"SENTENCES"},
    "server/body.py": {"_too_slow"},
    "server/disk.py": {"SENTENCES"},
    "server/guard.py": {"OTHER_SITE", "NOT_VALID"},
    "server/jobs/process.py": {"INTERNAL_ERROR"},
    "server/jobs/runner.py": {"NO_DISK"},
    "server/jobs/store.py": {"_queue_interrupted"},
    "server/jobs/tasks.py": {"facts"},
    "server/jobs/worker.py": {"_answer"},
    "trust/calibration/calibrator.py": {"falls"},
    "trust/calibrator.py": {"unlike"},
    "video/live/clip.py": {"_lacks"},
    "video/live/ring.py": {"_refusal"},
    "server/live/watch_process.py": {"ENDED"},
    "server/quota.py": {"COLUMNS"},
    "server/schema/watches.py": {"_has_one_source"},
    "training/supervised/lengths.py": {"uneven", "uneven_frames", "beyond"},
    "training/supervised/columns.py": {"as_learned", "clip_before_slowfast"},
    "training/supervised/reading.py": {"notes", "uneven"},
    "training/supervised/data.py": {"training_data", "_left_out"},
    "training/supervised/train.py": {"_notes", "run"},
    "training/post/curation.py": {"leaking"},
    "synthetic/edit_words.py": {"_unreadable"},
    "trust/chosen.py": {"chosen_cases"},
    "auditing/portraits/__init__.py": {"untold"},
    "auditing/portraits/beside.py": {"LEARNED", "_score", "_told", "_crossing"},
    "auditing/portraits/alike.py": {"words"},
    "auditing/portraits/shifter.py": {"_said"},
    "trust/counterfactual/probe.py": {"_flaws"},
    "trust/degradation/probe.py": {"_flaws"},
    "trust/need/probe.py": {"_flaws"},
    "trust/steps/probe.py": {"_flaws"},
    "training/post/hacking.py": {"flags", "diverges"},
}
SAYING = {  # calls, by the argument that is a message; None for all of them
    "translate": 0,
    "progress": 0,
    "bar": 0,
    "report": 0,
    "warn": 0,
    "_broken": 1,
    "Trait": 1,
    "_unsatisfiable": 0,
    "tell": 0,
    "Notice": 2,
    "Flaw": 1,
    "unusable": 0,
}
OUTCOMES = {"OUTCOMES", "ABSENT_OUTCOMES", "STAGES"}  # names with what they mean
HELP = {"help", "description", "show_default"}  # keyword arguments that are messages at the doors of the house
NAMED = HELP | {"failure", "label", "activity", "use"}  # those that are messages anywhere
LISTS = {"notes", "remarks", "failures"}  # lists whose entries are messages
HELP_ROOMS = ("cli/", "commands/")
PAGES = ("server/page", "interchange/page")

PYDANTIC = (  # types of faults that fields of our commands and requests can have
    "missing",
    "extra_forbidden",
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "string_type",
    "string_too_long",
    "string_too_short",
    "string_pattern_mismatch",
    "too_short",
    "too_long",
    "int_type",
    "int_parsing",
    "int_from_float",
    "float_type",
    "float_parsing",
    "finite_number",
    "bool_type",
    "bool_parsing",
    "literal_error",
    "list_type",
    "dict_type",
    "none_required",
    "json_invalid",
    "model_type",
)

ELSEWHERE = {  # said by what stands below us, or put together at run time
    "auditing/diagnosis/tables.py": """outcome|queries|% (95 %)|R1 if mended|mIoU if mended|meaning|score|best blind
        |mean IoU of hits|mean IoU of misses|% that touch no true moment|% of hits within 0.1 of the threshold
        |answers that overlap|of|answers|bias, s (95 %)|median, s|half lie in
        |length / true length, median (95 %)|start|end|all answers|all answers alike, as measured|how|value
        |R1, points (95 %)|mIoU, points (95 %)|length times|moved by seconds
        |by length|by place in the video|by number of moments|by words|by wording|by first verb|blind R1|R1 (95 %)
        |rank of the first right answer|none|search or recognition
        |stage that causes it (ExtremeWhenBench)|of several moments|moments|the first|in between|the last
        |queries that do not happen|points|95 % from|to|qid|video|query|truth, s|answer, s|Outcomes|Fit|Differences
        |Errors of starts|Errors of ends|IoU of the answers|Recall against the threshold
        |an occurrence, such as the second|every occurrence|a relation, such as before|a negation|a question
        |something said|something heard|something written|none of these""",
    "auditing/leaderboard/shown.py": """rank|system|marks|blind|quoted by others|second-hand|seen
        |in-domain|unknown|read in|kind|note|data set|figures|ranked|groups|metric|score|setting|value""",
    "Typer": """Usage:|Arguments|Options|Commands|Error|(deprecated) |[default: {1}]|[env var: {1}]|[required]
        |Try [blue]'{1}'[/] for help.|Show this message and exit.|Missing command.|Missing argument {1}.
        |Missing option {1}.|No such command {1}.|No such command {1}. Did you mean {2}?|No such option: {1}
        |No such option: {1} (Possible options: {2})|Option {1} requires an argument.|Option {1} does not take a value.
        |Got unexpected extra argument(s) ({1})|Invalid value for {1}: {2}|Invalid value: {1}
        |Value error, {1}|{1} is not one of {2}.|Value {1} is not a valid {2}.|Value {1} is not a valid integer.
        |Value {1} is not a valid float.|{1} is not in the range {2}.|Missing argument {1}. Choose from: {2}
        |Install completion for the current shell.
        |Show completion for the current shell, to copy it or customize the installation.""",
    "the system": """no such file or directory|permission denied|is a directory|not a directory|file exists
        |no space left on device|read-only file system|input/output error|file name too long|too many open files
        |address already in use|disk error|unknown reason|directory not empty""",
    "auditing/biases": """bias present: {1}|bias not seen: {1}|cannot be told: {1}|reference value|value
        |Prior only: where moments usually lie
        |First verb: a word that says where|No negatives: every query happens|Localisation entangled with description
        |Granularity: boundaries on a grid|Split leak: what test and training share
        |Long-form scarcity: few long videos|Annotator disagreement: what people reach
        |Static shortcut: one frame is enough|a pronoun as subject|another person|a name|sound or speech|order
        |queries|annotated|even|mean start|mean end|start of all|end of all|exact answers|boundaries|moments|pairs
        |rows""",
    "cli/library.py": """videos|files|hours|stretches|lines|failures|missing|unfinished videos swept
        |recall@20 of exact search|videos dropped|indexed|failed: {1}""",
    "cli/live.py": "started|goes on",
    "commands/watching/loop.py": "a picture|a line of speech|the end of a stretch|the query {1}",
    "cli/models.py": """trained on|not known here|undisclosed|not looked up|base
        |video-language model|trained head|method|runs offline|needs model|nothing|a model inside it
        |the folder of its published files
        |extra train; a checkpoint of `whenabouts train`, or an official one
        |Apache-2.0; official checkpoints have their own""",
    "cli/train.py": "field|here|published|source",
    "cli/calibrate.py": """calibrated|as it came|always answer|always abstain|prior|random|AUROC|ECE|Brier
        |FPR at 95 % TPR|AURC|E-AURC|surest half right|answered|answered right|rejection F1""",
    "cli/curate.py": "{1} leaking|{1} too easy|{1} impossible|{1} not drawn|{1} chosen",
    "cli/dataset.py": """title|task|protocol|paper|source|splits|default split|format confirmed|notes|file|videos
        |on a grid of {1} s|TSG, temporal sentence grounding|MR, moment retrieval|HL, highlight detection
        |TAL, temporal action localisation""",
    "trust/stress/document.py": "figure|model|value|setting|video|query|truth|unknown|as stated",
    "query/describe.py": """every time|how many times|the last time|the {1}st time|the {1}nd time|the {1}rd time
        |the {1}th time|the {1}st to last time|the {1}nd to last time|the {1}rd to last time|the {1}th to last time
        |before: {1}|after: {1}|right before: {1}|right after: {1}|between: {1}|while: {1}|until: {1}
        |not understood: {1}|asks for a person|asks for a place|asks for a time|asks for a number|asks for a reason
        |asks for a manner|asks for a thing|not|admit|correct|deny|apologise|promise|agree|refuse|thank|ask|regret|blame
        |greet|farewell|praise|complain|warn|advise|introduce|announce|doubt|decide|invite|congratulate|hope|fear
        |forgive|threaten|boast|remember|joke""",
    "grounders/understanding.py": """"{1}" was not found, so what stands before it is not known
        |"{1}" was not found, so what stands after it is not known""",
    "files/records.py": "an object|a list|true or false|a number|a number of many digits",
    "library/store.py": """{1} cannot be opened as a library: {2}|{1} cannot be opened as a library: it is damaged ({2})
        |{1} cannot be read: it is damaged ({2})|{1} cannot be written: it is damaged ({2})|the disk is full
        |the data just written cannot be read back; the disk may be full""",
    "grounders/llm/engines/openai.py": "an empty answer",
    "server/jobs/process.py": """the process that worked on this ended unexpectedly (signal {1}); check the video
        |the process that worked on this ended unexpectedly (exit code {1}); check the video""",
    "server/page/jobs.js": """queued|running|done|failed|cancelled|starting|waiting for new videos|Cutting a clip
        |Indexing|Watching|Making a copy for the player""",
    "server/page/api.js": """The server answered with status {1}.|The server does not answer. Is it still running?
        |{1} was not uploaded: the connection broke.|{1} was refused with status {2}.""",
    "interchange/player.py": """This page plays a small copy of the video; times are those of the original.
        |The video is not embedded in this page: keep both files where they are, or move them together.
        |Browsers cannot play this video, and it is too long for a copy: only times and thumbnails are shown.""",
    "plugins.py": """unknown model {1}; choose one of: {2}|unknown encoder {1}; choose one of: {2}
        |unknown benchmark {1}; choose one of: {2}|unknown format {1}; choose one of: {2}
        |unknown evidence kind {1}; choose one of: {2}|unknown evidence kind {1}; choose from: {2}
        |unknown head {1}; choose one of: {2}|unknown parser {1}; choose one of: {2}
        |unknown recipe {1}; choose one of: {2}|unknown reward {1}; choose one of: {2}
        |unknown paper {1}; choose one of: {2}|unknown probe {1}; choose one of: {2}
        |unknown system {1}; choose one of: {2}""",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--new", nargs=2, metavar=("CODE", "NAME"))
    options = parser.parse_args()
    messages = collect()
    if options.new:
        code, name = options.new
        write(CATALOGUES / f"{code}.json", name, dict.fromkeys(messages, ""))
    complete = True
    for path in sorted(CATALOGUES.glob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        name, texts = content["language"], content["texts"]
        if options.update:
            texts = {text: texts.get(text, "") for text in messages}
            write(path, name, texts)
        for problem in problems(messages, texts):
            complete = False
            print(f"{path.name}: {problem}")
    sys.exit(0 if complete else 1)


def write(path: Path, name: str, texts: dict[str, str]) -> None:
    path.write_text(json.dumps({"language": name, "texts": texts}, ensure_ascii=False, indent=1) + "\n", "utf-8")


def problems(messages: dict[str, str], texts: dict[str, str]) -> Iterator[str]:
    """What is wrong with a catalogue's texts, one sentence each; `messages` gives the place of each message."""
    for text, place in messages.items():
        translation = texts.get(text)
        if not translation:
            yield f"missing, of {place}: {json.dumps(text, ensure_ascii=False)}"
        elif places(translation) != places(text):
            yield f"other places than the English, of {place}: {json.dumps(text, ensure_ascii=False)}"
    for text in texts:
        if text not in messages:
            yield f"no longer said: {json.dumps(text, ensure_ascii=False)}"


def places(text: str) -> list[str]:
    """The places for values, each once."""
    return sorted({*re.findall(r"\{(\d+)\}", text)})


def collect() -> dict[str, str]:
    """Every message with the place of its first use, in the order of the source files."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        if not name.startswith(TO_MODELS):
            for text in Python(name, ast.parse(path.read_text("utf-8"))).messages():
                found.setdefault(text, name)
    for room in PAGES:
        for path in sorted((SOURCE / room).iterdir()):
            name, read = path.relative_to(SOURCE).as_posix(), {".js": of_script, ".html": of_markup}.get(path.suffix)
            for text in read(path.read_text("utf-8")) if read else ():
                if worded(re.sub(r"\{\d+\}", PLACE, text)):
                    found.setdefault(text, name)
    for name, listed in ELSEWHERE.items():
        for text in listed.split("|"):
            found.setdefault(" ".join(text.split()) + (" " if text.endswith(") ") else ""), name)
    for text in of_pydantic():
        found.setdefault(text, "pydantic")
    return found


@dataclass
class Python:
    """The messages of one file of Python."""

    name: str
    tree: ast.Module
    functions: dict[str, ast.FunctionDef] = field(init=False)
    scopes: dict[ast.AST, ast.AST] = field(init=False, default_factory=dict)
    places: dict[ast.AST, str] = field(init=False, default_factory=dict)  # the function or constant around a node

    def __post_init__(self) -> None:
        self.functions = {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}
        self._note_scopes(self.tree, self.tree, "")

    def _note_scopes(self, node: ast.AST, scope: ast.AST, place: str) -> None:
        for child in ast.iter_child_nodes(node):
            part = isinstance(node, ast.JoinedStr)  # of a string, which is the message
            docstring = isinstance(node, ast.Expr) and isinstance(child, ast.Constant)
            figure = self.name.startswith("auditing/biases/") and _names(node, child)
            self.scopes[child], self.places[child] = scope, "" if part or docstring or figure else place
            match child:
                case ast.FunctionDef(name=name):
                    self._note_scopes(child, child, name)
                case ast.Assign(targets=[ast.Name(id=name)]) if scope is self.tree:
                    self._note_scopes(child, scope, name)
                case _:
                    self._note_scopes(child, scope, place)

    def messages(self) -> Iterator[str]:
        """Every message, in the order of the lines."""
        for node in sorted(
            (n for n in ast.walk(self.tree) if hasattr(n, "lineno")), key=lambda n: (n.lineno, n.col_offset)
        ):
            for expression in self._said(node):
                yield from self.texts(expression)
            if self.name.startswith("cli/") and isinstance(node, ast.FunctionDef) and self._is_command(node):
                for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
                    yield " ".join(paragraph.split())

    def _said(self, node: ast.AST) -> Iterator[ast.expr]:
        """The expressions at a node that are messages."""
        match node:
            case ast.Raise(exc=ast.Call() as call) if called(call) not in NOT_FOR_PEOPLE:
                yield from self._arguments(call)
            case ast.Call(func=ast.Attribute(attr="append", value=owner), args=[argument]) if last(owner) in LISTS:
                yield argument
            case ast.Call(func=ast.Attribute(attr="stage"), args=[argument]):
                yield argument
            case ast.Call(func=ast.Name(id="stage"), args=[_, argument]):
                yield argument
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__")) if (
                self.name == "errors.py"
            ):
                yield from node.args
            case ast.Call() if called(node) in SAYING and not self._is_defects(node):
                at = SAYING[called(node)]
                yield from node.args if at is None else node.args[at : at + 1]
            case ast.Call(func=ast.Attribute(attr="refuse"), args=[_, argument]):
                yield ast.BinOp(ast.Constant(f"{PLACE}: the field {PLACE} "), ast.Add(), argument)
            case ast.Call(func=ast.Name(id="Format")):
                yield from node.args[1:2]
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if self._is_field(name):
                yield from self._listed(value, names=name == "DEFECTS" or name in OUTCOMES)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if self._is_field(name):
                yield from self._listed(value)
            case ast.Assign(targets=targets, value=ast.Tuple(elts=values)) if "evidence" in self.name:
                for target in targets:
                    if isinstance(target, ast.Tuple):
                        named = zip(target.elts, values, strict=False)
                        yield from (value for one, value in named if last(one) in {"label", "activity", "name"})
        if isinstance(node, ast.Constant | ast.JoinedStr) and self._is_within(node):
            yield node
        if isinstance(node, ast.Call):
            yield from (each.value for each in node.keywords if self._is_shown(each.arg, node))

    def _is_within(self, node: ast.Constant | ast.JoinedStr) -> bool:
        names, text = WITHIN.get(self.name, set()), self._alternatives(node)[0]
        if not names or self.places[node] not in names or len(re.findall(r"[a-z]{2,}", text)) < 2:
            return False
        return " " in text and not re.match(r"\s*(?:update|select|delete|insert) ", text)

    def _is_defects(self, call: ast.Call) -> bool:
        return self.name == "evaluation/defects.py" and called(call) == "report"

    def _is_field(self, name: str) -> bool:
        if name in {"COLUMNS", "STATUS", "KINDS"}:
            return self.name.startswith(("cli/", "grounders/llm/paper.py"))
        if name in OUTCOMES:
            return self.name.startswith("auditing/diagnosis/")
        named = re.match(r"evidence/\w+\.py", self.name) is not None and name in {"label", "activity", "name"}
        return named or name in {"UNAPPLIED", "_REPAIRED", "DEFECTS"}

    def _is_shown(self, name: str | None, call: ast.Call) -> bool:
        if name == "notes":
            return not self.name.startswith("benchmarks/")
        if name == "use":
            return self.name.startswith("interchange/formats/")
        return name in (NAMED if self.name.startswith(HELP_ROOMS) else NAMED - HELP)

    def _listed(self, value: ast.expr, *, names: bool = False) -> Iterator[ast.expr]:
        match value:
            case ast.Dict(keys=keys, values=values):
                for each in [*(keys if names else ()), *values]:
                    if each is not None:
                        yield from self._listed(each)
            case ast.Tuple(elts=values) | ast.List(elts=values):
                for each in values:
                    yield from self._listed(each)
            case _:
                yield value

    def _arguments(self, call: ast.Call) -> Iterator[ast.expr]:
        """The sentence among the arguments of an error."""
        match called(call):
            case "MissingExtra":
                ending = ast.Constant(f" needs an extra: pip install 'whenabouts[{PLACE}]'")
                yield from (ast.BinOp(what, ast.Add(), ending) for what in call.args[1:])
            case "PydanticCustomError":
                for argument in call.args[1:2]:
                    if isinstance(argument, ast.Constant):
                        yield ast.Constant(re.sub(r"\{\w+\}", PLACE, argument.value))
            case _:
                yield from call.args

    def _is_command(self, node: ast.FunctionDef) -> bool:
        decorated = {called(each) if isinstance(each, ast.Call) else last(each) for each in node.decorator_list}
        return bool(decorated & {"takes", "command"}) or (
            self.name == f"cli/{node.name}.py" and node.name != "progress"
        )

    def texts(self, expression: ast.expr) -> Iterator[str]:
        """The messages that an expression can be, and those inside it."""
        for text in self._alternatives(expression):
            if worded(text) and not text.endswith(": "):
                of_checkpoint = self.name.startswith("grounders/learned/") and " " in text and text[0] != PLACE
                yield numbered(f"{PLACE} {text}" if of_checkpoint else text)  # its path stands before such a reason
        for inner in ast.walk(expression):
            if isinstance(inner, ast.FormattedValue) and not self._is_constant(inner.value):
                for each in self._values(inner.value):
                    if not isinstance(each, ast.Constant | ast.JoinedStr) or each is inner.value:
                        continue
                    yield from (numbered(text) for text in self._alternatives(each) if within(text))

    def _alternatives(self, expression: ast.expr) -> list[str]:
        match expression:
            case ast.Constant(value=str(text)):
                return [text.replace("{}", PLACE)]
            case ast.JoinedStr(values=parts):
                return ["".join(chosen) for chosen in product(*(self._alternatives(part) for part in parts))][:64]
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None) if self._is_constant(value):
                return self._alternatives(value)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return [a + b for a, b in product(self._alternatives(left), self._alternatives(right))]
            case ast.IfExp(body=body, orelse=other):
                return [*self._alternatives(body), *self._alternatives(other)]
            case ast.BoolOp(values=values):
                return [text for value in values for text in self._alternatives(value)]
            case ast.Tuple(elts=values) | ast.List(elts=values):
                return [text for value in values for text in self._alternatives(value) if text != PLACE]
            case ast.Name() | ast.Call():
                values = self._values(expression)
                return [text for each in values for text in self._alternatives(each)] or [PLACE]
        return [PLACE]

    def _is_constant(self, expression: ast.expr) -> bool:
        """Whether it is one of some constants, such as "fits" or "does not fit", perhaps besides something unknown."""
        values = self._values(expression)
        return bool(values) and all(isinstance(each, ast.Constant) for each in values)

    def _values(self, expression: ast.expr, depth: int = 3) -> list[ast.expr]:
        """The strings that an expression may stand for: itself, what a name was set to, what a function returns."""
        if depth == 0:
            return []
        match expression:
            case ast.Constant(value=str()) | ast.JoinedStr():
                return [expression]
            case ast.IfExp(body=body, orelse=other):
                return [*self._values(body, depth), *self._values(other, depth)]
            case ast.BoolOp(values=values):
                return [found for value in values for found in self._values(value, depth)]
            case ast.Name(id=name):
                return [found for value in self._assigned(expression, name) for found in self._values(value, depth - 1)]
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                return [found for value in self._returned(name) for found in self._values(value, depth - 1)]
        return []

    def _assigned(self, node: ast.AST, name: str) -> Iterator[ast.expr]:
        scope = self.scopes.get(node, self.tree)
        for inner in ast.walk(scope if scope is not self.tree else self.tree):
            match inner:
                case ast.Assign(targets=targets, value=value) if any(last(target) == name for target in targets):
                    if self.scopes.get(inner) in {scope, self.tree}:
                        yield value
                case ast.For(target=ast.Name(id=target), iter=ast.Tuple(elts=values)) if target == name:
                    yield from values

    def _returned(self, name: str) -> Iterator[ast.expr]:
        if name in self.functions and name not in {"clock", "shown"}:
            for inner in ast.walk(self.functions[name]):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield inner.value


def called(call: ast.Call) -> str:
    return last(call.func)


def last(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def worded(text: str) -> bool:
    """Whether there are words to translate, enough of them to be recognised around the places."""
    return sum(letter.isalpha() for letter in text) >= (4 if PLACE in text else 2)


def within(text: str) -> bool:
    """Whether the text may be a message inside another: see `Message.telling`."""
    return " " in text and worded(text) and not text.endswith(": ")


def _names(node: ast.AST, child: ast.AST) -> bool:
    """Whether a string is a key: the name of a figure, which is an interface."""
    match node:
        case ast.Dict(keys=keys):
            return child in keys
        case ast.DictComp(key=name) | ast.Subscript(slice=name):
            return child is name
    return False


def numbered(text: str) -> str:
    """The message with `{1}`, `{2}` … for its places."""
    first, *others = text.split(PLACE)
    return first + "".join(f"{{{number}}}{piece}" for number, piece in enumerate(others, 1))


def of_pydantic() -> Iterator[str]:
    """Messages of pydantic about values of fields, in the form in which our commands give them on."""
    from pydantic_core._pydantic_core import list_all_errors

    known = {error["type"]: error["message_template_python"] for error in list_all_errors()}
    for name in PYDANTIC:
        for plural in ("", "s") if "{expected_plural}" in known[name] else ("",):
            text = re.sub(r"\{\w+\}", PLACE, known[name].replace("{expected_plural}", plural))
            yield numbered(text[0].lower() + text[1:])


LITERAL = r'"((?:[^"\\\n]|\\.)*)"'
SPOKEN = re.compile(rf"\b(?:showNotice|announce|bind\(\[[^\]]*\],|control\(\"\w+\",|translate\(|tell\()\s*\(?{LITERAL}")
TAGGED = re.compile(r"\b(?:say|showNotice\(|announce\(|tell\()`")
COUNTED = re.compile(rf"\bmany\([^\"`]*?{LITERAL}, {LITERAL}\)")
VERDICT = re.compile(rf"(?:verdict[:=]?|\?|:|return) {LITERAL}")


def of_script(code: str) -> Iterator[str]:
    """Messages in JavaScript: say`…`, what is announced, and the words of keys and controls."""
    for match in re.finditer(rf"{SPOKEN.pattern}|{TAGGED.pattern}|{COUNTED.pattern}", code):
        if match[0].endswith("`"):
            yield template(code, match.end())
        elif match[2] is not None:
            yield from (f"{{1}} {word}" for word in (match[2], match[3]))
        else:
            yield match[1]


def template(code: str, start: int) -> str:
    """The message of a template literal that begins at `start`."""
    text, depth, at = "", 0, start
    while depth or code[at] != "`":
        if code.startswith("${", at) and not depth:
            text, depth, at = text + PLACE, 1, at + 2
            continue
        depth += {"{": 1, "}": -1}.get(code[at], 0) if depth else 0
        text += code[at] if not depth and code[at] != "}" else ""
        at += 1
    return numbered(text)


class Markup(HTMLParser):
    """Texts and labels of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        """Note the labels of an element."""
        self.silent = tag if tag in {"script", "style", "kbd", "title"} else ""
        self.found += [value for name, value in attrs if name in {"aria-label", "title", "placeholder"}]

    def handle_endtag(self, tag: str) -> None:
        """Texts count again."""
        self.silent = ""

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if not self.silent and len(data.strip()) > 1 and data.strip() != "whenabouts":
            self.found.append(data.strip())


def of_markup(text: str) -> Iterable[str]:
    parser = Markup()
    parser.feed(text)
    return parser.found


if __name__ == "__main__":
    main()
