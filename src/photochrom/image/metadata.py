"""Metadata: EXIF, XMP, IPTC, resolution and profile, from a picture's file to the coloured one.

libvips carries most of it. What it does not is done here: EXIF out of TIFF files and into them,
IPTC in the ways that TIFF, JPEG and PNG keep it. WebP and AVIF have no place for it.
"""

import struct
import zlib
from io import BytesIO
from typing import Any, BinaryIO

import pyvips

from photochrom.image.decoded import field_names, set_blob, set_exif, text_profile
from photochrom.image.provenance import upright
from photochrom.image.reader import Picture
from photochrom.image.tiff_tags import (
    EXIF,
    GPS,
    IPTC,
    LONG,
    Directory,
    add_tags,
    as_file,
    data_of,
    overwrite_short,
    read_exif,
    remove_tags,
)

_DESCRIPTIVE = {269, 270, 271, 272, 285, 305, 306, 315, 316, 33432, *range(40091, 40096)}
_DESCRIPTIVE |= {EXIF, GPS}
"""Tags that say what a picture shows, who took it and how; the others say how it is stored."""
_FIELDS = ("exif-", "xmp-", "photoshop-")  # of libvips
_SIZES = {40962, 40963}  # of EXIF: the pixels across and down, which a TIFF tells elsewhere
_PHOTOSHOP = 34377  # the tag of what Photoshop keeps
_APP13 = b"Photoshop 3.0\0"
_RESOURCE = struct.Struct(">4sHHI")  # signature, number, an empty name, size
_IPTC_RESOURCE = 0x0404
_BEFORE_EXIF = {"jpeg": b"Exif\0\0", "png": b"eXIf", "webp": b"EXIF", "heif": b"Exif\0\0II*\0"}
"""What stands before EXIF."""
_GAP, _LARGEST_SEGMENT = 32, 65_000  # bytes
_RESOLUTION, _RESOLUTION_UNIT, _NO_UNIT = (282, 283), 296, 1
_PNG_TEXT = b"Raw profile type iptc"  # ImageMagick's, which others have taken over
_PNG_STANDIN = _PNG_TEXT.replace(b" ", b"_")
_LARGEST_START = 1 << 24  # bytes of a PNG before its pixels


def with_metadata(image: Any, picture: Picture, file_format: str) -> Any:
    """Give the image what libvips is to write: EXIF, XMP, IPTC, resolution and profile."""
    header = picture.header
    across, down = picture.resolution or (header.xres, header.yres)
    image = image.copy(xres=across, yres=down)
    for field in field_names(header):
        if field.startswith(_FIELDS) or field == "resolution-unit":
            image.set_type(header.get_typeof(field), field, header.get(field))
    if header.get_typeof("xmp-data"):  # which is not asked which way up a picture is
        set_blob(image, "xmp-data", upright(header.get("xmp-data")))
    if file_format != "tiff" and (described := picture.tags(_DESCRIPTIVE)):
        set_exif(image, as_file(described))
    _set_iptc(image, picture, file_format)
    if header.get_typeof("icc-profile-data"):  # what was another's is sRGB now
        profile = pyvips.Operation.call("profile_load", "srgb")
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    if header.get_typeof("orientation"):
        image.set_type(pyvips.GValue.gint_type, "orientation", 1)
    return image


def complete(file: BinaryIO, file_format: str, pages: list[Picture]) -> None:
    """Add to a written file of pages what libvips does not write of their metadata."""
    if file_format == "png":
        _name_text(file)
        if not pages[0].resolution:
            _forget_resolution(file)
    if file_format in _BEFORE_EXIF and not pages[0].resolution:
        _forget_in_exif(file, file_format)
    elif file_format == "tiff" and not all(picture.resolution for picture in pages):
        for number, picture in enumerate(pages):
            if not picture.resolution:
                overwrite_short(file, number, _RESOLUTION_UNIT, _NO_UNIT)
    if file_format == "tiff" and any(tags := [_beyond_libvips(picture) for picture in pages]):
        add_tags(file, tags)


def _beyond_libvips(picture: Picture) -> Directory:
    """Give the tags of a TIFF that libvips does not write, of a picture's metadata."""
    found, iptc = _without_sizes(describing_tags(picture)), _iptc(picture)
    if iptc:
        found[IPTC] = LONG, iptc + bytes(-len(iptc) % 4)  # the type that libtiff wants
    return found


def _set_iptc(image: Any, picture: Picture, file_format: str) -> None:
    iptc = _iptc(picture)
    if file_format == "jpeg" and (whole := _field(picture, "iptc-data") or b"").startswith(_APP13):
        image.set_type(pyvips.GValue.blob_type, "iptc-data", whole)
    elif file_format == "jpeg" and iptc:
        image.set_type(pyvips.GValue.blob_type, "iptc-data", _APP13 + _as_resource(iptc))
    elif file_format == "png" and iptc:
        name = f"png-comment-0-{_PNG_STANDIN.decode()}"
        image.set_type(pyvips.GValue.gstr_type, name, _as_text(iptc))


def describing_tags(picture: Picture) -> Directory:
    """Give the tags that say what a picture shows and who took it, of its TIFF or its EXIF."""
    found = picture.tags(_DESCRIPTIVE)
    if not found and (block := _field(picture, "exif-data")):
        found = read_exif(block, _DESCRIPTIVE)
    return found


def _without_sizes(found: Directory) -> Directory:
    """Leave out what EXIF says of the pixels, which a TIFF tells elsewhere."""
    inner = found.get(EXIF)
    if isinstance(inner, dict):
        found[EXIF] = {code: tag for code, tag in inner.items() if code not in _SIZES}
    return found


def _field(picture: Picture, name: str) -> Any:
    return picture.header.get(name) if picture.header.get_typeof(name) else None


def _iptc(picture: Picture) -> bytes | None:
    """Give a picture's IPTC as it stands in a TIFF, from wherever its file keeps it."""
    tags = picture.tags({IPTC, _PHOTOSHOP})
    held: list[bytes | None] = [_field(picture, "iptc-data"), _from_text(picture)]
    if tags:
        held = [data_of(tags, IPTC), data_of(tags, _PHOTOSHOP)]
    return next((found for data in held if data and (found := _plain(data))), None)


def _plain(data: bytes) -> bytes | None:
    """Take IPTC out of Photoshop's resources, if it is in any."""
    data = data.removeprefix(_APP13)
    while data.startswith(b"8BIM"):
        named = 6 + (data[6] + 2) // 2 * 2 if len(data) > 6 else len(data)
        start = named + 4
        size = int.from_bytes(data[named:start], "big")
        if int.from_bytes(data[4:6], "big") == _IPTC_RESOURCE:
            return data[start : start + size] or None
        data = data[start + size + size % 2 :]
    return data if data.startswith(b"\x1c") else None


def _as_resource(iptc: bytes) -> bytes:
    return _RESOURCE.pack(b"8BIM", _IPTC_RESOURCE, 0, len(iptc)) + iptc + bytes(len(iptc) % 2)


def _from_text(picture: Picture) -> bytes | None:
    return text_profile(picture.header, "iptc")


def _as_text(iptc: bytes) -> str:
    digits = _as_resource(iptc).hex()
    lines = [digits[start : start + 72] for start in range(0, len(digits), 72)]
    return "\n".join(["", "iptc", f"{len(digits) // 2:8}", *lines, ""])


def _forget_resolution(file: BinaryIO) -> None:
    """Make what libvips writes of a PNG's resolution tell the shape of pixels only."""
    file.seek(0)
    start = file.read(_LARGEST_START)
    at = start.find(b"pHYs", 0, max(0, start.find(b"IDAT")))
    if at >= 0:
        chunk = b"pHYs" + struct.pack(">IIB", 1, 1, 0)
        file.seek(at)
        file.write(chunk + struct.pack(">I", zlib.crc32(chunk)))


def _forget_in_exif(file: BinaryIO, file_format: str) -> None:
    """Make what libvips writes of a resolution into EXIF tell nothing."""
    file.seek(0)
    start = file.read(_LARGEST_START)
    head = start.find(_BEFORE_EXIF[file_format])
    at = start.find(b"II*\0", head, head + _GAP)
    if head < 0 or at < 0:
        return
    block = BytesIO(start[at : at + _LARGEST_SEGMENT])
    remove_tags(block, {*_RESOLUTION, _RESOLUTION_UNIT})
    file.seek(at)
    file.write(block.getvalue())
    if file_format == "png":
        end = head + 4 + int.from_bytes(start[head - 4 : head], "big")
        file.seek(head)
        checked = zlib.crc32(file.read(end - head))
        file.seek(end)
        file.write(struct.pack(">I", checked))


def _name_text(file: BinaryIO) -> None:
    """Give a PNG's text its name, which libvips cannot write, as it has spaces."""
    file.seek(0)
    start = file.read(_LARGEST_START)
    start_of_text = start.find(b"zTXt" + _PNG_STANDIN)
    if start_of_text >= 0:
        end = start_of_text + 4 + int.from_bytes(start[start_of_text - 4 : start_of_text], "big")
        chunk = start[start_of_text:end].replace(_PNG_STANDIN, _PNG_TEXT, 1)
        file.seek(start_of_text)
        file.write(chunk + struct.pack(">I", zlib.crc32(chunk)))
