"""How many images a server allows, in sentences of servers."""

from __future__ import annotations

import pytest

from whenabouts.grounders.llm.engines.openai.images import allowed, refuses_number

ARRAY = (
    "Invalid 'messages[1].content': array too long. Expected an array with maximum length 20, but got an array with "
)


@pytest.mark.parametrize(
    ("text", "shown", "limit"),
    [
        ("number of images (300) exceeds limit (4)", 300, 4),
        ("Number of images 300 exceeds the maximum of 16", 300, 16),
        ("number of images (300) exceeds the maximum allowed (16)", 300, 16),
        (f"{ARRAY}length 48 instead.", 48, 20),
        (f"{ARRAY}length 97 instead.", 48, 9),  # times between the images are parts too
        ("This model accepts up to six", 20, 6),
        ("The model accepts up to six images per request.", 20, 6),
        ("This model does not support multi-image input", 20, 1),
        ("multi-image input is not supported", 20, 1),
        ("Request contains 300 images, maximum is 16", 300, 16),
        ("content: List should have at most 10 items after validation, not 20", 20, 10),
        ("content should have at most 10 items", 20, 10),
        ("Please make sure that the number of images is less than 16", 300, 15),
        ("Too many images. Max: 50", 300, 50),
        ("Too many images: Maximum allowed is 8.", 300, 8),
        ("Too many images. Limit: 20, got: 300", 300, 20),
        ("Number of images must be in [1, 16]", 300, 16),
        ("I cannot process more than 16 images", 300, 16),
        ("too many images", 300, None),
        ("gpt-4 got too many images (300)", 300, None),
    ],
)
def test_refusals_of_a_number_of_images(text: str, shown: int, limit: int | None) -> None:
    assert refuses_number(text, shown) and allowed(text, shown) == limit


@pytest.mark.parametrize(
    "text",
    [
        "Image size exceeds limit 20 MB",
        "image exceeds 5 MB maximum: 6 MB > 5 MB",
        "image exceeds the maximum of 8000x8000 pixels",
        "max_tokens: at most 100 tokens",
        "temperature must be at most 2",
    ],
)
def test_other_bounds_are_none_of_a_number_of_images(text: str) -> None:
    assert not refuses_number(text, 9000)
