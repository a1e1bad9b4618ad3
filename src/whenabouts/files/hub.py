"""Repositories of the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whenabouts.errors import ModelError

__all__ = ["fetched"]


def fetched(name: str, **how: Any) -> Path:
    """The folder of a repository's snapshot, downloaded where it is not in the cache.

    how: what `snapshot_download` takes

    Raises ModelError for a repository that is not there, is gated, or cannot be reached.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    transport: Any = HfHubHTTPError.__mro__[1]  # the base of what its client raises where no connection can be made
    try:
        return Path(snapshot_download(name, **how))
    except GatedRepoError as error:
        raise ModelError(
            f"{name} is gated: accept its terms at https://huggingface.co/{name}, then log in with `hf auth login`"
        ) from error
    except RepositoryNotFoundError as error:
        raise ModelError(
            f"the hub has no repository {name}, or it is private: check the name, or log in with `hf auth login`"
        ) from error
    except (OSError, ValueError, transport) as error:
        cause = error.__cause__ if isinstance(error, LocalEntryNotFoundError) and error.__cause__ else error
        told = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        raise ModelError(f"{name} is not a local folder and cannot be downloaded from the hub: {told}") from error
