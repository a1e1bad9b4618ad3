"""What the operator says becomes what clients may ask."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from whenabouts.server.settings import Settings, model_aliases, read_secret


@pytest.mark.parametrize(
    ("given", "models"),
    [
        ((), {"similarity": "similarity"}),
        (("/models/best.pt",), {"best": "/models/best.pt"}),
        (("good=/models/a=b.pt",), {"good": "/models/a=b.pt"}),
        (("openai:http://gpu:8000/v1?a=b#Qwen",), {"Qwen": "openai:http://gpu:8000/v1?a=b#Qwen"}),
        (("similarity", "hub:tiny"), {"similarity": "similarity", "hub:tiny": "hub:tiny"}),
    ],
)
def test_clients_see_names_and_no_files_or_addresses(given: tuple[str, ...], models: dict[str, str]) -> None:
    assert model_aliases(given) == models


def test_the_library_is_the_one_that_index_made_in_the_first_folder(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", folders=(tmp_path / "videos",))
    assert settings.library_path == tmp_path / "data" / "library"
    (tmp_path / "videos" / ".whenabouts").mkdir(parents=True)
    (tmp_path / "videos" / ".whenabouts" / "encoder.txt").write_text("builtin\n")
    assert settings.library_path == tmp_path / "videos" / ".whenabouts"


def test_the_secret_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    first = read_secret(tmp_path)
    assert len(first) == 32 and read_secret(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
