"""Reading and writing films. With `interlacing.py` the only place that knows FFmpeg (PyAV)."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from photochrom.color import Samples
from photochrom.errors import ImageError
from photochrom.film import WRITTEN
from photochrom.film.interlacing import is_combed, whole
from photochrom.toning import has_colour

PART_ENDING = ".mp4"
"""Of files that hold a part of a film."""
_EXACT = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
_EXACT |= Interpolation.FULL_CHR_H_INP | Interpolation.FULL_CHR_H_INT  # of 4:2:0, all chroma
_BT709 = 1  # of the coefficients, in ITU-T H.273
_SLOWEST, _USUAL, _FASTEST = Fraction(1), Fraction(25), Fraction(120)  # frames a second
_X264 = {"preset": "veryfast", "rc-lookahead": "10", "x264-params": "mbtree=0"}
"""A long lookahead takes memory; with mbtree, now and then a run gives other bytes."""
_CONTAINERS = "mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,ogg,dv"
_COVER = av.stream.Disposition.attached_pic
_GLANCES = (0, 25, 50, 75, 100)  # frames that are looked at for colours


@dataclass(frozen=True)
class Frame:
    """A frame, upright."""

    samples: Samples
    """Grey, full range: (H, W) uint8 or uint16."""
    number: int
    """In the film, from 0."""
    time: int
    """When it is shown, in the film's `time_base`."""


class Film:
    """A film whose first frame has been read.

    Raises `ImageError` when it is none, is damaged, or has frames of more than `most_pixels`.
    """

    def __init__(self, path: Path, most_pixels: int | None = None) -> None:
        self.path = path
        with self._opened() as (container, stream):
            context, rate = stream.codec_context, stream.average_rate
            size = context.width * context.height
            if most_pixels is not None and size > most_pixels:
                raise ImageError(f"{path}: {size:,} pixels a frame, the limit is {most_pixels:,}")
            first = next(container.decode(stream), None)
            if first is None:
                raise ImageError(f"{path}: a film without a frame")
            self.rate: Fraction = rate if rate and _SLOWEST <= rate <= _FASTEST else _USUAL
            """Frames a second, about."""
            self.time_base: Fraction = stream.time_base
            shape = context.sample_aspect_ratio or Fraction(1)
            self.shape_of_pixels: Fraction = 1 / shape if _quarters(first) % 2 else shape
            """Width of a pixel to its height, upright."""
            self.bits = 16 if first.format.components[0].bits > 8 else 8
            """Of the samples."""
            self._seconds = float(container.duration or 0) / av.time_base
            self.length: int = stream.frames or round(self._seconds * self.rate)
            """Frames in all, as far as the file tells; 0 where it does not."""
            self.height, self.width = self._grey(first).shape
        self.is_interlaced: bool = bool(first.interlaced_frame) and self._is_combed()
        """Whether frames are two moments each, and are made whole."""

    def frames(self, start: int = 0) -> Iterator[Frame]:
        """Decode frames in their order, from number `start`.

        Raises `ImageError` where one is damaged.
        """
        last, shape = None, None
        step = max(1, round(1 / (self.rate * self.time_base)))
        with self._opened() as (container, stream):
            decoded = container.decode(stream)
            if self.is_interlaced:
                decoded = whole(decoded, stream)
            for number, frame in enumerate(decoded):
                shape = shape or (frame.height, frame.width)
                if shape != (frame.height, frame.width):
                    raise ImageError(f"{self.path}: its frames have several sizes")
                time = frame.pts if frame.pts is not None else frame.dts
                if time is None or (last is not None and time <= last):
                    time = 0 if last is None else last + step
                last = time
                if number >= start:
                    yield Frame(self._grey(frame), number, time)

    def has_colour(self) -> bool:
        """Whether frames near the beginning have colours, beyond the tint of all of it."""
        smalls = self._stills(128, 96, _GLANCES)
        return any(has_colour(small / np.float32(255)) for small in smalls)

    def still(self, short_side: int) -> npt.NDArray[np.uint8]:
        """Give a frame from the first third, in its own colours: sRGB, (H, W, 3)."""
        scale = short_side / min(self.width, self.height)
        width, height = (max(1, round(side * scale)) for side in (self.width, self.height))
        try:
            return next(self._stills(width, height, (0,), self._seconds / 3))
        except (ImageError, StopIteration):  # where no moment can be looked up
            return list(self._stills(width, height, _GLANCES[:2]))[-1]

    def _is_combed(self) -> bool:
        """Whether it shows: films on television discs often say that they are, and are not."""
        return any(is_combed(_grey_of(frame)) for frame in self._some(_GLANCES))

    def _stills(
        self, width: int, height: int, numbers: Collection[int], after: float = 0.0
    ) -> Iterator[npt.NDArray[np.uint8]]:
        """Decode those of some frames that there are, as sRGB, (height, width, 3)."""
        for frame in self._some(numbers, after):
            quarters = _quarters(frame)
            stored = (height, width) if quarters % 2 else (width, height)
            rgb = frame.reformat(*stored, "rgb24", interpolation=_EXACT).to_ndarray()
            yield np.ascontiguousarray(np.rot90(rgb, quarters))

    def _some(self, numbers: Collection[int], after: float = 0.0) -> Iterator[Any]:
        """Decode those of some frames that there are, as they are stored.

        They are counted from one that can be looked up, at most `after` seconds from the first.
        """
        with self._opened() as (container, stream):
            if after:
                container.seek(int(after * av.time_base))
            frames = enumerate(islice(container.decode(stream), max(numbers) + 1))
            yield from (frame for number, frame in frames if number in numbers)

    def _grey(self, frame: Any) -> Samples:
        grey = _grey_of(frame, "gray16le" if self.bits == 16 else "gray")
        return np.ascontiguousarray(np.rot90(grey, _quarters(frame)))

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        with _explained(self.path), _open(self.path) as container:
            pictures = [one for one in container.streams.video if not one.disposition & _COVER]
            if not pictures or pictures[0].codec_context is None:
                raise ImageError(f"{self.path}: no film; it has no moving pictures of a known kind")
            pictures[0].thread_type = "AUTO"
            yield container, pictures[0]


def _grey_of(frame: Any, kind: str = "gray") -> Any:
    """Give a frame as it is stored, in grey."""
    return frame.reformat(format=kind, interpolation=_EXACT).to_ndarray()


def _quarters(frame: Any) -> int:
    """How many quarters of a turn to the left bring a frame upright."""
    quarters: int = round(frame.rotation / 90)
    return quarters


def _open(path: Path) -> Any:
    """Open a film: a file of this machine, and no list of others that may be anywhere."""
    options = {"protocol_whitelist": "file", "format_whitelist": _CONTAINERS}
    return av.open(f"file:{path}", options=options, metadata_errors="replace")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn FFmpeg's errors into one line about a film that is read."""
    try:
        yield
    except FileNotFoundError as error:
        raise ImageError(f"{path}: no such file") from error
    except av.FFmpegError as error:
        raise ImageError(f"{path}: no film, or a damaged one ({error.strerror})") from error


def write_part(
    path: Path, film: Film, frames: Iterable[tuple[Samples, int]], *, crf: int, threads: int
) -> None:
    """Encode sRGB frames, (H, W, 3), and their times, as H.264 with BT.709 colours, without sound.

    They are to be 4:2:0, so that every player shows them, or 4:4:4 where a side is odd. Raises
    `OSError` where the file cannot be written.
    """
    odd = film.width % 2 or film.height % 2
    form = ("yuv444p" if odd else "yuv420p") + ("10le" if film.bits == 16 else "")
    with _writing(path), av.open(str(path), "w", format="mp4") as file:
        stream: Any = file.add_stream("libx264", rate=film.rate)
        stream.width, stream.height, stream.pix_fmt = film.width, film.height, form
        stream.time_base = stream.codec_context.time_base = film.time_base
        stream.codec_context.sample_aspect_ratio = film.shape_of_pixels
        stream.codec_context.colorspace = stream.codec_context.color_primaries = _BT709
        stream.codec_context.color_trc = _BT709
        stream.codec_context.color_range = ColorRange.MPEG
        stream.codec_context.thread_count, stream.thread_type = threads, "FRAME"
        stream.options = {"crf": str(crf), **_X264}
        for rgb, time in frames:
            kind = "rgb48le" if rgb.dtype == np.uint16 else "rgb24"
            frame = av.VideoFrame.from_ndarray(rgb, format=kind).reformat(
                format=form,
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                interpolation=_EXACT,
            )
            frame.pts, frame.time_base = time, film.time_base
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def check_sound(film: Film, target: Path) -> None:
    """Raise `ImageError` where a format, told by a name's ending, cannot hold the film's sound.

    `target` is written to.
    """
    with _writing(target), _open(film.path) as source:
        if kept := _kept(source):
            with av.open(str(target), "w", format=WRITTEN[target.suffix.lower()]) as out:
                _copies(out, kept, film.path)


def join(film: Film, parts: list[Path], target: Path, note: str) -> None:
    """Write parts, one after the other, with the film's sound, subtitles and metadata, as a file.

    `note` is the film's comment. Raises `ImageError` as `check_sound` does, and `OSError` where the
    file cannot be written.
    """
    kind = WRITTEN[target.suffix.lower()]
    options = {} if kind == "matroska" else {"movflags": "faststart"}
    with (
        _writing(target),
        _open(film.path) as source,
        _open(parts[0]) as first,
        av.open(str(target), "w", format=kind, options=options) as out,
    ):
        out.metadata.update(source.metadata | ({"comment": note} if note else {}))
        out.set_chapters(source.chapters())
        pictures = out.add_stream_from_template(first.streams.video[0])
        kept = _kept(source)
        copies = _copies(out, kept, film.path)
        for packet in merge(_pictures(parts), _others(source, kept), key=_when):
            packet.stream = copies.get(packet.stream, pictures)
            out.mux(packet)


def _kept(source: Any) -> list[Any]:
    """Give the streams of a film that are kept as they are."""
    return [one for one in source.streams if one.type in ("audio", "subtitle")]


def _copies(out: Any, streams: list[Any], path: Path) -> dict[Any, Any]:
    """Make room for streams in a file; give each one's place."""
    try:
        copies = {one: out.add_stream_from_template(one) for one in streams}
        for one, copy in copies.items():
            copy.metadata.update(one.metadata)  # such as the language
        out.start_encoding()
    except (ValueError, av.FFmpegError) as error:
        codecs = ", ".join(sorted({_codec(one) for one in streams}))
        wanted = "take them out first" if out.format.name == "matroska" else "name it .mkv"
        raise ImageError(
            f"{path}: its sound or subtitles ({codecs}) do not fit such a file; {wanted}"
        ) from error
    return copies


def _codec(stream: Any) -> str:
    return stream.codec_context.name if stream.codec_context else "of no known kind"


def _pictures(parts: list[Path]) -> Iterator[Any]:
    """Give the packets of all parts, in the order in which they are decoded."""
    last = None
    for part in parts:
        with _open(part) as file:
            for packet in file.demux(file.streams.video[0]):
                if packet.dts is None:
                    continue
                if last is not None and packet.dts <= last:
                    packet.dts = last + 1
                last = packet.dts
                yield packet


def _others(source: Any, streams: list[Any]) -> Iterator[Any]:
    """Give the packets of some of a film's streams."""
    for packet in source.demux(*streams) if streams else ():
        if packet.dts is not None:
            yield packet


def _when(packet: Any) -> Fraction:
    return Fraction(packet.dts * packet.time_base)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn FFmpeg's errors into the system's, about a file that is written."""
    try:
        yield
    except av.FFmpegError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
