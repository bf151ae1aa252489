"""JPEG files that libvips does not read: cut off, without an end, or of more than 8 bits."""

import warnings
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.errors import ImageError, PhotochromWarning, extra, undecoded
from photochrom.image.decoded import (
    APPLE_GAIN_MAP,
    Decoded,
    SourceFile,
    from_array,
    set_blob,
    set_exif,
    warn_of_gain_map,
)

_START, _END, _SCAN = b"\xff\xd8", b"\xff\xd9", 0xDA
_LOSSLESS, _LS = 0xC3, 0xF7  # frames of JPEG's lossless mode, and of JPEG-LS
_FRAMES = {*range(0xC0, 0xD0), _LS} - {0xC4, 0xC8, 0xCC}
_TAIL = 1 << 16  # bytes in which an end is looked for
_EXIF, _XMP, _PROFILE = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0"
_OTHERS = b"MPF\0"  # by which it is told that other pictures follow (CIPA DC-007)
_MAX_BITS = 16  # of a sample
_MAX_SEGMENTS = 10_000
_GREY = 128  # what a decoder makes of blocks that are not there
_NOTHING = 0.98  # of a picture: the first blocks of any are drawn
_FILLER = np.random.default_rng(0).integers(1, 254, 1 << 12).astype(np.uint8).tobytes()
"""Bytes that any block that is missing would be made of."""


@dataclass
class Header:
    """What stands before the first scan, and its own header."""

    frame: int = 0
    """The marker that tells how it is coded."""
    bits: int = 8
    channels: int = 0
    width: int = 0
    height: int = 0
    scan: int = 0
    """Where the first scan begins; 0 when there is none."""
    segments: list[tuple[int, bytes]] = field(default_factory=list)
    """Their markers, and their data without its size."""


def fits(file: SourceFile) -> bool:
    """Whether libvips does not read this JPEG."""
    with file.opened() as opened:
        header = read_header(opened)
        if not header.frame:
            return False
        return _is_rare(header) or (header.scan > 0 and not _has_end(opened, header.scan))


def warn_of_others(file: SourceFile) -> None:
    """Issue a `PhotochromWarning` where the other pictures of a JPEG have its gain map."""
    if not file.start.startswith(_START):
        return
    with file.opened() as opened:
        segments = read_header(opened).segments
    others = any(marker == 0xE2 and data.startswith(_OTHERS) for marker, data in segments)
    if others and APPLE_GAIN_MAP in file.data:
        warn_of_gain_map(file.name)


def decode(file: SourceFile) -> Decoded:
    """Decode into memory.

    Of a file that is cut off, what is there is taken if the limits allow it, with a
    `PhotochromWarning`, and the rest is grey. Raises `ImageError` when it is damaged, and
    `MissingExtra` when it has more than 8 bits and imagecodecs is not there.
    """
    with file.opened() as opened:
        header = read_header(opened)
        has_end = _has_end(opened, header.scan)
    file.limits.check_size(file.name, header.width, header.height)
    if not _is_rare(header):
        return _without_end(file)
    if not 0 < header.bits <= _MAX_BITS:
        raise ImageError(
            f"{file.name}: the file is damaged or cut off ({header.bits} bits); take another copy"
        )
    if not has_end:
        raise ImageError(
            f"{file.name}: cut off, and of {header.bits} bits; nothing of it is taken; "
            "take another copy"
        )
    return _rare(file, header)


def _is_rare(header: Header) -> bool:
    return header.bits != 8 or header.frame in (_LOSSLESS, _LS)


def read_header(opened: BinaryIO) -> Header:
    """Read what stands before the first scan of a JPEG; little of it, where it is damaged."""
    header, position = Header(), 2
    for _ in range(_MAX_SEGMENTS):
        opened.seek(position)
        head = opened.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            break
        marker, size = head[1], int.from_bytes(head[2:], "big")
        if marker == 0xFF or 0xD0 <= marker <= 0xD8:  # filling, or without data
            position += 1 if marker == 0xFF else 2
            continue
        data = opened.read(max(0, size - 2))
        header.segments.append((marker, data))
        if marker in _FRAMES and len(data) >= 6:
            header.frame, header.bits = marker, data[0]
            header.height, header.width = (
                int.from_bytes(data[1:3], "big"),
                int.from_bytes(data[3:5], "big"),
            )
            header.channels = data[5]
        position += 2 + size
        if marker == _SCAN:
            header.scan = position
            break
    return header


def _has_end(opened: BinaryIO, scan: int) -> bool:
    size = opened.seek(0, 2)
    opened.seek(max(scan, size - _TAIL))
    if _END in opened.read():
        return True
    opened.seek(scan)  # an end may have much behind it
    return size - scan > _TAIL and _END in opened.read()


def _without_end(file: SourceFile) -> Decoded:
    data = file.data.rstrip(b"\xff")  # half an end
    image = _opened(data + _END)
    pixels, other = image.numpy(), _opened(data + _FILLER + _END).numpy()
    if np.array_equal(pixels, other):
        return Decoded(image)
    if not file.limits.allow_damaged:
        raise ImageError(
            f"{file.name}: cut off; pass allow_damaged=True to colour the part that is there"
        )
    missing = _missing(np.atleast_3d(pixels))
    if missing.mean() > _NOTHING:
        raise ImageError(
            f"{file.name}: cut off, and nothing of the picture is there; take another copy"
        )
    share = missing.mean()
    how = f"{max(1, round(100 * share))} % of it is missing and left grey" if share else "blurred"
    warnings.warn(f"{file.name}: cut off; {how}", PhotochromWarning, stacklevel=2)
    return Decoded(image, missing=missing)


def _opened(data: bytes) -> Any:
    return pyvips.Image.jpegload_buffer(data, fail_on="none").copy_memory()


def _missing(pixels: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Find the blocks at the end, (H, W), that a decoder made of nothing."""
    plain: npt.NDArray[Any] = np.all(pixels == _GREY, axis=2)
    missing = np.zeros_like(plain)
    whole = np.logical_and.accumulate(np.asarray(plain.all(axis=1))[::-1])[::-1]
    missing[whole] = True
    end = len(plain) - int(whole.sum())
    for rows in (16, 8):  # of blocks, the last of which are missing
        beside = np.asarray(plain[max(0, end - rows) : end].all(axis=0))
        columns = np.logical_and.accumulate(beside[::-1])[::-1]
        if columns.any():
            missing[max(0, end - rows) : end, columns] = True
            break
    return missing


def _rare(file: SourceFile, header: Header) -> Decoded:
    """Decode with imagecodecs what has more than 8 bits, or is lossless."""
    name = {_LOSSLESS: "lossless JPEG", _LS: "JPEG-LS"}.get(header.frame, "JPEG")
    with extra(f"{file.name}: {name} of {header.bits} bits", "archive"):
        import imagecodecs
    decoder = imagecodecs.jpegls_decode if header.frame == _LS else imagecodecs.jpeg_decode
    try:
        pixels = np.asarray(decoder(file.data))
    except Exception as error:
        raise undecoded(file.name, error) from error
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (1, 3, 4)):
        raise ImageError(
            f"{file.name}: a JPEG of shape {pixels.shape} is not read; convert it to PNG"
        )
    target = np.uint16 if header.bits > 8 else np.uint8
    largest = np.iinfo(target).max
    scaled = np.rint(pixels * (largest / ((1 << header.bits) - 1)))
    whole: npt.NDArray[Any] = np.minimum(scaled, largest).astype(target)
    image = from_array(whole)
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        image = image.copy(interpretation="cmyk")
    _describe(image, header)
    return Decoded(image)


def _describe(image: Any, header: Header) -> None:
    profile = b""
    for marker, data in header.segments:
        if marker == 0xE1 and data.startswith(_EXIF):
            set_exif(image, data)
        elif marker == 0xE1 and data.startswith(_XMP):
            set_blob(image, "xmp-data", data.removeprefix(_XMP))
        elif marker == 0xE2 and data.startswith(_PROFILE):
            profile += data[len(_PROFILE) + 2 :]
    set_blob(image, "icc-profile-data", profile)
