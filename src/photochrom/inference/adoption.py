"""Models of other authors: a published ONNX file made into one that describes itself as ours do.

Needs the extra `adopt` (ONNX's own library); what comes of it runs without.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from google.protobuf.message import DecodeError

from photochrom.errors import ModelError, did_you_mean, extra
from photochrom.inference import zoo
from photochrom.inference.adoption_graph import Wrapping, without_seen, wrap
from photochrom.inference.devices import Session
from photochrom.inference.families import FAMILIES, VALUES, Family
from photochrom.inference.fingerprint import file_digest
from photochrom.inference.model import FORMAT, METADATA_KEY

with extra("adopting models", "adopt"):
    import onnx
    from onnx import TensorProto

_MULTIPLE = 32
_OPSET = 11  # of the layers that are added
_FLOATS: dict[int, str] = {
    TensorProto.FLOAT: "float",
    TensorProto.FLOAT16: "float16",
    TensorProto.DOUBLE: "double",
}
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_FAR = 10.0  # Lab units: RGB that is so much lighter or darker than what was shown is in doubt
_GAINS = (0.5, 2.0)  # of chroma, at a vividness of 0 and 1; at 0.5 it is the network's own


@dataclass(frozen=True)
class Adoption:
    """How a file is adopted. Raises `ModelError` for what cannot be."""

    family: str
    """One of `FAMILIES`."""
    licence: str
    """Of the weights, as their authors state it."""
    name: str = ""
    """By which the model is called; the file's if it is not given."""
    values: str = ""
    """The range of RGB, of `VALUES`; the family's if it is not given."""
    scale: float = 1.0
    """What the network's ab is multiplied by, to have Lab units."""
    size: int | None = None
    """The short side, in pixels, of what it sees; the file's or the family's if not given."""

    def __post_init__(self) -> None:
        for what, value, known in (
            ("kind", self.family, FAMILIES),
            ("range", self.values or "0..1", VALUES),
        ):
            if value not in known:
                near = did_you_mean(value, known)
                raise ModelError(f"there is no {what} {value!r}{near}; choose {', '.join(known)}")
        if not self.licence.strip():
            raise ModelError("the licence is empty; state the one that the authors publish")
        if self.values and not FAMILIES[self.family].values:
            raise ModelError(f"{self.family} sees lightness, not RGB; leave the range out")


@dataclass(frozen=True)
class Adopted:
    """A model that was adopted, and what was found of it, in words, by title."""

    name: str
    path: Path
    found: dict[str, str] = field(default_factory=dict)


class _Fails(ModelError):
    """A network does not run on pictures of a size."""


class _Tensor(NamedTuple):
    """An input or output of a file: sides that may vary are None."""

    name: str
    element: int
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        sides = " x ".join("?" if side is None else str(side) for side in self.shape)
        return (
            f"{self.name}, {sides or 'of no shape'}, {_FLOATS.get(self.element, 'not of floats')}"
        )

    def has(self, channels: int) -> bool:
        """Tell whether it may be one picture of so many planes, as floats."""
        return (
            len(self.shape) == 4
            and self.shape[0] in (1, None)
            and self.shape[1] in (channels, None)
            and self.element in _FLOATS
        )


def adopt(path: Path, how: Adoption, *, overwrite: bool = False) -> Adopted:
    """Keep a published ONNX file as a model of Photochrom's contract, and say what was found.

    Raises `ModelError` when the file does not fit the kind, when it fails on grey pictures, or
    gives values that are not numbers, and when there is a model of the name already.
    """
    name = how.name or path.stem
    target = zoo.adopted_path(name)
    if not _NAME.fullmatch(name):
        raise ModelError(f"{name!r} cannot be a model's name; use letters, digits, . - and _")
    if name in zoo.shipped_names():
        raise ModelError(f"the model {name} comes with Photochrom; choose another name")
    if target.exists() and not overwrite:
        raise ModelError(f"there is a model {name} already; pass overwrite=True to replace it")
    network = _loaded(path)
    inputs, outputs = _tensors(network.graph)
    wrapping, sides = _fitted(path, how, inputs, outputs)
    size = _size(path, how, sides)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".part.onnx")
    try:
        model, checks = _checked(path, network, wrapping._replace(sides=sides), size, temporary)
        about = {
            "format": FORMAT,
            "multiple": _MULTIPLE,
            "gains": _GAINS,
            "vividness": 0.5,
            "name": name,
            "size": size,
            "summary": f"adopted: {how.family}, {how.licence}",
            "licence": how.licence,
            "family": how.family,
            "parameters": sum(int(np.prod(one.dims)) for one in network.graph.initializer),
            "source": {"file": path.name, "blake2b": file_digest(path)},
        }
        onnx.helper.set_model_props(model, {METADATA_KEY: json.dumps(about)})
        onnx.save(without_seen(model), temporary)
        Session(temporary, threads=1)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    used = next(one for one in outputs if one.name == wrapping.output)
    found = {
        **{f"input {number}": str(one) for number, one in enumerate(inputs, 1)},
        "output": f"{used}, {'RGB' if wrapping.gives_rgb else 'ab'}",
        "sees": _seen_in_words(how),
        **checks,
        "licence": how.licence,
        "kept": str(target),
    }
    return Adopted(name, target, found)


def _loaded(path: Path) -> onnx.ModelProto:
    if not path.is_file():
        raise ModelError(f"there is no model file {path}; check the path")
    try:
        network = onnx.load(path)
    except (DecodeError, onnx.checker.ValidationError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"{path}: not a whole ONNX model ({reason}); export it again") from error
    if any(one.key == METADATA_KEY for one in network.metadata_props):
        raise ModelError(f"{path}: a model of Photochrom already; use it by its path")
    opset = max((one.version for one in network.opset_import if not one.domain), default=0)
    if opset < _OPSET:
        raise ModelError(
            f"{path}: the file has opset {opset}; export it again with {_OPSET} or later"
        )
    return network


def _tensors(graph: onnx.GraphProto) -> tuple[list[_Tensor], list[_Tensor]]:
    """Give inputs and outputs; in older files, inputs are constants, too."""
    constants = {one.name for one in graph.initializer}

    def tensor(one: onnx.ValueInfoProto) -> _Tensor:
        sides = one.type.tensor_type.shape.dim
        shape = tuple(side.dim_value if side.dim_value > 0 else None for side in sides)
        return _Tensor(one.name, one.type.tensor_type.elem_type, shape)

    inputs = [tensor(one) for one in graph.input if one.name not in constants]
    return inputs, [tensor(one) for one in graph.output]


def _misfit(family: Family, inputs: list[_Tensor], outputs: list[_Tensor]) -> str:
    """Say what differs between a file and what a family has; nothing where it fits."""
    seen, given = family.channels
    counts = (1, 3) if family.takes_hints else (1,)
    if len(inputs) not in counts:
        return f"{len(inputs)} inputs, not {' or '.join(map(str, counts))}"
    for one, channels in zip(inputs, (seen, 2, 1), strict=False):
        if not one.has(channels):
            return f"the input {one}, not 1 x {channels} x height x width of floats"
    if not any(one.has(given) for one in outputs):
        listed = "; ".join(map(str, outputs)) or "none"
        return f"the output {listed}, not 1 x {given} x height x width of floats"
    return ""


def _fitted(
    path: Path, how: Adoption, inputs: list[_Tensor], outputs: list[_Tensor]
) -> tuple[Wrapping, tuple[int, int] | None]:
    """Give what is to be added, and the sides that the file is fixed to."""
    misfits = {name: _misfit(one, inputs, outputs) for name, one in FAMILIES.items()}
    if misfits[how.family]:
        fits = [name for name, misfit in misfits.items() if not misfit]
        if fits:
            reason = f"{misfits[how.family]}; give {' or '.join(fits)}"
            raise ModelError(f"{path}: not of the kind {how.family}: it has {reason}")
        tried = "; ".join(f"{name}: it has {misfit}" for name, misfit in misfits.items())
        raise ModelError(f"{path}: of no kind that can be adopted ({tried}); give another file")
    family = FAMILIES[how.family]
    output = next(one for one in outputs if one.has(family.channels[1]))
    height, width = inputs[0].shape[2:]
    side = height or width
    sides = None if side is None else (height or side, width or side)
    values = VALUES[how.values or family.values] if family.values else None
    hints = tuple(one.name for one in inputs[1:])
    wrapping = Wrapping(
        inputs[0].name, hints, output.name, values, family.gives_rgb, how.scale, None
    )
    return wrapping, sides


def _size(path: Path, how: Adoption, sides: tuple[int, int] | None) -> int:
    """Give the short side of what is shown; raises `ModelError` where the file has another."""
    if sides is None:
        return how.size or FAMILIES[how.family].size
    if how.size not in (None, min(sides)):
        height, width = sides
        raise ModelError(
            f"{path}: the file sees {width} x {height} pixels alone, not {how.size}; "
            "leave the size out, or export the file with dynamic sizes"
        )
    return min(sides)


def _checked(
    path: Path, network: onnx.ModelProto, how: Wrapping, size: int, temporary: Path
) -> tuple[onnx.ModelProto, dict[str, str]]:
    """Show the network grey pictures; give the model, and what came of it.

    A file whose sizes vary, and which fails at some all the same, is fixed to one.
    """
    size = max(_MULTIPLE, _MULTIPLE * round(size / _MULTIPLE))
    model, failed = wrap(network, how), ""
    onnx.save(model, temporary)
    try:
        found = _on_grey(path, temporary, [(size, size), (size, size + 2 * _MULTIPLE)])
    except _Fails:
        if how.sides:
            raise
        failed = "; it fails at others, though the file says that they vary"
        how = how._replace(sides=(size, size))
        model = wrap(network, how)
        onnx.save(model, temporary)
        found = _on_grey(path, temporary, [(size, size), (size, size + 2 * _MULTIPLE)])
    if how.sides:
        height, width = how.sides
        found["sizes"] = f"{width} x {height} alone, to which pictures are stretched{failed}"
    else:
        found["sizes"] = f"any; {size} pixels of short side unless asked otherwise"
    return model, found


def _on_grey(path: Path, model: Path, shapes: list[tuple[int, int]]) -> dict[str, str]:
    """Run a model on grey ramps of some shapes, (height, width); say what came out."""
    session = Session(model, threads=1)
    lowest, highest, differences = 0.0, 0.0, list[float]()
    for height, width in shapes:
        ramp = np.linspace(0, 100, width, dtype=np.float32)
        lightness = np.tile(ramp, (height, 1))[None, None]
        feeds = {"lightness": lightness}
        if "hints" in session.inputs:
            feeds["hints"] = np.zeros((1, 3, height, width), np.float32)
        names = sorted(session.outputs)
        try:
            answer = dict(zip(names, session.run(names, feeds), strict=True))
        except ModelError as error:
            reason = str(error.__cause__).strip().splitlines()[0]
            raise _Fails(
                f"{path}: the network fails on grey pictures of {width} x {height} pixels "
                f"({reason}); export it again with dynamic sizes, or give the size it was made for"
            ) from error
        ab = answer["ab"]
        if not np.isfinite(ab).all():
            raise ModelError(
                f"{path}: the network gives values that are not numbers for grey; "
                "export it again, or choose another"
            )
        lowest, highest = min(lowest, float(ab.min())), max(highest, float(ab.max()))
        if "seen" in answer:
            differences.append(float(np.abs(answer["seen"] - lightness).mean()))
    found = {"grey": f"ab is finite, from {lowest:.1f} to {highest:.1f} Lab units"}
    if differences:
        far = max(differences)
        advice = "; its RGB may be of another range" if far > _FAR else ""
        found["lightness"] = f"{far:.1f} Lab units from what it is shown, in the mean{advice}"
    return found


def _seen_in_words(how: Adoption) -> str:
    values = how.values or FAMILIES[how.family].values
    return f"grey RGB, {values}" if values else "lightness, 0..100"
