"""Damage to bytes and to JSON, by a random generator that is given."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

__all__ = ["damaged"]

NUMBERS = (0, 1, 2, 127, 128, 255, 256, 32767, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)
NASTY: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1e308, -1e308, 1e-320, 0.1 + 0.2, 10**30, -(2**63), 2**53 + 1, -0.0),
    *("", " ", "\0", "\ud800", "\x1b]0;x\x07", "../../x", "a" * 5000, "0", "NaN", "1e999", "名前", "%s{}{0}"),
    *([], {}, [[]], [None], [[0, 0]], [[1, 0]], [[-5, 1e12]], {"": None}, [[[[[[]]]]]], [[1, 2, 3, 4, 5]]),
)
TOKENS = (
    b"\0",
    b"\n",
    b"\r",
    b"\xff",
    b"\xef\xbb\xbf",
    b"NaN",
    b"Infinity",
    b"-1",
    b"1e999",
    b"9" * 400,
    b"../",
    b"%n",
)


def damaged(seed: bytes, others: Sequence[bytes], tokens: Sequence[bytes], random: Random) -> bytes:
    """A damaged input; `others` are inputs to splice with."""
    if _is_json(seed) and random.random() < 0.6:
        return _json(seed, random)
    data = seed
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        data = random.choice(WAYS)(data, others, [*TOKENS, *tokens], random)
    return data


def _span(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.choice((1, 2, 4, 16, 64, 512, 4096)))


def _flip(data: bytes, _others: Sequence[bytes], _tokens: Sequence[bytes], random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 4, 32)) if data else 0):
        changed[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _number(data: bytes, _others: Sequence[bytes], _tokens: Sequence[bytes], random: Random) -> bytes:
    """A length, an offset or a count becomes absurd; most fields of sizes lie near the beginning of something."""
    width = random.choice((1, 2, 4, 8))
    start = random.randrange(min(len(data), random.choice((64, 512, 1 << 30))) + 1)
    number = (random.choice(NUMBERS) % 256**width).to_bytes(width, random.choice(("little", "big")))
    return data[:start] + number + data[start + width :]


def _zeros(data: bytes, _others: Sequence[bytes], _tokens: Sequence[bytes], random: Random) -> bytes:
    start, end = _span(data, random)
    return data[:start] + bytes([random.choice((0, 255))]) * (end - start) + data[end:]


def _cut(data: bytes, _others: Sequence[bytes], _tokens: Sequence[bytes], random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _remove(data: bytes, _others: Sequence[bytes], _tokens: Sequence[bytes], random: Random) -> bytes:
    start, end = _span(data, random)
    return data[:start] + data[end:]


def _repeat(data: bytes, _others: Sequence[bytes], _tokens: Sequence[bytes], random: Random) -> bytes:
    start, end = _span(data, random)
    return data[:start] + data[start:end] * random.choice((2, 3, 50)) + data[end:]


def _splice(data: bytes, others: Sequence[bytes], _tokens: Sequence[bytes], random: Random) -> bytes:
    other = random.choice(others) if others else data
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def _token(data: bytes, _others: Sequence[bytes], tokens: Sequence[bytes], random: Random) -> bytes:
    start, end = _span(data, random)
    return data[:start] + random.choice(tokens) + data[random.choice((start, end)) :]


def _digits(data: bytes, _others: Sequence[bytes], _tokens: Sequence[bytes], random: Random) -> bytes:
    """A number that is written in figures becomes another one."""
    places = [k for k, byte in enumerate(data[:100_000]) if 48 <= byte <= 57]
    if not places:
        return data
    start = random.choice(places)
    end = start
    while end < len(data) and 48 <= data[end] <= 57:
        end += 1
    new = random.choice(
        (b"", b"0", b"-1", b"1e400", b"nan", b"inf", b"9" * random.choice((2, 9, 19, 40, 5000)), b"0.0")
    )
    return data[:start] + new + data[end:]


Way = Callable[[bytes, Sequence[bytes], Sequence[bytes], Random], bytes]
WAYS: tuple[Way, ...] = (_flip, _flip, _number, _number, _zeros, _cut, _remove, _repeat, _splice, _token, _digits)


def _is_json(data: bytes) -> bool:
    return data[:1] in b"[{" and bool(data)


def _json(data: bytes, random: Random) -> bytes:
    """A value somewhere in it becomes another one, goes, or is there twice. JSON Lines are changed line by line."""
    try:
        values = [json.loads(data)]
    except ValueError:
        try:
            values = [json.loads(line) for line in data.splitlines()]
        except ValueError:
            return data
    for _ in range(random.choice((1, 1, 2, 4))):
        k = random.randrange(len(values))
        values[k] = _changed(values[k], random)
    lines = [json.dumps(value, ensure_ascii=random.random() < 0.9) for value in values]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _changed(value: Any, random: Random) -> Any:
    if isinstance(value, dict) and value and random.random() < 0.85:
        name = random.choice(list(value))
        what = random.random()
        if what < 0.1:
            return {key: item for key, item in value.items() if key != name}
        if what < 0.15:
            return value | {random.choice(("", "\0", "qid", "duration", name + " ")): value[name]}
        return value | {name: _changed(value[name], random)}
    if isinstance(value, list) and value and random.random() < 0.85:
        k = random.randrange(len(value))
        what = random.random()
        if what < 0.1:
            return value[:k] + value[k + 1 :]
        if what < 0.2:
            return value[: k + 1] + value[k:]
        return [*value[:k], _changed(value[k], random), *value[k + 1 :]]
    if isinstance(value, int | float) and not isinstance(value, bool) and random.random() < 0.4:
        return random.choice((-value, value * 1e9, value + 0.5, str(value), [value], value * 0))
    return random.choice(NASTY)
