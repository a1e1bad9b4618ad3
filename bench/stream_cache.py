"""What cache policies keep of a long stream: a needle shown early is asked for after 10,000 frames.

    python bench/stream_cache.py [--quick | --smoke] [--policy NAME …]

A LLaVA-OneVision of real classes, two layers small, is trained here on short videos: among noisy grey frames some show
a glyph over a bar of colour, and the question names a glyph, whose colour is the answer. Then each policy answers
through `StreamedModel`, with a budget of 64 frames where it has one:

needle_recall  of the glyphs shown in the first tenth of several long streams, the share whose colour is told right
               at their ends; `needles` are all of them, `needles_found` those. One answer in six is right by chance.
accuracy       the same of glyphs shown anywhere in streams of 256 frames
bytes_growth   the most bytes kept in the last tenth of the long stream, by those in the second

A glyph fills one frame. The model learns from questions alone, so that nothing teaches a frame's tokens to look at
what will be asked for. LiveVLM keeps what frames look at, and is not clearly better than the window here; whether it is
with a model that was trained on real videos, this does not measure.

`plain_accuracy` is that of the model itself, which `full` is equal to, on short videos as it was trained for: longer
ones are beyond its positions, so that `full` refuses them and is left out. The last line is JSON, the figures of a
policy with its name.
"""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import transformers as hf
from _size import parser
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

from whenabouts.grounders.stream.cache import POLICIES
from whenabouts.grounders.stream.cache.policy import CachePolicy
from whenabouts.grounders.stream.cache.streamed import StreamedModel

COLOURS = {"red": (220, 40, 40), "green": (40, 200, 60), "blue": (50, 70, 230),
           "yellow": (230, 220, 50), "purple": (180, 50, 200), "cyan": (60, 210, 220)}  # fmt: skip
GLYPHS = 12
SIDE, PATCH, TOKENS = 56, 14, 4  # of a frame: pixels, those of a patch, and tokens in the language model
SPECIAL = ["<pad>", "<start>", "<video>", "<image>", "<end>"]
BUDGETS: dict[str, dict[str, Any]] = {  # 64 frames of 4 tokens; what is not here takes its defaults
    "window": {"budget": 256},
    "rekv": {"local": 128, "blocks": 16, "memory": 256},
    "infinipot-v": {"block": 64, "kept": 48},
    "livevlm": {"budget": 192, "short_term": 32, "clip": 16},
    "cacheflow": {"block": 16, "local": 64, "blocks": 256, "retrieved": 8},
}
TEMPLATE = (
    "{% for m in messages %}<start>{% for c in m['content'] %}{% if c['type'] == 'video' %}<video>"
    "{% else %}{{ c['text'] }}{% endif %}{% endfor %}{% endfor %}"
)


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--policy", nargs="*", help="only these policies")
    options = arguments.parse_args()
    steps, long, short, streams = options.size.pick((350, 10_000, 4, 3), (350, 2_000, 4, 5), (3, 40, 1, 2))
    torch.manual_seed(0)
    engine = make_engine()
    figures: dict[str, float] = train(engine, steps)
    for name in options.policy or [name for name in POLICIES if name != "full"]:
        figures |= {f"{name}_{key}": value for key, value in measure(engine, name, long, short, streams).items()}
    print(json.dumps(figures))


def make_engine() -> Any:
    """The model with random weights, and what stands for its processor."""
    words = SPECIAL + list(COLOURS) + [f"glyph{number}" for number in range(GLYPHS)]
    inner = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="<pad>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in SPECIAL])
    fast: Any = hf.PreTrainedTokenizerFast
    tokenizer = fast(tokenizer_object=inner, eos_token="<end>", pad_token="<pad>")
    vision = {
        "model_type": "siglip_vision_model", "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": SIDE, "patch_size": PATCH, "vision_use_head": False,
    }  # fmt: skip
    text = {
        "model_type": "qwen2", "vocab_size": len(words), "hidden_size": 96, "intermediate_size": 192,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 320,
        "bos_token_id": None, "eos_token_id": words.index("<end>"), "pad_token_id": 0, "tie_word_embeddings": False,
    }  # fmt: skip
    config: Any = hf.LlavaOnevisionConfig(
        vision_config=vision, text_config=text, image_token_index=words.index("<image>"),
        video_token_index=words.index("<video>"), image_grid_pinpoints=[[SIDE, SIDE]], tie_word_embeddings=False,
        vision_feature_layer=-2,  # what is below the one layer: patches
    )  # fmt: skip
    network: Any = hf.LlavaOnevisionForConditionalGeneration(config)
    network.generation_config.update(eos_token_id=words.index("<end>"), pad_token_id=0)
    pixels = SimpleNamespace(rescale_factor=1 / 255, image_mean=[0.5] * 3, image_std=[0.5] * 3)
    processor = SimpleNamespace(
        tokenizer=tokenizer, chat_template=TEMPLATE, video_token="<video>", image_processor=pixels
    )
    return SimpleNamespace(network=network, processor=processor)


CODES = np.random.default_rng(7).choice([30, 220], (GLYPHS, PATCH // 2, PATCH, 1))


def background(drawn: np.random.Generator, count: int) -> np.ndarray:
    """(count, SIDE, SIDE, 3) uint8: grey, every frame and patch a little different."""
    grey = drawn.uniform(90, 150, (count, 1, 1, 1)) + drawn.normal(0, 12, (count, SIDE // PATCH, SIDE // PATCH, 1))
    frames = np.broadcast_to(np.clip(grey, 0, 255), (*grey.shape[:3], 3))
    return frames.repeat(PATCH, 1).repeat(PATCH, 2).astype(np.uint8)


def needle(drawn: np.random.Generator, glyph: int, colour: str) -> np.ndarray:
    """(SIDE, SIDE, 3) uint8: in every patch the glyph over a bar of its colour, with noise."""
    bar = np.broadcast_to(COLOURS[colour], (PATCH - PATCH // 2, PATCH, 3))
    patch = np.concatenate([np.broadcast_to(CODES[glyph], (PATCH // 2, PATCH, 3)), bar])
    frame = np.tile(patch, (SIDE // PATCH, SIDE // PATCH, 1)) + drawn.normal(0, 10, (SIDE, SIDE, 3))
    return np.clip(frame, 0, 255).astype(np.uint8)


def stream(
    drawn: np.random.Generator, count: int, needles: int, within: int | None = None
) -> tuple[np.ndarray, dict[int, str]]:
    """Frames (count, SIDE, SIDE, 3) and the colours of the glyphs that are shown in them, one frame each."""
    frames = background(drawn, count)
    glyphs = drawn.choice(GLYPHS, needles, replace=False)
    places = drawn.choice(within or count, needles, replace=False)
    told = {int(glyph): str(drawn.choice(list(COLOURS))) for glyph in glyphs}
    for place, (glyph, colour) in zip(places, told.items(), strict=True):
        frames[place] = needle(drawn, glyph, colour)
    return frames, told


def train(engine: Any, steps: int) -> dict[str, float]:
    """Teach the model its task: first on videos of 6 frames, then of 8 to 64."""
    network, ids_of = engine.network, engine.processor.tokenizer.convert_tokens_to_ids
    drawn, begun = np.random.default_rng(0), time.monotonic()
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps + 1, pct_start=0.1)
    right: list[float] = []
    network.train()
    for step in range(steps):
        count = 6 if step < steps // 2 else int(drawn.choice([8, 16, 32, 64]))
        pixels, ids, wanted = [], [], []
        for _ in range(max(8, min(32, 256 // count))):
            frames, told = stream(drawn, count, int(drawn.integers(2, 6)))
            glyph = int(drawn.choice(list(told)))
            pixels.append(frames)
            words = ["<start>", *["<video>"] * (TOKENS * count + 1), f"glyph{glyph}"]
            ids.append(ids_of(words))
            wanted.append(ids_of(told[glyph]))
        video = torch.from_numpy(np.stack(pixels)).permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        logits = network(input_ids=torch.tensor(ids), pixel_values_videos=video, logits_to_keep=1).logits[:, -1]
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(wanted))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        right.append(float((logits.argmax(-1) == torch.tensor(wanted)).float().mean()))
        if step % 50 == 49:
            print(f"  step {step + 1}: loss {loss.item():.3f}, right {np.mean(right[-50:]):.3f}", flush=True)
    network.eval()
    print(f"  trained in {time.monotonic() - begun:.0f} s")
    return {"plain_accuracy": round(float(np.mean(right[-100:])), 4)}


def made(name: str) -> CachePolicy:
    """A policy with the small budget."""
    return POLICIES.named(name)(**BUDGETS.get(name, {}))


def measure(engine: Any, name: str, long: int, short: int, streams: int) -> dict[str, float]:
    """The figures of one policy."""
    figures: dict[str, float] = {}
    begun = time.monotonic()
    right = []
    for number in range(short):
        frames, told = stream(np.random.default_rng(100 + number), min(256, long), 8)
        right += answers(read(engine, name, frames)[0], told)
    figures["accuracy"] = round(float(np.mean(right)), 4)
    found: list[bool] = []
    growth, tenth = 0.0, long // 10
    for number in range(streams):
        frames, told = stream(np.random.default_rng(200 + number), long, GLYPHS, max(GLYPHS, tenth))
        model, held = read(engine, name, frames)
        found += answers(model, told)
        growth = max(growth, max(held[-tenth:]) / max(held[tenth : 2 * tenth]))
    figures |= {"needles": len(found), "needles_found": sum(found), "needle_recall": round(float(np.mean(found)), 4)}
    figures["bytes_growth"] = round(growth, 4)
    rounded = ", ".join(f"{key} {value:g}" for key, value in figures.items())
    print(f"  {name:12} {rounded}; {time.monotonic() - begun:.0f} s", flush=True)
    return figures


def read(engine: Any, name: str, frames: np.ndarray) -> tuple[StreamedModel, list[int]]:
    """The model after a stream, and the bytes that were kept after each frame."""
    model, held = StreamedModel(engine, made(name)), []
    for number, frame in enumerate(frames):
        model.see(frame, float(number))
        held.append(model.nbytes)
    return model, held


def answers(model: StreamedModel, told: dict[int, str]) -> list[bool]:
    """Whether each glyph's colour is told right."""
    return [model.ask(f"glyph{glyph}", tokens=1).text.strip() == colour for glyph, colour in told.items()]


if __name__ == "__main__":
    main()
