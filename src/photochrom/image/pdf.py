"""PDF: its pages as pictures, and pictures as its pages. The only place that knows PDFium."""

import ctypes
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.errors import ImageError, extra

EXTENSION = ".pdf"
RESOLUTION = 300 / 25.4
"""Pixels a millimetre of pages that hold no scan, and of pictures that tell no resolution."""

_SCAN = 0.1  # of a page's area; stamps and signatures are smaller, and often finer
_WHOLE = 0.9  # of a page's area, from which on a picture hides what lies beneath
_LARGEST_MASKED = 1 << 24  # pixels; where there is a mask, it is the mask that is fine

_POINT = 25.4 / 72  # millimetres
_pdfium = Lock()  # PDFium is not made for threads
_silent = logging.NullHandler()  # without one, Python prints what is meant for programmers


def is_pdf(source: Path | bytes) -> bool:
    """Tell by a path's ending or by a file's first bytes."""
    if isinstance(source, bytes):
        return source.startswith(b"%PDF")
    return source.suffix.lower() == EXTENSION


def count_pages(source: Path | bytes, name: str) -> int:
    """Count the pages; raises `ImageError` when it is no PDF, `MissingExtra` without PDFium."""
    with _opened(source, name) as document:
        return len(document)


def render(
    source: Path | bytes, name: str, number: int, max_pixels: int
) -> tuple[npt.NDArray[np.uint8], float]:
    """Draw a page in the resolution of the finest scan on it: (H, W, 3), and pixels a millimetre.

    Where letters or lines are drawn besides, it is `RESOLUTION` at least. What stands in the fields
    of forms is drawn too. Raises `ImageError` when it is damaged, or has
    more than `max_pixels`.
    """
    with _opened(source, name) as document:
        document.init_forms()
        page = document[number]
        scale = _scale(page)
        width, height = (side * scale for side in page.get_size())
        if width * height > max_pixels:
            raise ImageError(
                f"{name}: there are {round(width)} x {round(height)} pixels on page {number + 1}, "
                f"the limit is {max_pixels:,} in all; shrink it"
            )
        pixels = page.render(scale=scale, rev_byteorder=True).to_numpy()
        return np.array(pixels[..., :3]), pixels.shape[1] / (page.get_width() * _POINT)


@dataclass(frozen=True)
class PageImage:
    """A page that is written: a JPEG file, and what it is a picture of."""

    jpeg: Path
    size: tuple[float, float]
    """Width and height in millimetres."""
    origin: tuple[Path | bytes, int] | None = None
    """The PDF that the page was in, and its number there, from 0."""


def write(images: list[PageImage], target: Path) -> None:
    """Write a PDF.

    Pages that were in one PDF, in that order, go on in it: each picture covers what was seen, and
    the text beneath, links, outline and title are kept.
    """
    source = _common_source(images)
    with _opened(source, str(target)) as document, target.open("wb") as file:
        if source is None:
            for image in images:
                document.new_page(*(side / _POINT for side in image.size))
        else:
            _keep_pages(document, {image.origin[1] for image in images if image.origin})
        if len(document) != len(images):
            raise ImageError(
                f"{target}: the PDF that it comes from has changed meanwhile; colour it again"
            )
        for image, page in zip(images, document, strict=True):
            _uncover(page)
            _cover(page, image.jpeg)
            page.gen_content()
            page.close()
        document.save(file)


def _common_source(images: list[PageImage]) -> Path | bytes | None:
    """Give the PDF that all pages were in, when their order is as it was."""
    origins = [image.origin for image in images if image.origin]
    if len(origins) < len(images) or any(source != origins[0][0] for source, _ in origins):
        return None
    numbers = [number for _, number in origins]
    return origins[0][0] if numbers == sorted(set(numbers)) else None


def _keep_pages(document: Any, numbers: set[int]) -> None:
    for number in reversed(range(len(document))):
        if number not in numbers:
            document.del_page(number)


def _uncover(page: Any) -> None:
    """Remove what a page shows but text, which the picture will cover, and links."""
    raw = _library().raw
    objects = list(page.get_objects(max_depth=1))
    for seen in objects:
        if seen.type != raw.FPDF_PAGEOBJ_TEXT and not _holds_text(page, seen):
            page.remove_obj(seen)
            seen.close()
    for number, subtype in reversed([*enumerate(_annotations(page))]):
        if subtype not in (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_WIDGET):
            raw.FPDFPage_RemoveAnnot(page, number)


def _annotations(page: Any) -> Iterator[int]:
    """Give the kind of each annotation of a page; fields of forms are such, too."""
    raw = _library().raw
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, number)
        subtype: int = raw.FPDFAnnot_GetSubtype(annotation)
        raw.FPDFPage_CloseAnnot(annotation)
        yield subtype


def _holds_text(page: Any, seen: Any) -> bool:
    """Whether a group of objects, which OCR programs like to make, has text in it."""
    raw = _library().raw
    if seen.type != raw.FPDF_PAGEOBJ_FORM:
        return False
    return any(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], form=seen))


def _cover(page: Any, jpeg: Path) -> None:
    """Lay a picture over all of a page, upright as the page is shown."""
    pdfium = _library()
    left, bottom, right, top = page.get_bbox()
    square = pdfium.PdfMatrix().translate(-0.5, -0.5).rotate(page.get_rotation(), ccw=True)
    box = square.scale(right - left, top - bottom)
    image = pdfium.PdfImage.new(page.pdf)
    image.load_jpeg(jpeg, inline=True)
    image.set_matrix(box.translate((left + right) / 2, (bottom + top) / 2))
    page.insert_obj(image)


def _scale(page: Any) -> float:
    """Pixels a point: as many as the finest scan on a page has, which may lie there in strips."""
    scale, total = RESOLUTION * _POINT, 0.0
    area = page.get_width() * page.get_height()
    for fineness, covered in sorted(_finenesses(page), reverse=True):
        total += covered
        if total >= _SCAN * area:
            is_coarse = fineness < scale and _holds_more_than_scans(page)
            scale = scale if is_coarse else fineness
            break
    longest = max(page.get_size())
    return float((max(1, round(longest * scale)) - 0.01) / longest)  # PDFium rounds sizes up


def _finenesses(page: Any) -> Iterator[tuple[float, float]]:
    """Give the pixels a point of each picture on a page, and how many square points it covers."""
    for image in page.get_objects(filter=[_library().raw.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = image.get_bounds()
        width, height = image.get_px_size()
        covered, side = (right - left) * (top - bottom), max(right - left, top - bottom)
        if covered > 0 and width and height:
            yield max(width, height) / side, covered


def _holds_more_than_scans(page: Any) -> bool:
    """Whether there are letters or lines on a page, notes, or pictures behind masks."""
    raw = _library().raw
    area, is_drawn_on = page.get_width() * page.get_height(), False
    for seen in page.get_objects():  # in the order in which they are drawn
        if seen.type != raw.FPDF_PAGEOBJ_IMAGE:
            is_drawn_on = is_drawn_on or _is_seen(seen)
            continue
        left, bottom, right, top = seen.get_bounds()
        share = (right - left) * (top - bottom) / area
        if share >= _SCAN and _has_mask(seen):
            return True
        is_drawn_on = is_drawn_on and share < _WHOLE
    return is_drawn_on or any(subtype != raw.FPDF_ANNOT_LINK for subtype in _annotations(page))


def _has_mask(image: Any) -> bool:
    """Whether a picture shows through a mask, which may be finer than itself, as of letters."""
    width, height = image.get_px_size()
    if width * height > _LARGEST_MASKED:
        return False
    pixels = image.get_bitmap(render=True).to_numpy()
    return pixels.shape[2] == 4 and bool((pixels[..., 3] < 255).any())


def _is_seen(drawn: Any) -> bool:
    """Whether something is text or lines that are seen; OCR's text is not, nor is white paper."""
    raw = _library().raw
    if drawn.type == raw.FPDF_PAGEOBJ_TEXT:
        unseen = raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP
        return raw.FPDFTextObj_GetTextRenderMode(drawn.raw) not in unseen
    if drawn.type != raw.FPDF_PAGEOBJ_PATH:
        return False
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(drawn.raw, fill, stroke)
    color = [ctypes.c_uint() for _ in "rgba"]
    raw.FPDFPageObj_GetFillColor(drawn.raw, *color)
    is_white = all(one.value == 255 for one in color[:3])
    return bool(stroke.value or (fill.value and not is_white))


@contextmanager
def _opened(source: Path | bytes | None, name: str) -> Iterator[Any]:
    """Open a PDF, or begin one."""
    with _pdfium:
        pdfium = _library()
        try:
            document = pdfium.PdfDocument(source) if source else pdfium.PdfDocument.new()
        except pdfium.PdfiumError as error:
            if "assword" in str(error):
                raise ImageError(f"{name}: the PDF has a password; save it without one") from error
            raise ImageError(
                f"{name}: the file is damaged, or not a PDF; take another copy"
            ) from error
        try:
            yield document
        except pdfium.PdfiumError as error:
            raise ImageError(f"{name}: the PDF is damaged ({error}); take another copy") from error
        finally:
            document.close()


def _library() -> Any:
    with extra("PDF", "pdf"):
        import pypdfium2
    logging.getLogger("pypdfium2").addHandler(_silent)
    return pypdfium2
