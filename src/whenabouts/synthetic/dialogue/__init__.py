"""Dialogues of many kinds and languages, with questions and the true windows of their answers."""

from whenabouts.synthetic.dialogue.make import Dialogue, load_recipe, make_dialogue
from whenabouts.synthetic.dialogue.recipe import HALVES, RECIPES, Half, Recipe
from whenabouts.synthetic.dialogue.script import Question, Script, expand

__all__ = [
    "HALVES",
    "RECIPES",
    "Dialogue",
    "Half",
    "Question",
    "Recipe",
    "Script",
    "expand",
    "load_recipe",
    "make_dialogue",
]
