"""TIFF files whose samples libvips does not read, or takes for what they are not.

The kinds of pictures are those of TIFF 6.0 (Adobe, 1992), section 8 and 20 to 23.
"""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips
import tifffile

from photochrom.color.spaces import Samples
from photochrom.errors import ImageError, MissingExtra, extra, undecoded
from photochrom.image.decoded import Decoded, SourceFile, from_array, set_blob
from photochrom.image.profiles import whole_of_floats
from photochrom.image.tiff_tags import (
    Directory,
    data_of,
    integer,
    overwrite_short,
    resolution_of,
    values,
)

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
CHANNELS, PLANES, TILE_WIDTH, EXTRA_SAMPLES, SAMPLE_FORMAT = 277, 284, 322, 338, 339
ORIENTATION, COEFFICIENTS, SUBSAMPLING, BLACK_AND_WHITE = 274, 529, 530, 532
_WANTED = {WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, CHANNELS, PLANES, TILE_WIDTH}
_WANTED |= {EXTRA_SAMPLES, SAMPLE_FORMAT, SUBSAMPLING}
REPAIRED = _WANTED | {ORIENTATION, COEFFICIENTS, BLACK_AND_WHITE}
"""Tags that `repaired` looks at."""
_XMP, _PHOTOSHOP, _PROFILE = 700, 34377, 34675
_RESOLUTION = {282, 283, 296}

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, MASK, INKS, YCBCR, CIELAB, ICCLAB, ITULAB = (
    *range(7),
    *range(8, 11),
)
_MOSAIC = 32803  # the raw samples of a camera
_LOGARITHMS = 32844, 32845
_COLORS = {RGB: 3, INKS: 4, YCBCR: 3, CIELAB: 3, ICCLAB: 3}
"""Channels before those of another meaning, by the kind of picture; 1 where it is not here."""
_UNSIGNED, _SIGNED, _FLOATS = 1, 2, 3  # of SAMPLE_FORMAT
_UNASSOCIATED, _ASSOCIATED = 2, 1  # kinds of alpha: colours as they are, or multiplied by it
_NONE, _OLD_JPEG, _JPEG = 1, 6, 7
_OF_LIBVIPS = {_NONE, 2, 3, 4, 5, _JPEG, 8, 32773, 32946, 33003, 33005, 50001}
"""Compressions that libvips reads."""
_COMPRESSIONS = {
    34712: "JPEG 2000",
    34887: "LERC",
    34892: "lossy JPEG",
    34925: "LZMA",
    34933: "PNG",
    34934: "JPEG XR",
    50000: "Zstandard",
    50002: "JPEG XL",
    52546: "JPEG XL",
}
_CONVERT = "convert it: magick in.tif -compress zip out.tif"


def fits(file: SourceFile) -> bool:
    """Whether libvips does not read this TIFF, or not right."""
    tags = file.tags(_WANTED)
    if not tags:
        return False
    bits, photometric = integer(tags, BITS) or 1, integer(tags, PHOTOMETRIC)
    form, many = _form(tags), (integer(tags, CHANNELS) or 1) > 1
    return (
        (integer(tags, COMPRESSION) or _NONE) not in _OF_LIBVIPS
        or photometric in (MASK, CIELAB, ICCLAB, ITULAB, _MOSAIC, *_LOGARITHMS)
        or (photometric == INKS and integer(tags, CHANNELS) < 4)
        or (photometric == YCBCR and integer(tags, PLANES) == 2)
        or (form != _FLOATS and bits not in ((8, 16) if many else (1, 2, 4, 8, 16)))
        or form not in (_UNSIGNED, _FLOATS)
        or (form == _FLOATS and (bits != 32 or photometric in (WHITE_IS_ZERO, INKS, YCBCR)))
        or (integer(tags, PLANES) == 2 and integer(tags, TILE_WIDTH) > 0)
    )


def decode(file: SourceFile) -> Decoded:
    """Decode one page into memory.

    Raises `ImageError` when it is damaged or of a kind that is not read, `MissingExtra` when it is
    compressed in a way that wants a further library.
    """
    tags = file.tags(REPAIRED | {_XMP, _PHOTOSHOP, _PROFILE} | _RESOLUTION)
    file.limits.check_size(file.name, integer(tags, WIDTH), integer(tags, HEIGHT))
    _check_photometric(file.name, tags)
    if integer(tags, COMPRESSION) == _OLD_JPEG:
        return _old_jpeg(file, tags)
    pixels, pages = _read(file, tags)
    image = _as_image(pixels, tags, file.name)
    for name, tag in {"xmp": _XMP, "photoshop": _PHOTOSHOP, "icc-profile": _PROFILE}.items():
        set_blob(image, f"{name}-data", data_of(tags, tag))
    if ORIENTATION in tags:  # of which libvips takes eight
        turned = integer(tags, ORIENTATION)
        turned = turned if 1 <= turned <= 8 else 1
        image.set_type(pyvips.GValue.gint_type, "orientation", turned)
    return Decoded(image, pages, resolution_of(tags))


def _old_jpeg(file: SourceFile, tags: Directory) -> Decoded:
    """Decode with Pillow, whose libtiff knows the JPEG of TIFF 6.0 that was given up."""
    with extra(f"{file.name}: a TIFF compressed by old-style JPEG", "archive"):
        from PIL import Image
    try:
        with file.opened() as opened, Image.open(opened, formats=["TIFF"]) as image:
            image.seek(file.page)
            pixels = np.asarray(image if image.mode == "L" else image.convert("RGB"))
    except Exception as error:
        raise undecoded(file.name, error) from error
    return Decoded(from_array(pixels), resolution=resolution_of(tags))


def _form(tags: Directory) -> int:
    return integer(tags, SAMPLE_FORMAT) or _UNSIGNED


def _has_fewer_colors(tags: Directory) -> bool:
    """Whether the planes of a YCbCr picture are of several sizes."""
    is_planar = integer(tags, PHOTOMETRIC) == YCBCR and integer(tags, PLANES) == 2
    return is_planar and values(tags, SUBSAMPLING) != [1, 1]


def _check_photometric(name: str, tags: Directory) -> None:
    photometric, form, bits = integer(tags, PHOTOMETRIC), _form(tags), integer(tags, BITS)
    if photometric == _MOSAIC:
        raise ImageError(f"{name}: raw samples of a camera; name it .dng, or develop it first")
    other = photometric in (ITULAB, *_LOGARITHMS) or (
        photometric == INKS and integer(tags, CHANNELS) < 4
    )
    if photometric == MASK or other or (form == _FLOATS and photometric in (YCBCR, CIELAB, ICCLAB)):
        what = "masks" if photometric == MASK else "inks" if photometric == INKS else "colours"
        raise ImageError(f"{name}: a TIFF of {what} of a kind that is not read; save it as RGB")
    if _has_fewer_colors(tags):
        raise ImageError(f"{name}: a TIFF with planes of colours at fewer points; save it as RGB")
    if form == _SIGNED and photometric not in (CIELAB, ICCLAB):
        raise ImageError(f"{name}: signed samples, whose white is not told; save unsigned ones")
    if form not in (_UNSIGNED, _SIGNED, _FLOATS):
        raise ImageError(f"{name}: complex samples, or of an unknown kind; save 8 or 16 bits")
    if form != _FLOATS and bits > 32:
        raise ImageError(f"{name}: samples of {bits} bits; save it with 8 or 16")


def _read(file: SourceFile, tags: Directory) -> tuple[npt.NDArray[Any], int]:
    """Give samples (H, W, C) as they are stored, and how many pages the file has."""
    code = integer(tags, COMPRESSION)
    compression = _COMPRESSIONS.get(code, f"method {code}")
    source = io.BytesIO(file.source) if isinstance(file.source, bytes) else file.source
    try:
        with tifffile.TiffFile(source) as opened:
            page: Any = opened.pages[file.page]
            pixels = page.asarray()
            if page.axes == "SYX":
                pixels = np.moveaxis(pixels, 0, -1)
            elif page.axes not in ("YX", "YXS"):
                raise ImageError(
                    f"{file.name}: the file holds a volume, not a picture; save its slices as pages"
                )
            return pixels.reshape(*pixels.shape[:2], -1), len(opened.pages)
    except ImageError:
        raise
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        if "requires the 'imagecodecs' package" in reason:
            what = f"{file.name}: a TIFF compressed by {compression}"
            if re.search(r"PackInts|packints|FLOAT24|bits", reason):
                what = f"{file.name}: a TIFF of {integer(tags, BITS)} bits"
            raise MissingExtra(what, "archive") from error
        if code not in _OF_LIBVIPS | _COMPRESSIONS.keys():
            what = f"compressed by {compression}, which is not read"
            raise ImageError(f"{file.name}: {what}; {_CONVERT}") from error
        raise undecoded(file.name, error) from error


def _as_image(pixels: npt.NDArray[Any], tags: Directory, name: str) -> Any:
    """Bring samples (H, W, C) to 8 or 16 bits, grey, RGB or inks, alpha last."""
    photometric, bits = integer(tags, PHOTOMETRIC), integer(tags, BITS) or 1
    colors = _COLORS.get(photometric, 1)
    if pixels.shape[2] < colors:
        raise ImageError(
            f"{name}: the file is damaged or cut off ({pixels.shape[2]} channels); "
            "take another copy"
        )
    alpha = alpha_channel(tags)
    chosen = list(range(colors)) + ([] if alpha is None else [alpha])
    if photometric in (CIELAB, ICCLAB):
        return _of_lab(pixels[..., :3], bits, photometric)
    samples = _to_whole(pixels[..., chosen], bits, name)
    if photometric == WHITE_IS_ZERO:
        samples[..., 0] = np.iinfo(samples.dtype).max - samples[..., 0]
    if alpha is not None and _extra(tags)[alpha - colors] == _ASSOCIATED:
        samples = _unmultiplied(samples)
    image = from_array(samples)
    if photometric == YCBCR and integer(tags, COMPRESSION) != _JPEG:  # which is RGB by now
        return _from_ycbcr(image, tags)
    return image.copy(interpretation="cmyk") if photometric == INKS else image


def _to_whole(pixels: npt.NDArray[Any], bits: int, name: str) -> Samples:
    """Make uint8 of up to 8 bits, uint16 of more and of floats in 0..1."""
    if np.issubdtype(pixels.dtype, np.floating):
        return whole_of_floats(pixels, f"{name}: ")
    largest, target = (1 << bits) - 1, np.uint8 if bits <= 8 else np.uint16
    scale = np.iinfo(target).max / largest
    scaled = pixels if scale == 1 else np.rint(pixels * scale)
    whole: npt.NDArray[Any] = scaled.astype(target)
    return whole


def _of_lab(pixels: npt.NDArray[Any], bits: int, photometric: int) -> Any:
    """Make sRGB of CIE L*a*b* under D50, which is what TIFF and ICC profiles mean by it."""
    whole = pixels.astype(np.int64) & ((1 << bits) - 1)
    deep = bits > 8
    if photometric == CIELAB:  # a* and b* are signed
        lightness = whole[..., :1] * (100 / ((1 << bits) - 1))
        signed = (whole[..., 1:] ^ (1 << (bits - 1))) - (1 << (bits - 1))
        lab = np.concatenate([lightness, signed / (1 << (bits - 8))], axis=2)
    else:  # in ICC's way
        white = 65280 if deep else 255
        ab = whole[..., 1:] / (1 << (bits - 8)) - 128
        lab = np.concatenate([whole[..., :1] * (100 / white), ab], axis=2)
    image = from_array(np.zeros((1, 1), np.uint8)).new_from_array(lab.astype(np.float32))
    image = image.copy(interpretation="lab")
    rgb = image.icc_export(output_profile="srgb", pcs="lab", depth=16 if deep else 8)
    rgb = rgb.copy_memory()
    rgb.remove("icc-profile-data")
    return rgb


def _unmultiplied(samples: Samples) -> Samples:
    alpha = samples[..., -1:].astype(np.float64)
    largest = np.iinfo(samples.dtype).max
    colors = samples[..., :-1] * np.divide(
        largest, alpha, where=alpha > 0, out=np.zeros_like(alpha)
    )
    plain = np.concatenate([np.minimum(np.rint(colors), largest), alpha], axis=2)
    whole: npt.NDArray[Any] = plain.astype(samples.dtype)
    return whole


def alpha_channel(tags: Directory) -> int | None:
    """Give the number of the channel that says it is alpha."""
    colors = _COLORS.get(integer(tags, PHOTOMETRIC), 1)
    alphas = [n for n, meaning in enumerate(_extra(tags), colors) if meaning in (1, 2)]
    return alphas[0] if alphas else None


def _extra(tags: Directory) -> list[int]:
    return values(tags, EXTRA_SAMPLES)


def repaired(image: Any, tags: Directory) -> Any:
    """Put right what libvips reads of a TIFF: YCbCr that is not JPEG, channels without meaning."""
    photometric = integer(tags, PHOTOMETRIC)
    colors = _COLORS.get(photometric, 1)
    rgba = integer(tags, CHANNELS) == 3 and image.bands == 4  # libtiff's way of odd pictures
    if photometric == YCBCR and integer(tags, COMPRESSION) not in (_OLD_JPEG, _JPEG) and not rgba:
        image = _from_ycbcr(image, tags)
    if image.bands > colors and photometric in _COLORS.keys() | {WHITE_IS_ZERO, BLACK_IS_ZERO}:
        alpha = alpha_channel(tags)
        plain = image.extract_band(0, n=colors)
        has_alpha = alpha is not None and alpha < image.bands and not rgba
        chosen = plain.bandjoin(image[alpha]) if has_alpha else plain
        image = chosen.copy(interpretation=_interpretation(photometric, image.format))
    return image


def _interpretation(photometric: int, form: str) -> str:
    if photometric == INKS:
        return "cmyk"
    grey = "grey16" if form == "ushort" else "b-w"
    color = "rgb16" if form == "ushort" else "srgb"
    return color if photometric in _COLORS else grey


def _from_ycbcr(image: Any, tags: Directory) -> Any:
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


def with_orientation(file: SourceFile, tags: Directory) -> Path | bytes:
    """Give a file; one whose orientation is none of the eight, as some scanners write, without."""
    if ORIENTATION not in tags or 1 <= integer(tags, ORIENTATION) <= 8:
        return file.source
    data = io.BytesIO(file.data)
    overwrite_short(data, file.page, ORIENTATION, 1)
    return data.getvalue()
