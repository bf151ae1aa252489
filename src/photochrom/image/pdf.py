"""PDF: its pages as pictures, and pictures as its pages. The only place that knows PDFium."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.errors import ImageError, MissingExtra

ENDING = ".pdf"
RESOLUTION = 300 / 25.4
"""Pixels a millimetre of pages that hold no scan, and of pictures that tell no resolution."""

_POINT = 25.4 / 72  # millimetres
_pdfium = Lock()  # PDFium is not made for threads


def is_pdf(source: Path | bytes) -> bool:
    """Tell by a path's ending or by a file's first bytes."""
    if isinstance(source, bytes):
        return source.startswith(b"%PDF")
    return source.suffix.lower() == ENDING


def count_pages(source: Path | bytes, name: str) -> int:
    """Count the pages; raises `ImageError` when it is no PDF, `MissingExtra` without PDFium."""
    with _opened(source, name) as document:
        return len(document)


def render(
    source: Path | bytes, name: str, number: int, most_pixels: int
) -> tuple[npt.NDArray[np.uint8], float]:
    """Draw a page in the resolution of the finest scan on it: (H, W, 3), and pixels a millimetre.

    Raises `ImageError` when it is damaged, or has more than `most_pixels`.
    """
    with _opened(source, name) as document:
        page = document[number]
        scale = _scale(page)
        width, height = (side * scale for side in page.get_size())
        if width * height > most_pixels:
            raise ImageError(
                f"{name}: {round(width)} x {round(height)} pixels on page {number + 1}, "
                f"the limit is {most_pixels:,} in all"
            )
        pixels = page.render(scale=scale, rev_byteorder=True).to_numpy()
        return np.array(pixels[..., :3]), pixels.shape[1] / (page.get_width() * _POINT)


def write(pages: list[tuple[Path, tuple[float, float]]], target: Path) -> None:
    """Write a PDF of pages, each a JPEG file and its width and height in millimetres."""
    with _pdfium, target.open("wb") as file:
        pdfium = _library()
        document = pdfium.PdfDocument.new()
        for jpeg, size in pages:
            width, height = (side / _POINT for side in size)
            page = document.new_page(width, height)
            image = pdfium.PdfImage.new(document)
            image.load_jpeg(jpeg, inline=True)
            image.set_matrix(pdfium.PdfMatrix().scale(width, height))
            page.insert_obj(image)
            page.gen_content()
        document.save(file)
        document.close()


def _scale(page: Any) -> float:
    """Pixels a point: as many as the finest scan on a page has."""
    pdfium = _library()
    found = []
    for image in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = image.get_bounds()
        width, height = image.get_px_size()
        if right > left and top > bottom and width and height:
            found.append(max(width, height) / max(right - left, top - bottom))
    scale = max(found, default=RESOLUTION * _POINT)
    longest = max(page.get_size())
    return float((max(1, round(longest * scale)) - 0.01) / longest)  # PDFium rounds sizes up


@contextmanager
def _opened(source: Path | bytes, name: str) -> Iterator[Any]:
    with _pdfium:
        pdfium = _library()
        try:
            document = pdfium.PdfDocument(source)
        except pdfium.PdfiumError as error:
            reason = "wants a password" if "assword" in str(error) else "damaged, or no PDF"
            raise ImageError(f"{name}: {reason}") from error
        try:
            yield document
        except pdfium.PdfiumError as error:
            raise ImageError(f"{name}: a damaged PDF ({error})") from error
        finally:
            document.close()


def _library() -> Any:
    try:
        import pypdfium2
    except ModuleNotFoundError as error:
        raise MissingExtra("PDF", "pdf") from error
    return pypdfium2
