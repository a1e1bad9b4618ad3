"""The systems by name. What each needs and promises stands in its protocol; a system is one entry, its prompts data.

Sources: the repositories named with each; figures are those of their READMEs unless marked.
"""

from __future__ import annotations

import json
from pathlib import Path

from whenabouts.grounders.llm.protocol import Protocol
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["SYSTEMS", "system_for", "system_of_run"]

TIMELENS = (
    "Please find the visual event described by the sentence '{}', determining its starting and ending times. "
    "The format should be: 'The event happens in <start time> - <end time> seconds'."
)
TIMECHAT = (
    "Please find the visual event described by a sentence in the video, determining its starting and ending times. "
    "The format should be: 'The event happens in the start time - end time'. For example, The event 'person turn a "
    "light on' happens in the 24.3 - 30.4 seonds. Now I will give you the textual sentence: {}. Please return its "
    "start time and end time."
)
QWEN3 = Sampling(side=32, budget=14336, small=64)


def _lower(query: str) -> str:
    """As Time-R1 was trained: lower case, without the last full stop."""
    return query.strip().removesuffix(".").lower()


QWEN2_VL = Protocol(
    name="qwen2-vl",
    title="Qwen2-VL",
    question=TIMELENS,
    stamps="frames",
    stamp="<{:.1f} seconds>",
    backbone="Qwen2-VL",
    checkpoints=("Qwen/Qwen2-VL-2B-Instruct", "Qwen/Qwen2-VL-7B-Instruct"),
    licence="Apache-2.0",
    paper="2409.12191",
    source="TimeLens' question; the model knows no absolute time, so it is told in words",
)
QWEN2_5_VL = Protocol(
    name="qwen2.5-vl",
    title="Qwen2.5-VL",
    question=TIMELENS,
    sampling=Sampling(budget=14336),
    backbone="Qwen2.5-VL",
    checkpoints=tuple(f"Qwen/Qwen2.5-VL-{size}B-Instruct" for size in (3, 7, 32, 72)),
    licence="Apache-2.0; 3B research only, 72B Qwen licence (not confirmed)",
    paper="2502.13923",
    source="TimeLens' question without its prefix",
    memory="7B: 15.4 GiB of weights in bf16",
    numbers="TimeLens-Bench R1@0.3/0.5/0.7/mIoU, 7B: Charades 59.7/37.8/16.6/39.3 (TimeLens)",
)
QWEN3_VL = Protocol(
    name="qwen3-vl",
    title="Qwen3-VL",
    question=TIMELENS,
    stamps="pairs",
    stamp="<{:.1f} seconds>",
    sampling=QWEN3,
    backbone="Qwen3-VL",
    checkpoints=tuple(f"Qwen/Qwen3-VL-{size}B-Instruct" for size in (2, 4, 8, 32)),
    licence="Apache-2.0",
    source="TimeLens' question without its prefix",
    memory="8B: 16.3 GiB of weights in bf16",
    numbers="TimeLens-Bench R1@0.3/0.5/0.7/mIoU, 8B: Charades 69.2/53.4/27.5/48.3 (TimeLens)",
)
QWEN3_5 = Protocol(
    name="qwen3.5",
    title="Qwen3.5",
    question=TIMELENS,
    stamps="pairs",
    stamp="<{:.1f} seconds>",
    sampling=QWEN3,
    backbone="Qwen3.5",
    checkpoints=("Qwen/Qwen3.5-4B",),
    licence="Apache-2.0 (not confirmed)",
    source="TimeLens' question without its prefix",
)
TIME_R1 = Protocol(
    name="time-r1",
    title="Time-R1",
    system="You are a helpful assistant.",
    question=(
        'To accurately pinpoint the event "{}" in the video, determine the precise time period of the event.\n\n'
        "Output your thought process within the <think> </think> tags, including analysis with either specific time "
        "ranges (xx.xx to xx.xx) in <timestep> </timestep> tags.\n\n"
        "Then, provide the start and end times (in seconds, precise to two decimal places) in the format "
        '"start time to end time" within the <answer> </answer> tags. For example: "12.54 to 17.83".'
    ),
    tidy=_lower,
    parser="time_r1",
    tokens=1024,
    sampling=Sampling(budget=3584),
    backbone="Qwen2.5-VL",
    checkpoints=("Boshenxx/Time-R1-7B", "Boshenxx/Time-R1-3B"),
    licence="Apache-2.0 (code)",
    paper="2503.13377",
    source="www-Ye/Time-R1, final version",
    memory="7B: 15.4 GiB of weights in bf16",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 78.1/60.8/35.3; fine-tuned 82.8/72.2/50.1",
)
TIMELENS_7B = Protocol(
    name="timelens-7b",
    title="TimeLens-7B",
    prefix=(
        "You are given a video with multiple frames. The numbers before each video frame indicate its sampling "
        "timestamp (in seconds). "
    ),
    question=TIMELENS,
    stamps="frames",
    stamp="{:.1f}",
    sampling=Sampling(budget=14336, small=64, most=448),
    backbone="Qwen2.5-VL",
    checkpoints=("TencentARC/TimeLens-7B",),
    licence="academic, not for use within the EU",
    paper="2512.14698",
    source="TencentARC/TimeLens; how its own processor writes the numbers lies in the checkpoint and is not confirmed",
    memory="15.4 GiB of weights in bf16",
    numbers="TimeLens-Bench R1@0.3/0.5/0.7/mIoU: Charades 70.5/55.6/28.4/48.8",
)
TIMELENS_8B = Protocol(
    name="timelens",
    title="TimeLens-8B",
    question=TIMELENS,
    stamps="pairs",
    stamp="<{:.1f} seconds>",
    sampling=Sampling(side=32, budget=14336, small=64, most=448),
    backbone="Qwen3-VL",
    checkpoints=("TencentARC/TimeLens-8B",),
    licence="academic, not for use within the EU",
    paper="2512.14698",
    source="TencentARC/TimeLens",
    memory="16.3 GiB of weights in bf16",
    numbers="TimeLens-Bench R1@0.3/0.5/0.7/mIoU: Charades 76.6/63.0/35.2/55.2",
)
UNITIME = Protocol(
    name="unitime",
    title="UniTime",
    question=(
        "This is a sequence interleaved with timestamps and frames. Your task is to identify the temporal window "
        "(start and end timestamps) when the given query appears."
    ),
    second="Query:{}\nAnswer: ",
    stamps="pairs",
    stamp="timestamp: {:.1f} seconds; feature: ",
    parser="unitime",
    tokens=128,
    longest=128.0,
    sampling=Sampling(most=2048, budget=16384),
    backbone="Qwen2-VL",
    checkpoints=("zeqianli/UniTime",),
    licence="none stated",
    paper="2506.18883",
    source="Lzq5/UniTime; films beyond 128 s are asked in windows here, coarse-to-fine there",
)
VIDEOCHAT_FLASH = Protocol(
    name="videochat-flash",
    title="VideoChat-Flash",
    question=TIMECHAT,
    parser="videochat_flash",
    tokens=50,
    sampling=Sampling(fps=1.0, most=512),
    backbone="UMT-L and Qwen2, code in the checkpoint",
    checkpoints=("OpenGVLab/VideoChat-Flash-Qwen2-7B_res448",),
    licence="MIT (code)",
    paper="2501.00574",
    source="OpenGVLab/VideoChat-Flash; the rate of frames is not confirmed",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 74.5/53.1/27.6 (as quoted by Time-R1)",
)
TIMESUITE = Protocol(
    name="timesuite",
    title="TimeSuite (VideoChat-T)",
    prefix="The video contains {count} frames sampled at {times} seconds. ",
    stamps="list",
    question=TIMECHAT,
    parser="timesuite",
    tokens=50,
    sampling=Sampling(least=128, most=128),
    backbone="UMT-L, Q-Former and Mistral-7B, with token shuffle and adapters of its own",
    checkpoints=("Lanxingxuan/TimeSuite",),
    licence="none stated",
    paper="2410.19702",
    source="the name of the data set that its question has room for is left out",
    status="needs head",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 69.9/48.7/24.0; fine-tuned 79.4/67.1/43.0",
)
TEMPSAMP_R1 = Protocol(
    name="tempsamp-r1",
    title="TempSamp-R1",
    system="You are a helpful assistant.",
    question=TIME_R1.question,
    tidy=_lower,
    parser="time_r1",
    tokens=1024,
    sampling=Sampling(budget=3584),
    backbone="Qwen2.5-VL",
    licence="not confirmed",
    paper="2509.18056",
    source="its prompt is not confirmed; asked as Time-R1, whose answer format it shares",
    numbers="Charades-STA R1@0.7 52.9 (abstract)",
)
TAR_TVG = Protocol(
    name="tar-tvg",
    title="TAR-TVG",
    system="You are a helpful assistant.",
    question=TIME_R1.question.replace("<timestep> </timestep>", "<timestamp> </timestamp>"),
    tidy=_lower,
    parser="time_r1",
    tokens=1024,
    sampling=Sampling(budget=3584),
    backbone="Qwen2.5-VL",
    licence="no release found",
    paper="2508.07683",
    source="no code found; its tags in Time-R1's words",
    numbers="Charades-STA mIoU 61.1, 7B (as summarised elsewhere, not seen in the paper)",
)
VIDEOTEMP_O3 = Protocol(
    name="videotemp-o3",
    title="VideoTemp-o3",
    question=TIMELENS,
    backbone="Qwen2.5-VL",
    licence="not confirmed",
    paper="2602.07801",
    source="its tool calls are not confirmed; asked once, without them",
)

SYSTEMS: dict[str, Protocol] = {
    system.name: system
    for system in [
        QWEN2_VL,
        QWEN2_5_VL,
        QWEN3_VL,
        QWEN3_5,
        TIME_R1,
        UNITIME,
        TIMELENS_7B,
        TIMELENS_8B,
        VIDEOCHAT_FLASH,
        TIMESUITE,
        TEMPSAMP_R1,
        TAR_TVG,
        VIDEOTEMP_O3,
    ]
}


def system_for(model: str) -> Protocol:
    """The protocol of a model by its name on a server: of its checkpoint, else its family, else TimeLens' question."""
    plain = model.lower().replace("_", "-")
    for system in SYSTEMS.values():
        if any(checkpoint.lower().split("/")[-1] in plain for checkpoint in system.checkpoints):
            return system
    for name in sorted(SYSTEMS, key=len, reverse=True):
        if name in plain:
            return SYSTEMS[name]
    return QWEN2_VL


def system_of_run(folder: Path) -> Protocol | None:
    """How a model that `whenabouts post-train` left in a folder is asked: as it was trained. None for other folders."""
    try:
        recipe = json.loads((folder / "receipt.json").read_text("utf-8"))["recipe"]
        return Protocol(
            name=str(recipe["name"]),
            title=str(recipe["name"]),
            question=str(recipe["prompt"]),
            stamps="frames",
            stamp=str(recipe["stamp"]),
            text_first=bool(recipe["question_first"]),
            tidy=_lower if recipe["lower"] else str.strip,
            tokens=int(recipe.get("tokens", 200)),
            sampling=Sampling(
                fps=float(recipe["fps"]), most=int(recipe["frames"]), budget=int(recipe["visual_tokens"])
            ),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
