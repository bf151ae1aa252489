"""Which format is read by what, where libvips does not read it, or not right: one table.

libvips streams JPEG, PNG, TIFF, WebP, AVIF and GIF. The others are decoded whole, into memory.
"""

from collections.abc import Callable
from typing import NamedTuple

from photochrom.image import animation, archive, heic, jpeg, pdf, raw, tiff_samples
from photochrom.image.decoded import Decoded, SourceFile, from_array


class Decoder(NamedTuple):
    """What reads a format."""

    format: str
    """Its name, as people write it."""
    fits: Callable[[SourceFile], bool]
    """Tells by a file's name or first bytes whether it is of the format."""
    decode: Callable[[SourceFile], Decoded]
    """Raises `ImageError` when the file is damaged, `MissingExtra` without what reads it."""


def _pdf(file: SourceFile) -> Decoded:
    pages = pdf.count_pages(file.source, file.name)
    pixels, scale = pdf.render(file.source, file.name, file.page, file.limits.pixels)
    return Decoded(from_array(pixels), pages, (scale, scale))


def _raw(file: SourceFile) -> Decoded:
    file.limits.check_size(file.name, *raw.size(file.path))
    return Decoded(from_array(raw.develop(file.path)))


DECODERS = (
    Decoder("PDF", lambda file: pdf.is_pdf(file.source), _pdf),
    Decoder("raw", lambda file: raw.is_raw(file.source), _raw),
    Decoder("JPEG", jpeg.fits, jpeg.decode),
    Decoder("animation", animation.fits, animation.decode),
    Decoder("HEIC", heic.fits, heic.decode),
    Decoder("JPEG 2000", archive.is_jpeg_2000, archive.decode_jpeg_2000),
    Decoder("JPEG XL", archive.is_jpeg_xl, archive.decode_jpeg_xl),
    Decoder("BMP, PNM or TGA", archive.is_of_pillow, archive.decode_with_pillow),
    Decoder("TIFF", tiff_samples.fits, tiff_samples.decode),
)


def find(file: SourceFile) -> Decoder | None:
    """Find what decodes a file whole; None where libvips reads it."""
    return next((one for one in DECODERS if one.fits(file)), None)
