"""Colours of charts in light and in dark, by role: told apart without seeing colour well, and clear of the paper."""

from __future__ import annotations

__all__ = ["DARK", "LIGHT", "SERIES", "css"]

SERIES = ("one", "two", "three", "four", "five", "six")  # in this order; a seventh begins again, drawn otherwise
LIGHT = {
    "ink": "#17181b",
    "soft": "#62666d",
    "line": "#dededb",
    "paper": "#ffffff",
    "one": "#0068a8",
    "two": "#c8500a",
    "three": "#2f7d4f",
    "four": "#a83279",
    "five": "#806000",
    "six": "#5b45c2",
}
DARK = {
    "ink": "#f2f2ef",
    "soft": "#9da1a9",
    "line": "#2f3136",
    "paper": "#17181b",
    "one": "#58b4f0",
    "two": "#ff8f4a",
    "three": "#6fd08c",
    "four": "#f08cc4",
    "five": "#e0bc4a",
    "six": "#b39afa",
}


def css(dark: str) -> str:
    """Rules that colour charts; `dark` is the selector, or the @media rule, under which they are dark."""
    rules = "".join(
        f".chart .f-{role} {{ fill: var(--chart-{role}); }} .chart .s-{role} {{ stroke: var(--chart-{role}); }}\n"
        for role in LIGHT
    )
    light, darker = (
        " ".join(f"--chart-{role}: {colour};" for role, colour in colours.items()) for colours in (LIGHT, DARK)
    )
    under = f"{dark} {{ .chart {{ {darker} }} }}" if dark.startswith("@") else f"{dark} .chart {{ {darker} }}"
    return f".chart {{ {light} }}\n{under}\n{rules}"
