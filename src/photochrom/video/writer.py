"""Writing films: segments, and the segments concatenated with the sound."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import Any, Self

import av
from av.video.reformatter import ColorRange

from photochrom.color.spaces import Samples
from photochrom.color.subsampling import Planes
from photochrom.image import SaveOptions, encode
from photochrom.image.encoding import page_of
from photochrom.image.png_chunks import chunk
from photochrom.image.provenance import add_note
from photochrom.video import WRITTEN
from photochrom.video.carried import Carried, add_covers, add_streams, start, writing
from photochrom.video.container import open_container
from photochrom.video.encoding import Encoding
from photochrom.video.pixels import frame_of
from photochrom.video.reader import Film
from photochrom.video.sequence import frame_path
from photochrom.video.sound import Recoded, recoded

_BT709 = 1  # of the coefficients, in ITU-T H.273
_SRGB, _FULL = 13, ColorRange.JPEG
_HEAD = 33  # bytes at the beginning of a PNG: its signature and its first chunk
_INTERLEAVED = 10  # seconds by which the streams of a film may be apart in its file
os.environ.setdefault("SVT_LOG", "1")  # the encoder of AV1 tells of errors alone


def write_segment(
    path: Path,
    film: Film,
    size: tuple[int, int],
    frames: Iterable[tuple[Samples | Planes, int]],
    encoding: Encoding,
    *,
    threads: int,
) -> None:
    """Encode frames, sRGB of (H, W, 3) or planes, and their times, as BT.709, without sound.

    `size` is their width and height.
    Where chroma is of pairs of pixels, an odd side gets one more row or column, which mirrors the
    last. Raises `OSError` where the file cannot be written.
    """
    across, down = encoding.padding(*size)
    container = WRITTEN[path.suffix]
    with writing(path), av.open(str(path), "w", format=container) as file:
        stream: Any = file.add_stream(encoding.codec.encoder, rate=film.rate)
        stream.width, stream.height = size[0] + across, size[1] + down
        stream.pix_fmt = encoding.pixel_format
        stream.time_base = stream.codec_context.time_base = film.time_base
        stream.codec_context.sample_aspect_ratio = film.shape_of_pixels
        stream.codec_context.colorspace = stream.codec_context.color_primaries = _BT709
        stream.codec_context.color_trc = _BT709
        stream.codec_context.color_range = ColorRange.MPEG
        if encoding.is_rgb:
            stream.codec_context.colorspace = 0
            stream.codec_context.color_trc, stream.codec_context.color_range = _SRGB, _FULL
        stream.codec_context.thread_count, stream.thread_type = threads, "FRAME"
        stream.options = encoding.options
        if encoding.codec.tag:
            stream.codec_context.codec_tag = encoding.codec.tag
        with _ordinary_priority():
            stream.codec_context.open()
        for pixels, time in frames:
            frame = frame_of(pixels, (across, down), encoding.pixel_format)
            frame.pts, frame.time_base = time, film.time_base
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


@contextmanager
def _ordinary_priority() -> Iterator[None]:
    """Keep the priorities of this process's threads, and give new ones none above others.

    Run by root, the encoder of AV1 makes its threads and the one that opens it real-time ones,
    which leave nothing of the machine to other programs.
    """
    if sys.platform != "linux":
        yield
        return
    before = _real_time_threads()
    try:
        yield
    finally:
        for thread in _real_time_threads() - before:
            with suppress(ProcessLookupError):  # it has ended
                os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))


def _real_time_threads() -> set[int]:
    found = set()
    for thread in map(int, os.listdir("/proc/self/task")):
        with suppress(ProcessLookupError):
            if os.sched_getscheduler(thread) in (os.SCHED_FIFO, os.SCHED_RR):
                found.add(thread)
    return found


def concatenate(film: Film, segments: list[Path], target: Path, note: str) -> float:
    """Write segments, in order, with the film's sound, subtitles and metadata, as a file.

    `note` is the film's comment. Gives when its last piece begins, in seconds. Raises `ImageError`
    as `check_streams` does, and `OSError` where the file cannot be written.
    """
    container = WRITTEN[target.suffix.lower()]
    options = {} if container == "matroska" else {"movflags": "faststart"}
    with (
        writing(target),
        film.container() as source,
        open_container(segments[0]) as first,
        av.open(str(target), "w", format=container, options=options) as out,
    ):
        out.metadata.update(source.metadata | ({"comment": note} if note else {}))
        span = _Span.of(film, first.streams.video[0])
        out.set_chapters(list(_chapters(source, span)))
        pictures = out.add_stream_from_template(first.streams.video[0], opaque=True)
        pictures.codec_context.framerate = film.rate  # else Matroska is told the unit of times
        carried = Carried.of(source, container)
        pictures.disposition = carried.pictures.disposition
        copies = add_streams(out, carried, film.path)
        first_packets = add_covers(out, carried, film.path)
        start(out, carried, film.path)
        for packet in first_packets:
            out.mux(packet)
        new = {one: copy for one, copy in copies.items() if isinstance(copy, Recoded)}
        copies |= {one.copy: one.copy for one in new.values()}
        others = recoded(_others(source, carried.copied, span), new)
        last = Fraction(0)
        for packet in merge(_pictures(segments), others, key=_when):
            packet.stream = copies.get(packet.stream, pictures)
            _earlier(packet, span.begin)
            last = max(last, _when(packet))
            out.mux(packet)
        return float(last)


def write_pictures(
    segments: list[Path],
    directory: Path,
    target: Path,
    first: int,
    note: dict[str, str],
    options: SaveOptions,
) -> float:
    """Write the frames of segments, PNGs, as files called as `target` says, from a number on.

    They are made in `directory`, and appear when all are there; each has the `note`. Gives when the
    last is shown, in seconds. Raises `OSError` where one cannot be written.
    """
    number, last = first, Fraction(0)
    text = b"XML:com.adobe.xmp\0\0\0\0\0" + add_note(None, note)
    described = chunk(b"iTXt", text) if note else b""
    for number, packet in enumerate(_pictures(segments), first):
        data = bytes(packet)
        if target.suffix.lower() == ".png":
            data = data[:_HEAD] + described + data[_HEAD:]
        else:
            data = _encoded(packet, target.suffix, note, options)
        (directory / f"{number}{target.suffix}").write_bytes(data)
        last = _when(packet)
    for made in range(first, number + 1):
        os.replace(directory / f"{made}{target.suffix}", frame_path(target, made))
    return float(last)


def _encoded(packet: Any, extension: str, note: dict[str, str], options: SaveOptions) -> bytes:
    """Give a frame, a PNG, as a picture of another format."""
    (frame,) = packet.decode()
    deep = frame.format.components[0].bits > 8
    page = page_of(frame.to_ndarray(format="rgb48le" if deep else "rgb24"), note)
    saving = SaveOptions(note=bool(note), jpeg_quality=options.jpeg_quality)
    return encode(page, extension, saving)


def _pictures(segments: list[Path]) -> Iterator[Any]:
    """Give the packets of all segments, in the order in which they are decoded."""
    last = None
    for segment in segments:
        with open_container(segment) as file:
            for packet in file.demux(file.streams.video[0]):
                if packet.dts is None:
                    continue
                if last is not None and packet.dts <= last:
                    packet.dts = last + 1
                last = packet.dts
                yield packet


@dataclass(frozen=True)
class _Span:
    """From when to when, in seconds of a film's own clock, what is written lasts."""

    begin: Fraction
    end: Fraction | None
    is_excerpt: bool

    @classmethod
    def of(cls, film: Film, pictures: Any) -> Self:
        """Give that of a film, or of its excerpt, whose first segment has `pictures`."""
        excerpt = film.excerpt
        end = None if excerpt.end is None else film.origin + Fraction(excerpt.end)
        begin = pictures.start_time * pictures.time_base if excerpt else film.origin
        return cls(Fraction(begin), end, bool(excerpt))

    def is_over(self, time: Fraction) -> bool:
        return self.end is not None and time >= self.end


def _chapters(source: Any, span: _Span) -> Iterator[Any]:
    """Give the chapters of a film that lie in a span, at their times in it."""
    for chapter in source.chapters():
        unit = chapter["time_base"]
        begin, end = (chapter[name] * unit for name in ("start", "end"))
        if end > span.begin and not span.is_over(begin):
            end = min(end, span.end) if span.end is not None else end
            begin = max(begin, span.begin)
            times = {"start": begin - span.begin, "end": end - span.begin}
            yield chapter | {name: round(time / unit) for name, time in times.items()}


def _others(source: Any, streams: list[Any], span: _Span) -> Iterator[Any]:
    """Give the packets of some of a film's streams that begin in a span."""
    if span.is_excerpt:
        source.seek(int(span.begin * av.time_base))
    delays, next_times = dict.fromkeys(streams, 0), dict.fromkeys(streams, -(1 << 62))
    for packet in source.demux(*streams) if streams else ():
        if packet.dts is None:
            continue
        stream = packet.stream
        if packet.dts + delays[stream] < next_times[stream]:  # times begin anew, or are damaged
            delays[stream] = next_times[stream] - packet.dts
        packet.dts += delays[stream]
        packet.pts = None if packet.pts is None else packet.pts + delays[stream]
        next_times[stream] = packet.dts + 1
        time = (packet.dts if packet.pts is None else packet.pts) * packet.time_base
        if span.is_over(time - _INTERLEAVED):
            return
        if not span.is_excerpt or (time >= span.begin and not span.is_over(time)):
            yield packet


def _earlier(packet: Any, seconds: Fraction) -> None:
    """Let a packet come sooner: films out of broadcasts and discs begin at any time."""
    units = round(seconds / packet.time_base)
    packet.dts -= units
    packet.pts = None if packet.pts is None else packet.pts - units


def _when(packet: Any) -> Fraction:
    return Fraction(packet.dts * packet.time_base)
