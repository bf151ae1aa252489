"""What a PNG or an AVIF says of its colours besides an ICC profile, made into one.

PNG keeps it in the chunks gAMA, cHRM and cICP (PNG, third edition, 11.3.2), AVIF and HEIC in a box
of type nclx; the numbers of both are those of ITU-T H.273.
"""

import struct
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.color.spaces import linear_to_srgb
from photochrom.errors import ImageError
from photochrom.image.decoded import (
    SourceFile,
    copy_fields,
    field_names,
    set_blob,
    set_exif,
    text_profile,
)
from photochrom.image.png_chunks import smallest

_SRGB = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
"""Chromaticities, x and y, of white, red, green and blue."""
_PRIMARIES = {
    4: (0.31, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (0.3127, 0.329, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06),
    6: (0.3127, 0.329, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    7: (0.3127, 0.329, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    9: (0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    12: (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
}
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_VIDEO_CURVE = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
"""The parameters of ICC's parametric curve of type 3; a single one is a power."""
_CURVES: dict[int, tuple[float, ...]] = dict.fromkeys((1, 6, 14, 15), _VIDEO_CURVE)
_CURVES |= {4: (2.2,), 5: (2.8,), 8: (1.0,)}
_HDR = {16: "PQ", 18: "HLG"}
_GAMMA, _NEAR = 0.45455, 0.05  # what stands for sRGB's curve, and how far from it
_CLOSE = 0.002  # of chromaticities that are the same
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_BOXES = 1 << 16  # bytes of an AVIF among which its colours are told


def repaired(image: Any, file: SourceFile) -> Any:
    """Give a picture the profile that the tags of its file amount to; itself, where it is sRGB's.

    Raises `ImageError` for pictures of high dynamic range, which would be shown flat.
    """
    loader = image.get("vips-loader") if image.get_typeof("vips-loader") else ""
    if loader.startswith("png"):
        return of_png(image, file)
    if loader.startswith("heif"):
        check_range_of(file)
    return image


def check_range_of(file: SourceFile) -> None:
    """Raise `ImageError` for an AVIF or HEIC of high dynamic range."""
    head = file.head(_BOXES)
    start = head.find(b"colrnclx")
    if start >= 0 and len(head) >= start + 12:
        _check_range(file.name, int.from_bytes(head[start + 10 : start + 12], "big"))


def _check_range(name: str, transfer: int) -> None:
    if transfer in _HDR:
        raise ImageError(
            f"{name}: high dynamic range ({_HDR[transfer]}), which is not read; save it as sRGB"
        )


def of_png(image: Any, file: SourceFile) -> Any:
    """Give the picture of a PNG what `repaired` gives; errors are the same."""
    return _with_colors(_described(image, file), file)


def _with_colors(image: Any, file: SourceFile) -> Any:
    chunks = file.png_chunks.colors
    curve: tuple[float, ...] = _SRGB_CURVE
    primaries = _SRGB
    if len(cicp := chunks.get(b"cICP", b"")) == 4:
        return of_numbers(image, file.name, cicp[0], cicp[1])
    if chunks.keys() & {b"iCCP", b"sRGB"}:
        return image
    gamma = int.from_bytes(chunks.get(b"gAMA", b""), "big") / 100_000
    if gamma and abs(gamma / _GAMMA - 1) > _NEAR:
        curve = (1 / gamma,)
    if len(chrm := chunks.get(b"cHRM", b"")) == 32:
        primaries = tuple(value / 100_000 for value in struct.unpack(">8I", chrm))
    return _of(image, curve, primaries)


def of_numbers(image: Any, name: str, primaries: int, transfer: int) -> Any:
    """Give a picture the profile of numbers of H.273; errors are those of `repaired`."""
    _check_range(name, transfer)
    curve = _CURVES.get(transfer, _SRGB_CURVE)
    return _of(image, curve, _PRIMARIES.get(primaries, _SRGB))


def _of(image: Any, curve: tuple[float, ...], primaries: tuple[float, ...]) -> Any:
    grey = image.bands < 3
    near = max(abs(a - b) for a, b in zip(primaries, _SRGB, strict=True)) < _CLOSE
    if curve == _SRGB_CURVE and (near or grey):
        return image
    if grey:
        return _toned(image, curve)
    tagged = image.copy()
    set_blob(tagged, "icc-profile-data", _profile(curve, primaries))
    return tagged


def _toned(image: Any, curve: tuple[float, ...]) -> Any:
    """Bring grey from another curve to sRGB's."""
    deepest = 255 if image.format == "uchar" else 65535
    values = np.arange(deepest + 1) / deepest
    if len(curve) == 1:
        light = values ** curve[0]
    else:
        power, scale, offset, slope, knee = curve
        light = np.where(values < knee, slope * values, (scale * values + offset) ** power)
    table = np.rint(linear_to_srgb(light) * deepest).astype(np.uint8 if deepest == 255 else "u2")
    toned = image[0].maplut(pyvips.Image.new_from_array(table[None]))
    toned = toned.bandjoin(image[1]) if image.bands > 1 else toned
    return toned.copy(interpretation=image.interpretation)


def _described(image: Any, file: SourceFile) -> Any:
    """Give a picture the EXIF and XMP that stand in a PNG's text or behind its pixels.

    ImageMagick put EXIF into text before PNG had a chunk for it.
    """
    found = image.copy()
    if behind := file.png_chunks.behind:
        with suppress(pyvips.Error):  # of damaged chunks
            around = pyvips.Image.pngload_buffer(smallest(behind))
            copy_fields(around, found, ("exif-", "xmp-", "png-comment-", "orientation"))
    if not found.get_typeof("exif-data"):
        blocks = (text_profile(found, name) or b"" for name in ("exif", "APP1"))
        set_exif(found, next((block for block in blocks if block.startswith(b"Exif\0\0")), b""))
    return found if len(field_names(found)) > len(field_names(image)) else image


def _profile(curve: tuple[float, ...], primaries: tuple[float, ...]) -> bytes:
    """Make an ICC profile of version 4."""
    shape = 0 if len(curve) == 1 else 3
    response = struct.pack(">4s4xHH", b"para", shape, 0) + b"".join(map(_fixed, curve))
    tags = {b"wtpt": _xyz(_D50)}
    for name, column in zip((b"r", b"g", b"b"), _to_d50(primaries).T, strict=True):
        tags[name + b"XYZ"], tags[name + b"TRC"] = _xyz(column), response
    offset = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", offset + len(data), len(value))
        data += value
    head = bytearray(128)
    head[0:4] = struct.pack(">I", offset + len(data))
    head[8:12] = bytes([4, 0x20, 0, 0])
    head[12:24] = b"mntrRGB XYZ "
    head[36:40] = b"acsp"
    head[68:80] = b"".join(map(_fixed, _D50))
    return bytes(head) + table + data


def _to_d50(primaries: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """Give the matrix from linear RGB to XYZ, adapted to D50 as ICC profiles are (Bradford)."""
    white, *colors = (
        np.array([x / y, 1, (1 - x - y) / y]) if y > 0 else np.ones(3)
        for x, y in zip(primaries[::2], primaries[1::2], strict=True)
    )
    columns = np.stack(colors, axis=1)
    try:
        matrix = columns * np.linalg.solve(columns, white)
    except np.linalg.LinAlgError:  # primaries on a line, in a damaged file
        return _to_d50(_SRGB)
    scale = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adaptation = np.linalg.solve(_BRADFORD, scale[:, None] * _BRADFORD)
    adapted: npt.NDArray[np.float64] = adaptation @ matrix
    return adapted


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(max(-32768.0, min(32767.0, value)) * 65536))


def _xyz(values: npt.NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(float(value)) for value in values)
