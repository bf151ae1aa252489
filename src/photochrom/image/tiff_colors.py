"""The ways in which TIFF files keep colours, made into RGB (TIFF 6.0, sections 5 and 20 to 23)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Samples
from photochrom.image.decoded import from_array
from photochrom.image.tiff_tags import Directory, data_of

COEFFICIENTS, BLACK_AND_WHITE = 529, 532


def of_lab(pixels: npt.NDArray[Any], bits: int, by_icc: bool) -> Any:
    """Make sRGB of CIE L*a*b* under D50, (H, W, 3), which is what TIFF and ICC profiles mean by it.

    `by_icc` tells which of the two ways of counting it is in.
    """
    whole = pixels.astype(np.int64) & ((1 << bits) - 1)
    deep = bits > 8
    if not by_icc:  # a* and b* are signed
        lightness = whole[..., :1] * (100 / ((1 << bits) - 1))
        signed = (whole[..., 1:] ^ (1 << (bits - 1))) - (1 << (bits - 1))
        lab = np.concatenate([lightness, signed / (1 << (bits - 8))], axis=2)
    else:
        white = 65280 if deep else 255
        ab = whole[..., 1:] / (1 << (bits - 8)) - 128
        lab = np.concatenate([whole[..., :1] * (100 / white), ab], axis=2)
    image = from_array(np.zeros((1, 1), np.uint8)).new_from_array(lab.astype(np.float32))
    image = image.copy(interpretation="lab")
    rgb = image.icc_export(output_profile="srgb", pcs="lab", depth=16 if deep else 8)
    rgb = rgb.copy_memory()
    rgb.remove("icc-profile-data")
    return rgb


def unmultiplied(samples: Samples) -> Samples:
    """Divide colours, (H, W, C), by the alpha behind them, by which they were multiplied."""
    alpha = samples[..., -1:].astype(np.float64)
    largest = np.iinfo(samples.dtype).max
    colors = samples[..., :-1] * np.divide(
        largest, alpha, where=alpha > 0, out=np.zeros_like(alpha)
    )
    plain = np.concatenate([np.minimum(np.rint(colors), largest), alpha], axis=2)
    whole: npt.NDArray[Any] = plain.astype(samples.dtype)
    return whole


def of_palette(indices: npt.NDArray[Any], table: list[int]) -> npt.NDArray[np.uint8]:
    """Give the colours, (H, W, 3), of a palette: all its reds, then greens, then blues.

    Its values are of 16 bits, or of 8 where none is larger, as some programs write.
    """
    colors = np.array(table, np.uint16).reshape(3, -1).T
    shallow = (colors if colors.max() < 256 else colors >> 8).astype(np.uint8)
    shown: npt.NDArray[np.uint8] = shallow[np.minimum(indices, len(shallow) - 1)]
    return shown


def from_ycbcr(image: Any, tags: Directory) -> Any:
    """Make RGB by the coefficients and the black and white that the file tells (section 21)."""
    red, green, blue = fractions(tags, COEFFICIENTS, [0.299, 0.587, 0.114])
    largest = 255 if image.format == "uchar" else 65535
    levels = fractions(tags, BLACK_AND_WHITE, [0, 255, 128, 255, 128, 255])
    unit = largest / 255 if max(levels) <= 255 else 1.0
    black = [value * unit for value in levels[::2]]
    white = [value * unit for value in levels[1::2]]
    scales = [largest / max(1, white[0] - black[0])]
    scales += [largest * 127 / 255 / max(1, white[n] - black[n]) for n in (1, 2)]
    offsets = [-low * scale for low, scale in zip(black, scales, strict=True)]
    from_cr, from_cb = 2 - 2 * red, 2 - 2 * blue
    matrix = [
        [1, 0, from_cr],
        [1, -blue * from_cb / green, -red * from_cr / green],
        [1, from_cb, 0],
    ]
    colors = image.extract_band(0, n=3).linear(scales, offsets).recomb(matrix)
    rgb = colors.rint().cast(image.format)
    rest = image.bands - 3
    rgb = rgb.bandjoin(image.extract_band(3, n=rest)) if rest > 0 else rgb
    return rgb.copy(interpretation="srgb" if largest == 255 else "rgb16")


def fractions(tags: Directory, code: int, otherwise: list[float]) -> list[float]:
    """Give a tag's fractions, or what holds where it is not there or is not valid."""
    pairs = np.frombuffer(data_of(tags, code) or b"", "<u4")
    if len(pairs) != 2 * len(otherwise) or not pairs[1::2].all():
        return otherwise
    return [float(value) for value in pairs[::2] / pairs[1::2]]
