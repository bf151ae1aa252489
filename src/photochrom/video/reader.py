"""Reading films, through FFmpeg (PyAV)."""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Interpolation

from photochrom.color.spaces import Samples
from photochrom.color.toning import has_color
from photochrom.errors import ImageError
from photochrom.image import shrink
from photochrom.video.deinterlacing import is_combed, whole
from photochrom.video.excerpt import WHOLE, Excerpt
from photochrom.video.timecode import LATE

EXACT = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
EXACT |= Interpolation.FULL_CHR_H_INP | Interpolation.FULL_CHR_H_INT  # of 4:2:0, all chroma
"""How frames are brought from one form to another."""
_SLOWEST, _USUAL, _FASTEST = Fraction(1), Fraction(25), Fraction(120)  # frames a second
_CONTAINERS = "mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,ogg,dv"
_COVER = av.stream.Disposition.attached_pic
_RUN_UP = 1.0  # seconds before an excerpt from which on frames are decoded
_GLANCES = (0, 25, 50, 75, 100)  # frames that are searched for colours


@dataclass(frozen=True)
class Frame:
    """A frame, upright."""

    samples: Samples
    """Grey, full range: (H, W) uint8 or uint16."""
    number: int
    """In the film, from 0."""
    time: int
    """When it is shown, in the film's `time_base`."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.samples.shape[1], self.samples.shape[0]

    def thumbnail(self, width: int, height: int) -> Samples:
        """Shrink the frame: (height, width) samples."""
        return shrink(self.samples, width, height)


class Film:
    """A film whose first frame has been read.

    With an excerpt its frames are those of that time alone. Raises `ImageError` when it is no film,
    is damaged, has frames of more than `max_pixels`, or ends before the excerpt does.
    """

    def __init__(self, path: Path, max_pixels: int | None = None, excerpt: Excerpt = WHOLE) -> None:
        self.path, self.excerpt = path, excerpt
        with self._opened() as (container, stream):
            context, rate = stream.codec_context, stream.average_rate
            size = context.width * context.height
            if max_pixels is not None and size > max_pixels:
                raise ImageError(
                    f"{path}: its frames have {size:,} pixels, the limit is {max_pixels:,}; "
                    "shrink it"
                )
            first = next(container.decode(stream), None)
            if first is None:
                raise ImageError(f"{path}: the film holds no frame; take another copy")
            self.rate: Fraction = rate if rate and _SLOWEST <= rate <= _FASTEST else _USUAL
            """Frames a second, about."""
            self.time_base: Fraction = stream.time_base
            shape = context.sample_aspect_ratio or Fraction(1)
            self.shape_of_pixels: Fraction = 1 / shape if _quarters(first) % 2 else shape
            """Width of a pixel to its height, upright."""
            self.depth: int = first.format.components[0].bits
            """Bits of the film's samples,"""
            self.bits = 16 if self.depth > 8 else 8
            """and of those that are given here."""
            self.codec: str = context.name
            """FFmpeg's name of it."""
            self.seconds: float = _seconds(container, stream)
            """How long it is, as far as the file tells; 0 where it does not."""
            self.is_counted = bool(stream.frames)
            """Whether the file tells how many frames it has; else `length` is about right."""
            self.length: int = stream.frames or round(self.seconds * self.rate)
            """Frames in all; 0 where nothing tells."""
            self.origin = max(Fraction(0), Fraction(container.start_time or 0, av.time_base))
            """When it begins, in seconds: films out of broadcasts and discs begin at any time."""
            if excerpt:
                excerpt.check(path, self.seconds)
                wanted = (excerpt.end or self.seconds) - (excerpt.start or 0)
                self.length = max(0, round(wanted * self.rate))
            self.sound: tuple[str, ...] = tuple(
                one.codec_context.name for one in container.streams.audio if one.codec_context
            )
            """Codecs of its sound tracks."""
            self.height, self.width = self._grey(first).shape
            tags = {key.lower(): value for key, value in container.metadata.items()}
            self.comment: str = tags.get("comment", "")
            """Where a coloured film says how it was made."""
        self.is_interlaced: bool = bool(first.interlaced_frame) and self._is_combed()
        """Whether frames are two moments each, and are made whole."""

    def frames(self, start: int = 0) -> Iterator[Frame]:
        """Decode frames in their order, from number `start`.

        Raises `ImageError` where one is damaged.
        """
        last, shape, number = None, None, 0
        step = max(1, round(1 / (self.rate * self.time_base)))
        with self._opened() as (container, stream):
            decoded = self._decoded(container, stream)
            if self.is_interlaced:
                decoded = whole(decoded, stream)
            for frame in decoded:
                shape = shape or (frame.height, frame.width)
                if shape != (frame.height, frame.width):
                    raise ImageError(
                        f"{self.path}: its frames have several sizes; convert it to one size first"
                    )
                time = frame.pts if frame.pts is not None else frame.dts
                if time is None or (last is not None and time <= last):
                    time = 0 if last is None else last + step
                last = time
                moment = time * self.time_base - self.origin
                if self.excerpt.holds(moment):
                    if number >= start:
                        yield Frame(self._grey(frame), number, time)
                    number += 1
                elif number:
                    return

    def _decoded(self, container: Any, stream: Any) -> Iterator[Any]:
        """Decode frames in their order, those of an excerpt from a little before it on."""
        if not self.excerpt.start:
            yield from container.decode(stream)
            return
        wanted = float(self.origin) + self.excerpt.start
        container.seek(int(max(wanted - _RUN_UP, 0) * av.time_base))
        frames = container.decode(stream)
        first = next(frames, None)
        if first is None or first.time is None or first.time > wanted:
            container.seek(container.start_time or 0)  # it cannot be looked up
            frames = container.decode(stream)
        else:
            yield first
        yield from frames

    def near(self, times: Iterable[float], slack: float) -> Iterator[tuple[float, Frame]]:
        """Decode, for each time in seconds, a frame at most `slack` before it; give its time, too.

        It is one that can be looked up without decoding others, if there is one.
        """
        with self._opened() as (container, stream):
            for number, wanted in enumerate(times):
                earliest = max(self.excerpt.start or 0.0, wanted - slack) - LATE
                container.seek(int((float(self.origin) + wanted) * av.time_base))
                frame, moment = None, 0.0
                for frame in container.decode(stream):
                    moment = float(frame.time or 0) - float(self.origin)
                    if moment >= earliest:
                        break
                if frame is not None:
                    yield moment, Frame(self._grey(frame), number, frame.pts or 0)

    def seconds_of(self, frame: Frame) -> float:
        """Tell when a frame is shown, in seconds after the film's beginning."""
        return float(frame.time * self.time_base - self.origin)

    def measured(self) -> tuple[int, float]:
        """Count frames, and give how many seconds they last, by reading the whole file.

        Nothing is decoded. Some files tell neither, and what they tell may be a guess.
        """
        with self._opened() as (container, stream):
            shown = [
                (packet.pts, packet.duration or 0)
                for packet in container.demux(stream)
                if packet.size
            ]
        if any(time is None for time, _ in shown):  # as in MPEG's program streams
            return len(shown), float(len(shown) / self.rate)
        begin, end = min(shown)[0], max(map(sum, shown))
        return len(shown), float((end - begin) * self.time_base)

    def has_color(self) -> bool:
        """Whether frames near the beginning have colours, beyond the tint of all of it."""
        smalls = self._stills(128, 96, _GLANCES, self.excerpt.start or 0.0)
        return any(has_color(small / np.float32(255)) for small in smalls)

    def still(self, short_side: int, at: float | None = None) -> npt.NDArray[np.uint8]:
        """Give the frame at so many seconds, or else one from the first third: sRGB, (H, W, 3)."""
        scale = short_side / min(self.width, self.height)
        width, height = (max(1, round(side * scale)) for side in (self.width, self.height))
        if at is not None:
            return self._at(at, width, height)
        try:
            return next(self._stills(width, height, (0,), self.seconds / 3))
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
            yield _upright(frame, width, height)

    def _at(self, seconds: float, width: int, height: int) -> npt.NDArray[np.uint8]:
        """Decode the frame that is shown at a time, or the last, as sRGB, (height, width, 3)."""
        with self._opened() as (container, stream):
            wanted = float((stream.start_time or 0) * stream.time_base) + seconds
            container.seek(int(wanted * av.time_base))
            shown = None
            for frame in container.decode(stream):
                if shown is not None and frame.time is not None and frame.time > wanted + LATE:
                    break
                shown = frame
            if shown is None:
                raise ImageError(f"{self.path}: the film holds no frame; take another copy")
            return _upright(shown, width, height)

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
        with _explained(self.path), open_container(self.path) as container:
            pictures = [one for one in container.streams.video if not one.disposition & _COVER]
            if not pictures or pictures[0].codec_context is None:
                raise ImageError(
                    f"{self.path}: the file has no moving pictures of a known kind; "
                    "convert it to MP4"
                )
            pictures[0].thread_type = "AUTO"
            yield container, pictures[0]


def _upright(frame: Any, width: int, height: int) -> npt.NDArray[np.uint8]:
    """Give a frame as sRGB, (height, width, 3)."""
    quarters = _quarters(frame)
    stored = (height, width) if quarters % 2 else (width, height)
    rgb = frame.reformat(*stored, "rgb24", interpolation=EXACT).to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, quarters))


def _grey_of(frame: Any, pixel_format: str = "gray") -> Any:
    """Give a frame as it is stored, in grey."""
    return frame.reformat(format=pixel_format, interpolation=EXACT).to_ndarray()


def _seconds(container: Any, stream: Any) -> float:
    """Give how long the moving pictures of a film last; its sound may be longer."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    if said := re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", stream.metadata.get("DURATION", "")):
        hours, minutes, seconds = map(float, said.groups())  # in Matroska, when the last one ends
        begin = float((stream.start_time or 0) * stream.time_base)
        return 3600 * hours + 60 * minutes + seconds - begin
    return float(container.duration or 0) / av.time_base


def _quarters(frame: Any) -> int:
    """How many quarters of a turn to the left bring a frame upright."""
    quarters: int = round(frame.rotation / 90)
    return quarters


def open_container(path: Path) -> Any:
    """Open a film: a file of this machine, and no list of others that may be anywhere."""
    options = {"protocol_whitelist": "file", "format_whitelist": _CONTAINERS}
    return av.open(f"file:{path}", options=options, metadata_errors="replace")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn FFmpeg's errors into one line about a film that is read."""
    try:
        yield
    except FileNotFoundError as error:
        raise ImageError(f"{path}: there is no such file; check the path") from error
    except av.FFmpegError as error:
        raise ImageError(
            f"{path}: the file is not a film, or is damaged ({error.strerror}); take another copy"
        ) from error
