"""A training run from config file to exported model."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from photochrom.errors import ConfigError
from photochrom.models import registry
from photochrom.models.vivid import Vivid
from photochrom.training.colorization import Colorization
from photochrom.training.config import DataConfig, LoopConfig, LossConfig, into, read
from photochrom.training.data import find_pictures, load_centre
from photochrom.training.export import export
from photochrom.training.loop import Progress, claim, fit

_HOLD_OUT = 50  # without a validation folder, one picture in so many is held out


@dataclass(frozen=True)
class RunConfig:
    """The sections of a config file."""

    network: str = "vivid"
    model: Any = None
    data: DataConfig = field(default_factory=DataConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)


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
    data: Path,
    out: Path,
    *,
    validation: Path | None = None,
    report: Callable[[Progress], None],
) -> Colorization:
    """Train what `config` says on the pictures below `data`, in the run folder `out`."""
    pictures = find_pictures(data)
    if validation is None:
        held_out, pictures = (
            pictures[::_HOLD_OUT],
            [
                path
                for place, path in enumerate(pictures)
                if place % _HOLD_OUT or len(pictures) == 1
            ],
        )
    else:
        held_out = find_pictures(validation)
    claim(out, {**dataclasses.asdict(config), "pictures": _fingerprint(pictures, data)})
    torch.manual_seed(config.loop.seed)
    network = registry.find(config.network).network(config.model)
    assert isinstance(network, Vivid)
    task = Colorization(
        network,
        pictures,
        held_out,
        config.data,
        config.loss,
        config.loop.encoder_rate,
        out,
        config.loop.seed,
    )
    if not (out / "checkpoint.pt").exists():
        task.prepare()
    network.load_state_dict(fit(task, config.loop, out, report).state_dict())
    return task


def _fingerprint(pictures: list[Path], root: Path) -> str:
    """Name the set of pictures: their number and a hash of their names."""
    names = "\n".join(str(path.relative_to(root)) for path in pictures)
    return f"{len(pictures)} {hashlib.sha256(names.encode()).hexdigest()[:16]}"


def export_run(
    run: Path, data: Path, validation: Path | None = None, target: Path | None = None
) -> tuple[Path, float]:
    """Export the averaged network of a run folder; return the file and its parity in Lab units.

    The check looks at 16 of the validation pictures, or of `data`. Raises `ConfigError` when
    `run` holds no checkpoint.
    """
    if not (run / "checkpoint.pt").exists():
        raise ConfigError(f"{run} holds no checkpoint: train first")
    saved = json.loads((run / "config.json").read_text(encoding="utf-8"))
    pictures = str(saved.pop("pictures")).split()[0]
    model = into(registry.find(saved["network"]).config, saved.pop("model"), "model")
    config = dataclasses.replace(into(RunConfig, saved), model=model)
    network = Vivid(dataclasses.replace(model, weights="none"))
    state = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)
    network.load_state_dict(state["average"])
    about = {
        "name": config.network,
        "version": "1",
        "summary": f"distribution over {len(network.bins)} colours on {config.model.encoder}",
        "size": 256,
        "vividness": 0.5,
        "licence": "Apache-2.0 (the weights; the training pictures have terms of their own)",
        "training": {
            "pictures": int(pictures),
            "passes": state["step"] * config.loop.batch,
            "minutes": round(state["seconds"] / 60),
        },
    }
    checked = find_pictures(validation or data)[:16]
    lab = [load_centre(path, config.data.size) for path in checked]
    path = target or run / "model.onnx"
    return path, export(network.eval(), path, about, lab)
