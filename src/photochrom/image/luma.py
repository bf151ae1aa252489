"""The luma of a large grey JPEG: its samples, decoded once, and whole.

A JPEG keeps luma beside chroma. Where it is grey, its luma is all there is, and colours are laid
beside it at half size (`jpeg_strips.py`) without a way through RGB at full size. The only place,
beside that one, that knows simplejpeg, a binding of libjpeg-turbo.
"""

import threading
import weakref
from collections.abc import Hashable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips
import simplejpeg

from photochrom.image.decoded import SourceFile, from_array
from photochrom.image.jpeg import read_header
from photochrom.image.limits import Limits
from photochrom.image.profiles import grey_table
from photochrom.storage import read_ahead, read_once

PIXELS = (4_000_000, 100_000_000)
"""How large a picture is whose luma is taken: chroma of smaller ones is kept at full size."""
_SEQUENTIAL = (0xC0, 0xC1)  # frames; a progressive one takes more memory
_ROOM = 256_000_000  # bytes of luma that is kept, of all pictures that are open
_SAME = np.arange(256, dtype=np.uint8)
_SHRUNK = 8  # at which nothing but the means of blocks is decoded

Luma = npt.NDArray[np.uint8]

_open = weakref.WeakValueDictionary[int, Luma]()
_lock = threading.Lock()


def begin(path: Path) -> None:
    """Begin to decode a file that is going to be opened, on a thread of its own, if it is one."""
    if path.is_file() and path.stat().st_size <= Limits.bytes:
        file = SourceFile(path, str(path), 0, Limits())
        read_ahead(_version(path), partial(_decode, file))


def decode(file: SourceFile, header: Any) -> Luma | None:
    """Give the samples, (H, W), of a large grey JPEG, upright and of sRGB; None of another file.

    `header` is libvips' picture of it.
    """
    profile = header.get("icc-profile-data") if header.get_typeof("icc-profile-data") else None
    table = grey_table(profile, header.bands) if header.bands in (1, 3) else None
    stored = None if table is None else _stored(file)
    if table is None or stored is None:
        return None
    if not np.array_equal(table, _SAME):
        stored = np.take(table, stored)
    if header.get_typeof("orientation") and header.get("orientation") > 1:
        image = from_array(stored)
        image.set_type(pyvips.GValue.gint_type, "orientation", header.get("orientation"))
        stored = np.asarray(image.autorot().numpy())
    return stored


def _stored(file: SourceFile) -> Luma | None:
    if isinstance(file.source, Path):
        return read_once(_version(file.source), partial(_decode, file))
    return _decode(file)


def keeps(luma: Luma) -> bool:
    """Whether there is room to keep it until it is wanted again, if it is not kept already."""
    with _lock:
        if sum(one.nbytes for one in _open.values()) + luma.nbytes > _ROOM:
            return False
        _open[id(luma)] = luma
        return True


def _version(path: Path) -> Hashable:
    found = path.stat()
    return "luma", path, found.st_size, found.st_mtime_ns


def _decode(file: SourceFile) -> Luma | None:
    with file.opened() as opened:
        header = read_header(opened)
    smallest, largest = PIXELS
    if header.frame not in _SEQUENTIAL or header.bits != 8 or header.channels not in (1, 3):
        return None
    if not smallest <= header.width * header.height <= largest:
        return None
    data = file.data
    try:
        if header.channels == 3 and not _is_grey(data):
            return None
        luma: Luma = simplejpeg.decode_jpeg(data, colorspace="GRAY")[..., 0]
    except ValueError:  # a damaged one, of which libvips says what it is
        return None
    return luma


def _is_grey(data: bytes) -> bool:
    small = simplejpeg.decode_jpeg(data, min_factor=_SHRUNK)
    return bool(np.all(small == small[..., :1]))
