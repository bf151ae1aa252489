"""Pictures: decoding, encoding, metadata and limits. The only module that knows libvips.

A `Picture` is a file (or bytes, or an array) whose header has been read and checked. Its pixels
are then taken twice: once shrunk, for the model, and once in bands from top to bottom, so that
a picture far larger than memory can be coloured.
"""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.color import Samples
from photochrom.errors import ImageError
from photochrom.note import add_note
from photochrom.stream import Band, TiffStream

FORMATS = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
    ".avif": "heif",
    ".heic": "heif",
    ".heif": "heif",
}
"""File name endings that are read and written, and libvips' name of each format."""

_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "jpeg": {"Q": 92, "subsample_mode": "off"},
    "png": {"compression": 6},
    "tiff": {"compression": "deflate", "predictor": "horizontal", "bigtiff": False},
    "webp": {"Q": 92},
    "heif": {"Q": 80, "effort": 2},
}
_DEEP = {"png", "tiff"}  # formats that are written with 16 bits when the input has 16
_METADATA = ("exif-", "xmp-", "iptc-", "photoshop-")
_TEMPORARY = re.compile(r"\..*\.photochrom-[^.]*\.part")
_BAND_PIXELS = 1 << 17  # of a band: its planes stay in the processor's cache
_READABLE = "JPEG, PNG, TIFF, WebP, AVIF or HEIC"


@dataclass(frozen=True)
class Limits:
    """What is refused before a pixel is decoded."""

    bytes: int = 4 << 30
    """The largest file."""
    pixels: int = 500_000_000
    """The largest picture."""


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn libvips' errors into one line about the picture `name`."""
    try:
        yield
    except pyvips.Error as error:
        lines = (error.detail or str(error)).strip().splitlines() or ["unknown error"]
        reason = lines[0].split(": ", 1)[-1]
        raise ImageError(f"{name}: damaged or cut off ({reason})") from error


class Picture:
    """A picture whose header has been read: upright, sRGB, 8 or 16 bits a sample.

    `source` is a path, a file's bytes, or an array: (H, W), (H, W, 3) or (H, W, 4), uint8,
    uint16, or floats in 0..1. Raises `ImageError` when it is no picture or beyond the limits.
    """

    def __init__(
        self, source: Path | bytes | npt.NDArray[Any], limits: Limits | None = None
    ) -> None:
        limits = limits or Limits()
        self._source = _checked_array(source) if isinstance(source, np.ndarray) else source
        self.name = str(source) if isinstance(source, Path) else "the picture"
        self._check_bytes(limits)
        with _explained(self.name):
            self.header = self._open("sequential")
            self._check_header(limits)
            upright = self.header.autorot()
        self.width: int = upright.width
        self.height: int = upright.height
        self.bits: int = 16 if self.header.format == "ushort" else 8
        self.has_alpha: bool = bool(self.header.hasalpha())

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        """The samples' type."""
        return np.uint16 if self.bits == 16 else np.uint8

    @property
    def band_rows(self) -> int:
        """Height of the bands that `bands` gives."""
        return max(1, min(self.height, _BAND_PIXELS // self.width))

    def thumbnail(self, width: int, height: int) -> Samples:
        """Shrink the picture: (height, width) samples when grey, else (height, width, 3)."""
        options = {"height": height, "size": "force", "fail_on": "error"}
        with _explained(self.name):
            if isinstance(self._source, np.ndarray):
                small = _from_array(self._source).thumbnail_image(
                    width, height=height, size="force"
                )
            else:
                small = pyvips.Image.thumbnail_source(self._vips_source(), width, **options)
            pixels = _standard(small).numpy()
        return _without_alpha(np.atleast_3d(pixels))

    def bands(self) -> Iterator[tuple[Samples, Samples | None]]:
        """Decode from top to bottom: bands of samples as in `thumbnail`, and of alpha, or None.

        Alpha is (rows, width). Every band is `band_rows` high but the last.
        """
        # Sideways pictures are decoded whole: beyond 100 MB libvips puts them on disk.
        turned = _orientation(self.header) > 1
        with _explained(self.name):
            image = _standard(self._open("random" if turned else "sequential").autorot())
            region = pyvips.Region.new(image)
            for top in range(0, self.height, self.band_rows):
                rows = min(self.band_rows, self.height - top)
                data = region.fetch(0, top, self.width, rows)
                pixels: npt.NDArray[Any] = np.frombuffer(data, self.dtype).reshape(
                    rows, self.width, -1
                )
                alpha = pixels[..., -1] if pixels.shape[2] in (2, 4) else None
                yield _without_alpha(pixels), alpha

    def _open(self, access: str) -> Any:
        if isinstance(self._source, np.ndarray):
            return _from_array(self._source)
        source = self._vips_source()
        try:
            return pyvips.Image.new_from_source(source, "", access=access, fail_on="error")
        except pyvips.Error as error:
            if "not in a known format" in str(error):
                raise ImageError(f"{self.name}: not a picture; give {_READABLE}") from error
            raise

    def _vips_source(self) -> Any:
        if isinstance(self._source, bytes):
            return pyvips.Source.new_from_memory(self._source)
        return pyvips.Source.new_from_file(str(self._source))

    def _check_bytes(self, limits: Limits) -> None:
        if isinstance(self._source, np.ndarray):
            return
        if isinstance(self._source, bytes):
            size = len(self._source)
        else:
            try:
                size = self._source.stat().st_size
                if self._source.is_dir():
                    raise ImageError(f"{self.name}: a folder, not a picture")
                with self._source.open("rb"):
                    pass
            except FileNotFoundError as error:
                raise ImageError(f"{self.name}: no such file") from error
            except OSError as error:
                raise ImageError(f"{self.name}: {error.strerror}") from error
        if not size:
            raise ImageError(f"{self.name}: the file is empty")
        if size > limits.bytes:
            raise ImageError(f"{self.name}: {size:,} bytes, the limit is {limits.bytes:,}")

    def _check_header(self, limits: Limits) -> None:
        image = self.header
        if image.width * image.height > limits.pixels:
            raise ImageError(
                f"{self.name}: {image.width} x {image.height} pixels, "
                f"the limit is {limits.pixels:,} in all"
            )
        if isinstance(self._source, np.ndarray):
            return
        loader = image.get("vips-loader")
        if not loader.startswith(tuple(set(FORMATS.values()))):
            raise ImageError(f"{self.name}: not a kind of picture that is read; give {_READABLE}")
        if image.format not in ("uchar", "ushort"):
            raise ImageError(f"{self.name}: {image.format} samples; save it with 8 or 16 bits")
        pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
        if pages > 1 and not loader.startswith("heif"):
            raise ImageError(f"{self.name}: {pages} pages; save each as a file of its own")


def save(
    picture: Picture,
    bands: Iterator[Band],
    target: Path,
    *,
    replace: bool = False,
    note: dict[str, str] | None = None,
) -> None:
    """Write bands of colour as the picture's new pixels, with its metadata, to a file.

    `bands` gives (rows, W, 3 or 4) samples as `Picture.bands` divides them. The format follows
    the name's ending. The file appears under its name when it is whole; what stood there before
    is kept unless `replace`. `note` is added to the XMP (see `note.py`). Raises `ImageError` when
    it cannot be written.
    """
    check_target(target)
    handle, temporary = _temporary(target)
    os.close(handle)
    try:
        _encode(picture, bands, pyvips.Target.new_to_file(temporary), target, note)
        if not replace and target.exists():
            raise ImageError(f"{target}: exists already; add --overwrite to replace it")
        os.replace(temporary, target)
    except OSError as error:
        raise ImageError(f"{target}: cannot be written ({error.strerror})") from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def remove_leftovers(folders: Iterable[Path]) -> None:
    """Remove the temporary files that killed runs left in folders."""
    for folder in folders:
        for path in folder.glob(".*.part") if folder.is_dir() else ():
            if _TEMPORARY.fullmatch(path.name):
                path.unlink(missing_ok=True)


def encode(
    picture: Picture, bands: Iterator[Band], ending: str, note: dict[str, str] | None = None
) -> bytes:
    """Encode as `save` does, into memory; `ending` is a file name ending such as ".png"."""
    target = Path("picture" + ending)
    check_target(target)
    memory = pyvips.Target.new_to_memory()
    _encode(picture, bands, memory, target, note)
    return bytes(memory.get("blob"))


def check_target(target: Path) -> None:
    """Raise `ImageError` when a name's ending tells no format that is written."""
    if target.suffix.lower() not in FORMATS:
        known = ", ".join(FORMATS)
        raise ImageError(
            f"{target}: cannot write {target.suffix or 'without an ending'}; use {known}"
        )


def _temporary(target: Path) -> tuple[int, str]:
    try:
        return tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.name}.photochrom-", suffix=".part"
        )
    except OSError as error:
        raise ImageError(f"{target}: cannot be written ({error.strerror})") from error


def _encode(
    picture: Picture,
    bands: Iterator[Band],
    target: Any,
    name: Path,
    note: dict[str, str] | None,
) -> None:
    kind = FORMATS[name.suffix.lower()]
    channels = 4 if picture.has_alpha else 3
    shape = (picture.height, picture.width, channels)
    stream = TiffStream(bands, shape, picture.dtype, picture.band_rows)
    try:
        image = _stream_image(stream)
        image = _with_metadata(image, picture)
        if note:
            packet = image.get("xmp-data") if image.get_typeof("xmp-data") else None
            image.set_type(pyvips.GValue.blob_type, "xmp-data", add_note(packet, note))
        if picture.bits == 16 and kind not in _DEEP:
            image = image.colourspace("srgb")
        if picture.has_alpha and kind == "jpeg":
            image = image.flatten(background=255)
        options = dict(_SAVE_OPTIONS[kind])
        if name.suffix.lower() == ".avif":
            options["compression"] = "av1"
        image.write_to_target(target, name.suffix.lower(), **options)
    except pyvips.Error as error:
        if stream.error:
            raise stream.error from None
        reason = error.detail.strip().splitlines()[-1] if error.detail else str(error)
        raise ImageError(f"{name}: cannot be written ({reason})") from error


def _stream_image(stream: TiffStream) -> Any:
    source = pyvips.SourceCustom()
    source.on_read(stream.read)
    source.on_seek(stream.seek)
    return pyvips.Image.new_from_source(source, "", access="sequential", fail_on="error")


def _with_metadata(image: Any, picture: Picture) -> Any:
    """Carry EXIF, XMP, IPTC and resolution over; say sRGB where the input had a profile."""
    header = picture.header
    image = image.copy(xres=header.xres, yres=header.yres)
    for field in header.get_fields():
        if field.startswith(_METADATA) or field == "resolution-unit":
            image.set_type(header.get_typeof(field), field, header.get(field))
    if header.get_typeof("icc-profile-data"):
        profile = header.get("icc-profile-data")
        if not _is_srgb(profile) or header.bands < 3:
            profile = pyvips.Operation.call("profile_load", "srgb")
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    if header.get_typeof("orientation"):
        image.set_type(pyvips.GValue.gint_type, "orientation", 1)
    return image


def _standard(image: Any) -> Any:
    """Bring a decoded picture to grey or sRGB samples, 8 or 16 bits, alpha kept last."""
    deep = image.format == "ushort"
    grey = image.bands < 3
    profile = image.get("icc-profile-data") if image.get_typeof("icc-profile-data") else None
    if profile and not _is_srgb(profile):
        image = image.icc_transform("srgb", embedded=True, depth=16 if deep else 8)
    elif image.interpretation == "cmyk":
        image = image.icc_transform("srgb", input_profile="cmyk", depth=16 if deep else 8)
    elif grey:
        image = image.colourspace("grey16" if deep else "b-w")
    else:
        image = image.colourspace("rgb16" if deep else "srgb")
    return image.cast("ushort" if deep else "uchar")


def _is_srgb(profile: bytes) -> bool:
    return b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile


def _orientation(header: Any) -> int:
    return int(header.get("orientation")) if header.get_typeof("orientation") else 1


def _without_alpha(pixels: Samples) -> Samples:
    """Grey (H, W) or RGB (H, W, 3) of (H, W, C) samples with C from 1 to 4."""
    return pixels[..., 0] if pixels.shape[2] < 3 else pixels[..., :3]


def _checked_array(array: npt.NDArray[Any]) -> Samples:
    """Check an array from outside and bring it to uint8 or uint16 samples."""
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise ImageError(f"an array of shape {array.shape}; give (H, W), (H, W, 3) or (H, W, 4)")
    if not array.size:
        raise ImageError(f"an empty array of shape {array.shape}")
    if array.dtype in (np.uint8, np.uint16):
        return np.ascontiguousarray(array)
    if not np.issubdtype(array.dtype, np.floating):
        raise ImageError(f"an array of {array.dtype}; give uint8, uint16, or floats in 0..1")
    if not np.isfinite(array).all():
        raise ImageError("the array holds NaN or infinite values")
    if array.min() < 0 or array.max() > 1:
        raise ImageError(f"floats from {array.min():g} to {array.max():g}; give them in 0..1")
    samples: Samples = np.rint(array * 65535).astype(np.uint16)
    return samples


def _from_array(array: Samples) -> Any:
    image = pyvips.Image.new_from_array(array)
    deep, grey = array.dtype == np.uint16, image.bands < 3
    space = ("grey16" if grey else "rgb16") if deep else ("b-w" if grey else "srgb")
    return image.copy(interpretation=space)


def find_pictures(place: Path) -> list[Path]:
    """List the pictures below a folder, sorted by their paths; or the one file that `place` is.

    Pictures are told by the endings of their names. Raises `ImageError` when there are none.
    """
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise ImageError(f"{place}: no such file or folder")
    found = sorted(path for path in place.rglob("*") if path.suffix.lower() in FORMATS)
    if not found:
        raise ImageError(f"{place}: no pictures in this folder")
    return found


def load_rgb(path: Path, short_side: int, *, enlarge: bool = True) -> npt.NDArray[np.uint8]:
    """Read a picture upright as sRGB, uint8 (H, W, 3), with its short side brought to a size.

    Without `enlarge`, a picture that is smaller keeps its size. Raises `ImageError` when the file
    is missing, damaged or no picture.
    """
    picture = Picture(path)
    scale = short_side / min(picture.width, picture.height)
    scale = scale if enlarge else min(1.0, scale)
    pixels = picture.thumbnail(
        max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    )
    return to_rgb8(pixels)


def to_rgb8(samples: Samples) -> npt.NDArray[np.uint8]:
    """Bring samples, grey (H, W) or colour (H, W, 3), to uint8 (H, W, 3)."""
    shallow = (samples >> 8 if samples.dtype == np.uint16 else samples).astype(np.uint8)
    return shallow if shallow.ndim == 3 else np.repeat(shallow[..., None], 3, axis=2)


def save_rgb(rgb: npt.ArrayLike, path: Path) -> None:
    """Write sRGB in 0..1, shape (H, W, 3), as an 8-bit picture; values beyond are cut off."""
    path.write_bytes(encode_rgb(rgb, path.suffix))


def encode_rgb(rgb: npt.ArrayLike, ending: str = ".png") -> bytes:
    """Give the bytes of a small picture file of sRGB, (H, W, 3): uint8, or floats in 0..1."""
    samples = np.asarray(rgb)
    if samples.dtype != np.uint8:
        samples = np.rint(np.clip(samples, 0, 1) * 255).astype(np.uint8)
    data: bytes = pyvips.Image.new_from_array(samples).write_to_buffer(ending)
    return data
