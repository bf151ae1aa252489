"""Which format is read by what, where libvips does not read it, or not right: one table.

libvips streams JPEG, PNG, TIFF, WebP, AVIF and GIF. The others are decoded whole, into memory.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from photochrom.image import animation, archive, heic, jpeg, pdf, raw, tiff_samples
from photochrom.image.decoded import TIFF, Decoded, SourceFile, from_array


class Decoder(NamedTuple):
    """What reads a format."""

    format: str
    """Its name, as people write it."""
    begins: bytes | None
    """How its files begin, as a regular expression; None where their names tell."""
    decode: Callable[[SourceFile], Decoded]
    """Raises `ImageError` when the file is damaged, `MissingExtra` without what reads it."""
    extensions: tuple[str, ...] = ()
    """How the names of its files end; empty where their first bytes tell."""
    fits: Callable[[SourceFile], bool] | None = None
    """Tells more closely whether a file that begins so is for this decoder."""

    def reads(self, file: SourceFile) -> bool:
        """Whether a file is for this decoder, by its name or its first bytes."""
        begins = self.begins and re.match(self.begins, file.start, re.DOTALL)
        if not begins and file.extension not in self.extensions:
            return False
        return not self.fits or self.fits(file)


def _pdf(file: SourceFile) -> Decoded:
    pages = pdf.count_pages(file.source, file.name)
    pixels, scale = pdf.render(file.source, file.name, file.page, file.limits.pixels)
    return Decoded(from_array(pixels), pages, (scale, scale))


def _raw(file: SourceFile) -> Decoded:
    file.limits.check_size(file.name, *raw.size(file.path))
    return Decoded(from_array(raw.develop(file.path)))


def _pillow(name: str) -> Callable[[SourceFile], Decoded]:
    return lambda file: archive.decode_with_pillow(file, name)


DECODERS = (
    Decoder("PDF", b"%PDF", _pdf, (pdf.EXTENSION,), lambda file: pdf.is_pdf(file.source)),
    Decoder("raw", None, _raw, raw.EXTENSIONS),
    Decoder("JPEG", rb"\xff\xd8", jpeg.decode, fits=jpeg.fits),
    Decoder("animation", rb"\x89PNG|....ftypavis", animation.decode, fits=animation.fits),
    Decoder("HEIC", b"....ftyp", heic.decode, fits=heic.fits),
    Decoder("JPEG 2000", rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", archive.decode_jpeg_2000),
    Decoder("JPEG XL", rb"\0\0\0\x0cJXL |\xff\x0a", archive.decode_jpeg_xl),
    Decoder("TGA", None, _pillow("TGA"), archive.TARGA),
    Decoder("BMP", b"BM", _pillow("BMP")),
    Decoder("DIB", None, _pillow("DIB"), (".dib",)),
    Decoder("PNM", rb"P[1-7]\s", _pillow("PNM")),
    Decoder("TIFF", TIFF, tiff_samples.decode, fits=tiff_samples.fits),
)


def find(file: SourceFile) -> Decoder | None:
    """Find what decodes a file whole; None where libvips reads it."""
    return next((one for one in DECODERS if one.reads(file)), None)
