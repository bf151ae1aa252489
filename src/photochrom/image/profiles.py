"""Profiles and samples: what a file or an array holds, brought to grey or sRGB."""

import struct
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.color.spaces import Samples
from photochrom.errors import ImageError

FLOATS = ("float", "double")
"""libvips' names of floating samples, which are sRGB in 0..1."""
_STEPS = (0, 32, 64, 128, 192, 255)
_NEUTRAL = 1  # of 255: what rounding may tint a grey by
_STRAY = 2  # of 255: what makers of sRGB profiles differ by
_LIGHT = 128  # of 255: what white is at least, in each channel
_ROUNDING = 0.001  # by which floats may leave 0..1


def standard(image: Any) -> Any:
    """Bring a decoded picture to grey or sRGB samples, 8 or 16 bits, alpha kept last."""
    image = whole_numbers(image)
    deep = image.format == "ushort"
    grey = image.bands < 3
    profile = image.get("icc-profile-data") if image.get_typeof("icc-profile-data") else None
    if profile and is_usable(profile, image.interpretation == "cmyk") and not is_srgb(profile):
        image = image.icc_transform("srgb", embedded=True, depth=16 if deep else 8)
    elif image.interpretation == "cmyk":
        image = image.icc_transform("srgb", input_profile="cmyk", depth=16 if deep else 8)
    elif grey:
        image = image.colourspace("grey16" if deep else "b-w")
    else:
        image = image.colourspace("rgb16" if deep else "srgb")
    return image.cast("ushort" if deep else "uchar")


@lru_cache(maxsize=16)
def grey_table(profile: bytes | None, bands: int) -> npt.NDArray[np.uint8] | None:
    """Give what `standard` makes of 256 greys in a profile, (256,); None where it tints them.

    `bands` is 1, or 3 where they are stored as colours.
    """
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], bands, axis=2)
    image = pyvips.Image.new_from_array(ramp).copy(interpretation="b-w" if bands == 1 else "srgb")
    if profile:
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    shown = np.atleast_3d(standard(image).numpy())[0]
    return None if np.ptp(shown, axis=1).max() > _NEUTRAL else shown[:, shown.shape[1] // 2]


def whole_numbers(image: Any) -> Any:
    """Make 16 bits of floats in 0..1."""
    if image.format not in FLOATS:
        return image
    space = "grey16" if image.bands < 3 else "rgb16"
    return (image * 65535 + 0.5).cast("ushort").copy(interpretation=space)


def without_alpha(pixels: Samples) -> Samples:
    """Grey (H, W) or RGB (H, W, 3) of (H, W, C) samples."""
    return pixels[..., 0] if pixels.shape[2] < 3 else pixels[..., :3]


def checked_array(array: npt.NDArray[Any]) -> Samples:
    """Check an array from outside and bring it to uint8 or uint16 samples.

    Of two or four channels, the last is alpha.
    """
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 2, 3, 4)):
        raise ImageError(f"an array of shape {array.shape}; give (H, W), (H, W, 3) or (H, W, 4)")
    if not array.size:
        raise ImageError(f"an empty array of shape {array.shape}; give one with pixels")
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    native = array.dtype.newbyteorder("=")
    if native in (np.uint8, np.uint16):
        return np.ascontiguousarray(array, native)
    if not np.issubdtype(array.dtype, np.floating):
        raise ImageError(f"an array of {array.dtype}; give uint8, uint16, or floats in 0..1")
    return whole_of_floats(array)


def whole_of_floats(pixels: npt.NDArray[Any], name: str = "") -> npt.NDArray[np.uint16]:
    """Make uint16 of floats in 0..1; raises `ImageError` for others.

    `name` is the file's and ": ", or nothing.
    """
    check_floats(pixels.min(), pixels.max(), bool(np.isfinite(pixels).all()), name)
    wide = pixels.astype(np.promote_types(pixels.dtype, np.float32), copy=False)
    whole: npt.NDArray[np.uint16] = np.rint(np.clip(wide, 0, 1) * 65535).astype(np.uint16)
    return whole  # which float16 cannot count to


def check_floats(low: float, high: float, finite: bool, name: str) -> None:
    """Raise `ImageError` for floats that are not all in 0..1, nearly.

    `name` ends with ": ", or is "".
    """
    if not finite:
        raise ImageError(f"{name}NaN or infinite values; give floats in 0..1")
    if low < -_ROUNDING or high > 1 + _ROUNDING:
        raise ImageError(f"{name}floats from {low:g} to {high:g}; give them in 0..1")


def to_rgb8(samples: Samples) -> npt.NDArray[np.uint8]:
    """Bring samples, grey (H, W) or colour (H, W, 3), to uint8 (H, W, 3)."""
    shallow = (samples >> 8 if samples.dtype == np.uint16 else samples).astype(np.uint8)
    return shallow if shallow.ndim == 3 else np.repeat(shallow[..., None], 3, axis=2)


@lru_cache(maxsize=16)
def is_srgb(profile: bytes) -> bool:
    """Whether colours, and greys, are the same in an ICC profile as in sRGB.

    Names do not tell: linear sRGB has the word in its own, and others mention it.
    """
    if profile[16:20] != b"RGB ":  # of grey, of inks, or no profile
        return False
    colors = np.array([list(product(_STEPS, repeat=3))], np.uint8)
    image = pyvips.Image.new_from_array(colors).copy(interpretation="srgb")
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    seen = image.icc_transform("srgb", embedded=True, intent="relative").numpy()
    return bool(np.abs(seen.astype(int) - colors).max() <= _STRAY)


@lru_cache(maxsize=16)
def is_usable(profile: bytes, has_inks: bool) -> bool:
    """Whether colours can be brought from an ICC profile to sRGB: it is whole, and fits.

    One whose white is dark, such as one without the colours of its primaries, is damaged.
    """
    channels = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}.get(profile[16:20], 0)
    if not channels or has_inks != (channels == 4):
        return False
    interpretation = {1: "b-w", 3: "srgb", 4: "cmyk"}[channels]
    white = pyvips.Image.black(1, 1, bands=channels) + (0 if has_inks else 255)
    white = white.cast("uchar").copy(interpretation=interpretation)
    white.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    try:
        seen = white.icc_transform("srgb", embedded=True).numpy()
    except pyvips.Error:
        return False
    return bool(seen.min() >= _LIGHT)


def profile_name(profile: bytes) -> str:
    """Give an ICC profile's name of itself (its tag "desc"); "" where there is none to read."""
    try:
        (count,) = struct.unpack_from(">I", profile, 128)
        entries = (
            struct.unpack_from(">4sII", profile, 132 + 12 * n) for n in range(min(count, 99))
        )
        offset, size = next((at, size) for name, at, size in entries if name == b"desc")
        text = profile[offset : offset + size]
        if text.startswith(b"mluc"):  # version 4: in several languages, of which the first is taken
            length, start = struct.unpack_from(">II", text, 20)
            return text[start : start + length].decode("utf-16-be", "replace").strip(" \0")
        (length,) = struct.unpack_from(">I", text, 8)
        return text[12 : 12 + length].decode("latin-1").strip(" \0")
    except (struct.error, StopIteration):
        return ""
