"""Colouring pictures with a trained model. The only module that knows ONNX Runtime."""

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from photochrom import zoo
from photochrom.color import (
    BilinearRows,
    Floats,
    Samples,
    guided_coefficients,
    has_colour,
    lab_to_samples,
    resize_bilinear,
    samples_to_lightness,
)
from photochrom.errors import ImageError, ModelError
from photochrom.hints import Hint, to_planes
from photochrom.image import Limits, Picture, encode, save
from photochrom.stream import Band

METADATA_KEY = "photochrom"
"""Key under which an ONNX file holds, as JSON, what it says of itself."""

_LONGEST = 4  # the model sees no picture longer than so many times its short side


class Colorizer:
    """A model, ready to colour any number of pictures; may be shared between threads.

    `model` is the name of a shipped model or the path of an .onnx file. `threads` is how many
    threads one picture may use; all cores by default. Raises `ModelError` when the model is
    unknown, damaged, or no colorizer.
    """

    def __init__(self, model: str | Path = zoo.DEFAULT, *, threads: int | None = None) -> None:
        self.threads = threads or os.cpu_count() or 1
        self.path = zoo.find(model)
        self._session = _open_session(self.path, self.threads)
        self.info = _self_description(self._session, str(model))
        self._inputs = {entry.name for entry in self._session.get_inputs()}

    @property
    def takes_hints(self) -> bool:
        """Whether the model was trained with hints."""
        return "hints" in self._inputs

    def colorize(
        self,
        picture: Any,
        *,
        vividness: float | None = None,
        size: int | None = None,
        hints: Iterable[Hint] = (),
        strength: float = 1.0,
        limits: Limits | None = None,
    ) -> Any:
        """Colour a picture: a path, a file's bytes, a NumPy array or a PIL image.

        An array (H, W) or (H, W, 3 or 4) of uint8, uint16 or floats in 0..1 gives an array
        (H, W, 3 or 4) of the same type; a PIL image gives a PIL image. A path or bytes give a
        `Coloured`, whose pixels are made when it is saved.

        `vividness` goes from 0, natural, to 1, vivid. `size` is the short side, in pixels, of
        what the model sees. `hints` are colours at places, (x, y, "#rrggbb"), x and y in pixels
        of the upright original. `strength` below 1 blends towards grey. Colour that the picture
        has already is dropped. Raises `ImageError` for what is no picture or is beyond the
        limits, and `HintError` for a hint that cannot be used.
        """

        def paint(source: Path | bytes | npt.NDArray[Any]) -> Coloured:
            return self._paint(Picture(source, limits), vividness, size, hints, strength)

        if isinstance(picture, np.ndarray):
            return paint(picture).array(picture.dtype)
        if isinstance(picture, (str, Path)):
            return paint(Path(picture))
        if isinstance(picture, bytes):
            return paint(picture)
        if hasattr(picture, "mode") and hasattr(picture, "convert"):
            return _to_pil(paint(_pil_samples(picture)).array(), picture)
        raise ImageError(
            f"cannot colour a {type(picture).__name__}; give a path, bytes, array or PIL image"
        )

    def predict(
        self,
        lightness: Floats,
        *,
        vividness: float | None = None,
        hints: Floats | None = None,
    ) -> Floats:
        """Predict ab, (2, H, W) in Lab units, for lightness (H, W) in 0..100.

        `hints` (3, H, W) are a and b in Lab units, and a mask of 0 and 1.
        """
        if vividness is None:
            vividness = float(self.info.get("vividness", 0.5))
        if not 0 <= vividness <= 1:
            raise ModelError(f"vividness goes from 0 to 1, not {vividness:g}")
        if hints is not None and not self.takes_hints:
            raise ModelError(f"the model {self.info['name']} takes no hints")
        height, width = lightness.shape
        multiple = int(self.info["multiple"])
        pad = ((0, -height % multiple), (0, -width % multiple))
        padded = np.pad(lightness, pad, mode="edge")
        feeds = {"lightness": np.ascontiguousarray(padded[None, None], np.float32)}
        if "vividness" in self._inputs:
            feeds["vividness"] = np.array(vividness, np.float32)
        if self.takes_hints:
            given = np.zeros((3, height, width), np.float32) if hints is None else hints
            feeds["hints"] = np.pad(given, ((0, 0), *pad))[None]
        ab = self._session.run(["ab"], feeds)[0][0]
        if not np.isfinite(ab).all():
            raise ModelError("the model gave values that are no numbers")
        return resize_bilinear(ab, *padded.shape)[:, :height, :width]

    def _paint(
        self,
        picture: Picture,
        vividness: float | None,
        size: int | None,
        hints: Iterable[Hint],
        strength: float,
    ) -> "Coloured":
        size = int(self.info["size"]) if size is None else size
        if not 32 <= size <= 2048:
            raise ModelError(f"size goes from 32 to 2048 pixels, not {size}")
        if not 0 <= strength <= 1:
            raise ModelError(f"strength goes from 0 to 1, not {strength:g}")
        vividness = float(self.info.get("vividness", 0.5)) if vividness is None else vividness
        seen = _model_size(picture.width, picture.height, size)
        small = picture.thumbnail(*seen)
        lightness = samples_to_lightness(small)
        given = list(hints)
        planes = to_planes(given, (picture.width, picture.height), seen) if given else None
        ab = self.predict(lightness, vividness=vividness, hints=planes)
        scale = np.iinfo(small.dtype).max
        coloured_before = small.ndim == 3 and has_colour(small / np.float32(scale))
        coefficients = np.float32(strength) * guided_coefficients(lightness, ab)
        note = {
            "Model": f"{self.info['name']} {self.info.get('version', '')}".strip(),
            "Vividness": f"{vividness:g}",
            "Size": str(size),
            "Strength": f"{strength:g}",
            "Hints": " ".join(f"{x:g},{y:g},{colour}" for x, y, colour in given),
        }
        return Coloured(picture, coefficients, self.threads, coloured_before, note)


class Coloured:
    """A coloured picture; its full-size pixels are made, band by band, when they are asked for."""

    def __init__(
        self,
        picture: Picture,
        coefficients: Floats,
        threads: int,
        had_colour: bool,
        note: dict[str, str],
    ) -> None:
        self._picture, self._threads, self._note = picture, threads, note
        self._coefficients = BilinearRows(coefficients, picture.height, picture.width)
        self.had_colour = had_colour
        """Whether the picture had colours of its own, which were dropped."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._picture.width, self._picture.height

    def save(self, path: str | Path, *, overwrite: bool = False, note: bool = True) -> None:
        """Write the picture, with its metadata, in the format that the name's ending tells.

        Its XMP is given a note of the model and the options, unless `note` is false. Raises
        `ImageError` when the file exists (unless `overwrite`) or cannot be written.
        """
        given = self._note if note else None
        save(self._picture, self._bands(), Path(path), replace=overwrite, note=given)

    def encode(self, ending: str = ".png", *, note: bool = True) -> bytes:
        """Give the bytes of the picture as a file, as `save` would write it to such an ending."""
        return encode(self._picture, self._bands(), ending, self._note if note else None)

    def array(self, dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
        """Give sRGB samples, (H, W, 3) or with alpha (H, W, 4).

        They are uint8 or uint16 as the picture's, or floats in 0..1 when `dtype` says so.
        """
        pixels = np.concatenate(list(self._bands()))
        if dtype is None or pixels.dtype == dtype:
            return pixels
        return (pixels / np.iinfo(pixels.dtype).max).astype(dtype)

    def _bands(self) -> Iterator[Band]:
        """Colour the bands in order, several at a time, few of them in memory."""
        waiting: deque[Future[Band]] = deque()
        top = 0
        with ThreadPoolExecutor(self._threads) as pool:
            for samples, alpha in self._picture.bands():
                waiting.append(pool.submit(self._band, top, samples, alpha))
                top += len(samples)
                if len(waiting) > 2 * self._threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _band(self, top: int, samples: Samples, alpha: Samples | None) -> Band:
        lightness = samples_to_lightness(samples)
        slope_a, slope_b, a, b = self._coefficients[top : top + len(samples)]
        slope_a *= lightness
        slope_b *= lightness
        a += slope_a
        b += slope_b
        rgb = lab_to_samples(lightness, a, b, samples.dtype)
        return rgb if alpha is None else np.concatenate([rgb, alpha[..., None]], axis=2)


def describe(model: str | Path) -> dict[str, Any]:
    """Give what a model says of itself: name, version, sizes, training, scores, licence."""
    return Colorizer(model, threads=1).info


def _open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"{path}: damaged, or not an ONNX model") from error


def _self_description(session: onnxruntime.InferenceSession, name: str) -> dict[str, Any]:
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    inputs = {entry.name for entry in session.get_inputs()}
    outputs = {entry.name for entry in session.get_outputs()}
    if not text or "lightness" not in inputs or "ab" not in outputs:
        raise ModelError(f"{name}: an ONNX model, but no Photochrom colorizer")
    info: dict[str, Any] = json.loads(text)
    return info


def _model_size(width: int, height: int, size: int) -> tuple[int, int]:
    """Width and height of what the model sees: the short side `size`, the long one bounded."""
    short, long = min(width, height), max(width, height)
    scale = min(size / short, _LONGEST * size / long)
    return max(32, round(width * scale)), max(32, round(height * scale))


def _pil_samples(image: Any) -> Samples:
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if image.mode in ("I", "F"):
        raise ImageError(f"a PIL image of mode {image.mode}; convert it to L or RGB")
    if image.mode not in ("L", "RGB", "RGBA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return np.asarray(image)


def _to_pil(array: npt.NDArray[Any], like: Any) -> Any:
    from PIL import Image

    if array.dtype == np.uint16:
        array = (array >> 8).astype(np.uint8)
    image = Image.fromarray(array)
    image.info = dict(like.info)
    return image
