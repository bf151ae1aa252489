"""Writing: coloured pictures become a file, whole or not at all."""

import io
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.errors import ImageError, unwritten
from photochrom.image import animation, credentials, pdf
from photochrom.image.credentials import Made, Signing
from photochrom.image.encoding import (
    Page,
    SaveOptions,
    arguments_of,
    described,
    encode_rgb,
    write_image,
)
from photochrom.image.formats import FORMATS, format_of
from photochrom.image.metadata import complete
from photochrom.image.tiff_pages import concatenate_tiffs
from photochrom.storage import hidden_beside

_TEMPORARY = re.compile(r"\..*\.photochrom-[^.]*\.part")

OnProgress = Callable[[int, int], None]
"""Is told how much is done, and of how much: rows, pages, frames, pictures or steps."""


def save(page: Page, target: Path, options: SaveOptions = SaveOptions()) -> None:
    """Write a coloured picture, with its metadata, to a file.

    The format follows the name's extension. The file appears under its name when it is whole.
    Raises `ImageError` when it is there already, unless `options.overwrite`, or cannot be written.
    """
    _check(target, options)
    file_format = format_of(target)
    if file_format == "pdf":
        save_pages([page], target, options)
        return
    with _appearing(target, options.overwrite) as temporary:
        write_image(page, temporary, target, options)
        with temporary.open("r+b") as file:
            complete(file, file_format, [page.picture])
        _sign(temporary, target, page, options.sign)


def save_pages(pages: Iterable[Page], target: Path, options: SaveOptions = SaveOptions()) -> None:
    """Write pages as one file, a TIFF or a PDF, as `save` writes a picture."""
    _check(target, options)
    if holds_frames(target):
        _save_frames(list(pages), target, options)
        return
    if not holds_pages(target):
        raise ImageError(f"{target}: this format holds one page only; name it .tif or .pdf")
    if options.pyramid:
        raise ImageError(f"{target}: a pyramid holds one page only; colour the pages one by one")
    if format_of(target) == "pdf" and options.profile != "srgb":
        raise ImageError(
            f"{target}: a PDF is written in sRGB alone; pass profile=srgb, or name it .tif"
        )
    name = target.with_suffix(".jpg") if format_of(target) == "pdf" else target
    with ExitStack() as stack, _appearing(target, options.overwrite) as temporary:
        written, pictures = [], []
        for page in pages:
            temporary_page = stack.enter_context(_temporary(target))
            write_image(page, temporary_page, name, options)
            picture = page.picture
            across, down = picture.resolution or (pdf.RESOLUTION, pdf.RESOLUTION)
            size = picture.width / across, picture.height / down
            written.append(pdf.PageImage(temporary_page, size, picture.pdf_page))
            pictures.append(picture)
        if format_of(target) == "pdf":
            pdf.write(written, temporary)
        else:
            concatenate_tiffs([image.jpeg for image in written], temporary)
            with temporary.open("r+b") as file:
                complete(file, "tiff", pictures)
        if written:
            _sign(temporary, target, page, options.sign)


def _save_frames(pages: list[Page], target: Path, options: SaveOptions) -> None:
    """Write the frames of an animation as one file, all in memory."""
    first = pages[0].picture
    timings = [page.picture.timing for page in pages]
    numbers = [page.picture.page for page in pages]
    delays = [one.delays[n] for one, n in zip(timings, numbers, strict=True) if one]
    if len(delays) < len(pages) or not timings[0]:
        raise ImageError(f"{target}: this format holds one page only; name it .tif or .pdf")
    first.limits.check_size(f"{target}, all frames", first.width, first.height * len(pages))
    with _appearing(target, options.overwrite) as temporary:
        frames = (np.concatenate(list(page.bands)) for page in pages)
        whole = animation.concatenated(frames, delays, timings[0].loop).colourspace("srgb")
        whole = described(whole, pages[0], "webp", options)
        arguments = arguments_of("webp", target, first, options, whole)
        whole.write_to_target(
            pyvips.Target.new_to_file(os.fsencode(temporary)), ".webp", **arguments
        )
        _sign(temporary, target, pages[0], options.sign)


def _sign(file: Path, target: Path, page: Page, signing: Signing | None) -> None:
    """Sign a file that is to be called `target`, if it is to be signed."""
    if not signing:
        return
    with _temporary(target) as signed:
        with file.open("rb") as source, signed.open("w+b") as copy:
            credentials.sign(source, copy, _made(target, page), signing)
        os.replace(signed, file)


def _made(target: Path, page: Page) -> Made:
    return Made(target.name, page.facts, page.picture.path)


def remove_leftovers(directories: Iterable[Path]) -> None:
    """Remove the temporary files that killed runs left in folders."""
    for directory in directories:
        for path in directory.glob(".*.part") if directory.is_dir() else ():
            if _TEMPORARY.fullmatch(path.name):
                path.unlink(missing_ok=True)


def encode(page: Page, extension: str, options: SaveOptions = SaveOptions()) -> bytes:
    """Encode as `save` does, into memory; `extension` is a file name ending such as ".png"."""
    target = Path("picture" + extension)
    _check(target, options)
    file_format = format_of(target)
    if file_format == "pdf":
        return encode_pages([page], extension, options)
    file = io.BytesIO()
    write_image(page, file, target, options)
    complete(file, file_format, [page.picture])
    if options.sign:
        unsigned, file = io.BytesIO(file.getvalue()), io.BytesIO()
        credentials.sign(unsigned, file, _made(target, page), options.sign)
    return file.getvalue()


def encode_pages(
    pages: Iterable[Page], extension: str, options: SaveOptions = SaveOptions()
) -> bytes:
    """Encode as `save_pages` does; give the file's bytes."""
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / f"picture{extension}"
        save_pages(pages, target, options)
        return target.read_bytes()


def check_target(target: Path, *, pyramid: bool = False) -> None:
    """Raise `ImageError` when a name's ending tells no format that is written, or no TIFF."""
    if pyramid and format_of(target) != "tiff":
        raise ImageError(f"{target}: a pyramid is a TIFF; name it .tif")
    if not format_of(target):
        known = ", ".join((*FORMATS, pdf.EXTENSION))
        raise ImageError(
            f"{target}: cannot write {target.suffix or 'without an extension'}; use {known}"
        )


def _check(target: Path, options: SaveOptions) -> None:
    """Raise `ImageError` when a name's ending does not go with the options."""
    check_target(target, pyramid=options.pyramid)
    if options.sign:
        credentials.check_format(target, options.sign)


def holds_frames(target: Path) -> bool:
    """Whether an animation can be written under a name of that ending."""
    return format_of(target) == "webp"


def holds_pages(target: Path) -> bool:
    """Whether a file of several pages can be written under a name of that ending."""
    return format_of(target) in ("tiff", "pdf")


@contextmanager
def _appearing(target: Path, replace: bool) -> Iterator[Path]:
    """Give a temporary file, which gets the name `target` when all has gone well."""
    with _temporary(target) as temporary:
        yield temporary
        if not replace and target.exists():
            raise ImageError(f"{target}: exists already; pass overwrite=True to replace it")
        os.replace(temporary, target)


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """Give a new file beside `target`, removed at the end unless it has another name by then."""
    path = hidden_beside(target, f"photochrom-{uuid4().hex[:12]}.part")
    made = False
    try:
        path.touch(exist_ok=False)  # with the rights of any new file; tempfile's are the owner's
        made = True
        yield path
    except OSError as error:
        raise unwritten(target, error) from error
    finally:
        if made:
            path.unlink(missing_ok=True)


def save_rgb(rgb: npt.ArrayLike, path: Path) -> None:
    """Write sRGB in 0..1, shape (H, W, 3), as an 8-bit picture; values beyond are cut off."""
    path.write_bytes(encode_rgb(rgb, path.suffix))
