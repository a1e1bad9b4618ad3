"""The words of a Q-Former, which are those of bert-base-uncased and come with no checkpoint of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whenabouts.errors import ModelError

__all__ = ["BERT", "words_of_qformer"]

BERT = "bert-base-uncased"
FILE = "vocab.txt"


def words_of_qformer(folder: Path) -> Any:
    """The tokenizer, from the folder `bert-base-uncased` in `folder`, else from the hub's cache; nothing is fetched.

    Long texts lose their beginning. Raises ModelError where neither has it.
    """
    from huggingface_hub import try_to_load_from_cache
    from transformers import BertTokenizer

    own = folder / BERT / FILE
    cached = [try_to_load_from_cache(name, FILE) for name in (BERT, f"google-bert/{BERT}")]
    found = [str(own)] * own.is_file() + [path for path in cached if isinstance(path, str)]
    if not found:  # transformers would make a tokenizer without words
        raise ModelError(
            f"the words of the Q-Former are not here: copy {BERT} of the hub, with its {FILE}, to {own.parent}"
        )
    reads: Any = BertTokenizer.from_pretrained(str(Path(found[0]).parent), truncation_side="left")
    reads.add_special_tokens({"bos_token": "[DEC]"})
    return reads
