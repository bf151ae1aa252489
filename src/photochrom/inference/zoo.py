"""The zoo: from the name of a model to its file."""

from pathlib import Path

from photochrom.errors import ModelError, did_you_mean

_SHIPPED = Path(__file__).parent / "weights"
DEFAULT = "vivid"


def names() -> list[str]:
    """List the models that come with the package."""
    return sorted(path.stem for path in _SHIPPED.glob("*.onnx"))


def find(model: str | Path) -> Path:
    """Find a model's file: a shipped model by its name, any other by the path of its .onnx.

    Raises `ModelError` for an unknown name or a missing file.
    """
    path = Path(model)
    if path.suffix == ".onnx":
        if not path.is_file():
            raise ModelError(f"there is no model file {path}; check the path")
        return path
    if str(model) not in names():
        hint = did_you_mean(str(model), names())
        raise ModelError(f"unknown model {str(model)!r}{hint}; see photochrom.list_models()")
    return _SHIPPED / f"{model}.onnx"
