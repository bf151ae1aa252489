"""A trained model: what its ONNX file says of itself, and its answers."""

import hashlib
import json
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color.spaces import Floats
from photochrom.color.upsampling import resize_bilinear, unsharp_mask
from photochrom.errors import ModelError
from photochrom.guidance.palette import ColorPrior
from photochrom.inference import zoo
from photochrom.inference.devices import Session
from photochrom.inference.options import CPU
from photochrom.storage import read_ahead, read_once

FORMAT = 2
"""Of what is said there, and of the model's inputs and outputs."""
METADATA_KEY = "photochrom"
"""Key under which an ONNX file holds, as JSON, what it says of itself."""

_DISTRIBUTION = {"likelihood", "centres"}
_MAX_ASPECT = 4  # a model sees no picture longer than so many times its short side,
_MAX_PIXELS = 2048**2  # and no more pixels: its attention takes memory by their square


MIDDLE = 0.5
"""The vividness of what a model gives as "ab"; "natural", where it gives that, is of 0."""


def chroma_gain(gains: Sequence[float], vividness: float) -> float:
    """Give what chroma is multiplied by, from the least of `gains` to the most, at 0..1."""
    lowest, highest = gains
    return float(lowest * (highest / lowest) ** vividness)


def with_vividness(gains: Sequence[float], vividness: float, ab: Any, natural: Any = None) -> Any:
    """Give the colours of a vividness, 0..1, from a model's: arrays or tensors of Lab units.

    `ab` are multiplied. Towards 0 they give way to the `natural` ones, if there are such.
    """
    if natural is None or vividness >= MIDDLE:
        return chroma_gain(gains, vividness) * ab
    share = vividness / MIDDLE
    middle = share * chroma_gain(gains, MIDDLE)
    return middle * ab + (1 - share) * chroma_gain(gains, 0) * natural


def begin(model: str | Path, threads: int, device: str) -> None:
    """Begin to open a model, on a thread of its own, that `Model` will be asked for.

    That there is none of such a name, it tells then.
    """
    with suppress(ModelError):
        path = zoo.find(model)
        read_ahead(
            ("model", model, threads, device), lambda: (path, Session(path, threads, device))
        )


class Model:
    """A model's file, open; may be shared between threads.

    `model` is the name of a shipped model or the path of an .onnx file, `threads` how many threads
    an answer may use, `memory` how many bytes of answers are kept, for who asks the same again with
    another vividness, and `device` where it runs (see `devices.py`). Raises `ModelError` when it is
    unknown, damaged, or no colorizer, and for a device that is not there.
    """

    def __init__(self, model: str | Path, threads: int, memory: int = 0, device: str = CPU) -> None:
        def opened() -> tuple[Path, Session]:
            path = zoo.find(model)
            return path, Session(path, threads, device)

        self.path, self._session = read_once(("model", model, threads, device), opened)
        self.info = _self_description(self._session, str(model))
        self._inputs, self._outputs = self._session.inputs, self._session.outputs
        self._colors = [name for name in ("ab", "natural") if name in self._outputs]
        self._cache = _AnswerCache(memory) if memory else None

    def __repr__(self) -> str:
        return f"<Model {self.title}>"

    @property
    def title(self) -> str:
        """Its name and version."""
        return f"{self.info['name']} {self.info.get('version', '')}".strip()

    @property
    def device(self) -> str:
        """Where it runs."""
        return self._session.device

    @property
    def max_batch(self) -> int:
        """How many pictures run together at most, where threads ask for them at once."""
        return self._session.max_batch(self.size**2)

    @property
    def takes_hints(self) -> bool:
        """Whether it was trained with hints."""
        return "hints" in self._inputs

    @property
    def gives_suggestions(self) -> bool:
        """Whether it can be asked for likely colours, proposals and references."""
        return self.takes_hints and {"likelihood", "features", "centres"} <= self._outputs

    @property
    def size(self) -> int:
        """Short side, in pixels, of what it is best shown."""
        return int(self.info["size"])

    @property
    def multiple(self) -> int:
        """Sides of what it sees are multiples of this."""
        return int(self.info["multiple"])

    def sees(self, picture: tuple[int, int], short_side: int) -> tuple[int, int]:
        """Give width and height of what is seen of a picture of so many pixels.

        Its short side is near `short_side`, within bounds; nothing is enlarged beyond `size`.
        """
        short, long = sorted(picture)
        useful = min(short_side, max(short, self.size))  # more would show nothing new
        scale = min(
            useful / short, _MAX_ASPECT * useful / long, math.sqrt(_MAX_PIXELS / (short * long))
        )
        width, height = (
            max(self.multiple, self.multiple * round(side * scale / self.multiple))
            for side in picture
        )
        return width, height

    def vividness(self, wanted: float | None) -> float:
        """Give the wanted vividness, or the model's own; raises `ModelError` beyond 0..1."""
        if wanted is None:
            return float(self.info.get("vividness", 0.5))
        if not 0 <= wanted <= 1:
            raise ModelError(f"vividness goes from 0 to 1, not {wanted:g}")
        return wanted

    def enhance(self, vividness: float | None, ab: Floats, natural: Floats | None = None) -> Floats:
        """Give the colours of a vividness, (2, h, w), from the network's; see `with_vividness`.

        `ab` are sharpened as far as the model says; natural ones are to be near, not bold.
        """
        sharp = unsharp_mask(ab, self.info.get("unsharp", 0.0))
        found = with_vividness(self.info["gains"], self.vividness(vividness), sharp, natural)
        return np.asarray(found)

    def check_prior(self, prior: ColorPrior | None) -> None:
        """Raise `ModelError` where it has no distribution that a palette could change."""
        if prior and not self.gives_suggestions:
            name = self.info["name"]
            raise ModelError(f"the model {name} takes neither palette nor warmth; choose vivid")

    def answer(
        self,
        outputs: list[str],
        lightness: Floats,
        vividness: float | None = None,
        hints: Floats | None = None,
        prior: ColorPrior | None = None,
    ) -> list[Any]:
        """Give `outputs` for lightness (H, W) in 0..100, H and W multiples of `multiple`.

        "ab" is (2, h, w) in Lab units; "likelihood" (1, K, h, w) are logits,
        "features" (1, C, h / 2, w / 2), and "centres" (K, 2) in Lab units. `hints` (3, H, W) are a
        and b in Lab units, and a mask of 0 and 1. `prior` is what is wanted of all colours. Raises
        `ModelError` for what the model does not take.
        """
        self.check_prior(prior)
        if hints is not None and not self.takes_hints:
            raise ModelError(f"the model {self.info['name']} takes no hints; choose vivid")
        wanted = {*outputs, *(_DISTRIBUTION if prior else self._colors)}
        found = self._run(wanted, lightness, hints)
        if prior:
            given = [prior.chroma * prior.ab(found["likelihood"][0], found["centres"])]
        else:
            given = [found[name][0] for name in self._colors]
        ab = self.enhance(vividness, *given)
        if not np.isfinite(ab).all():
            raise ModelError("the model gave values that are not numbers; choose another model")
        return [ab if name == "ab" else found[name] for name in outputs]

    def _run(self, wanted: set[str], lightness: Floats, hints: Floats | None) -> dict[str, Any]:
        """Run the network, or take what it gave before: at least the outputs `wanted`."""
        feeds = {"lightness": np.ascontiguousarray(lightness[None, None], np.float32)}
        if self.takes_hints:
            given = np.zeros((3, *lightness.shape), np.float32) if hints is None else hints
            feeds["hints"] = np.ascontiguousarray(given[None], np.float32)
        if self._cache is None:
            return self._asked(wanted, feeds)
        return self._cache.get(feeds, lambda: self._asked(self._outputs, feeds))

    def _asked(self, wanted: set[str], feeds: dict[str, Floats]) -> dict[str, Any]:
        names = sorted(wanted)
        return dict(zip(names, self._session.run(names, feeds), strict=True))

    def predict(self, lightness: Floats, *, vividness: float | None = None) -> Floats:
        """Predict ab, (2, H, W) in Lab units, for lightness (H, W) in 0..100 of any size."""
        height, width = lightness.shape
        pad = ((0, -height % self.multiple), (0, -width % self.multiple))
        padded = np.pad(lightness, pad, mode="edge")
        (ab,) = self.answer(["ab"], padded, vividness)
        return resize_bilinear(ab, *padded.shape)[:, :height, :width]


class _AnswerCache:
    """Answers by what was asked; the least used are forgotten when all take too many bytes."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._answers: OrderedDict[bytes, dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, feeds: dict[str, Floats], ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Give the answer to `feeds`: the kept one, or the one that `ask` gives, to be kept."""
        shapes = repr([plane.shape for plane in feeds.values()]).encode()
        key = hashlib.blake2b(shapes + b"".join(map(bytes, feeds.values()))).digest()
        with self._lock:
            found = self._answers.get(key)
        found = found or ask()
        with self._lock:
            self._answers[key] = found
            self._answers.move_to_end(key)
            while len(self._answers) > 1 and self._size() > self.max_bytes:
                self._answers.popitem(last=False)
        return found

    def _size(self) -> int:
        return sum(plane.nbytes for one in self._answers.values() for plane in one.values())


def _self_description(session: Session, name: str) -> dict[str, Any]:
    text = session.meta.get(METADATA_KEY)
    if not text or "lightness" not in session.inputs or "ab" not in session.outputs:
        raise ModelError(
            f"{name}: this ONNX model is not a colorizer of Photochrom; choose another"
        )
    info: dict[str, Any] = json.loads(text)
    if info["format"] != FORMAT:
        raise ModelError(
            f"{name}: the model was made for another version of Photochrom; export its run again"
        )
    return info
