"""TIFF files beyond what libvips does: pages put together, and floats of 64 bits."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from photochrom.errors import ImageError

_BIG = 3 << 30  # bytes of compressed pages from which 32-bit offsets may not do
_CARRIED_TAGS = (700, 34377, 34675)  # XMP, Photoshop, ICC


def concatenate_tiffs(files: list[Path], target: Path) -> None:
    """Put TIFF files of one page each into one file, their compressed data as they are."""
    large = sum(path.stat().st_size for path in files) > _BIG
    with tifffile.TiffWriter(target, bigtiff=large) as writer:
        for path in files:
            with tifffile.TiffFile(path) as file:
                page: Any = file.pages[0]
                strips: Any = file.filehandle.read_segments(
                    page.dataoffsets, page.databytecounts, sort=False
                )
                writer.write(
                    (data for data, _ in strips),
                    shape=page.shape,
                    dtype=page.dtype,
                    photometric=page.photometric,
                    extrasamples=page.extrasamples,
                    compression=page.compression,
                    predictor=page.predictor,
                    rowsperstrip=page.rowsperstrip,
                    **_carried(page),
                )


def with_singles(source: Path | bytes, number: int, name: str) -> tuple[bytes, int]:
    """Make a TIFF of 32-bit floats of page `number`, from 0, which has 64-bit ones.

    Gives its bytes, and how many pages the file has. Raises `ImageError` when it is damaged, or
    packed in a way that wants further libraries.
    """
    try:
        with tifffile.TiffFile(io.BytesIO(source) if isinstance(source, bytes) else source) as file:
            page: Any = file.pages[number]
            with np.errstate(over="ignore"):  # what becomes infinite is refused later
                pixels = page.asarray().astype(np.float32)
            single = io.BytesIO()
            tifffile.imwrite(
                single,
                pixels,
                photometric=page.photometric,
                planarconfig=page.planarconfig if pixels.ndim == 3 else None,
                extrasamples=page.extrasamples,
                **_carried(page),
            )
            return single.getvalue(), len(file.pages)
    except Exception as error:  # tifffile raises whatever a damaged file leads it into
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ImageError(
            f"{name}: floats of 64 bits that cannot be read ({reason}); save it with 32"
        ) from error


def _carried(page: Any) -> dict[str, Any]:
    """Give the resolution and the metadata of a page as options of tifffile's writer."""
    return {
        "resolution": page.resolution,
        "resolutionunit": page.resolutionunit,
        "extratags": [
            (tag.code, tag.dtype, tag.count, tag.value, True)
            for tag in page.tags
            if tag.code in _CARRIED_TAGS
        ],
        "metadata": None,
        "software": False,
    }
