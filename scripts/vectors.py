"""Write down what the official code answers with a checkpoint of yours, to hold this project against it.

    python scripts/vectors.py CHECKPOINT --official FOLDER --out FILE.npz [--config FILE.yaml] [--seed 0]
    python tests/conformance.py FILE.npz --strict-official

FOLDER is your clone of moment_detr, QD-DETR, CGDETR, UniVTG, lighthouse, 2D-TAN or VideoX/MS-2D-TAN, whose own model is
built, filled and run on drawn features, on the CPU: the code in it is executed, so take one that you trust, with
what it imports installed. Which it is, is seen from its files. Models of the 2D-TAN family need the configuration that
they were trained with. Nothing of this project takes part but the reading of the checkpoint, which runs no code.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from whenabouts.files.weights import read_weights

CASES = {"main": ([24, 17, 9], [7, 12, 4]), "nopad": ([20, 20], [8, 8]), "single": ([31], [6])}  # rows and words
MODULES = {  # a file of the clone, and the module and the name of what it is
    "moment_detr/model.py": ("moment_detr.model", "moment_detr"),
    "qd_detr/model.py": ("qd_detr.model", "qd_detr"),
    "cg_detr/model.py": ("cg_detr.model", "cg_detr"),
    "model/univtg.py": ("model.univtg", "univtg"),
    "lighthouse/models.py": ("", ""),  # its options say which model
    "lib/models/tan.py": ("models.tan", "2d-tan"),
    "lib/models/TAN.py": ("models.TAN", "ms-2d-tan"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--official", type=Path, required=True, help="clone of the official repository")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    parser.add_argument("--config", type=Path, help="YAML file that a model of the 2D-TAN family was trained with")
    parser.add_argument("--seed", type=int, default=0, help="of the features that are drawn")
    options = parser.parse_args()
    found = next((file for file in MODULES if _is_file(options.official / file)), None)
    if found is None:
        parser.error(f"{options.official} is none of the clones named above: it has none of {', '.join(MODULES)}")
    if found.startswith("lib/") and options.config is None:
        parser.error("a model of the 2D-TAN family needs --config FILE.yaml")
    content, _ = read_weights(options.checkpoint)
    state = content.get("model_ema", content.get("model", content))
    state = {key.removeprefix("module."): value for key, value in state.items()}
    torch.Tensor.cuda = lambda self, *_, **__: self  # type: ignore[method-assign]  # masks are sent to a GPU
    with torch.no_grad():
        write = _write_tan if found.startswith("lib/") else _write_clips
        arrays = write(options, found, content.get("opt", {}), state)
    np.savez(options.out, **arrays)
    print(f"{options.out}: {len(arrays)} arrays; now python tests/conformance.py {options.out} --strict-official")


def _is_file(path: Path) -> bool:
    """Whether it is there under exactly this name, where the disk ignores case too."""
    return path.parent.is_dir() and path.name in {each.name for each in path.parent.iterdir()}


def _write_clips(options: argparse.Namespace, file: str, opt: Any, state: Mapping[str, Tensor]) -> dict[str, Any]:
    args = dict(opt) if isinstance(opt, dict) else dict(vars(opt))
    args |= {"device": "cpu"}
    module, name = MODULES[file]
    if not module:
        name = args["model_name"]
        module = f"lighthouse.common.{name}"
    sys.path.insert(0, str(options.official))
    model, criterion = importlib.import_module(module).build_model(_Options(args))
    model.load_state_dict(state)
    model.eval()
    plain = {key: value for key, value in args.items() if isinstance(value, (str, int, float, list, type(None)))}
    config = {"model": name, "seed": options.seed, "args": plain, "weight_dict": criterion.weight_dict}
    arrays = _parameters(config, state)
    takes = inspect.signature(model.forward).parameters
    widths = {"src_vid": args["v_feat_dim"], "src_txt": args["t_feat_dim"]}
    if args.get("a_feat_dim") and "src_aud" in takes:
        widths["src_aud"] = args["a_feat_dim"]
    elif args.get("a_feat_dim"):
        widths["src_vid"] = state["input_vid_proj.0.LayerNorm.weight"].shape[0]
    for case, (rows, words) in CASES.items():
        inputs: dict[str, Tensor] = {}
        for side, width in widths.items():
            lengths = words if side == "src_txt" else rows
            inputs[side] = _padded(f"{case}/{side}", lengths, width, options.seed)
            inputs[f"{side}_mask"] = pad_sequence([torch.ones(n) for n in lengths], batch_first=True)
        more: dict[str, Any] = {}
        if "vid" in takes:  # CG-DETR tells by it which neighbours are negatives of each other
            more["vid"] = [f"video{i}_0_150" for i in range(len(rows))]
            arrays[f"{case}/vid_json"] = np.array(json.dumps(more["vid"]))
        for unneeded in ("qid", "epoch_i"):
            more |= {unneeded: None} if unneeded in takes else {}
        output = model(**{k: v.clone() for k, v in inputs.items() if k in takes}, **more)
        output = output[0] if isinstance(output, tuple) else output  # TaskWeave gives the weights of its losses too
        arrays |= {f"{case}/in/{key}": value.numpy() for key, value in inputs.items()}
        arrays |= {f"{case}/out/{key}": value for key, value in _flat(output)}
    return arrays


def _write_tan(options: argparse.Namespace, file: str, opt: Any, state: Mapping[str, Tensor]) -> dict[str, Any]:
    sys.path.insert(0, str(options.official / "lib"))
    settings = importlib.import_module("core.config")
    settings.update_config(str(options.config))
    module, name = MODULES[file]
    several = name == "ms-2d-tan"
    config = settings.cfg if several else settings.config
    made = importlib.import_module(module)
    model: nn.Module = made.MultiScale_TAN(config.MODEL) if several else made.TAN()
    model.load_state_dict(state)
    model.eval()
    rows = config.DATASET.INPUT_NUM_CLIPS if several else config.DATASET.NUM_SAMPLE_CLIPS
    frames, fusion = (
        (config.MODEL if several else config.TAN)[f"{part}_MODULE"].PARAMS
        for part in ("CLIP" if several else "FRAME", "FUSION")
    )
    words = [7, 12, 4]
    video = _padded("video", [rows] * len(words), frames.INPUT_SIZE, options.seed)
    inputs = {
        "textual_input": _padded("text", words, fusion.TXT_INPUT_SIZE, options.seed),
        "textual_mask": pad_sequence([torch.ones(n, 1) for n in words], batch_first=True),
        "visual_input": video.transpose(1, 2) if several else video,
    }
    if several:
        inputs["visual_mask"] = torch.ones(len(words), 1, rows)
        predictions, masks = model(**inputs)
        output = {"predictions": predictions, "map_masks": masks}
    else:
        prediction, mask = model(**inputs)
        output = {"prediction": prediction, "map_mask": mask.expand_as(prediction)}
    arrays = _parameters({"model": name, "seed": options.seed, "cfg": config}, state)
    arrays |= {f"in/{key}": value.numpy() for key, value in inputs.items()}
    return arrays | {f"out/{key}": value for key, value in _flat(output)}


def _parameters(config: Mapping[str, Any], state: Mapping[str, Tensor]) -> dict[str, Any]:
    return {"config": np.array(json.dumps(config))} | {f"sd/{key}": value.numpy() for key, value in state.items()}


def _padded(name: str, lengths: list[int], width: int, seed: int) -> Tensor:
    """Rows of unit length, zeros behind the shorter."""
    draw = np.random.default_rng([seed, *name.encode()])
    rows = [torch.from_numpy(draw.standard_normal((n, width)).astype(np.float32)) for n in lengths]
    return pad_sequence([r / r.norm(dim=1, keepdim=True) for r in rows], batch_first=True)


def _flat(output: Any, name: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Every tensor of nested outputs by its path; what is None ends in @none."""
    if isinstance(output, Tensor):
        yield name, output.detach().numpy()
    elif output is None:
        yield f"{name}@none", np.zeros(0)
    elif isinstance(output, (dict, list, tuple)):
        parts = output.items() if isinstance(output, dict) else enumerate(output)
        for key, value in parts:
            yield from _flat(value, f"{name}/{key}" if name else str(key))


class _Options(SimpleNamespace):
    """Options by attribute, and by name as where they officially are a dictionary."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(**values)

    def __contains__(self, name: str) -> bool:
        return hasattr(self, name)


if __name__ == "__main__":
    main()
