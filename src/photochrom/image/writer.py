"""Encoding: coloured bands and the input's metadata become a file, whole or not at all."""

import io
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypedDict
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.errors import ImageError
from photochrom.image import animation, credentials, pdf
from photochrom.image.band_stream import Band, TiffStream
from photochrom.image.credentials import Made, Signing
from photochrom.image.formats import FORMATS
from photochrom.image.metadata import complete, with_metadata
from photochrom.image.provenance import add_note
from photochrom.image.reader import Picture
from photochrom.image.tiff_pages import concatenate_tiffs

JPEG_QUALITY = 92
"""What is written unless another is wanted."""
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "jpeg": {"subsample_mode": "off"},
    "png": {"compression": 6},
    "tiff": {"compression": "deflate", "predictor": "horizontal"},
    "webp": {"Q": 92},
    "heif": {"Q": 80, "effort": 2},
}
_ALL_BUT_EXIF = "xmp:iptc:icc:other:gainmap"
_DEEP = {"png", "tiff"}  # formats that are written with 16 bits when the input has 16
_TEMPORARY = re.compile(r"\..*\.photochrom-[^.]*\.part")


OnProgress = Callable[[int, int], None]
"""Is told how much is done, and of how much: rows, pages, frames, pictures or steps."""


class Page(NamedTuple):
    """A picture that is written."""

    picture: Picture
    """Whose metadata it gets."""
    bands: Iterator[Band]
    """Its new pixels, (rows, W, 3 or 4) samples, as `Picture.bands` divides them."""
    facts: dict[str, str]
    """How it was coloured: the note in its XMP (see `provenance.py`)."""


class SaveKeywords(TypedDict, total=False):
    """The fields of `SaveOptions`, as keywords of `save`."""

    note: bool
    profile: str
    pyramid: bool
    jpeg_quality: int
    overwrite: bool
    sign: Signing | None
    codec: str
    crf: int | None
    bits: int | None
    pixel_format: str


@dataclass(frozen=True)
class SaveOptions:
    """How a coloured picture is written. Raises `ImageError` for a quality beyond 1..100."""

    note: bool = True
    """Say in the XMP which model coloured the picture, and how."""
    profile: str = "srgb"
    """The colours' profile: "srgb", or "p3" for Display P3."""
    pyramid: bool = False
    """Write a TIFF in tiles, with smaller versions of itself, for viewers of large pictures."""
    jpeg_quality: int = JPEG_QUALITY
    """Of JPEGs, and of those in a PDF, from 1 to 100."""
    overwrite: bool = False
    """Replace a file that is there already."""
    sign: Signing | None = None
    """A certificate and its key, two PEM files, with which it is signed: Content Credentials."""
    codec: str = ""
    """Of films: "h264", "h265", "av1", "vp9", "prores" or "ffv1"; else H.264, or VP9 in a .webm."""
    crf: int | None = None
    """Quality of films, lower is finer; each codec has its own scale, and its usual value."""
    bits: int | None = None
    """Of a film's samples, 8 or 10; else as many as every player shows."""
    pixel_format: str = ""
    """FFmpeg's name of how a film's pixels are stored, such as "yuv444p"; else as `bits` say."""

    def __post_init__(self) -> None:
        if not 1 <= self.jpeg_quality <= 100:
            raise ImageError(f"the quality of a JPEG goes from 1 to 100, not {self.jpeg_quality}")


def save(page: Page, target: Path, options: SaveOptions = SaveOptions()) -> None:
    """Write a coloured picture, with its metadata, to a file.

    The format follows the name's extension. The file appears under its name when it is whole.
    Raises `ImageError` when it is there already, unless `options.overwrite`, or cannot be written.
    """
    check_target(target, pyramid=options.pyramid)
    credentials.check_format(target, options.sign)
    file_format = _format_of(target)
    if file_format == "pdf":
        save_pages([page], target, options)
        return
    with _appearing(target, options.overwrite) as temporary:
        _encode(page, pyvips.Target.new_to_file(os.fsencode(temporary)), target, options)
        with temporary.open("r+b") as file:
            complete(file, file_format, [page.picture])
        _sign(temporary, target, page, options.sign)


def save_pages(pages: Iterable[Page], target: Path, options: SaveOptions = SaveOptions()) -> None:
    """Write pages as one file, a TIFF or a PDF, as `save` writes a picture."""
    check_target(target, pyramid=options.pyramid)
    credentials.check_format(target, options.sign)
    if holds_frames(target):
        _save_frames(list(pages), target, options)
        return
    if not holds_pages(target):
        raise ImageError(f"{target}: this format holds one page only; name it .tif or .pdf")
    if options.pyramid:
        raise ImageError(f"{target}: a pyramid holds one page only; colour the pages one by one")
    if _format_of(target) == "pdf" and options.profile != "srgb":
        raise ImageError(f"{target}: the colours of a PDF are sRGB here; name it .tif")
    name = target.with_suffix(".jpg") if _format_of(target) == "pdf" else target
    with ExitStack() as stack, _appearing(target, options.overwrite) as temporary:
        written, pictures = [], []
        for page in pages:
            temporary_page = stack.enter_context(_temporary(target))
            vips_target = pyvips.Target.new_to_file(os.fsencode(temporary_page))
            _encode(page, vips_target, name, options)
            picture = page.picture
            across, down = picture.resolution or (pdf.RESOLUTION, pdf.RESOLUTION)
            size = picture.width / across, picture.height / down
            written.append(pdf.PageImage(temporary_page, size, picture.pdf_page))
            pictures.append(picture)
        if _format_of(target) == "pdf":
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
        whole = _described(whole, pages[0], "webp", options)
        arguments = _arguments("webp", target, first, options, whole)
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
    check_target(target, pyramid=options.pyramid)
    credentials.check_format(target, options.sign)
    file_format = _format_of(target)
    if file_format == "pdf":
        return encode_pages([page], extension, options)
    memory = pyvips.Target.new_to_memory()
    _encode(page, memory, target, options)
    file = io.BytesIO(memory.get("blob"))
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
    if pyramid and _format_of(target) != "tiff":
        raise ImageError(f"{target}: a pyramid is a TIFF; name it .tif")
    if not _format_of(target):
        known = ", ".join((*FORMATS, pdf.EXTENSION))
        raise ImageError(
            f"{target}: cannot write {target.suffix or 'without an extension'}; use {known}"
        )


def holds_frames(target: Path) -> bool:
    """Whether an animation can be written under a name of that ending."""
    return _format_of(target) == "webp"


def holds_pages(target: Path) -> bool:
    """Whether a file of several pages can be written under a name of that ending."""
    return _format_of(target) in ("tiff", "pdf")


def _format_of(target: Path) -> str:
    """Name the format of a file by its ending; "" when it is not one that is written."""
    extension = target.suffix.lower()
    return "pdf" if extension == pdf.EXTENSION else FORMATS.get(extension, "")


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
    path = target.with_name(f".{target.name}.photochrom-{uuid4().hex[:12]}.part")
    made = False
    try:
        path.touch(exist_ok=False)  # with the rights of any new file; tempfile's are the owner's
        made = True
        yield path
    except OSError as error:
        raise ImageError(f"{target}: cannot be written ({error.strerror})") from error
    finally:
        if made:
            path.unlink(missing_ok=True)


def _encode(page: Page, target: Any, name: Path, options: SaveOptions) -> None:
    picture, file_format = page.picture, _format_of(name)
    channels = 4 if picture.has_alpha else 3
    shape = (picture.height, picture.width, channels)
    stream = TiffStream(page.bands, shape, picture.dtype, picture.band_rows)
    try:
        image = _described(_stream_image(stream), page, file_format, options)
        if picture.bits == 16 and file_format not in _DEEP:
            image = image.colourspace("srgb")
        if picture.has_alpha and file_format == "jpeg":
            image = image.flatten(background=255)
        arguments = _arguments(file_format, name, picture, options, image)
        image.write_to_target(target, name.suffix.lower(), **arguments)
    except pyvips.Error as error:
        if stream.error:
            raise stream.error from None
        reason = error.detail.strip().splitlines()[-1] if error.detail else str(error)
        raise ImageError(f"{name}: cannot be written ({reason})") from error
    except UnicodeDecodeError as error:  # libvips' message quotes bytes of the file
        raise stream.error or ImageError(f"{name}: cannot be written") from error


def _described(image: Any, page: Page, file_format: str, options: SaveOptions) -> Any:
    """Give an image the metadata of its page, the note on its colours, and its profile."""
    picture = page.picture
    image = with_metadata(image, picture, file_format)
    if options.note and page.facts:
        packet = image.get("xmp-data") if image.get_typeof("xmp-data") else None
        noted = add_note(packet, page.facts, picture.name)
        image.set_type(pyvips.GValue.blob_type, "xmp-data", noted)
    if options.profile != "srgb":
        image = image.icc_transform(
            options.profile, input_profile="srgb", depth=picture.bits, intent="relative"
        )
    return image


def _arguments(
    file_format: str, name: Path, picture: Picture, options: SaveOptions, image: Any
) -> dict[str, Any]:
    arguments = dict(_SAVE_OPTIONS[file_format])
    if not (picture.resolution or image.get_typeof("exif-data")):
        arguments["keep"] = _ALL_BUT_EXIF
    if name.suffix.lower() == ".avif":
        arguments["compression"] = "av1"
    if file_format == "jpeg":
        arguments["Q"] = options.jpeg_quality
    if file_format == "tiff":
        large = picture.width * picture.height * picture.bits > 4 << 30  # 3 GB of samples and more
        arguments |= {"bigtiff": large, "tile": options.pyramid, "pyramid": options.pyramid}
    return arguments


def _stream_image(stream: TiffStream) -> Any:
    source = pyvips.SourceCustom()
    source.on_read(stream.read)
    source.on_seek(stream.seek)
    return pyvips.Image.new_from_source(source, "", access="sequential", fail_on="error")


def save_rgb(rgb: npt.ArrayLike, path: Path) -> None:
    """Write sRGB in 0..1, shape (H, W, 3), as an 8-bit picture; values beyond are cut off."""
    path.write_bytes(encode_rgb(rgb, path.suffix))


def encode_rgb(rgb: npt.ArrayLike, extension: str = ".png") -> bytes:
    """Give the bytes of a small picture file of sRGB, (H, W, 3): uint8, or floats in 0..1."""
    samples = np.asarray(rgb)
    if samples.dtype != np.uint8:
        samples = np.rint(np.clip(samples, 0, 1) * 255).astype(np.uint8)
    data: bytes = pyvips.Image.new_from_array(samples).write_to_buffer(extension)
    return data
