"""The zoo: from the name of a model to its file."""

from pathlib import Path

import platformdirs

from photochrom.errors import ModelError, did_you_mean

_SHIPPED = Path(__file__).parent / "weights"
DEFAULT = "vivid"


def names() -> list[str]:
    """List the models that there are by name: those that come with the package, then adopted ones.

    See `adoption.py` for the latter.
    """
    return [*shipped_names(), *adopted_names()]


def shipped_names() -> list[str]:
    """List the models that come with the package."""
    return sorted(path.stem for path in _SHIPPED.glob("*.onnx"))


def adopted_names() -> list[str]:
    """List the models that were adopted on this machine."""
    found = adopted_path("").parent.glob("*.onnx")
    return sorted(path.stem for path in found if not path.stem.endswith(".part"))


def adopted_path(name: str) -> Path:
    """Give the path of an adopted model, in the platform's data directory."""
    return Path(platformdirs.user_data_path("photochrom", appauthor=False)) / f"models/{name}.onnx"


def remove(name: str) -> Path:
    """Remove an adopted model, and give the path that it had. Raises `ModelError` for another."""
    if name in shipped_names():
        raise ModelError(f"the model {name} comes with Photochrom, and stays")
    if name not in adopted_names():
        near = did_you_mean(name, adopted_names())
        raise ModelError(f"there is no adopted model {name!r}{near}; see photochrom.list_models()")
    path = adopted_path(name)
    path.unlink()
    return path


def find(model: str | Path) -> Path:
    """Find a model's file: one by its name, any other by the path of its .onnx.

    Raises `ModelError` for an unknown name or a missing file.
    """
    path = Path(model)
    if path.suffix == ".onnx":
        if not path.is_file():
            raise ModelError(f"there is no model file {path}; check the path")
        return path
    if str(model) in shipped_names():
        return _SHIPPED / f"{model}.onnx"
    if str(model) in adopted_names():
        return adopted_path(str(model))
    hint = did_you_mean(str(model), names())
    raise ModelError(f"unknown model {str(model)!r}{hint}; see photochrom.list_models()")
