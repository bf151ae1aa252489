"""Formats of archives that libvips does not read: JPEG 2000, JPEG XL, BMP, PNM and TGA.

The only place, beside JPEG and TIFF, that knows imagecodecs, and the only one that opens files with
Pillow.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.errors import ImageError, PhotochromError, extra, undecoded
from photochrom.image import pil
from photochrom.image.color_tags import of_numbers
from photochrom.image.decoded import Decoded, SourceFile, from_array, set_blob, set_exif
from photochrom.image.jpeg_xl_header import read_header
from photochrom.image.profiles import whole_of_floats

TARGA = (".tga", ".vda", ".icb")
JPEG_2000 = (".jp2", ".j2k", ".jpf", ".jpx")
EXTENSIONS = (*JPEG_2000, ".jxl", ".bmp", ".dib", ".pbm", ".pgm", ".ppm", ".pnm", *TARGA)
"""File name endings that are read; none is written."""
_TARGA_HEAD, _RUNS = 18, 8  # bytes; the bit of the kind of a TGA that says that it is packed
_J2K = b"\xff\x4f\xff\x51"
_INKS = 12  # of the colour spaces as JPEG 2000 numbers them (ISO/IEC 15444-2, M.11.7.3.1)
_SPACES = {_INKS, 16, 17, 18}  # and sRGB, grey, sYCC
_JXL_BOXES = b"\0\0\0\x0cJXL "
_MAX_BOXES = 1000


def decode_jpeg_2000(file: SourceFile) -> Decoded:
    """Decode a JPEG 2000 into memory; errors are those of all decoders."""
    data = file.data
    start = data.find(_J2K)
    size = data[start + 8 : start + 24]
    right, bottom, left, top = (int.from_bytes(size[at : at + 4], "big") for at in (0, 4, 8, 12))
    bits = (data[start + 42] & 0x7F) + 1 if start >= 0 and len(data) > start + 42 else 8
    file.limits.check_size(file.name, max(0, right - left), max(0, bottom - top))
    with extra(f"{file.name}: JPEG 2000", "archive"):
        import imagecodecs
    with _explained(file):
        pixels = np.asarray(imagecodecs.jpeg2k_decode(data))
    image = _as_image(pixels, bits, file.name)
    spaces = set()
    for name, body in boxes(data):
        if name == b"colr" and body[:1] == b"\1":
            spaces.add(int.from_bytes(body[3:7], "big"))
        elif name == b"colr" and body[:1] == b"\2":
            set_blob(image, "icc-profile-data", body[3:])
        elif name == b"uuid" and body[:2] == b"\xbe\x7a":  # the first bytes of XMP's number
            set_blob(image, "xmp-data", body[16:])
    if image.get_typeof("icc-profile-data") or not spaces:
        return Decoded(image)
    if not spaces & _SPACES:
        raise ImageError(
            f"{file.name}: a JPEG 2000 of colours of a kind that is not read; save it as RGB"
        )
    is_cmyk = _INKS in spaces and image.bands == 4
    return Decoded(image.copy(interpretation="cmyk") if is_cmyk else image)


def decode_jpeg_xl(file: SourceFile) -> Decoded:
    """Decode a JPEG XL, or its first frame, into memory; errors are those of all decoders."""
    data = file.data
    header = read_header(_codestream(data))
    file.limits.check_size(file.name, header.width, header.height)
    with extra(f"{file.name}: JPEG XL", "archive"):
        import imagecodecs
    with _explained(file):
        pixels = np.asarray(imagecodecs.jpegxl_decode(data, index=0))
    image = _as_image(pixels, 16 if pixels.dtype == np.uint16 else 8, file.name)
    image = of_numbers(image, file.name, header.primaries, header.transfer)
    for name, body in boxes(data):
        if name == b"Exif" and len(body) > 8:
            set_exif(image, body[4:])
        elif name == b"xml ":
            set_blob(image, "xmp-data", body)
    image.set_type(pyvips.GValue.gint_type, "orientation", 1)  # it has been turned
    return Decoded(image)


def decode_with_pillow(file: SourceFile, name: str) -> Decoded:
    """Decode a "BMP", "DIB", "PNM" or "TGA" into memory; errors are those of all decoders."""
    try:
        with _explained(file), file.opened() as opened:
            pixels, dots = _by_pillow(opened, name, file)
    except ImageError:
        if name != "TGA" or not (data := _without_runs(file.data)):
            raise
        with _explained(file):
            pixels, dots = _by_pillow(io.BytesIO(data), name, file)
    resolution = None
    if dots and min(dots) > 1:
        resolution = dots[0] / 25.4, dots[1] / 25.4
    return Decoded(_as_image(np.asarray(pixels), 16 if pixels.itemsize > 1 else 8, file.name),
                   resolution=resolution)  # fmt: skip


def _by_pillow(opened: BinaryIO, name: str, file: SourceFile) -> tuple[Any, Any]:
    """Give samples and dots an inch; Pillow's own limit of pixels, which is lower, is passed by."""
    with extra(f"{file.name}: {name}", "archive"):
        from PIL import Image
    Image.init()
    open_format = Image.OPEN["PPM" if name == "PNM" else name][0]
    try:
        image = open_format(opened, "")
    except SyntaxError as error:
        raise ImageError(
            f"{file.name}: a {name} of a kind that is not read ({error}); convert it to PNG"
        ) from error
    file.limits.check_size(file.name, *image.size)
    return pil.samples(image), image.info.get("dpi")


def _without_runs(data: bytes) -> bytes:
    """Unpack a TGA whose runs of equal pixels go beyond a row, or the last; b"" for others.

    TrueVision's TGA file format specification, version 2.0.
    """
    if len(data) < _TARGA_HEAD or not data[2] & _RUNS:
        return b""
    palette = int.from_bytes(data[5:7], "little") * ((data[7] + 7) // 8) if data[1] else 0
    start = position = _TARGA_HEAD + data[0] + palette
    width, height = (int.from_bytes(data[at : at + 2], "little") for at in (12, 14))
    size, pixels = (data[16] + 7) // 8, bytearray()
    while len(pixels) < width * height * size and position < len(data):
        count = data[position] % 128 + 1
        packed = size if data[position] >= 128 else size * count  # bytes
        run = data[position + 1 : position + 1 + packed]
        pixels += run * count if data[position] >= 128 else run
        position += 1 + packed
    head = data[:2] + bytes([data[2] & ~_RUNS]) + data[3:start]
    return head + pixels[: width * height * size]


def _as_image(pixels: npt.NDArray[Any], bits: int, name: str) -> Any:
    """Make libvips' picture of samples of so many bits, or floats in 0..1, and 1 to 4 channels."""
    pixels = pixels[0] if pixels.ndim == 4 and len(pixels) == 1 else pixels
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] > 4):
        raise ImageError(
            f"{name}: {pixels.shape} samples are not a picture of 1 to 4 channels; save it as RGB"
        )
    if pixels.dtype.kind == "f":
        return from_array(whole_of_floats(pixels, f"{name}: "))
    largest, target = (1 << bits) - 1, np.uint16 if bits > 8 else np.uint8
    scale = np.iinfo(target).max / largest
    return from_array(np.rint(np.clip(pixels, 0, largest) * scale).astype(target))


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the boxes of a file, those in a box of headers in its place: names and contents."""
    start = 0
    for _ in range(_MAX_BOXES):
        size, name = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8]
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        size = size or len(data) - start
        if size < head or len(name) < 4:
            break
        body = data[start + head : start + size]
        if name == b"jp2h":
            yield from boxes(body)
        else:
            yield name, body
        start += size


def _codestream(data: bytes) -> bytes:
    """Find the codestream of a JPEG XL, or the first piece of it."""
    if not data.startswith(_JXL_BOXES):
        return data
    return next(
        (
            body[4:] if name == b"jxlp" else body
            for name, body in boxes(data)
            if name in (b"jxlc", b"jxlp")
        ),
        b"",
    )


@contextmanager
def _explained(file: SourceFile) -> Iterator[None]:
    try:
        yield
    except PhotochromError:
        raise
    except Exception as error:
        raise undecoded(file.name, error) from error
