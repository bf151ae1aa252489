"""Small files of every file_format that is read, drawn by code: what `fuzz.py` damages."""

import io
import sys
from fractions import Fraction
from pathlib import Path

import av
import imagecodecs
import numpy as np
import pyvips
import skimage.data
import tifffile
from PIL import Image

from photochrom.image.tiff_tags import EXIF, IPTC, add_tags

sys.path.insert(0, str(Path(__file__).parents[1]))
from helpers.heic import heic

CAMERA, ASTRONAUT = skimage.data.camera()[::8, ::8], skimage.data.astronaut()[::8, ::8]
FORMATS = {
    "jpeg": {},
    "png": {},
    "tiff": {"compression": "tiff_lzw"},
    "webp": {},
    "avif": {"speed": 10},
}
Seed = tuple[str, bytes]
"""The extension of a file's name, and its bytes."""


def seeds() -> list[Seed]:
    """Make all of them."""
    raw = ".dng", dng(np.full((64, 64), 9999))
    return [
        *plain(),
        *pages(),
        *layouts(),
        described(),
        *in_color(),
        raw,
        *films(),
        *of_extras(),
        *of_cameras(),
        *unusual_tiffs(),
        *animations(),
    ]


def plain() -> list[Seed]:
    """Make a file of each file_format, grey and in colour, with metadata."""
    found = []
    for file_format, options in FORMATS.items():
        for picture in (CAMERA, ASTRONAUT):
            exif = Image.Exif()
            exif[0x0112], exif[0x010E] = 6, "a letter"
            found.append(_pillow(Image.fromarray(picture), file_format, exif=exif, **options))
    return found


def pages() -> list[Seed]:
    """Make documents of several pages: a TIFF and a PDF."""
    first, *others = (Image.fromarray(page) for page in (CAMERA, ASTRONAUT, CAMERA[:, ::2]))
    options = {"save_all": True, "append_images": others}
    return [_pillow(first, file_format, **options) for file_format in ("tiff", "pdf")]


def layouts() -> list[Seed]:
    """Make what archives have: 16 bits, floats, tiles, pyramids, BigTIFF, interlaced pictures."""
    grey, deep = pyvips.Image.new_from_array(CAMERA), CAMERA.astype(np.uint16) * 257
    large = grey.replicate(8, 8)
    return [
        (".tif", _tiff(CAMERA / np.float32(255), compression="zlib")),
        (".tif", _tiff(CAMERA / 255)),
        (".tif", _tiff(deep, tile=(32, 32), bigtiff=True)),
        (".tif", _tiff(deep, byteorder=">")),
        (".tif", large.tiffsave_buffer(tile=True, pyramid=True, compression="deflate")),
        (".tif", large.tiffsave_buffer(tile=True, pyramid=True, subifd=True, compression="lzw")),
        _pillow(Image.fromarray(deep), "png"),
        (".png", grey.pngsave_buffer(interlace=True)),
        (".jpg", grey.jpegsave_buffer(interlace=True)),
    ]


def described() -> Seed:
    """Make a TIFF with IPTC and EXIF, whose time is in a directory of its own."""
    file = io.BytesIO(_tiff(CAMERA, metadata=None))
    inner = {0x9003: (2, b"1910:05:01 12:00:00\0")}
    add_tags(file, [{IPTC: (7, b"\x1c\x02\x78\x00\x07a child"), EXIF: inner}])
    return ".tif", file.getvalue()


def in_color() -> list[Seed]:
    """Make what keeps colour otherwise: profiles, inks, palettes."""
    wide = pyvips.Image.new_from_array(ASTRONAUT).copy(interpretation="srgb")
    wide = wide.icc_transform("p3", input_profile="srgb")
    inks, palette = (Image.fromarray(ASTRONAUT).convert(mode) for mode in ("CMYK", "P"))
    saved = [
        (f".{file_format}", wide.write_to_buffer(f".{file_format}"))
        for file_format in ("jpg", "png", "tif")
    ]
    return [
        *saved,
        _pillow(inks, "jpeg"),
        _pillow(inks, "tiff"),
        _pillow(palette, "png", transparency=3),
        _pillow(palette, "tiff"),
    ]


def of_extras() -> list[Seed]:
    """Make what other libraries than libvips read: HEIC, JPEG 2000, JPEG XL, BMP, PNM, TGA."""
    deep = imagecodecs.jpeg_encode(CAMERA.astype(np.uint16) * 16, bitspersample=12)
    color = Image.fromarray(ASTRONAUT)
    return [
        (".heic", heic(ASTRONAUT)),
        (".heic", heic(CAMERA, alpha=CAMERA, turns=1)),
        (".jp2", imagecodecs.jpeg2k_encode(ASTRONAUT, level=30)),
        (".j2k", imagecodecs.jpeg2k_encode(CAMERA, codecformat="j2k")),
        (".jp2", _pillow(color.convert("CMYK"), "jpeg2000")[1]),
        (".jxl", imagecodecs.jpegxl_encode(ASTRONAUT)),
        (".jpg", deep),
        (".tif", _tiff(CAMERA, compression="zstd")),
        (".tif", _tiff(ASTRONAUT, photometric="cielab")),
        *(_pillow(color, file_format) for file_format in ("bmp", "tga")),
        (".ppm", _pillow(color, "ppm")[1]),
    ]


def of_cameras() -> list[Seed]:
    """Make what phones and cameras add to a JPEG: a gain map, and a second picture (MPO)."""
    color = pyvips.Image.new_from_array(ASTRONAUT).copy(interpretation="srgb")
    two = {"save_all": True, "append_images": [Image.fromarray(CAMERA)]}
    return [
        (".jpg", color.colourspace("scrgb").uhdrsave_buffer()),
        (".jpg", _pillow(Image.fromarray(ASTRONAUT), "mpo", **two)[1]),
    ]


def unusual_tiffs() -> list[Seed]:
    """Make what scanners write: faxes, YCbCr, planes, samples of 12 bits, tiles of Zstandard."""
    fax, ycbcr = Image.fromarray(CAMERA > 128), Image.fromarray(ASTRONAUT).convert("YCbCr")
    planes = np.moveaxis(ASTRONAUT, 2, 0)
    return [
        _pillow(fax, "tiff", compression="group4"),
        _pillow(ycbcr, "tiff"),
        _pillow(Image.fromarray(ASTRONAUT), "tiff", compression="jpeg"),
        (".tif", _tiff(planes, photometric="rgb", planarconfig="separate")),
        (".tif", _tiff(CAMERA.astype(np.uint16) * 16, bitspersample=12)),
        (".tif", _tiff(ASTRONAUT, tile=(32, 32), compression="zstd", predictor=True)),
    ]


def animations() -> list[Seed]:
    """Make moving pictures of three frames: GIF, WebP, PNG, AVIF."""
    frames = [Image.fromarray(np.roll(ASTRONAUT, shift, axis=1)) for shift in (0, 8, 16)]
    options = {"save_all": True, "append_images": frames[1:], "duration": 80}
    exif, profile = Image.Exif(), bytes(pyvips.Operation.call("profile_load", "p3"))
    exif[0x0112] = 6
    return [
        *(_pillow(frames[0], file_format, **options) for file_format in ("gif", "webp", "png")),
        _pillow(frames[0], "avif", speed=10, **options),
        _pillow(frames[0], "png", exif=exif, icc_profile=profile, dpi=(300, 300), **options),
        _pillow(Image.fromarray(CAMERA), "gif"),
    ]


def films() -> list[Seed]:
    """Make short films, with sound and without."""
    return [
        film("mp4", "libx264", "yuv420p", "aac"),
        film("mkv", "ffv1", "gray", "pcm_s16le"),
        film("avi", "mpeg4", "yuv420p", None),
        film("mov", "mjpeg", "yuvj420p", None),
    ]


def film(extension: str, codec: str, pixels: str, sound: str | None) -> Seed:
    """Make a film of six frames, 64 x 48."""
    file = io.BytesIO()
    file.name = f"film.{extension}"  # which tells the format
    with av.open(file, "w") as out:
        stream = out.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        tone = out.add_stream(sound, rate=8000) if sound else None
        for number in range(6):
            window = np.roll(CAMERA, -number, axis=1)[8:56].copy()
            frame = av.VideoFrame.from_ndarray(window, format="gray").reformat(format=pixels)
            frame.pts, frame.time_base = number, Fraction(1, 24)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if tone:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 2000), np.int16), "s16", "mono")
            silence.sample_rate = 8000
            out.mux([*tone.encode(silence), *tone.encode(None)])
    return f".{extension}", file.getvalue()


def dng(mosaic: np.ndarray) -> bytes:
    """Make the smallest DNG that is one: a Bayer mosaic, (H, W), of 16 bits."""
    matrix = [(value, 10_000) for value in (32405, -15371, -4985, -9693, 18760, 416, 556, -2040)]
    matrix = [part for pair in [*matrix, (10572, 10_000)] for part in pair]
    tags = [
        (271, "s", 0, "Drawn by code", True),  # Make
        (50706, "B", 4, (1, 4, 0, 0), True),  # DNGVersion
        (50708, "s", 0, "Drawn by code", True),  # UniqueCameraModel
        (33421, "H", 2, (2, 2), True),  # CFARepeatPatternDim
        (33422, "B", 4, (0, 1, 1, 2), True),  # CFAPattern
        (50717, "I", 1, 65535, True),  # WhiteLevel
        (50721, "2i", 9, matrix, True),  # ColorMatrix1
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True),  # AsShotNeutral
    ]
    return _tiff(mosaic.astype(np.uint16), photometric="cfa", extratags=tags, metadata=None)


def _pillow(image: Image.Image, file_format: str, **options: object) -> Seed:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return f".{file_format}", file.getvalue()


def _tiff(pixels: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()
