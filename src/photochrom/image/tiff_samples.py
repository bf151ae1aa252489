"""TIFF files whose samples libvips does not read, or takes for what they are not.

The kinds of pictures are those of TIFF 6.0 (Adobe, 1992), section 8 and 20 to 23.
"""

import io
import re
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.color.spaces import Samples
from photochrom.errors import ImageError, MissingExtra, PhotochromWarning, extra, undecoded
from photochrom.image.decoded import Decoded, SourceFile, from_array, set_blob
from photochrom.image.profiles import whole_of_floats
from photochrom.image.tiff_colors import (
    BLACK_AND_WHITE,
    COEFFICIENTS,
    from_ycbcr,
    of_lab,
    of_palette,
    unmultiplied,
)
from photochrom.image.tiff_tags import (
    Directory,
    data_of,
    integer,
    resolution_of,
    values,
)

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
CHANNELS, PLANES, TILE_WIDTH, EXTRA_SAMPLES, SAMPLE_FORMAT = 277, 284, 322, 338, 339
ORIENTATION, SUBSAMPLING, COLOR_MAP = 274, 530, 320
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
_FAX = (2, 3, 4)
_SHORT = 3  # of a tag's types
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
        or PHOTOMETRIC not in tags
        or (photometric == PALETTE and many)
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
    tags = file.tags(REPAIRED | {COLOR_MAP, _XMP, _PHOTOSHOP, _PROFILE} | _RESOLUTION)
    file.limits.check_size(file.name, integer(tags, WIDTH), integer(tags, HEIGHT))
    if PHOTOMETRIC not in tags:
        _guess_photometric(file.name, tags)
    _check_photometric(file.name, tags)
    if integer(tags, COMPRESSION) == _OLD_JPEG:
        try:
            return _old_jpeg(file, tags)
        except ImageError:
            if integer(tags, PHOTOMETRIC) != BLACK_IS_ZERO:
                raise
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


def _guess_photometric(name: str, tags: Directory) -> None:
    """Take the colours that are likely where a file does not tell of which kind its samples are."""
    channels = integer(tags, CHANNELS) or 1
    photometric, words = BLACK_IS_ZERO, "grey"
    if channels >= 3:
        is_rgb = channels == 3 or EXTRA_SAMPLES in tags
        photometric, words = (RGB, "RGB") if is_rgb else (INKS, "CMYK")
    elif integer(tags, COMPRESSION) in _FAX:
        photometric, words = WHITE_IS_ZERO, "black on white"
    tags[PHOTOMETRIC] = _SHORT, photometric.to_bytes(2, "little")
    warnings.warn(
        f"{name}: the file does not say which colours its samples are; taken for {words}",
        PhotochromWarning,
        stacklevel=2,
    )


def _form(tags: Directory) -> int:
    return integer(tags, SAMPLE_FORMAT) or _UNSIGNED


def _has_fewer_colors(tags: Directory) -> bool:
    """Whether the planes of a YCbCr picture are of several sizes."""
    is_planar = integer(tags, PHOTOMETRIC) == YCBCR and integer(tags, PLANES) == 2
    return is_planar and values(tags, SUBSAMPLING) != [1, 1]


def _check_photometric(name: str, tags: Directory) -> None:
    photometric, form, bits = integer(tags, PHOTOMETRIC), _form(tags), integer(tags, BITS)
    if photometric == _MOSAIC:
        raise ImageError(
            f"{name}: holds raw samples of a camera; name it .dng, or develop it first"
        )
    other = photometric in (ITULAB, *_LOGARITHMS) or (
        photometric == INKS and integer(tags, CHANNELS) < 4
    )
    if photometric == MASK or other or (form == _FLOATS and photometric in (YCBCR, CIELAB, ICCLAB)):
        what = "masks" if photometric == MASK else "inks" if photometric == INKS else "colours"
        raise ImageError(f"{name}: a TIFF of {what} of a kind that is not read; save it as RGB")
    is_mixed = integer(tags, CHANNELS) > 1 and integer(tags, PLANES) != 2
    if integer(tags, COMPRESSION) in _FAX and is_mixed:
        raise ImageError(f"{name}: a fax of several colours is not read; save it as RGB")
    if _has_fewer_colors(tags):
        raise ImageError(
            f"{name}: a TIFF of YCbCr in planes that differ in size is not read; save it as RGB"
        )
    if form == _SIGNED and photometric not in (CIELAB, ICCLAB):
        raise ImageError(
            f"{name}: its samples are signed, and which of them is white is not known; save it "
            "with unsigned ones"
        )
    if form not in (_UNSIGNED, _SIGNED, _FLOATS):
        raise ImageError(
            f"{name}: its samples are complex numbers, or unknown; save it with 8 or 16 bits"
        )
    if form != _FLOATS and bits > 32:
        raise ImageError(f"{name}: its samples have {bits} bits; save it with 8 or 16")


def _read(file: SourceFile, tags: Directory) -> tuple[npt.NDArray[Any], int]:
    """Give samples (H, W, C) as they are stored, and how many pages the file has."""
    import tifffile  # which is slow to load, and most pictures need no more than libvips

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
        rgb = of_lab(pixels[..., :3], bits, photometric == ICCLAB)
        return rgb if alpha is None else rgb.bandjoin(from_array(pixels[..., alpha]))
    samples = _to_whole(pixels[..., chosen], bits, name)
    if photometric == PALETTE:
        shown = of_palette(pixels[..., 0], values(tags, COLOR_MAP))
        behind = samples[..., 1:] >> (8 if samples.dtype == np.uint16 else 0)
        samples = np.concatenate([shown, behind.astype(np.uint8)], axis=2)
    if photometric == WHITE_IS_ZERO:
        samples[..., 0] = np.iinfo(samples.dtype).max - samples[..., 0]
    if alpha is not None and _extra(tags)[alpha - colors] == _ASSOCIATED:
        samples = unmultiplied(samples)
    image = from_array(samples)
    if photometric == YCBCR and integer(tags, COMPRESSION) != _JPEG:  # which is RGB by now
        return from_ycbcr(image, tags)
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
        image = from_ycbcr(image, tags)
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


def wrong_values(tags: Directory) -> dict[int, int]:
    """Give what tags have to say instead: an orientation that is none of the eight is upright."""
    if ORIENTATION not in tags or 1 <= integer(tags, ORIENTATION) <= 8:
        return {}
    return {ORIENTATION: 1}
