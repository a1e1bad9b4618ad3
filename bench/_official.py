"""Official models, built from checkouts of their code with their published options, to run beside ours.

    rival = build(Path(DIR), "qd-detr qvhighlights", device="cpu")   # DIR/QD-DETR is a checkout
    rival.take(head, examples, rng)                                  # the batch and targets that `head` makes of them
    rival.forward(); rival.step(); rival.answers()

The repositories share the names of their modules, so a process builds one of them; `Missing` says what is not there.
Options are the defaults of the official parser or file, with what the official script of the benchmark changes. A step
is what the official trainer does once its batch is on the device: forward, criterion with its matcher, backward,
clipping, optimiser. What official code imports and a model does not use (pandas, progress bars) is replaced by empty
modules where it is not installed, torchvision by the one loss that is used of it (arXiv:1708.02002), and `.cuda()` in
official code stays on the device that was asked for.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned.batching import on_device
from whenabouts.grounders.learned.head import Head

__all__ = ["RIVALS", "Missing", "Rival", "build"]

UNUSED = ("pandas", "tqdm")  # imported by official modules, and not used by their models
Batch = tuple[Tensor, ...]


class Missing(Exception):
    """No official code to run: a checkout is not there, or cannot run here."""


class Rival(ABC):
    """An official model with its criterion and optimiser, and the batch that it was last given.

    folder: of the checkout      clip: the norm that its trainer clips gradients to, None for none
    """

    folder: ClassVar[str]
    clip: float | None = None
    model: nn.Module
    optimiser: torch.optim.Optimizer
    inputs: Mapping[str, Any]
    targets: Mapping[str, Any]

    @abstractmethod
    def __init__(self, folder: Path, benchmark: str, device: torch.device) -> None:
        """The model with random weights, from a checkout."""

    @abstractmethod
    def takes(self, batch: Batch, examples: Sequence[FeatureExample]) -> dict[str, Any]:
        """Our inputs as keyword arguments of the official model."""

    @abstractmethod
    def wants(
        self, head: Any, batch: Batch, examples: Sequence[FeatureExample], rng: np.random.Generator
    ) -> dict[str, Any]:
        """Targets as the official criterion takes them."""

    @abstractmethod
    def loss(self) -> Tensor:
        """The official loss of the batch, weighted and summed as its trainer does."""

    @abstractmethod
    def named(self, output: Any) -> dict[str, Tensor]:
        """An official output by the names of ours, floating point, padding included."""

    def call(self) -> Any:
        """The official answer to the batch."""
        return self.model(**self.inputs)

    def take(self, head: Head, examples: Sequence[FeatureExample], rng: np.random.Generator) -> None:
        """Keep what `head`, on the same device, makes of examples as this model and its criterion take it."""
        batch = head.inputs(examples)
        dtype = next(self.model.parameters()).dtype
        self.inputs = self.takes(tuple(tensor.to(dtype) for tensor in batch), examples)
        self.targets = self.wants(head, batch, examples, rng)

    def forward(self) -> Any:
        """The official answer without gradients."""
        self.model.eval()
        with torch.no_grad():
            return self.call()

    def answers(self) -> dict[str, Tensor]:
        """The official answer by our names."""
        return self.named(self.forward())

    def step(self) -> float:
        """One step of training; returns the loss, which official trainers read too."""
        self.model.train()
        loss = self.loss()
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self.clip is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimiser.step()
        return float(loss)


class MomentDETR(Rival):
    """Moment-DETR, and with other names those that began as its code; options are those of its own parser.

    package: that has `model.build_model` and `config.BaseOptions`      says: what the official script adds
    arguments: that the criterion takes beside output and targets: the epoch
    """

    folder, package, says = "moment_detr", "moment_detr", "--dset_name hl"
    builder = "model"
    arguments: tuple[int, ...] = ()

    def __init__(self, folder: Path, benchmark: str, device: torch.device) -> None:
        self.options = options = self._options(device)
        made = importlib.import_module(f"{self.package}.{self.builder}" if self.package else self.builder)
        self.model, self.criterion = made.build_model(options)
        self.model.to(device)
        self.clip = options.grad_clip
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=options.lr, weight_decay=options.wd)

    def _options(self, device: torch.device) -> Any:
        options = importlib.import_module(f"{self.package}.config" if self.package else "config").BaseOptions()
        options.initialize()
        sizes = "--v_feat_dim 2818 --t_feat_dim 512 --exp_id bench"
        parsed = options.parser.parse_args([*sizes.split(), *self.says.split()])
        vars(parsed).update(device=device, a_feat_dir=None)
        return parsed

    def takes(self, batch: Batch, examples: Sequence[FeatureExample]) -> dict[str, Any]:
        video, video_mask, text, text_mask = batch
        return {"src_txt": text, "src_txt_mask": text_mask, "src_vid": video, "src_vid_mask": video_mask}

    def wants(
        self, head: Any, batch: Batch, examples: Sequence[FeatureExample], rng: np.random.Generator
    ) -> dict[str, Any]:
        made = on_device(head.targets(examples, rng), head.device)
        return {
            "span_labels": [{"spans": spans} for spans in made.spans],
            "saliency_pos_labels": made.positive,
            "saliency_neg_labels": made.negative,
            "saliency_all_labels": made.ratings,
            "relevant_clips": made.ratings,
        }

    def weighted(self, output: Any) -> Tensor:
        """The weighted sum of the criterion's losses, as in the official trainers."""
        losses, weights = self.criterion(output, self.targets, *self.arguments), self.criterion.weight_dict
        total: Tensor = sum(losses[name] * weights[name] for name in losses if name in weights)
        return total

    def loss(self) -> Tensor:
        return self.weighted(self.call())

    def named(self, output: Any) -> dict[str, Tensor]:
        return {
            "logits": output["pred_logits"],
            "spans": output["pred_spans"],
            "saliency": output["saliency_scores"],
        }


class QDDETR(MomentDETR):
    folder, package = "QD-DETR", "qd_detr"


class CGDETR(MomentDETR):
    folder, package = "CGDETR", "cg_detr"
    says = "--dset_name hl --max_v_l 75 --max_q_l 32"

    def takes(self, batch: Batch, examples: Sequence[FeatureExample]) -> dict[str, Any]:
        names = [e.example.video for e in examples]
        return super().takes(batch, examples) | {"vid": names, "qid": list(range(len(names)))}

    def loss(self) -> Tensor:
        return self.weighted(self.model(**self.inputs, targets=self.targets))


class EaTR(MomentDETR):
    folder, package, builder = "EaTR", "", "models.build_model"
    arguments = (0,)

    def named(self, output: Any) -> dict[str, Tensor]:
        return super().named(output) | {"events": output["pred_event_spans"]}


class TRDETR(MomentDETR):
    folder, package = "TR-DETR", "tr_detr"
    says = "--dset_name hl --label_loss_coef 4 --VTC_loss_coef 0.3 --CTC_loss_coef 0.5 --lw_saliency 1"

    def wants(
        self, head: Any, batch: Batch, examples: Sequence[FeatureExample], rng: np.random.Generator
    ) -> dict[str, Any]:
        inside = head.targets(examples, np.random.default_rng(0)).inside
        return super().wants(head, batch, examples, rng) | {"src_pos_mask": inside.to(head.device)}

    def loss(self) -> Tensor:
        output, given = self.call(), self.inputs
        whole = importlib.import_module("tr_detr.loss_fun.VTCLoss").VTCLoss()
        clips = importlib.import_module("tr_detr.loss_fun.CTCLoss").CTC_Loss()
        aligned = clips(
            output["src_vid_ed"],
            output["src_txt_ed"],
            self.targets["src_pos_mask"],
            given["src_vid_mask"],
            given["src_txt_mask"],
        )
        both = whole(output["src_txt_cls_ed"], output["src_vid_cls_ed"])
        total = self.weighted(output) + self.options.VTC_loss_coef * both + self.options.CTC_loss_coef * aligned
        return total


class TaskWeave(MomentDETR):
    """Of the first epochs, in which no task helps the other."""

    folder, package = "TaskWeave", "taskweave"

    def call(self) -> Any:
        return self.model(None, **self.inputs)

    def loss(self) -> Tensor:
        output, (highlights, moments) = self.model(0, **self.inputs)
        losses, known = self.criterion(output, self.targets), self.criterion.weight_dict
        of_saliency = sum(value for name, value in losses.items() if name in known and "saliency" in name)
        of_moments = sum(value for name, value in losses.items() if name in known and "saliency" not in name)
        total: Tensor = 2 * of_saliency * torch.exp(-highlights) + of_moments * torch.exp(-moments)
        return (total + highlights + moments).squeeze()

    def named(self, output: Any) -> dict[str, Tensor]:
        return super().named(output[0] if isinstance(output, tuple) else output)


class UniVTG(MomentDETR):
    folder, package, builder = "UniVTG", "", "model.univtg"
    says = (
        "--dset_type mr --dset_name qvhighlights --clip_length 2 --input_dropout 0.5 --dropout 0 --droppath 0.1 "
        "--enc_layers 4 --hidden_dim 1024 --b_loss_coef 10 --g_loss_coef 1 --eos_coef 0.1 --f_loss_coef 10 "
        "--s_loss_intra_coef 0.05 --s_loss_inter_coef 0.01 --train_path qvhighlights_train.jsonl"
    )

    def _options(self, device: torch.device) -> Any:
        sys.modules["config"] = importlib.import_module("main.config")
        return super()._options(device)

    def wants(
        self, head: Any, batch: Batch, examples: Sequence[FeatureExample], rng: np.random.Generator
    ) -> dict[str, Any]:
        made = on_device(head.targets(examples, rng), head.device)
        return {
            "timestamp": made.times,
            "timestamp_mask": batch[1],
            "timestamp_window": made.inside,
            "span_labels_nn": made.windows,
            "saliency_scores": made.saliency,
            "saliency_pos_labels": made.positive[:, None],
        }

    def named(self, output: Any) -> dict[str, Tensor]:
        return {
            "inside": output["pred_logits"].squeeze(-1),
            "spans": output["pred_spans"],
            "saliency": output["saliency_scores"],
        }


class TwoDTAN(Rival):
    """2D-TAN by its own configuration files; what its trainer computes for its logs alone is left out."""

    folder = "VideoX/2D-TAN"
    files: ClassVar[Mapping[str, str]] = {
        "charades-sta": "charades/2D-TAN-16x16-K5L8-pool",
        "charades-sta/conv": "charades/2D-TAN-16x16-K5L8-conv",
        "activitynet-captions": "activitynet/2D-TAN-64x64-K9L4-pool",
        "activitynet-captions/conv": "activitynet/2D-TAN-64x64-K9L4-conv",
        "tacos": "tacos/2D-TAN-128x128-K5L8-pool",
        "tacos/conv": "tacos/2D-TAN-128x128-K5L8-conv",
    }

    def __init__(self, folder: Path, benchmark: str, device: torch.device) -> None:
        sys.path.insert(0, str(folder / "lib"))
        options = importlib.import_module("core.config")
        options.update_config(str(folder / "experiments" / f"{self.files[benchmark]}.yaml"))
        self.make(options, device)
        self.bce = importlib.import_module("models.loss").bce_rescale_loss

    def make(self, options: Any, device: torch.device) -> None:
        """The model and its optimiser."""
        train, self.params, self.clip = options.config.TRAIN, options.config.LOSS.PARAMS, 10.0
        self.model = importlib.import_module("models").TAN().to(device)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=train.LR, weight_decay=train.WEIGHT_DECAY)

    def takes(self, batch: Batch, examples: Sequence[FeatureExample]) -> dict[str, Any]:
        video, text, text_mask = batch
        return {"textual_input": text, "textual_mask": text_mask[..., None], "visual_input": video}

    def wants(
        self, head: Any, batch: Batch, examples: Sequence[FeatureExample], rng: np.random.Generator
    ) -> dict[str, Any]:
        return {"map_gt": head.targets(examples, rng).to(head.device)[:, None]}

    def loss(self) -> Tensor:
        prediction, mask = self.call()
        total: Tensor = self.bce(prediction, mask, self.targets["map_gt"].clone(), self.params)[0]
        return total

    def named(self, output: Any) -> dict[str, Tensor]:
        return {"logits": output[0][:, 0]}


class MSTwoDTAN(TwoDTAN):
    folder = "VideoX/MS-2D-TAN"
    files: ClassVar[Mapping[str, str]] = {
        "charades-sta": "charades/MS-2D-TAN-G-VGG",
        "charades-sta/c3d": "charades/MS-2D-TAN-G-C3D",
        "charades-sta/i3d": "charades/MS-2D-TAN-G-I3D",
        "activitynet-captions": "activitynet/MS-2D-TAN-G-C3D",
        "activitynet-captions/i3d": "activitynet/MS-2D-TAN-G-I3D",
        "tacos": "tacos/MS-2D-TAN-G-C3D-H512N512K5A8k9L2",
        "tacos/i3d": "tacos/MS-2D-TAN-G-I3D-H512N512K5A8k9L2",
    }

    def make(self, options: Any, device: torch.device) -> None:
        self.params = options.cfg.LOSS.PARAMS
        self.model = importlib.import_module("models").MultiScale_TAN(options.cfg.MODEL).to(device)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=options.cfg.OPTIM.PARAMS.LR)

    def takes(self, batch: Batch, examples: Sequence[FeatureExample]) -> dict[str, Any]:
        video, video_mask, text, text_mask = batch
        return {
            "textual_input": text,
            "textual_mask": text_mask[..., None],
            "visual_input": video.transpose(1, 2),
            "visual_mask": video_mask[:, None],
        }

    def wants(
        self, head: Any, batch: Batch, examples: Sequence[FeatureExample], rng: np.random.Generator
    ) -> dict[str, Any]:
        return {"map_gts": [overlaps.to(head.device)[:, None] for overlaps in head.targets(examples, rng)]}

    def loss(self) -> Tensor:
        scales = zip(*self.call(), self.targets["map_gts"], strict=True)
        total: Tensor = sum(self.bce(scores, mask, overlaps.clone(), self.params) for scores, mask, overlaps in scales)
        return total

    def named(self, output: Any) -> dict[str, Tensor]:
        return {f"probabilities/{scale}": scores[:, 0] for scale, scores in enumerate(output[0])}


RIVALS: Mapping[str, type[Rival]] = {
    "moment-detr": MomentDETR,
    "qd-detr": QDDETR,
    "cg-detr": CGDETR,
    "eatr": EaTR,
    "tr-detr": TRDETR,
    "taskweave": TaskWeave,
    "univtg": UniVTG,
    "2d-tan": TwoDTAN,
    "ms-2d-tan": MSTwoDTAN,
}


def build(root: Path, name: str, *, device: str | torch.device = "cpu", dtype: torch.dtype = torch.float32) -> Rival:
    """The official model of `NAME BENCHMARK`, with random weights, from a checkout in `root`; raises Missing."""
    model, _, benchmark = name.partition(" ")
    if model not in RIVALS:
        raise Missing(f"no runner for the official code of {model}")
    kind = RIVALS[model]
    if issubclass(kind, MomentDETR) and benchmark not in ("", "qvhighlights"):
        raise Missing(f"the options of {model} on {benchmark} are not known here")
    folder = (root / kind.folder).resolve()
    if not folder.is_dir():
        raise Missing(f"{root / kind.folder} is no checkout")
    _stand_in(torch.device(device))
    # some name their folder `models`, without __init__, which the program of that name here would hide
    sys.path = [str(folder), *(path for path in sys.path if Path(path).resolve() != Path(__file__).resolve().parent)]
    try:
        rival = kind(folder, benchmark, torch.device(device))
    except ImportError as error:
        raise Missing(f"{kind.folder} needs {error.name}, which is not installed") from error
    rival.model.to(dtype)
    return rival


def _stand_in(device: torch.device) -> None:
    """Empty modules for what models do not use, and a device for official code that names one."""
    for name in UNUSED:
        if importlib.util.find_spec(name) is None:
            sys.modules[name] = types.ModuleType(name)
    if importlib.util.find_spec("torchvision") is None:
        focal = types.SimpleNamespace(sigmoid_focal_loss=_focal_loss)
        sys.modules["torchvision"] = types.SimpleNamespace(ops=types.SimpleNamespace(focal_loss=focal))  # type: ignore[assignment]
    easydict = types.ModuleType("easydict")
    vars(easydict)["EasyDict"] = _Fields
    sys.modules.setdefault("easydict", easydict)
    if device.type != "cuda":
        torch.Tensor.cuda = lambda self, *_, **__: self.to(device)  # type: ignore[method-assign]


def _focal_loss(logits: Tensor, targets: Tensor, alpha: float, gamma: float, reduction: str) -> Tensor:
    """What torchvision computes by this name: binary cross entropy, less where it is right already."""
    entropy = binary_cross_entropy_with_logits(logits, targets, reduction="none")
    share = logits.sigmoid()
    right = share * targets + (1 - share) * (1 - targets)
    weight = alpha * targets + (1 - alpha) * (1 - targets)
    loss = weight * entropy * (1 - right) ** gamma
    return loss if reduction == "none" else loss.mean()


class _Fields(dict[str, Any]):
    """A dictionary whose keys are attributes too, as the configurations of 2D-TAN are."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        for key, value in (values or {}).items():
            self[key] = value

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, _Fields(value) if type(value) is dict else value)

    def __getattr__(self, key: str) -> Any:
        try:
            return self[key]
        except KeyError as error:
            raise AttributeError(key) from error

    __setattr__ = __setitem__
