"""TIFF files of several pages, put together of single ones."""

from pathlib import Path
from typing import Any

_BIG = 3 << 30  # bytes of compressed pages from which 32-bit offsets may not do
_CARRIED_TAGS = (700, 34377, 34675)  # XMP, Photoshop, ICC


def concatenate_tiffs(files: list[Path], target: Path) -> None:
    """Put TIFF files of one page each into one file, their compressed data as they are."""
    import tifffile  # which is slow to load

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
