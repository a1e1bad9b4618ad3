"""The program speaks the language of its environment, and its interfaces stay English."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from subtitled import video as subtitled_video

import whenabouts

KOREAN = {"LANG": "ko_KR.UTF-8"}
QUOTE = 'somebody says "approved the budget"'
HANGUL = re.compile("[가-힣]")
SOURCE = Path(whenabouts.__file__).parent


def program(*words: str, source: Path = SOURCE.parent, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program with no other settings of language than those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    kept |= {"COLUMNS": "100", "PYTHONPATH": os.pathsep.join([str(source), *sys.path]), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "whenabouts", *words]
    return subprocess.run(
        command, env=kept | environment, capture_output=True, text=True, check=False, encoding="utf-8"
    )


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [(1.0, 2.0, "Parliament approved the budget.")]
    return subtitled_video(tmp_path_factory.mktemp("talk") / "talk.mkv", seconds=4, codec="subrip", lines=lines)


def test_help_is_korean() -> None:
    shown = program("find", "--help", **KOREAN).stdout
    for word in ("사용법:", "╭─ 인자", "╭─ 옵션", "[기본값: similarity]", "[필수]", "이 도움말을 보여 주고"):
        assert word in shown
    assert "QUERY가 VIDEO의 언제 일어나는지" in shown
    assert not re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", shown), "some help is English"


@pytest.mark.parametrize("words", [(), ("library",), ("evaluate",)])
def test_no_letter_of_a_help_text_is_cut_and_all_lines_are_as_wide(words: tuple[str, ...]) -> None:
    lines = program(*words, "--help", **KOREAN).stdout.splitlines()
    framed = [line for line in lines if line.startswith(("│", "╭", "╰"))]
    assert {cell_len(line) for line in framed} == {100}
    assert not [line for line in framed if re.search(r"[가-힣] ?… ", line)]


def test_a_table_is_korean_and_its_columns_are_straight(talk: Path) -> None:
    done = program("find", str(talk), QUOTE, "--evidence", "said", **KOREAN)
    assert done.returncode == 0, done.stderr
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    at = next(number for number, line in enumerate(lines) if "시작" in line)
    head, row = lines[at], lines[at + 2]
    assert head.split() == ["시작", "끝", "길이", "점수", "근거"]
    assert "말: “Parliament approved the budget.”" in row
    for name, cell in (("끝", "0:02.0"), ("길이", "1.0 s")):  # to the right
        right = [cell_len(line[: line.index(word) + len(word)]) for line, word in ((head, name), (row, cell))]
        assert right[0] == right[1]
    left = [cell_len(line[: line.index(word)]) for line, word in ((head, "근거"), (row, "말:"))]
    assert left[0] == left[1]
    assert "이 비디오에 있음 (확률" in " ".join(done.stdout.split())


def test_what_is_absent_and_what_is_noted_is_said_in_korean(talk: Path) -> None:
    done = program("find", str(talk), "a rocket", "--evidence", "said", **KOREAN)
    assert "순간을 찾지 못했습니다" in done.stdout or "이 비디오에는 아마 없음" in done.stdout
    assert not re.search(r"no moment|probably|note:", done.stdout)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["find", "no.mp4", "x"], "whenabouts: no.mp4: 없는 파일입니다\n"),
        (["find", "no.mp4", " "], "빈 질의가 있습니다"),
        (["find", "{talk}", "x", "--model", "nope"], "알 수 없는 모델 'nope'. 다음 중에서 고르십시오: similarity"),
        (["find", "{talk}", "x", "--save", "x.unknown"], "아는 형식의 확장자가 아닙니다"),
        (["index", "no"], "no: 디렉터리가 아닙니다"),
        (["find"], ""),
        (["find", "x.mp4"], "질의가 없습니다"),
        (["edit", "x.mp4"], "인자 'EDIT'"),
        (["find", "x.mp4", "x", "--top", "0"], "'--top'의 값이 잘못되었습니다: 입력은 1 이상이어야 합니다"),
        (["find", "x.mp4", "x", "--sideways"], "없는 옵션: --sideways"),
        (["fnid"], "'find'을(를) 찾으십니까?"),
        (["serve", "--port"], "╭─ 오류 ─"),
    ],
)
def test_errors_are_korean(words: list[str], sentence: str, talk: Path) -> None:
    done = program(*(word.replace("{talk}", str(talk)) for word in words), **KOREAN)
    assert done.returncode in (1, 2)
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert HANGUL.search(done.stderr + done.stdout)


def test_interfaces_stay_english(talk: Path) -> None:
    words = ("find", str(talk), QUOTE, "--evidence", "said", "--json")
    korean, english = (program(*words, **language) for language in (KOREAN, {}))
    assert json.loads(korean.stdout) == json.loads(english.stdout)
    code = "import whenabouts\ntry: whenabouts.find('no.mp4', 'x')\nexcept whenabouts.WhenaboutsError as e: print(e)"
    environment = os.environ | KOREAN | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "no.mp4 does not exist\n"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"LANG": "xx_YY.UTF-8"},
        {"LC_ALL": "C", "LANG": "ko_KR.UTF-8", "PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "POSIX", "LANGUAGE": "ko"},
        {"LANG": "ko_KR.UTF-8", "PYTHONIOENCODING": "ascii"},
        {"LANG": "ko_KR.UTF-8", "PYTHONIOENCODING": "cp1252"},
    ],
)
def test_otherwise_it_is_english(environment: dict[str, str], talk: Path) -> None:
    failed = program("find", "no.mp4", "x", **environment)
    assert failed.stderr == "whenabouts: no.mp4 does not exist\n"
    helped = program("library", "--help", **environment)
    assert helped.returncode == 0, helped.stderr
    assert "Inspect and maintain a library." in helped.stdout


def test_korean_in_the_encoding_of_korea() -> None:
    environment = {**os.environ, "LANG": "ko_KR.EUC-KR", "PYTHONIOENCODING": "euc-kr"}
    environment |= {"PYTHONPATH": os.pathsep.join(sys.path)}
    environment = {name: value for name, value in environment.items() if not name.startswith("LC_")}
    command = [sys.executable, "-m", "whenabouts", "find", "no.mp4", "x"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.stderr.decode("euc-kr") == "whenabouts: no.mp4: 없는 파일입니다\n"


@pytest.mark.parametrize("content", [None, "{", '{"language": "한국어", "texts": []}'])
def test_a_catalogue_that_is_broken_or_lost_leaves_english(content: str | None, tmp_path: Path) -> None:
    copy = tmp_path / "src" / "whenabouts"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("weights", "__pycache__"))
    file = copy / "language" / "ko.json"
    if content is None:
        file.unlink()
    else:
        file.write_text(content, "utf-8")
    done = program("find", "no.mp4", "x", source=copy.parent, **KOREAN)
    assert done.stderr == "whenabouts: no.mp4 does not exist\n"


def test_english_loads_no_catalogue_and_nothing_of_rich() -> None:
    code = (
        "import sys\nfrom whenabouts.cli.app import app\nfrom whenabouts.language import translate\n"
        "import typer; typer.main.get_command(app); translate('x')\n"
        "from whenabouts.language.catalogue import translations\n"
        "print(translations.cache_info().currsize, 'rich.table' in sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    environment |= {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "0 False\n"
