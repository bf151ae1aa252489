"""Encoding: coloured bands and the input's metadata become a file, whole or not at all."""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.errors import ImageError
from photochrom.image.decoding import FORMATS, Picture, is_srgb
from photochrom.note import add_note
from photochrom.stream import Band, TiffStream

_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "jpeg": {"Q": 92, "subsample_mode": "off"},
    "png": {"compression": 6},
    "tiff": {"compression": "deflate", "predictor": "horizontal"},
    "webp": {"Q": 92},
    "heif": {"Q": 80, "effort": 2},
}
_DEEP = {"png", "tiff"}  # formats that are written with 16 bits when the input has 16
_METADATA = ("exif-", "xmp-", "iptc-", "photoshop-")
_TEMPORARY = re.compile(r"\..*\.photochrom-[^.]*\.part")


@dataclass(frozen=True)
class Finish:
    """How a picture is written."""

    note: dict[str, str] | None = None
    """What is added to the XMP (see `note.py`)."""
    profile: str = "srgb"
    """The colours' profile: "srgb", or "p3" for Display P3."""
    pyramid: bool = False
    """Write a TIFF in tiles, with smaller versions of itself, for viewers of large pictures."""


def save(
    picture: Picture,
    bands: Iterator[Band],
    target: Path,
    finish: Finish = Finish(),
    *,
    replace: bool = False,
) -> None:
    """Write bands of colour as the picture's new pixels, with its metadata, to a file.

    `bands` gives (rows, W, 3 or 4) samples as `Picture.bands` divides them. The format follows
    the name's ending. The file appears under its name when it is whole; what stood there before
    is kept unless `replace`. Raises `ImageError` when it cannot be written.
    """
    check_target(target, pyramid=finish.pyramid)
    handle, temporary = _temporary(target)
    os.close(handle)
    try:
        _encode(picture, bands, pyvips.Target.new_to_file(temporary), target, finish)
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
    picture: Picture,
    bands: Iterator[Band],
    ending: str,
    finish: Finish = Finish(),
) -> bytes:
    """Encode as `save` does, into memory; `ending` is a file name ending such as ".png"."""
    target = Path("picture" + ending)
    check_target(target, pyramid=finish.pyramid)
    memory = pyvips.Target.new_to_memory()
    _encode(picture, bands, memory, target, finish)
    return bytes(memory.get("blob"))


def check_target(target: Path, *, pyramid: bool = False) -> None:
    """Raise `ImageError` when a name's ending tells no format that is written, or no TIFF."""
    if pyramid and FORMATS.get(target.suffix.lower()) != "tiff":
        raise ImageError(f"{target}: a pyramid is a TIFF; name it .tif, or add --format tif")
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
    finish: Finish,
) -> None:
    kind = FORMATS[name.suffix.lower()]
    channels = 4 if picture.has_alpha else 3
    shape = (picture.height, picture.width, channels)
    stream = TiffStream(bands, shape, picture.dtype, picture.band_rows)
    try:
        image = _stream_image(stream)
        image = _with_metadata(image, picture)
        if finish.note:
            packet = image.get("xmp-data") if image.get_typeof("xmp-data") else None
            image.set_type(pyvips.GValue.blob_type, "xmp-data", add_note(packet, finish.note))
        if finish.profile != "srgb":
            image = image.icc_transform(
                finish.profile, input_profile="srgb", depth=picture.bits, intent="relative"
            )
        if picture.bits == 16 and kind not in _DEEP:
            image = image.colourspace("srgb")
        if picture.has_alpha and kind == "jpeg":
            image = image.flatten(background=255)
        options = _options(kind, name, picture, finish)
        image.write_to_target(target, name.suffix.lower(), **options)
    except pyvips.Error as error:
        if stream.error:
            raise stream.error from None
        reason = error.detail.strip().splitlines()[-1] if error.detail else str(error)
        raise ImageError(f"{name}: cannot be written ({reason})") from error
    except UnicodeDecodeError as error:  # libvips' message quotes bytes of the file
        raise stream.error or ImageError(f"{name}: cannot be written") from error


def _options(kind: str, name: Path, picture: Picture, finish: Finish) -> dict[str, Any]:
    options = dict(_SAVE_OPTIONS[kind])
    if name.suffix.lower() == ".avif":
        options["compression"] = "av1"
    if kind == "tiff":
        large = picture.width * picture.height * picture.bits > 4 << 30  # 3 GB of samples and more
        options |= {"bigtiff": large, "tile": finish.pyramid, "pyramid": finish.pyramid}
    return options


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
        if not is_srgb(profile) or header.bands < 3:
            profile = pyvips.Operation.call("profile_load", "srgb")
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    if header.get_typeof("orientation"):
        image.set_type(pyvips.GValue.gint_type, "orientation", 1)
    return image


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
