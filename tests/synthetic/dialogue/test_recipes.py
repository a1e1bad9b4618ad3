"""Every recipe is complete, keeps its promises, and expands to the same script each time."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from whenabouts.errors import InputError
from whenabouts.synthetic.dialogue import HALVES, RECIPES, Recipe, Script, expand, load_recipe

LETTERS = {"ko": "[가-힣]", "ja": "[ぁ-んァ-ヶ]", "zh": "[一-鿿]"}
FREQUENT = {  # words that any text in the language holds many times
    "en": "the and was of to",
    "de": "der die das und ich",
    "es": "el la de que en",
    "fr": "le la les de est",
}


@pytest.fixture(params=RECIPES)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return load_recipe(request.param)


@pytest.fixture
def script(recipe: Recipe) -> Script:
    return expand(recipe)


def said(script: Script) -> list[str]:
    return [cue.text.replace("\n", " ") for cue in script.cues if cue.text]


def test_a_script_has_150_to_700_cues_in_order_without_overlap(script: Script) -> None:
    assert 150 <= len(script.cues) <= 700
    edges = [edge for cue in script.cues for edge in (cue.start, cue.end)]
    assert edges == sorted(edges) and edges[0] > 0 and edges[-1] < script.duration


def test_every_question_has_its_windows_inside_the_dialogue(recipe: Recipe, script: Script) -> None:
    assert 20 <= len(script.questions) <= 35
    assert len({question.query for question in script.questions}) == len(script.questions)
    for question in script.questions:
        assert bool(question.windows) == (question.kind != "absent")
        assert all(0 <= start < end <= script.duration for start, end in question.windows)
    absent = sum(question.kind == "absent" for question in script.questions)
    assert 0.1 <= absent / len(script.questions) <= 0.2


def test_what_is_absent_is_never_said(recipe: Recipe, script: Script) -> None:
    text = " ".join(said(script)).casefold()
    for question in recipe.questions:
        assert not [word for word in question.absent if word.casefold() in text], question.ask


def test_an_every_question_has_more_than_one_window(script: Script) -> None:
    assert all(len(question.windows) > 1 for question in script.questions if question.all)
    assert any(question.all for question in script.questions)


def test_each_dialogue_has_an_event_in_black_and_questions_of_many_kinds(script: Script) -> None:
    assert "black" in {cue.show for cue in script.cues} or "bars" in {cue.show for cue in script.cues}
    kinds = Counter(question.kind for question in script.questions)
    assert {"act", "topic", "ordinal", "relation", "question", "signal", "absent"} <= set(kinds)


def test_the_lines_are_in_the_language_that_the_recipe_names(recipe: Recipe, script: Script) -> None:
    text = " ".join(said(script)).casefold()
    if recipe.language in LETTERS:
        assert len(re.findall(LETTERS[recipe.language], text)) > 0.3 * len(text)
        assert len(re.findall("[a-z]", text)) < 0.05 * len(text)
    else:
        words = Counter(re.findall(r"\w+", text))
        counts = {name: sum(words[word] for word in frequent.split()) for name, frequent in FREQUENT.items()}
        assert max(counts, key=lambda name: counts[name]) == recipe.language


def test_questions_do_not_repeat_the_line_that_answers_them(recipe: Recipe, script: Script) -> None:
    """A quote may; of any other question the words of more than three letters are not all in the line."""
    for question in script.questions:
        if question.kind in {"quote", "signal", "absent"} or question.language in LETTERS:
            continue
        words = set(re.findall(r"\w{4,}", question.query.casefold()))
        for start, end in question.windows:
            lines = " ".join(cue.text or "" for cue in script.cues if start <= cue.start and cue.end <= end).casefold()
            assert not words or not all(word in lines for word in words), question.query


def test_a_seed_gives_the_same_script_and_another_seed_another(recipe: Recipe) -> None:
    assert expand(recipe, 5) == expand(recipe, 5)
    other = expand(recipe, 6)
    assert other.subtitles() != expand(recipe, 5).subtitles()
    assert [q.query for q in other.questions] == [q.query for q in recipe_questions(recipe)]


def recipe_questions(recipe: Recipe) -> tuple:
    return expand(recipe, 5).questions


def test_both_halves_have_english_korean_and_other_languages() -> None:
    recipes = [load_recipe(name) for name in RECIPES]
    for half in HALVES:
        languages = {recipe.language for recipe in recipes if recipe.half == half}
        assert {"en", "ko"} < languages, half
    assert {"de", "es", "fr", "zh", "ja"} <= {recipe.language for recipe in recipes}
    kinds = Counter((recipe.kind, recipe.language) for recipe in recipes)
    assert len(recipes) >= 12 and max(kinds.values()) == 1
    asked_in = Counter(q.language is not None for recipe in recipes for q in recipe.questions)
    assert asked_in[True] >= len(recipes)


def test_no_key_line_stands_in_both_halves() -> None:
    lines = {half: set() for half in HALVES}
    for name in RECIPES:
        recipe = load_recipe(name)
        lines[recipe.half] |= {
            key.say for chapter in recipe.chapters for key in chapter.keys if key.say and not key.show
        }
    assert not lines["tuning"] & lines["held-out"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind = 3\n= 4", "is not a recipe of a dialogue"),
        ("kind = 'x'\nhalf = 'tuning'\nlanguage = 'en'", "is not a recipe of a dialogue: 'questions'"),
        (
            "kind = 'x'\nhalf = 'some'\nlanguage = 'en'\nquestions = []\nchapters = []",
            "unknown half 'some'",
        ),
        (
            "kind = 'x'\nhalf = 'tuning'\nlanguage = 'en'\nchapters = []\n"
            "questions = [{ ask = 'why', kind = 'act', when = ['a'], absent = ['b'] }]",
            "'why' needs either `when` or `absent`",
        ),
    ],
)
def test_a_bad_recipe_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        Recipe.load(path)


def test_a_question_about_a_missing_key_says_so(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        "kind = 'x'\nhalf = 'tuning'\nlanguage = 'en'\nquestions = [{ ask = 'q', kind = 'act', when = ['gone'] }]\n"
        "[[chapters]]\ntitle = 't'\nlines = 3\nfiller = ['a.']\nkeys = [{ id = 'here', say = 'b.' }]",
        "utf-8",
    )
    with pytest.raises(InputError, match=r"bad\.toml: no key 'gone'"):
        expand(Recipe.load(path))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"unknown dialogue 'opera'; choose from: .*lighthouse"):
        load_recipe("opera")
