"""The chunks of a PNG that libvips does not read: of colours, and those behind the pixels."""

import struct
import zlib
from typing import BinaryIO, NamedTuple

_OF_COLORS = (b"gAMA", b"cHRM", b"cICP", b"sRGB", b"pHYs", b"iCCP")
_DESCRIBING = (b"eXIf", b"iTXt", b"tEXt", b"zTXt")
_LARGEST_COLOR = 32  # bytes of a chunk that tells of colours
_LARGEST_TEXT = 1 << 24  # bytes of all that describe, behind the pixels
_MAX_CHUNKS = 1 << 20
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Chunks(NamedTuple):
    """What is read of a PNG."""

    colors: dict[bytes, bytes]
    """By name, the first bytes of chunks before the pixels that tell of colours and resolution."""
    behind: bytes
    """Whole chunks behind the pixels that describe the picture: EXIF, XMP and other text."""


def read_chunks(opened: BinaryIO) -> Chunks:
    """Read the chunks of a PNG up to one that is damaged."""
    colors, behind, pixels_begun = dict[bytes, bytes](), b"", False
    position = len(_SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        opened.seek(position)
        head = opened.read(8)
        size, name = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8 or name == b"IEND":
            break
        pixels_begun = pixels_begun or name == b"IDAT"
        if name in _OF_COLORS and not pixels_begun:
            colors.setdefault(name, opened.read(min(size, _LARGEST_COLOR)))
        elif name in _DESCRIBING and pixels_begun and len(behind) + size <= _LARGEST_TEXT:
            behind += chunk(name, opened.read(size))
        position += 8 + size + 4
    return Chunks(colors, behind)


def chunk(name: bytes, data: bytes) -> bytes:
    """Lay out a chunk."""
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def smallest(chunks: bytes) -> bytes:
    """Make a PNG of one pixel, with chunks before it."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return _SIGNATURE + chunk(b"IHDR", head) + chunks + pixels + chunk(b"IEND", b"")
