"""How films are encoded: the codecs, their encoders, and the files that may hold them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av

from photochrom.errors import ImageError
from photochrom.image.encoding import SaveOptions
from photochrom.image.formats import format_of
from photochrom.video import WRITTEN
from photochrom.video.pixels import HALF_CHROMA
from photochrom.video.sequence import is_sequence


@dataclass(frozen=True)
class Codec:
    """A codec, and how its encoder is used."""

    encoder: str
    """FFmpeg's name."""
    formats: dict[int, str]
    """Pixel formats by bits a sample; the first is chosen where nobody asks for bits."""
    containers: tuple[str, ...]
    """FFmpeg's names of the formats of files that may hold it."""
    crf: tuple[int, int] | None = None
    """The usual quality and its largest value, lower is finer; None where it has no such."""
    options: dict[str, str] = field(default_factory=dict)
    """Of the encoder."""
    tag: str = ""
    """Four letters that name it in an MP4; players know some codecs by one of several."""
    segment: str = ".mp4"
    """File extension of a segment, whose format keeps times exactly."""
    keeps_bits: bool = False
    """Whether a film of more than 8 bits stays so unasked."""


SEQUENCE = "a sequence"
"""What stands for the format of frames that are files."""
_ANY = ("mp4", "mov", "matroska")
_YUV420 = {8: "yuv420p", 10: "yuv420p10le"}
_X264 = "mbtree=0:b-adapt=0:me=dia:partitions=i8x8,i4x4"
CODECS = {
    # A long lookahead takes memory; with mbtree, now and then a run gives other bytes. The rest of
    # what x264 leaves out takes a third of its time (`benchmarks/film_stages.py`).
    "h264": Codec(
        "libx264",
        _YUV420,
        _ANY,
        (17, 51),
        {"preset": "veryfast", "rc-lookahead": "10", "x264-params": _X264},
    ),
    "h265": Codec(
        "libx265",
        _YUV420,
        _ANY,
        (20, 51),
        {"preset": "veryfast", "x265-params": "log-level=none"},
        tag="hvc1",
    ),
    "av1": Codec(
        "libsvtav1",
        _YUV420,
        ("mp4", "matroska", "webm"),
        (28, 63),
        {"preset": "8"},
        keeps_bits=True,
    ),
    "vp9": Codec(
        "libvpx-vp9",
        {8: "yuv420p"},
        ("webm", "matroska"),
        (24, 63),
        {"b": "0", "cpu-used": "4", "row-mt": "1"},
    ),
    "prores": Codec(
        "prores_ks",
        {10: "yuv422p10le"},
        ("mov", "matroska"),
        options={"profile": "hq"},
        segment=".mov",
        keeps_bits=True,
    ),
    "ffv1": Codec(
        "ffv1",
        {8: "yuv444p", 10: "yuv444p10le"},
        ("matroska",),
        options={"level": "3"},
        segment=".mkv",
        keeps_bits=True,
    ),
}
"""By the names that users give them."""
PNG = Codec(
    "png",
    {8: "rgb24", 16: "rgb48be"},
    (SEQUENCE,),
    segment=".mov",
    keeps_bits=True,
)
"""How frames are stored that become pictures."""


@dataclass(frozen=True)
class Encoding:
    """How one film is encoded."""

    codec: Codec
    crf: int | None
    pixel_format: str
    drops_bits: bool
    """Whether the film has more bits than what is written, and nobody asked for that."""

    @property
    def options(self) -> dict[str, str]:
        """Of the encoder."""
        return self.codec.options | ({} if self.crf is None else {"crf": str(self.crf)})

    @property
    def is_rgb(self) -> bool:
        """Whether samples are stored as they are, not as luma and chroma."""
        return av.VideoFormat(self.pixel_format, 2, 2).is_rgb

    def rows_of_luma(self, bits: int) -> int:
        """Tell how many there are for one of chroma of half the width, and as many bits; else 0.

        10 are as many as 16.
        """
        has, rows = HALF_CHROMA.get(self.pixel_format, (0, 0))
        return rows if has == min(bits, 10) else 0

    def padding(self, width: int, height: int) -> tuple[int, int]:
        """Give how many columns and rows are added, for chroma of half the size is of pairs."""
        layout = av.VideoFormat(self.pixel_format, 2, 2)
        halves = layout.chroma_width(2) == 1, layout.chroma_height(2) == 1
        across, down = (
            side % 2 if half else 0 for side, half in zip((width, height), halves, strict=True)
        )
        return across, down


def encoding(options: SaveOptions, depth: int, target: Path) -> Encoding:
    """Choose how a film of `depth` bits a sample is written to `target`.

    Raises `ImageError` for what the codec, or the format of the file, does not take.
    """
    if is_sequence(target):
        return _of_pictures(options, depth, target)
    container = WRITTEN[target.suffix.lower()]
    name = options.codec or ("vp9" if container == "webm" else "h264")
    if name not in CODECS:
        raise ImageError(f"there is no codec {name!r}; choose one of {', '.join(CODECS)}")
    codec = CODECS[name]
    if container not in codec.containers:
        fitting = [suffix for suffix, one in WRITTEN.items() if one in codec.containers]
        raise ImageError(f"{target}: cannot hold {name}; name it {' or '.join(fitting)}")
    pixel_format = options.pixel_format or _pixel_format(name, codec, options.bits, depth)
    known = [one.name for one in _encoder(codec).video_formats or ()]
    if pixel_format not in known:
        raise ImageError(
            f"{name} has no pixel format {pixel_format!r}; choose one of {', '.join(known)}"
        )
    written = max(one.bits for one in av.VideoFormat(pixel_format, 2, 2).components)
    drops = depth > written and not (options.bits or options.pixel_format)
    return Encoding(codec, _crf(name, codec, options.crf), pixel_format, drops)


def _of_pictures(options: SaveOptions, depth: int, target: Path) -> Encoding:
    if options.codec or options.crf is not None or options.pixel_format:
        raise ImageError(f"{target}: frames are pictures; leave codec, crf and pixel format out")
    is_jpeg = format_of(target) == "jpeg"
    if is_jpeg and (options.bits or 8) > 8:
        raise ImageError(f"{target}: a JPEG has 8 bits; leave bits out, or name them .png or .tif")
    bits = options.bits or (8 if is_jpeg else depth)
    drops = depth > 8 >= bits and not options.bits
    return Encoding(PNG, None, PNG.formats[16 if bits > 8 else 8], drops)


def _pixel_format(name: str, codec: Codec, bits: int | None, depth: int) -> str:
    usual = max(codec.formats) if codec.keeps_bits and depth > 8 else min(codec.formats)
    wanted = bits or usual
    if wanted not in codec.formats:
        others = [one for one, other in CODECS.items() if wanted in other.formats]
        instead = (
            f"for {wanted} bits choose {' or '.join(others)}" if others else "choose one of those"
        )
        written = " or ".join(map(str, codec.formats))
        raise ImageError(f"{name} is written with {written} bits, not {wanted}; {instead}")
    return codec.formats[wanted]


def _crf(name: str, codec: Codec, wanted: int | None) -> int | None:
    if codec.crf is None:
        if wanted is not None:
            raise ImageError(f"{name} has no crf; leave it out")
        return None
    usual, largest = codec.crf
    if wanted is None:
        return usual
    if not 0 <= wanted <= largest:
        raise ImageError(f"the crf of {name} goes from 0 to {largest}, not {wanted}")
    return wanted


def _encoder(codec: Codec) -> Any:
    try:
        return av.Codec(codec.encoder, "w")
    except ValueError as error:
        raise ImageError(
            f"this FFmpeg has no encoder {codec.encoder}; choose another codec"
        ) from error
