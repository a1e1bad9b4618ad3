"""How well speech is recognised, and how exact its times are, where voices read sentences aloud.

    python bench/speech.py [--quick | --smoke] [--beam 5] [--numbers int8] [--device cpu]

Each voice reads sentences with pauses between them; what is said and when is known. Piper's English voice is natural,
eSpeak NG's are robots, and its Korean one is hardly Korean to Whisper: those figures are of the voice too. Errors are
of words (wer) or, for Korean, of characters (cer), without case and punctuation. A sentence is matched with the line
that it shares most time with, and the error is that of its start and of its end. A long video, the English sentences
again and again, is listened to in a process of its own: its peak of memory and how much faster than real
time it goes, by the clock and by the seconds of one CPU, which do not depend on what else the machine does.
The last line is JSON.
"""

from __future__ import annotations

import importlib
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import jiwer
import numpy as np
from _size import parser

from whenabouts.evidence.speech import SpeechRecogniser
from whenabouts.evidence.timed_text import TimedText
from whenabouts.synthetic.voices import RATE, Speech, read_aloud
from whenabouts.video import Video

SENTENCES = {
    "en": """Good morning, and thank you for coming.
My name is Martha, and I grew up in a small town by the sea.
I was never able to speak in front of people.
My father repaired boats, and my mother taught at the village school.
We did not have much money in those years.
When I was nineteen, I left for the city with one suitcase.
The first winter was terrible.
I worked in a bakery at night and studied during the day.
Nobody believed that the theatre would ever open.
Then the council asked me to plan the new bridge.
I made a mistake, and I want to be honest about it.
The budget was far too small from the beginning.
We should have told the public much earlier.
Later I learned that two of the engineers had warned him.
I am sorry for what happened to those families.
What would you do differently today?
I would listen more and talk less.
The river rose again in the spring.
Everybody helped to carry the books upstairs.
That night I finally understood what my mother meant.
My brother never forgave me for selling the house.
We still write letters to each other at Christmas.
If I could keep one photograph, it would be this one.
Thank you very much for your patience.""",
    "de": """Guten Morgen und herzlich willkommen.
Ich heiße Martha und komme aus einer kleinen Stadt am Meer.
Ich konnte nie vor vielen Menschen sprechen.
Mein Vater hat Boote repariert.
In jenen Jahren hatten wir nicht viel Geld.
Der erste Winter war schrecklich.
Niemand glaubte, dass das Theater jemals öffnen würde.
Ich habe einen Fehler gemacht.
Wir hätten es den Leuten früher sagen müssen.
Es tut mir leid, was damals passiert ist.
Im Frühling stieg der Fluss noch einmal.
Vielen Dank für Ihre Geduld.""",
    "ko": """안녕하세요, 와 주셔서 감사합니다.
제 이름은 김민수이고 바닷가 작은 마을에서 자랐습니다.
저는 사람들 앞에서 말을 잘 못했습니다.
아버지는 배를 고치는 일을 하셨습니다.
그때는 돈이 많지 않았습니다.
첫 번째 겨울은 정말 힘들었습니다.
저는 큰 실수를 했습니다.
예산이 처음부터 너무 적었습니다.
그 일에 대해 정말 미안하게 생각합니다.
봄에 강물이 다시 불어났습니다.""",
}
VOICES = {"": ("piper", "en"), "_en_robot": ("en-us", "en"), "_de": ("de", "de"), "_ko": ("ko", "ko")}
CHILD = """
import json, resource, sys, time
from whenabouts.evidence.speech import SpeechRecogniser
from whenabouts.video import Video
begun = time.perf_counter()
lines = SpeechRecogniser(device=sys.argv[2]).recognise(Video(sys.argv[1]), cache=False)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([len(lines), time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def main() -> None:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--beam", type=int, help="candidates that the search keeps")
    arguments.add_argument("--numbers", help="CTranslate2's compute type on a CPU")
    arguments.add_argument("--device", default="cpu")
    options = arguments.parse_args()
    if options.beam:
        vars(importlib.import_module("whenabouts.evidence.speech.listening"))["BEAM"] = options.beam
    if options.numbers:
        vars(importlib.import_module("whenabouts.evidence.speech.weights"))["CPU_NUMBERS"] = options.numbers
    recogniser = SpeechRecogniser(device=options.device)
    begun = time.perf_counter()
    _ = recogniser._whisper
    figures: dict[str, float] = {"load_seconds": round(time.perf_counter() - begun, 2)}
    errors: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        voices = options.size.pick(VOICES, VOICES, {name: VOICES[name] for name in ("", "_ko")})
        for suffix, (voice, language) in voices.items():
            sentences = SENTENCES[language].splitlines()[: options.size.pick(None, 8, 2)]
            made = read_aloud(sentences, voice, pause=0.7)
            path = write(Path(folder) / f"{voice}.mkv", made.samples)
            begun = time.perf_counter()
            with Video(path) as video:
                lines = recogniser.recognise(video, cache=False)
            took = time.perf_counter() - begun
            scores, of_voice = judge(made, lines, language)
            scores["speed"] = len(made.samples) / RATE / took
            if language != "ko":
                errors += of_voice
            print(f"{voice:6} " + "  ".join(f"{name} {value:.3f}" for name, value in scores.items()), flush=True)
            for (_, _, text), line in zip(made.sentences, best_lines(made, lines), strict=True):
                print(f"       {text}  ->  {line.text if line else '–'}")
            figures |= {name + suffix: round(value, 4) for name, value in scores.items()}
        minutes = options.size.pick(60, 5, 0.1)
        figures |= long_video(Path(folder) / "long.mkv", minutes, options.device)
    figures["median_time_error"] = round(float(np.median(errors)), 3) if errors else 99.0
    print(json.dumps(figures))


def judge(made: Speech, lines: list[TimedText], language: str) -> tuple[dict[str, float], list[float]]:
    """The figures of one voice, and the errors of starts and ends in seconds."""
    said, heard = plain(" ".join(text for _, _, text in made.sentences)), plain(" ".join(line.text for line in lines))
    errors = [
        error
        for (start, end, _), line in zip(made.sentences, best_lines(made, lines), strict=True)
        if line
        for error in (abs(line.start - start), abs(line.end - end))
    ]
    rate = {"cer": jiwer.cer(said, heard)} if language == "ko" else {"wer": jiwer.wer(said, heard)}
    right = sum(line.source.endswith(f"({language})") for line in lines) / max(1, len(lines))
    return rate | {
        "lines_per_sentence": len(lines) / len(made.sentences),
        "language_right": right,
        "time_error": float(np.median(errors)) if errors else 99.0,
    }, errors


def best_lines(made: Speech, lines: list[TimedText]) -> list[TimedText | None]:
    """For each sentence the line that shares most time with it."""

    def shared(line: TimedText, start: float, end: float) -> float:
        return min(line.end, end) - max(line.start, start)

    found = []
    for start, end, _ in made.sentences:
        line = max(lines, key=lambda line: shared(line, start, end), default=None)
        found.append(line if line and shared(line, start, end) > 0 else None)
    return found


def plain(text: str) -> str:
    """Lower case, without punctuation."""
    return " ".join(re.findall(r"[\w']+", text.casefold()))


def long_video(path: Path, minutes: float, device: str) -> dict[str, float]:
    """Listen to so many minutes of speech in a process of its own."""
    sentences, rng = SENTENCES["en"].splitlines(), random.Random(0)
    made = read_aloud(rng.sample(sentences, 12 if minutes >= 1 else 4), pause=0.7)
    times = max(1, round(minutes * 60 * RATE / len(made.samples)))
    write(path, np.tile(made.samples, times))
    command = [sys.executable, "-c", CHILD, str(path), device]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines, seconds, work, peak = json.loads(done.stdout)
    length = times * len(made.samples) / RATE
    print(
        f"{length:.0f} s of speech: {lines} lines in {seconds:.0f} s ({work:.0f} s of one CPU), {peak:.0f} MB at most"
    )
    expected = times * len(made.sentences)
    figures = {"long_speed": length / seconds, "long_cpu_speed": length / work, "peak_mb": peak}
    return {name: round(value, 2) for name, value in (figures | {"long_lines": lines / expected}).items()}


def write(path: Path, samples: np.ndarray) -> Path:
    """A small video with this sound."""
    with av.open(str(path), "w") as out:
        picture, sound = out.add_stream("mpeg4", rate=1), out.add_stream("flac", rate=RATE)
        picture.width = picture.height = 64
        picture.pix_fmt, sound.layout = "yuv420p", "mono"
        for number in range(len(samples) // RATE + 1):
            frame = av.VideoFrame(64, 64, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1)
            out.mux(picture.encode(frame))
        out.mux(picture.encode(None))
        for at in range(0, len(samples), RATE):
            block = (samples[None, at : at + RATE].clip(-1, 1) * 32767).astype(np.int16)
            heard = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="s16", layout="mono")
            heard.sample_rate, heard.pts, heard.time_base = RATE, at, Fraction(1, RATE)
            out.mux(sound.encode(heard))
        out.mux(sound.encode(None))
    return path


if __name__ == "__main__":
    main()
