"""Published recipes are the authors', number by number: values typed from their scripts and configurations."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from whenabouts.grounders.learned import HEADS  # noqa: E402
from whenabouts.training.supervised.beside import beside  # noqa: E402

# optimiser of all: AdamW with one group; gradients to 0.1, 10 queries, 5 windows (config.py of each)
DETR = {"optimiser": "adamw", "decay": 1e-4, "batch": 32, "epochs": 200, "clip": 0.1, "gamma": 0.1, "hidden": 256,
        "heads": 8, "feedforward": 1024, "queries": 10, "projections": 2, "dropout": 0.1, "input_dropout": 0.5,
        "weight of loss_span": 10, "weight of loss_giou": 1, "weight of loss_label": 4}  # fmt: skip
# moment_detr/scripts/train.sh and moment_detr/config.py at b7e553a; QD-DETR's are the same (56c63b2)
QVHIGHLIGHTS = DETR | {
    "rate": 1e-4, "schedule": "step", "drop": 400, "seconds": 2, "longest": 75, "words": 32, "every": 5,
    "best": "MR-full-mAP", "seed": 2018, "patience": 200, "weight of loss_saliency": 1, "encoder_layers": 2,
    "decoder_layers": 2, "video_dim": 2816 + 2, "text_dim": 512, "grid": 2, "latest": 150,  # inference.py
}  # fmt: skip
# lighthouse training/../configs/base.yml at d095eaa
LIGHTHOUSE = DETR | {
    "rate": 1e-4, "schedule": "step", "drop": 400, "longest": 75, "words": 32, "every": 1, "seed": 2023,
    "best": "MR-full-mAP", "weight of loss_saliency": 1, "encoder_layers": 2, "decoder_layers": 2,
}  # fmt: skip
# cg_detr/config.py at 212b2e4
CG = DETR | {"encoder_layers": 3, "decoder_layers": 3, "text_layers": 2, "dummy_layers": 2, "sentence_layers": 1,
             "moment_layers": 1, "all_prompts": 10, "schedule": "step", "every": 5, "seed": 2018}  # fmt: skip
# main/config.py at 32659ac
UNIVTG = {"optimiser": "adamw", "decay": 1e-4, "clip": 0.1, "batch": 32, "epochs": 200, "rate": 1e-4, "gamma": 0.1,
          "schedule": "warm", "warm": 10, "drop": 80, "every": 5, "best": "MR-full-mAP", "seed": 2018, "hidden": 1024,
          "layers": 4, "heads": 8, "feedforward": 1024, "dropout": 0, "drop_path": 0.1, "input_dropout": 0.5,
          "words": 75, "longest": 75, "seconds": 2, "clip_seconds": 2, "add": True, "grid": None,
          "weight of loss_f": 10, "weight of loss_b": 10, "weight of loss_g": 1, "weight of loss_s_intra": 0.05,
          "weight of loss_s_inter": 0.01}  # fmt: skip
TAN = {"optimiser": "adam", "decay": 0, "rate": 1e-4, "batch": 32, "epochs": 100, "every": 1, "seed": 0, "hidden": 512,
       "text_dim": 300, "text_hidden": 512, "text_layers": 3, "ema": None}  # fmt: skip
TWO_D = TAN | {"clip": 10, "drop_last": False}
K5 = {"kernels": (5,) * 8, "paddings": (16, 0, 0, 0, 0, 0, 0, 0), "video_dim": 4096}
K9 = {"kernels": (9,) * 4, "paddings": (16, 0, 0, 0), "video_dim": 500}
MULTI = TAN | {"clip": None, "drop_last": True, "suppress": 0.49, "low": 0.5, "high": 1.0}
THREE = {"layers": (16, 8, 8), "kernels": (17, 17)}
FIVE = {"layers": (8, 4, 4, 4, 4), "kernels": (9, 9), "rows": 512, "stride": 1}

# configs/_base_/{models/model,schedules/default}.py at 03fbcf6, validation every epoch; nncore's steps have gamma 0.1
R2 = {"optimiser": "adamw", "decay": 1e-4, "clip": 35, "gamma": 0.1, "hidden": 256, "heads": 8, "feedforward": 1024,
      "layers": 4, "tokens": 50, "levels": 4, "longest": 1024, "dropout": 0.5, "drop_path": 0.1, "ends": True,
      "moments": True, "video_dim": 4 * 50 * 768, "text_dim": 4 * 512, "warm_steps": 500, "schedule": "step",
      "weight of loss_cls": 1, "weight of loss_reg": 0.2, "weight of loss_sal": 0.1, "weight of loss_video_cal": 0.1,
      "weight of loss_layer_cal": 0.1}  # fmt: skip
R2_SENTENCES = R2 | {"rate": 2.5e-4, "batch": 32, "every": 1, "nms": "linear", "seconds": 2, "clip_seconds": 2,
                     "grid": None}  # fmt: skip
R2_HIGHLIGHTS = {name: value for name, value in R2.items() if name != "weight of loss_reg"} | {
    "rate": 5e-4, "batch": 4, "every": 1, "schedule": "constant", "warm_steps": 50, "levels": 1, "ends": False,
    "moments": False,
}  # fmt: skip

PUBLISHED: list[tuple[str, str, dict[str, Any]]] = [
    ("moment-detr", "qvhighlights", QVHIGHLIGHTS),
    ("qd-detr", "qvhighlights", QVHIGHLIGHTS | {"text_layers": 2}),
    # qd_detr/scripts/train_audio.sh: PANN's 2048 and two ends of their own
    ("qd-detr", "qvhighlights/audio", QVHIGHLIGHTS | {"audio_dim": 2050, "sound_ends": True}),
    # qd_detr/scripts/tvsum/train_tvsum.sh, the first of its five seeds
    (
        "qd-detr", "tvsum",
        QVHIGHLIGHTS | {"batch": 4, "rate": 1e-3, "epochs": 2000, "drop": 2000, "longest": 1000, "seed": 0,
                        "best": "mAP", "video_dim": 2050, "patience": None, "grid": None,
                        "latest": None},
    ),
    # lighthouse configs/dataset/{charades,activitynet,tacos,youtube_highlight,tvsum}.yml; grid: training/evaluate.py
    (
        "moment-detr", "charades-sta",
        LIGHTHOUSE
        | {"rate": 2e-4, "drop": 40, "seconds": 1, "weight of loss_saliency": 4, "grid": 1, "latest": 150},
    ),
    ("qd-detr", "activitynet-captions", LIGHTHOUSE | {"seconds": 2, "grid": 2, "latest": None}),
    ("uvcom", "castella", {"seconds": 1, "grid": 1, "latest": 300, "longest": 300}),
    (
        "qd-detr", "tacos",
        LIGHTHOUSE | {"rate": 2e-4, "drop": 40, "seconds": 2, "weight of loss_saliency": 4, "longest": None,
                      "words": 100, "grid": 2, "latest": None},
    ),
    (
        "moment-detr", "youtube-highlights",
        LIGHTHOUSE | {"rate": 2e-4, "drop": 2000, "epochs": 1000, "batch": 4, "seed": 2018, "seconds": 1,
                      "words": 100, "longest": 1000, "weight of loss_saliency": 4, "best": "mAP"},
    ),
    (
        "moment-detr", "tvsum",
        LIGHTHOUSE | {"rate": 1e-3, "drop": 2000, "epochs": 2000, "batch": 4, "seed": 2018, "seconds": 2,
                      "words": 100, "longest": 1000, "best": "mAP"},
    ),
    # cg_detr/scripts/train.sh
    (
        "cg-detr", "qvhighlights",
        CG | {"rate": 1e-4, "drop": 400, "seconds": 2, "longest": 75, "words": 32, "dummies": 45, "prompts": 1,
              "best": "MR-full-mAP", "weight of loss_saliency": 1, "video_dim": 2818, "grid": 2, "latest": 150},
    ),
    # cg_detr/scripts/charades_sta/train.sh; max_v_l and max_q_l of -1 are any number and 100
    (
        "cg-detr", "charades-sta",
        CG | {"rate": 2e-4, "drop": 400, "seconds": 1, "longest": None, "words": 100, "dummies": 45, "prompts": 2,
              "best": "MR-full-R1@0.5/0.7", "weight of loss_saliency": 4, "video_dim": 2818, "grid": 1, "latest": 150},
    ),
    # cg_detr/scripts/charades_sta/train_vgg.sh
    (
        "cg-detr", "charades-sta/vgg",
        CG | {"rate": 2e-4, "drop": 400, "seconds": 0.166666, "longest": None, "words": 100, "prompts": 2,
              "batch": 16, "dropout": 0.2, "weight of loss_saliency": 4, "video_dim": 4098, "text_dim": 300,
              "grid": 0.166666, "latest": 360},
    ),
    # cg_detr/scripts/tacos/train.sh
    (
        "cg-detr", "tacos",
        CG | {"rate": 2e-4, "drop": 200, "seconds": 2, "longest": None, "words": 100, "dummies": 50, "prompts": 2,
              "best": "MR-full-R1@0.5/0.7", "weight of loss_saliency": 4, "grid": 2, "latest": None},
    ),
    # cg_detr/scripts/tvsum/train_tvsum.sh and youtube_uni/train.sh, the first of their two numbers of prompts
    (
        "cg-detr", "tvsum",
        CG | {"rate": 1e-3, "batch": 4, "epochs": 1000, "drop": 2000, "longest": 1000, "words": 100, "dummies": 3,
              "prompts": 1, "seconds": 2, "best": "mAP", "video_dim": 2050, "weight of loss_saliency": 1},
    ),
    (
        "cg-detr", "youtube-highlights",
        CG | {"rate": 2e-4, "batch": 4, "epochs": 1000, "drop": 2000, "longest": 1000, "words": 100, "dummies": 1,
              "prompts": 1, "seconds": 1, "best": "mAP", "video_dim": 2818, "weight of loss_saliency": 4},
    ),
    # configs/{qvhighlights,charades,tacos,ego4d,tvsum,youtube}; RepeatDataset of QVHighlights goes through four times
    (
        "r2-tuning", "qvhighlights",
        R2 | {"rate": 5e-4, "batch": 128, "epochs": 4 * 30, "drop": 4 * 20, "every": 4, "nms": "normal", "seconds": 2,
              "clip_seconds": 2, "grid": 2},
    ),
    (
        "r2-tuning", "charades-sta",
        R2_SENTENCES | {"epochs": 50, "drop": 30, "dropout": 0.35, "weight of loss_sal": 0.01, "seconds": 1,
                        "clip_seconds": 1, "grid": 0.1},
    ),
    ("r2-tuning", "tacos", R2_SENTENCES | {"epochs": 100, "drop": 50, "weight of loss_sal": 0.05}),
    ("r2-tuning", "ego4d-nlq", R2_SENTENCES | {"epochs": 30, "drop": 20, "dropout": 0.3}),
    ("r2-tuning", "tvsum", R2_HIGHLIGHTS | {"epochs": 500, "seconds": 2}),
    ("r2-tuning", "youtube-highlights", R2_HIGHLIGHTS | {"epochs": 200}),
    # EaTR/inference.py, FlashVTG/inference.py
    ("eatr", "qvhighlights", {"grid": 2, "latest": 150}),
    ("flash-vtg", "charades-sta/vgg", {"grid": 0.166666, "latest": 360}),
    ("flash-vtg", "charades-sta/internvideo2", {"grid": 1, "latest": 150}),
    ("flash-vtg", "tacos", {"grid": 2, "latest": None}),
    # scripts/qvhl_pretrain.sh
    ("univtg", "qvhighlights", UNIVTG),
    ("univtg", "charades-sta", UNIVTG | {"seconds": 1, "clip_seconds": 1}),
    # 2D-TAN experiments/*.yaml at 2f7410f
    (
        "2d-tan", "charades-sta",
        TWO_D | K5 | {"stride": 16, "clips": 16, "scales": (16,), "proposals": "pool", "suppress": 0.45, "low": 0.5,
                      "high": 1.0},
    ),
    (
        "2d-tan", "charades-sta/conv",
        TWO_D | K5 | {"stride": 16, "clips": 16, "scales": (16,), "proposals": "conv", "suppress": 0.5},
    ),
    (
        "2d-tan", "activitynet-captions",
        TWO_D | K9 | {"stride": 4, "clips": 64, "scales": (16, 8, 8), "proposals": "pool", "suppress": 0.5,
                      "low": 0.5, "high": 1.0},
    ),
    (
        "2d-tan", "tacos",
        TWO_D | K5 | {"stride": 2, "clips": 128, "scales": (16, 8, 8, 8), "proposals": "pool", "suppress": 0.4,
                      "low": 0.3, "high": 0.7},
    ),
    ("2d-tan", "tacos/conv", TWO_D | K5 | {"stride": 2, "clips": 128, "proposals": "conv", "suppress": 0.5}),
    # MS-2D-TAN experiments/*.yaml at 1744b21
    ("ms-2d-tan", "charades-sta", MULTI | THREE | {"rows": 256, "stride": 4, "seconds": 1 / 6, "video_dim": 4096}),
    ("ms-2d-tan", "charades-sta/i3d", MULTI | THREE | {"rows": 64, "stride": 1, "seconds": 0.64, "video_dim": 1024}),
    ("ms-2d-tan", "activitynet-captions", MULTI | THREE | {"rows": 64, "stride": 1, "video_dim": 4096}),
    ("ms-2d-tan", "tacos", MULTI | FIVE | {"seconds": 1, "video_dim": 4096}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "benchmark", "official"), PUBLISHED, ids=[f"{n}-{b}" for n, b, _ in PUBLISHED])
def test_a_recipe_is_that_of_the_script(name: str, benchmark: str, official: dict[str, Any]) -> None:
    kind = HEADS[name]
    recipe = kind.recipe(benchmark)
    with torch.device("meta"):
        head = kind.published(benchmark)
    ours = {row.field: row.ours for row in beside(head, recipe, head, recipe)}
    assert recipe.source
    for field, value in official.items():
        if isinstance(value, bool | str | tuple) or value is None:
            assert ours[field] == ("–" if value is None else str(value)), field
        else:
            assert float(ours[field]) == value, field


@pytest.mark.parametrize("name", HEADS)
def test_windows_are_rounded_as_the_authors_do_and_exact_elsewhere(name: str) -> None:
    kind = HEADS[name]
    assert not any({"grid", "latest"} & set(recipe.unlike) for recipe in kind.recipes.values())
    with torch.device("meta"):
        head = kind.published("annotations of one's own")
    assert head.options.get("grid") is None and head.options.get("latest") is None


def test_a_set_value_is_marked_beside_the_published_one() -> None:
    kind = HEADS["2d-tan"]
    published = kind.recipe("activitynet-captions")
    with torch.device("meta"):
        head = kind.published("activitynet-captions")
    rows = {row.field: row for row in beside(head, published.changed(rate=2e-4), head, published)}
    assert (rows["rate"].ours, rows["rate"].official, rows["rate"].differs) == ("0.0002", "0.0001", True)
    assert not rows["batch"].differs
    assert rows["schedule"].differs and "ReduceLROnPlateau" in rows["schedule"].official


def test_half_a_cosine_rises_and_falls_to_nothing() -> None:
    recipe = HEADS["onvtg"].recipe().changed(schedule="cosine", epochs=35, warm=5)
    assert [recipe.factor(epoch) for epoch in (0, 2.5, 5, 20, 35)] == pytest.approx([0, 0.5, 1, 0.5, 0])
