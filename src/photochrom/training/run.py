"""A training run from config file to exported model."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from photochrom.errors import ConfigError, DataError
from photochrom.inference import zoo
from photochrom.inference.model import Model
from photochrom.networks import registry
from photochrom.networks.base import TRAINING_ONLY, Network
from photochrom.networks.full import Full
from photochrom.networks.vivid import Vivid
from photochrom.training.batchnorm import recalibrate
from photochrom.training.checkpoint import has_checkpoint, load_checkpoint
from photochrom.training.config import (
    DataConfig,
    DecisionConfig,
    ExportConfig,
    FinishConfig,
    LoopConfig,
    LossConfig,
)
from photochrom.training.data.crops import Photographs, load_centers
from photochrom.training.data.embeddings import embeddings
from photochrom.training.data.sources import Photo, find_photos
from photochrom.training.decision_loss import DecisionLoss
from photochrom.training.distillation import Teacher
from photochrom.training.export import export
from photochrom.training.finish import FinishLoss
from photochrom.training.loop import Progress, fit
from photochrom.training.run_directory import open_run_directory
from photochrom.training.task import MEAN_AB, Colorization
from photochrom.training.toml_config import into, read
from photochrom.training.warm_start import start_from

START = "start.json"
"""File of a run's folder with the passes and the curve of the model that it began from."""
_HOLD_OUT = 50  # without a validation folder, one picture in so many is held out
_CHECKED = 16  # pictures on which the exported file is compared with torch


@dataclass(frozen=True)
class RunConfig:
    """The sections of a config file."""

    network: str = "vivid"
    model: Any = None
    data: DataConfig = field(default_factory=DataConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    finish: FinishConfig = field(default_factory=FinishConfig)
    decision: DecisionConfig = field(default_factory=DecisionConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)
    export: ExportConfig = field(default_factory=ExportConfig)


def load_config(path: Path) -> RunConfig:
    """Read a config file; raises `ConfigError` saying which key is wrong."""
    table = read(path)
    entry = registry.find(table.get("network", "vivid"))
    model = into(entry.config, table.pop("model", {}), "model")
    config = dataclasses.replace(into(RunConfig, table), model=model)
    if config.data.size % 32:
        raise ConfigError(f"data.size must be a multiple of 32, not {config.data.size}")
    return config


def train(
    config: RunConfig,
    data: str | Path,
    out: Path,
    *,
    validation: str | Path | None = None,
    report: Callable[[Progress], None],
    prepared: Callable[[int, int], None] = lambda done, of: None,
) -> Colorization:
    """Train what `config` says on the photographs of `data`, in the run folder `out`.

    `data` and `validation` are what `find_photos` takes.

    `prepared` is told how many of the pictures a classifier has looked at, where one must.
    """
    pictures, validation_photos = _split(find_photos(data), validation)
    entry = registry.find(config.network)
    if entry.max_pictures and len(pictures) > entry.max_pictures:
        raise DataError(
            f"{config.network} learns the colours of at most {entry.max_pictures} pictures, and "
            f"{data} holds {len(pictures)}; learn from many with the config beta"
        )
    settings = {**dataclasses.asdict(config), "pictures": _fingerprint(pictures)}
    del settings["loop"]["minutes"]  # of each start
    open_run_directory(out, settings)
    torch.manual_seed(config.loop.seed)
    network = entry.network(config.model)
    if config.loop.start and not has_checkpoint(out):  # by now it may be another model
        start = zoo.find(config.loop.start)
        start_from(network, start)
        (out / START).write_text(json.dumps(_learnt(start)) + "\n", encoding="utf-8")
    task = Colorization(
        network,
        pictures,
        validation_photos,
        config.data,
        config.loss,
        config.loop.encoder_rate,
        out,
        config.loop.seed,
        _embeddings(network, config, pictures, out, prepared),
        _teacher(config),
        config.export.settle,
        _whole_loss(network, config),
    )
    task.prepare()
    network.load_state_dict(fit(task, config.loop, out, report).state_dict())
    return task


def _split(pictures: list[Photo], validation: str | Path | None) -> tuple[list[Photo], list[Photo]]:
    """Training and validation pictures; a few pictures are looked at themselves."""
    if validation is not None:
        return pictures, find_photos(validation)
    if len(pictures) < _HOLD_OUT:
        return pictures, pictures
    training = [photo for index, photo in enumerate(pictures) if index % _HOLD_OUT]
    return training, pictures[::_HOLD_OUT]


def _embeddings(
    network: Network,
    config: RunConfig,
    pictures: list[Photo],
    out: Path,
    report: Callable[[int, int], None],
) -> Tensor | None:
    if not isinstance(network, Full):
        return None
    cache = Path(config.data.embeddings or out / "embeddings.npz")
    name, weights = config.model.classifier, config.model.weights
    if weights != "auto":
        name = f"{name} ({weights})"  # other weights see other things
    return embeddings(network.classifier, name, pictures, cache, report)


def _teacher(config: RunConfig) -> Teacher | None:
    if not config.loss.distillation:
        return None
    if config.network != "vivid":
        raise ConfigError(
            f"loss.distillation is for vivid's encoder; {config.network} has none; leave it out"
        )
    if config.model.weights == "none":
        raise ConfigError(
            'loss.distillation needs ImageNet weights: model.weights is "none"; give some'
        )
    teacher = Teacher(config.model.encoder, config.model.weights)
    if config.model.classes != teacher.classes:
        raise ConfigError(
            f"loss.distillation needs model.classes = {teacher.classes}, those of "
            f"{config.model.encoder}, not {config.model.classes}"
        )
    return teacher


def _whole_loss(network: Network, config: RunConfig) -> FinishLoss | DecisionLoss | None:
    finish, decision = config.finish, config.decision
    finishes = finish.perceptual or finish.adversarial or finish.chroma
    if not _asks(decision):
        if getattr(config.model, "decision", "none") == "alone":
            raise ConfigError('model.decision = "alone" learns from [decision]; give its weights')
        return FinishLoss(network, finish) if finishes else None
    if finishes:
        raise ConfigError("a run has weights of finish or of decision, not both; remove one's")
    if not isinstance(network, Vivid):
        raise ConfigError(f"decision is for vivid; {config.network} has none; remove its weights")
    return DecisionLoss(network, decision)


def _asks(decision: DecisionConfig) -> bool:
    weights = (decision.edges_missed, decision.false_edges, decision.left_grey)
    return any((*weights, decision.false_color))


def _fingerprint(pictures: list[Photo]) -> str:
    """Name the set of pictures: their number and a hash of their names."""
    names = "\n".join(photo.key for photo in pictures)
    return f"{len(pictures)} {hashlib.sha256(names.encode()).hexdigest()[:16]}"


def _learnt(model: Path) -> dict[str, Any]:
    """Tell how a model learnt, over all runs that came before."""
    info = Model(model, threads=1).info
    return {"passes": info.get("training", {}).get("passes", 0), "curve": info.get("curve", [])}


def _noted(run: Path, name: str, otherwise: Any) -> Any:
    """Read a note in a run's folder, which runs of before it was made have not."""
    try:
        return json.loads((run / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return otherwise


def _curve(log: Path, batch: int, before: int) -> list[list[float]]:
    """Pictures seen, and CIEDE2000 and colourfulness of the first setting, of each validation.

    `before` pictures had been seen when the run began.
    """
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    curve = []
    for line in (line for line in lines if "minutes" in line):
        error = next(line[name] for name in line if name.endswith("CIEDE2000"))
        color = next(line[name] for name in line if name.endswith("colourfulness"))
        curve.append([before + line["step"] * batch, error, color])
    return curve


def _checkpoint(run: Path) -> dict[str, Any]:
    if not has_checkpoint(run):
        raise ConfigError(f"{run} holds no checkpoint: train first")
    return load_checkpoint(run)


def _blended(state: dict[str, Any], other: Path, share: float) -> dict[str, Tensor]:
    """Mean of the averaged weights of a checkpoint and of another run's, which has `share`."""
    own, theirs = state["average"], _checkpoint(other)["average"]
    shapes = [{name: value.shape for name, value in one.items()} for one in (own, theirs)]
    if shapes[0] != shapes[1]:
        raise ConfigError(f"{other} holds another network; blend runs that began from one model")
    return {
        name: torch.lerp(value, theirs[name], share) if value.is_floating_point() else value
        for name, value in own.items()
    }


def export_run(
    run: Path,
    data: str | Path,
    validation: str | Path | None = None,
    target: Path | None = None,
    blend: tuple[Path, float] | None = None,
    **changes: Any,
) -> tuple[Path, float]:
    """Export the averaged network of a run folder; return the file and its parity in Lab units.

    With `blend`, another run's folder and its share in 0..1, the weights are the mean of both
    runs', which must have begun from one model ("model soups", Wortsman et al. 2022). `changes` are
    settings of `ExportConfig` other than the run's own, such as size=160. `data` are pictures of
    the training, for `ExportConfig.settle`; the check looks at 16 of the validation pictures,
    or of those. Raises `ConfigError` when a run holds no checkpoint, or the two are of different
    networks.
    """
    state = _checkpoint(run)
    saved = json.loads((run / "config.json").read_text(encoding="utf-8"))
    pictures = str(saved.pop("pictures")).split()[0]
    entry = registry.find(saved["network"])
    model = into(entry.config, saved.pop("model"), "model")
    config = dataclasses.replace(into(RunConfig, saved), model=model)
    exported = dataclasses.replace(config.export, **changes)
    if hasattr(model, "weights"):
        model = dataclasses.replace(model, weights="none")
    network = entry.network(model)
    network.load_state_dict(state["average"] if blend is None else _blended(state, *blend))
    if exported.settle:
        shown = dataclasses.replace(config.data, size=exported.size, decoded="")
        recalibrate(network, Photographs(find_photos(data), shown), exported.settle)
    own = state["step"] * config.loop.batch
    start = {"passes": 0, "curve": [], **_noted(run, START, {})}
    about = {
        "name": config.network,
        "version": exported.version,
        "summary": entry.summary,
        "size": exported.size,
        "vividness": exported.vividness,
        "parameters": sum(
            value.numel()
            for name, value in network.named_parameters()
            if not name.startswith(TRAINING_ONLY)
        ),
        "licence": "Apache-2.0 (the weights; the training pictures have terms of their own)",
        "training": {
            "pictures": int(pictures),
            "passes": start["passes"] + own,
            "minutes": round(state["seconds"] / 60),
            "mean_ab": _noted(run, MEAN_AB, None),
        },
        "curve": start["curve"] + _curve(run / "log.jsonl", config.loop.batch, start["passes"]),
    }
    lab = load_centers(find_photos(validation or data), config.data.size, _CHECKED)
    path = target or run / "model.onnx"
    return path, export(network.eval(), path, about, lab, bits=exported.bits)
