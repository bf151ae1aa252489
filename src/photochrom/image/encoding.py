"""Encoding: the coloured bands of a picture and its metadata become one image of a format."""

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.errors import ImageError
from photochrom.image import jpeg_strips
from photochrom.image.band_stream import Band, TiffStream
from photochrom.image.credentials import Signing
from photochrom.image.formats import format_of
from photochrom.image.metadata import with_metadata
from photochrom.image.provenance import add_note
from photochrom.image.reader import Picture

JPEG_QUALITY = 92
"""What is written unless another is wanted."""
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "jpeg": {"subsample_mode": "off"},
    "png": {"compression": 6},
    "tiff": {"compression": "deflate", "predictor": "horizontal"},
    "webp": {"Q": 92},
    "heif": {"Q": 80, "effort": 2},
}
_ALL_BUT_EXIF = "xmp:iptc:icc:other:gainmap"
_DEEP = {"png", "tiff"}  # formats that are written with 16 bits when the input has 16


class Page(NamedTuple):
    """A picture that is written."""

    picture: Picture
    """Whose metadata it gets."""
    bands: Iterator[Band]
    """Its new pixels, (rows, W, 3 or 4) samples, as `Picture.bands` divides them."""
    facts: dict[str, str]
    """How it was coloured: the note in its XMP (see `provenance.py`)."""
    strips: Callable[[int], Iterator[bytes] | None] = lambda quality: None
    """Gives the new pixels as JPEGs of some rows each, of a quality, or None: `jpeg_strips.py`."""


def page_of(pixels: Band, facts: dict[str, str]) -> Page:
    """Give new pixels, (H, W, 3), as a picture that is written."""
    picture = Picture(pixels)
    rows = picture.band_rows
    bands = (pixels[top : top + rows] for top in range(0, picture.height, rows))
    return Page(picture, bands, facts)


class SaveKeywords(TypedDict, total=False):
    """The fields of `SaveOptions`, as keywords of `save`."""

    note: bool
    profile: str
    pyramid: bool
    jpeg_quality: int
    overwrite: bool
    sign: Signing | None
    codec: str
    crf: int | None
    bits: int | None
    pixel_format: str
    comparison: str


@dataclass(frozen=True)
class SaveOptions:
    """How a coloured picture is written. Raises `ImageError` for a quality beyond 1..100."""

    note: bool = True
    """Say in the XMP which model coloured the picture, and how."""
    profile: str = "srgb"
    """The colours' profile: "srgb", or "p3" for Display P3."""
    pyramid: bool = False
    """Write a TIFF in tiles, with smaller versions of itself, for viewers of large pictures."""
    jpeg_quality: int = JPEG_QUALITY
    """Of JPEGs, and of those in a PDF, from 1 to 100."""
    overwrite: bool = False
    """Replace a file that is there already."""
    sign: Signing | None = None
    """A certificate and its key, two PEM files, with which it is signed: Content Credentials."""
    codec: str = ""
    """Of films: "h264", "h265", "av1", "vp9", "prores" or "ffv1"; else H.264, or VP9 in a .webm."""
    crf: int | None = None
    """Quality of films, lower is finer; each codec has its own scale, and its usual value."""
    bits: int | None = None
    """Of a film's samples, 8 or 10; else as many as every player shows."""
    pixel_format: str = ""
    """FFmpeg's name of how a film's pixels are stored, such as "yuv444p"; else as `bits` say."""
    comparison: str = ""
    """Of a film before and after: "side", both beside each other, or "wipe", a line that moves."""

    def __post_init__(self) -> None:
        if not 1 <= self.jpeg_quality <= 100:
            raise ImageError(f"the quality of a JPEG goes from 1 to 100, not {self.jpeg_quality}")


def write_image(page: Page, file: Path | BytesIO, name: Path, options: SaveOptions) -> None:
    """Encode a page to a file, in the format that a name's extension tells.

    This is the one place that decides by which road: a large grey JPEG becomes one in colour in
    strips. Raises `ImageError` when it cannot be written.
    """
    if format_of(name) == "jpeg" and options.profile == "srgb":
        if strips := page.strips(options.jpeg_quality):
            _write_strips(strips, page, file, name, options)
            return
    if isinstance(file, Path):
        _write_bands(page, pyvips.Target.new_to_file(os.fsencode(file)), name, options)
    else:
        memory = pyvips.Target.new_to_memory()
        _write_bands(page, memory, name, options)
        file.write(memory.get("blob"))


def _write_strips(
    strips: Iterator[bytes], page: Page, file: Path | BytesIO, name: Path, options: SaveOptions
) -> None:
    blank = pyvips.Image.black(jpeg_strips.SIDE, jpeg_strips.SIDE, bands=3)
    image = described(blank.copy(interpretation="srgb"), page, "jpeg", options)
    arguments = arguments_of("jpeg", name, page.picture, options, image)
    head = image.write_to_buffer(".jpg", **arguments)
    with file.open("wb") if isinstance(file, Path) else nullcontext(file) as opened:
        opened.writelines(jpeg_strips.joined(head, strips, *page.picture.size))


def _write_bands(page: Page, target: Any, name: Path, options: SaveOptions) -> None:
    picture, file_format = page.picture, format_of(name)
    channels = 4 if picture.has_alpha else 3
    shape = (picture.height, picture.width, channels)
    stream = TiffStream(page.bands, shape, picture.dtype, picture.band_rows)
    try:
        image = described(_stream_image(stream), page, file_format, options)
        if picture.bits == 16 and file_format not in _DEEP:
            image = image.colourspace("srgb")
        if picture.has_alpha and file_format == "jpeg":
            image = image.flatten(background=255)
        arguments = arguments_of(file_format, name, picture, options, image)
        image.write_to_target(target, name.suffix.lower(), **arguments)
    except pyvips.Error as error:
        if stream.error:
            raise stream.error from None
        reason = error.detail.strip().splitlines()[-1] if error.detail else str(error)
        raise ImageError(
            f"{name}: cannot be written ({reason}); make room, or write elsewhere"
        ) from error
    except UnicodeDecodeError as error:  # libvips' message quotes bytes of the file
        raise stream.error or ImageError(
            f"{name}: cannot be written; make room, or write elsewhere"
        ) from error


def described(image: Any, page: Page, file_format: str, options: SaveOptions) -> Any:
    """Give an image the metadata of its page, the note on its colours, and its profile."""
    picture = page.picture
    image = with_metadata(image, picture, file_format)
    if options.note and page.facts:
        packet = image.get("xmp-data") if image.get_typeof("xmp-data") else None
        noted = add_note(packet, page.facts, picture.name)
        image.set_type(pyvips.GValue.blob_type, "xmp-data", noted)
    if options.profile != "srgb":
        image = image.icc_transform(
            options.profile, input_profile="srgb", depth=picture.bits, intent="relative"
        )
    return image


def arguments_of(
    file_format: str, name: Path, picture: Picture, options: SaveOptions, image: Any
) -> dict[str, Any]:
    """Give what libvips is told when it writes an image of a picture in a format."""
    arguments = dict(_SAVE_OPTIONS[file_format])
    if not (picture.resolution or image.get_typeof("exif-data")):
        arguments["keep"] = _ALL_BUT_EXIF
    if name.suffix.lower() == ".avif":
        arguments["compression"] = "av1"
    if file_format == "jpeg":
        arguments["Q"] = options.jpeg_quality
    if file_format == "tiff":
        large = picture.width * picture.height * picture.bits > 4 << 30  # 3 GB of samples and more
        arguments |= {"bigtiff": large, "tile": options.pyramid, "pyramid": options.pyramid}
    return arguments


def _stream_image(stream: TiffStream) -> Any:
    source = pyvips.SourceCustom()
    source.on_read(stream.read)
    source.on_seek(stream.seek)
    return pyvips.Image.new_from_source(source, "", access="sequential", fail_on="error")


def encode_rgb(rgb: npt.ArrayLike, extension: str = ".png") -> bytes:
    """Give the bytes of a small picture file of sRGB, (H, W, 3): uint8, or floats in 0..1."""
    samples = np.asarray(rgb)
    if samples.dtype != np.uint8:
        samples = np.rint(np.clip(samples, 0, 1) * 255).astype(np.uint8)
    data: bytes = pyvips.Image.new_from_array(samples).write_to_buffer(extension)
    return data
