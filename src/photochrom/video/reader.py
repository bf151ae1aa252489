"""Reading films, through FFmpeg (PyAV)."""

import math
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

from photochrom.color.spaces import Samples
from photochrom.color.toning import has_color
from photochrom.errors import ImageError
from photochrom.image import shrink
from photochrom.video.container import COVER, duration, explained, open_container
from photochrom.video.decoding import Damage, decoded
from photochrom.video.deinterlacing import (
    CADENCE,
    TELEVISION,
    is_combed,
    is_telecined,
    whole,
    without_pulldown,
)
from photochrom.video.excerpt import WHOLE, Excerpt
from photochrom.video.pixels import grey_of, quarter_turns, upright
from photochrom.video.sequence import is_sequence
from photochrom.video.timecode import LATE

_SLOWEST, _USUAL, _FASTEST = Fraction(1), Fraction(25), Fraction(120)  # frames a second
_TIMED = {"mp4", "matroska", "avi", "asf", "flv"}  # formats that store how long they last
_SLACK = 1.0  # seconds that may lack at the end
_RUN = range(60)  # frames that are searched for pull-down
_TELEVISION_HEIGHT = 576  # lines, at most, of films out of television
_RUN_UP = 1.0  # seconds before what is looked up, from which on frames are decoded
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

    def __init__(
        self,
        path: Path,
        max_pixels: int | None = None,
        excerpt: Excerpt = WHOLE,
        fps: float | None = None,
    ) -> None:
        if fps is not None and not is_sequence(path):
            raise ImageError(f"{path}: a film has a rate of its own; leave fps out")
        self.path, self.excerpt, self._fps = path, excerpt, fps
        with self._opened() as (container, stream):
            context, rate = stream.codec_context, stream.average_rate
            size = context.width * context.height
            if max_pixels is not None and size > max_pixels:
                raise ImageError(
                    f"{path}: its frames have {size:,} pixels, the limit is {max_pixels:,}; "
                    "shrink it"
                )
            first = next(decoded(container, stream, Damage()), None)
            if first is None:
                raise ImageError(f"{path}: the film holds no frame; take another copy")
            self.rate: Fraction = rate if rate and _SLOWEST <= rate <= _FASTEST else _USUAL
            """Frames a second, about."""
            self.time_base: Fraction = stream.time_base
            shape = context.sample_aspect_ratio or Fraction(1)
            self.shape_of_pixels: Fraction = 1 / shape if quarter_turns(first) % 2 else shape
            """Width of a pixel to its height, upright."""
            self.turned: int = 90 * quarter_turns(first) % 360
            """Degrees to the left by which what is stored is turned to be upright."""
            self.depth: int = first.format.components[0].bits
            """Bits of the film's samples,"""
            self.bits = 16 if self.depth > 8 else 8
            """and of those that are given here."""
            self.codec: str = context.name
            """FFmpeg's name of it."""
            said, formats = duration(container, stream), set(container.format.name.split(","))
            is_guess = "avi" in formats and stream.frames  # from the size of the file
            self.seconds: float = float(stream.frames / self.rate) if is_guess else said
            """How long it is, as far as the file tells; 0 where it does not."""
            self._is_timed = bool(_TIMED & formats)
            self.is_counted = bool(stream.frames) and abs(stream.frames - said * self.rate) < 2
            """Whether the file tells how many frames it has; else `length` is about right."""
            self.length: int = stream.frames if self.is_counted else round(said * self.rate)
            """Frames in all; 0 where nothing tells."""
            self.origin = Fraction(container.start_time or 0, av.time_base)
            """When it begins, in seconds: films out of broadcasts and discs begin at any time."""
            self.sound: tuple[str, ...] = tuple(
                one.codec_context.name for one in container.streams.audio if one.codec_context
            )
            """Codecs of its sound tracks."""
            self.height, self.width = self._grey(first).shape
            tags = {key.lower(): value for key, value in container.metadata.items()}
            self.comment: str = tags.get("comment", "")
            """Where a coloured film says how it was made."""
        self.damage = Damage()
        """What the last decoding found wrong."""
        self._has_color: bool | None = None
        self.is_telecined = self._is_telecined(bool(first.interlaced_frame))
        """Whether frames of a film lie in those of television, and are put together again,"""
        self.is_interlaced = (
            not self.is_telecined and bool(first.interlaced_frame) and self._is_combed()
        )
        """or frames are two moments each, and are made whole."""
        if self.is_telecined:
            self.rate *= Fraction(CADENCE - 1, CADENCE)
            self.time_base /= CADENCE - 1
            self.length = self.of_film(self.length)
        if excerpt:
            excerpt.check(path, self.seconds)
            wanted = (excerpt.end or self.seconds) - (excerpt.start or 0)
            self.length = max(0, round(wanted * self.rate))

    def __repr__(self) -> str:
        return f"<Film {self.path}: {self.width} x {self.height}, {self.seconds:.1f} s>"

    def is_cut_off(self, last: float) -> bool:
        """Whether its file says that it is longer; `last` is when its last piece begins."""
        missing = self.seconds - last
        return self._is_timed and not self.excerpt and missing > max(_SLACK, 0.01 * self.seconds)

    def of_film(self, count: int) -> int:
        """Tell how many frames of the film lie in so many decoded ones."""
        return count - count // CADENCE if self.is_telecined else count

    def frames(self, start: int = 0, time: int | None = None) -> Iterator[Frame]:
        """Decode frames in their order, from number `start`.

        Where `time` tells when that one is shown, it is looked up, if it can be; those before it
        are decoded otherwise. What is damaged is left out, and noted in `damage`.
        """
        last, number = None, 0 if time is None else start
        step = max(1, round(1 / (self.rate * self.time_base)))
        self.damage = Damage()
        begin = self.excerpt.start or 0.0
        if time is not None and not self.is_telecined:  # whose cadence begins with the film
            begin = float(time * self.time_base - self.origin)
        with self._opened() as (container, stream):
            frames = self._whole(container, stream, begin)
            for frame in self._searched(frames) if time is None else frames:
                shown = frame.pts if frame.pts is not None else frame.dts
                if shown is None or (last is not None and shown <= last):
                    shown = 0 if last is None else last + step
                last = shown
                if time is not None and shown < time:
                    continue
                if self.excerpt.holds(shown * self.time_base - self.origin):
                    if number >= start:
                        yield Frame(self._grey(frame), number, shown)
                    number += 1
                elif number:
                    return

    def _searched(self, frames: Iterator[Any]) -> Iterator[Any]:
        """Give decoded frames, and find out whether those near the beginning have colours."""
        in_color = False
        for number, frame in enumerate(frames):
            in_color = in_color or (number in _GLANCES and _in_color(frame))
            yield frame
            if number == _GLANCES[-1]:
                self._has_color = in_color
        self._has_color = in_color

    def _whole(self, container: Any, stream: Any, begin: float) -> Iterator[Any]:
        """Decode frames, none of two moments."""
        frames = self._decoded(container, stream, begin)
        if self.is_telecined:
            step = 1 / (self.rate * Fraction(CADENCE, CADENCE - 1))
            return without_pulldown(frames, stream, self.time_base, step)
        return whole(frames, stream, self.time_base) if self.is_interlaced else frames

    def _decoded(self, container: Any, stream: Any, begin: float) -> Iterator[Any]:
        """Decode frames in their order, from a little before so many seconds on."""
        if not begin:
            yield from decoded(container, stream, self.damage)
            return
        wanted = float(self.origin) + begin
        container.seek(int(max(wanted - _RUN_UP, 0) * av.time_base))
        frames = decoded(container, stream, self.damage)
        first = next(frames, None)
        if first is None or first.time is None or first.time > wanted:
            container.seek(container.start_time or 0)  # it cannot be looked up
            frames = decoded(container, stream, self.damage)
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
                for frame in decoded(container, stream, Damage()):
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
        count, is_timed, begin, end = 0, True, math.inf, -math.inf
        with self._opened() as (container, stream):
            for packet in container.demux(stream):
                if packet.size and not packet.is_discard:
                    count += 1
                    is_timed = is_timed and packet.pts is not None
                    begin = min(begin, packet.pts or 0)
                    end = max(end, (packet.pts or 0) + (packet.duration or 0))
        count = self.of_film(count)
        if not is_timed:  # as in MPEG's program streams
            return count, float(count / self.rate)
        return count, float((end - begin) * stream.time_base)

    def has_color(self) -> bool:
        """Whether frames near the beginning have colours, beyond the tint of all of it.

        Where they have been decoded for another reason, it is known.
        """
        if self._has_color is None:
            frames = self._some(_GLANCES, self.excerpt.start or 0.0)
            self._has_color = any(map(_in_color, frames))
        return self._has_color

    def still(self, short_side: int, at: float | None = None) -> npt.NDArray[np.uint8]:
        """Give the frame at so many seconds, or else one from the first third: sRGB, (H, W, 3)."""
        scale = short_side / min(self.width, self.height)
        width, height = (max(1, round(side * scale)) for side in (self.width, self.height))
        return upright(self._usual(), width, height) if at is None else self._at(at, width, height)

    def still_time(self) -> float:
        """Tell when the frame is shown that `still` gives where no time is, in seconds."""
        return float(self._usual().time or 0) - float(self.origin)

    def _usual(self) -> Any:
        """Decode a frame from the first third, as it is stored."""
        try:
            return next(self._some((0,), self.seconds / 3))
        except (ImageError, StopIteration):  # where no moment can be looked up
            return list(self._some(_GLANCES[:2]))[-1]

    def _is_combed(self) -> bool:
        """Whether it shows: films on television discs often say that they are, and are not."""
        return any(is_combed(grey_of(frame)) for frame in self._some(_GLANCES))

    def _is_telecined(self, is_flagged: bool) -> bool:
        """Whether it has the cadence, near its beginning or after a third of it.

        Of films that do not say that they are interlaced, only small ones are searched.
        """
        if self.rate not in TELEVISION or not (is_flagged or self.height <= _TELEVISION_HEIGHT):
            return False
        return any(
            is_telecined([is_combed(grey_of(frame)) for frame in self._some(_RUN, after)])
            for after in (0.0, self.seconds / 3)
        )

    def _at(self, seconds: float, width: int, height: int) -> npt.NDArray[np.uint8]:
        """Decode the frame that is shown at a time, or the last, as sRGB, (height, width, 3)."""
        with self._opened() as (container, stream):
            wanted = float(self.origin) + seconds
            container.seek(int(wanted * av.time_base))
            shown = None
            for frame in decoded(container, stream, Damage()):
                if shown is not None and frame.time is not None and frame.time > wanted + LATE:
                    break
                shown = frame
            if shown is None:
                raise ImageError(f"{self.path}: the film holds no frame; take another copy")
            return upright(shown, width, height)

    def _some(self, numbers: Collection[int], after: float = 0.0) -> Iterator[Any]:
        """Decode those of some frames that there are, as they are stored.

        They are counted from one that can be looked up, at most `after` seconds from the first.
        """
        with self._opened() as (container, stream):
            if after:
                container.seek(int(after * av.time_base))
            frames = enumerate(islice(decoded(container, stream, Damage()), max(numbers) + 1))
            yield from (frame for number, frame in frames if number in numbers)

    def _grey(self, frame: Any) -> Samples:
        grey = grey_of(frame, "gray16le" if self.bits == 16 else "gray")
        return np.ascontiguousarray(np.rot90(grey, quarter_turns(frame)))

    def container(self) -> Any:
        """Open its file, or files."""
        return open_container(self.path, self._fps)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        with explained(self.path), self.container() as container:
            pictures = [one for one in container.streams.video if not one.disposition & COVER]
            if not pictures or pictures[0].codec_context is None:
                raise ImageError(
                    f"{self.path}: the file has no moving pictures of a known kind; "
                    "convert it to MP4"
                )
            pictures[0].thread_type = "AUTO"
            yield container, pictures[0]


def _in_color(frame: Any) -> bool:
    return has_color(upright(frame, 128, 96) / np.float32(255))
