"""Commands: everything that users can do, one command per file.

    Find      when sentences happen in one video
    Search    which moments of a library answer a sentence
    Index     take the videos of a folder into a library
    Pack      a trained head in a folder for others
    Predict   a model's answers on the videos of a benchmark
    Export    answers as files of other programs
    Select    which frames of a video are shown for a sentence
    Verify    whether an evidence bundle is as it was written
    Replay    whether the same answers come again
    Watch     when sentences happen in a stream, while they happen
    Evaluate  the score of such answers
    Compare   whether one system is better than another
    Audit     what a score is worth beside answers that never look, and a benchmark's biases
    Diagnose  what became of every query, and what a system has learned wrongly
    Clips     the moments of answers as files of their own
    Scenes    the shots of a video, with pictures
    Transcribe  what is said in a video, as a document
    Stringout the moments of answers as cuts for an editing program
    Stress    what is wrong with a model, beyond its score
    Train     a head that learns from the features of a benchmark
    PostTrain a video-language model that goes on learning by a recipe
    Leaderboard  what was published, and where a run stands among it

A command is a frozen pydantic model. Its fields are all its options, each with its default, bounds and help, and
`run` does it. Python, the command line, HTTP and MCP fill these models and call `run`: no behaviour lives in a door.
Each is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from whenabouts.plugins import lazily

if TYPE_CHECKING:
    from whenabouts.commands.audit import Audit
    from whenabouts.commands.bundle import Replay, Verify
    from whenabouts.commands.clips import Clips
    from whenabouts.commands.command import Command, Query
    from whenabouts.commands.compare import Compare
    from whenabouts.commands.diagnose import Diagnose
    from whenabouts.commands.evaluate import Evaluate
    from whenabouts.commands.export import Export
    from whenabouts.commands.find import Find
    from whenabouts.commands.index import Index
    from whenabouts.commands.leaderboard import Leaderboard
    from whenabouts.commands.pack import Pack
    from whenabouts.commands.post_train import PostTrain
    from whenabouts.commands.predict import Predict
    from whenabouts.commands.scenes import Scenes
    from whenabouts.commands.search import Search
    from whenabouts.commands.select import Select
    from whenabouts.commands.stress import Stress
    from whenabouts.commands.stringout import Stringout
    from whenabouts.commands.train import Train
    from whenabouts.commands.transcript import Transcribe
    from whenabouts.commands.watch import Watch

__all__ = [
    "Audit",
    "Clips",
    "Command",
    "Compare",
    "Diagnose",
    "Evaluate",
    "Export",
    "Find",
    "Index",
    "Leaderboard",
    "Pack",
    "PostTrain",
    "Predict",
    "Query",
    "Replay",
    "Scenes",
    "Search",
    "Select",
    "Stress",
    "Stringout",
    "Train",
    "Transcribe",
    "Verify",
    "Watch",
]

__getattr__ = lazily(
    __name__,
    {
        "Audit": "whenabouts.commands.audit:Audit",
        "Clips": "whenabouts.commands.clips:Clips",
        "Command": "whenabouts.commands.command:Command",
        "Compare": "whenabouts.commands.compare:Compare",
        "Diagnose": "whenabouts.commands.diagnose:Diagnose",
        "Evaluate": "whenabouts.commands.evaluate:Evaluate",
        "Export": "whenabouts.commands.export:Export",
        "Find": "whenabouts.commands.find:Find",
        "Index": "whenabouts.commands.index:Index",
        "Leaderboard": "whenabouts.commands.leaderboard:Leaderboard",
        "Pack": "whenabouts.commands.pack:Pack",
        "PostTrain": "whenabouts.commands.post_train:PostTrain",
        "Predict": "whenabouts.commands.predict:Predict",
        "Query": "whenabouts.commands.command:Query",
        "Replay": "whenabouts.commands.bundle:Replay",
        "Scenes": "whenabouts.commands.scenes:Scenes",
        "Search": "whenabouts.commands.search:Search",
        "Select": "whenabouts.commands.select:Select",
        "Stress": "whenabouts.commands.stress:Stress",
        "Stringout": "whenabouts.commands.stringout:Stringout",
        "Train": "whenabouts.commands.train:Train",
        "Transcribe": "whenabouts.commands.transcript:Transcribe",
        "Verify": "whenabouts.commands.bundle:Verify",
        "Watch": "whenabouts.commands.watch:Watch",
    },
)
