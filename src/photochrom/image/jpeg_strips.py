"""The fast road from a grey JPEG to a coloured one: strips, encoded side by side, become one file.

Each strip is encoded as a JPEG of its own, from luma at full size and chroma at half size. In the
file they are restart intervals (ITU-T T.81, B.2.4.4 and E.1.4). What stands before them, the
metadata, libvips writes as it does into any other JPEG.
"""

import struct
from collections.abc import Iterator
from io import BytesIO

import numpy as np
import simplejpeg

from photochrom.color.subsampling import Plane, Planes
from photochrom.image.jpeg import read_header
from photochrom.image.tiff_tags import LONG

SIDE = 16
"""Pixels, across and down, that are encoded together; and those of a JPEG for its metadata."""
_STRIP_PIXELS = 1 << 21
_START, _END = b"\xff\xd8", b"\xff\xd9"
_SHORT = 3
_FRAME, _SCAN, _INTERVAL, _FIRST_RESTART = 0xC0, 0xDA, 0xDD, 0xD0
_DESCRIBING = {*range(0xE0, 0xF0), 0xFE}  # markers
_EXIF_SIDES = (40962, 40963)  # tags: the pixels across and down


def strip_rows(width: int) -> int:
    """Give the height of all strips but the last."""
    return max(1, _STRIP_PIXELS // width // SIDE) * SIDE


def encode(planes: Planes, quality: int) -> bytes:
    """Encode a strip as a JPEG of its own, whose sides are whole blocks: edges are repeated."""
    luma = _whole_blocks(planes.luma, SIDE)
    blue, red = (_whole_blocks(plane, SIDE // 2) for plane in planes[1:])
    data: bytes = simplejpeg.encode_jpeg_yuv_planes(luma, blue, red, quality=quality)
    return data


def _whole_blocks(plane: Plane, side: int) -> Plane:
    """Add what the encoder would take from memory that is not set, and differs each time."""
    beyond = [(0, -length % side) for length in plane.shape]
    return np.pad(plane, beyond, mode="edge") if np.any(beyond) else plane


def joined(described: bytes, strips: Iterator[bytes], width: int, height: int) -> Iterator[bytes]:
    """Give the pieces of one JPEG of all strips, with the metadata of another of `SIDE` pixels."""
    for number, strip in enumerate(strips):
        header = read_header(BytesIO(strip))
        if number == 0:
            yield _START
            for marker, data in read_header(BytesIO(described)).segments:
                if marker in _DESCRIBING:
                    yield _segment(marker, _with_size(data, width, height))
            for marker, data in header.segments:
                if marker == _FRAME:
                    data = data[:1] + struct.pack(">HH", height, width) + data[5:]
                elif marker == _SCAN:
                    blocks = -(-width // SIDE) * (strip_rows(width) // SIDE)
                    yield _segment(_INTERVAL, struct.pack(">H", blocks))
                if marker not in _DESCRIBING:
                    yield _segment(marker, data)
        else:
            yield bytes((0xFF, _FIRST_RESTART + (number - 1) % 8))
        yield strip[header.scan : -len(_END)]
    yield _END


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _with_size(data: bytes, width: int, height: int) -> bytes:
    """Let EXIF tell the size of the whole picture, in its own order of bytes and type."""
    for entry in (f"{order}HHI{number}" for order in "<>" for number in ("I", "H2x")):
        field_type = LONG if entry.endswith("I") else _SHORT
        for tag, size in zip(_EXIF_SIDES, (width, height), strict=True):
            small, whole = (struct.pack(entry, tag, field_type, 1, one) for one in (SIDE, size))
            data = data.replace(small, whole, 1)
    return data
