"""HEIC, as phones write it. The only place that knows libheif with a decoder of HEVC."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import numpy as np
import pyvips

from photochrom.errors import ImageError, PhotochromWarning, extra, undecoded
from photochrom.image.color_tags import check_range_of
from photochrom.image.decoded import (
    APPLE_GAIN_MAP,
    Decoded,
    SourceFile,
    from_array,
    set_blob,
    set_exif,
    warn_of_gain_map,
)

EXTENSIONS = (".heic", ".heif", ".hif")
"""File name endings that are read; none is written."""
_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis")
_HEAD = 1 << 16  # bytes in which it is told what is in the file
_MAX_BRANDS = 256  # bytes of the box that names them


def fits(file: SourceFile) -> bool:
    """Whether the picture is coded as HEVC, by the brands that its first box names."""
    size = min(int.from_bytes(file.start[:4], "big"), _MAX_BRANDS)
    brands = file.head(size)[8:]
    named = {brands[start : start + 4] for start in range(0, len(brands), 4)}
    return not named.isdisjoint(_BRANDS) and b"avif" not in named


def decode(file: SourceFile) -> Decoded:
    """Decode the main picture of a file, upright, of 8 or 16 bits, into memory.

    Raises `ImageError` when it is damaged, `MissingExtra` without pi-heif, and issues
    `PhotochromWarning` when there are other pictures, which are left out.
    """
    check_range_of(file)
    if APPLE_GAIN_MAP in file.head(_HEAD):
        warn_of_gain_map(file.name)
    with _opened(file) as opened:
        number = opened.primary_index
        chosen = opened[number]
        file.limits.check_size(file.name, *chosen.size)
        pixels = np.array(chosen)
        if len(opened) > 1:
            warnings.warn(
                f"{file.name}: holds {len(opened)} pictures; the main one is coloured",
                PhotochromWarning,
                stacklevel=2,
            )
        facts = dict(chosen.info)
    image = from_array(pixels)
    if facts.get("exif"):
        set_exif(image, facts["exif"])
    set_blob(image, "xmp-data", facts.get("xmp"))
    set_blob(image, "icc-profile-data", facts.get("icc_profile"))
    image.set_type(pyvips.GValue.gint_type, "orientation", 1)  # it has been turned
    return Decoded(image)


@contextmanager
def _opened(file: SourceFile) -> Iterator[Any]:
    with extra(f"{file.name}: HEIC", "heic"):
        import pi_heif
    source = BytesIO(file.source) if isinstance(file.source, bytes) else str(file.source)
    try:
        yield pi_heif.open_heif(source, convert_hdr_to_8bit=False)
    except ImageError:
        raise
    except Exception as error:
        raise undecoded(file.name, error) from error
