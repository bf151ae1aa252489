"""Print how fast films of eight kinds are coloured, with start-up, and how much memory they take.

`python benchmarks/film_kinds.py` draws each, one minute long: windows that move over photographs of
scikit-image, with grain. A few seconds are drawn and encoded, and their packets repeated, so that
drawing takes no time worth mentioning. `--seconds 1` tries it. The encoder's share is what it takes
of a processor to encode the first ten seconds of the coloured film again, on one thread, a frame,
to what the command took for all, a frame.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import cycle, islice
from math import ceil
from pathlib import Path
from time import process_time
from typing import Any

import av
import numpy as np
import skimage.data
from performance import COLORIZE, measured, row

from photochrom.color.spaces import Samples
from photochrom.image.encoding import SaveOptions
from photochrom.video.encoding import encoding

SHOT = 5  # seconds from one cut to the next, and of what is drawn of a photograph
FIELDS = 16  # of grain, which take turns
AGAIN = 10  # seconds that are encoded again
HERTZ = 44_100


@dataclass(frozen=True)
class Kind:
    """What a film is like."""

    name: str
    size: tuple[int, int]
    codec: str = "libx264"
    extension: str = ".mp4"
    rate: int = 25
    form: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)
    photographs: tuple[str, ...] = ("coffee",)
    grain: float = 3.0
    """Standard deviation, of 255."""
    step: int = 3
    """Pixels that a window moves from frame to frame."""
    is_interlaced: bool = False
    has_sound: bool = False
    bits: int = 8
    """That are written."""


X264 = {"preset": "superfast", "bf": "0", "crf": "18"}
INTERLACED = {"flags": "+ildct+ilme", "b": "8M"}
MANY = ("coffee", "astronaut", "camera")
KINDS = (
    Kind("H.264", (640, 480), options=X264),
    Kind("H.264", (1280, 720), options=X264),
    Kind("H.264", (1920, 1080), options=X264),
    Kind("an old film, grainy, cuts", (640, 480), options=X264, photographs=MANY, grain=12),
    Kind("MPEG-2, interlaced", (720, 576), "mpeg2video", ".mpg", 25, "yuv420p", INTERLACED,
         step=12, is_interlaced=True),
    Kind("ProRes, 10 bits kept", (1280, 720), "prores_ks", ".mov", form="yuv422p10le", bits=10),
    Kind("MJPEG", (320, 240), "mjpeg", ".avi", 15, "yuvj420p", {"b": "4M"}),
    Kind("8 mm in FFV1, with sound", (960, 720), "ffv1", ".mkv", 18, photographs=MANY, grain=8,
         has_sound=True),
)  # fmt: skip


def windows(kind: Kind) -> Iterator[Samples]:
    """Give frames, (H, W): over each photograph a window moves forth and back."""
    width, height = kind.size
    random = np.random.default_rng(0)
    fields = [random.normal(0, kind.grain, (height, width)).astype(np.int16) for _ in range(FIELDS)]
    count = SHOT * kind.rate
    for name in kind.photographs:
        pixels = getattr(skimage.data, name)()
        grey = pixels if pixels.ndim == 2 else pixels[..., 1]
        travel = kind.step * (count // 2 + 1)
        times = ceil(max((width + travel) / grey.shape[1], height / grey.shape[0]))
        large = np.kron(grey, np.ones((times, times), np.uint8))
        for number, noise in zip(range(count), cycle(fields), strict=False):
            left = kind.step * min(number, count - number)
            window = large[:height, left : left + width].copy()
            if kind.is_interlaced:  # the lower field is half a frame later
                window[1::2] = large[1:height:2, left + kind.step // 2 :][:, :width]
            yield np.clip(window + noise, 0, 255).astype(np.uint8)


def draw(kind: Kind, path: Path, seconds: int) -> int:
    """Draw a film of so many seconds; tell how many frames it has."""
    count, unit = seconds * kind.rate, Fraction(1, kind.rate)
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream(kind.codec, rate=kind.rate, options=kind.options)
        stream.width, stream.height = kind.size
        stream.pix_fmt = kind.form
        stream.codec_context.time_base = unit
        tone: Any = None
        if kind.has_sound:
            tone = file.add_stream("pcm_s16le", rate=HERTZ, layout="mono")
        layout, scale = ("gray16le", np.uint16(257)) if kind.bits > 8 else ("gray", np.uint8(1))
        packets = []
        for number, grey in enumerate(islice(windows(kind), count)):
            frame = av.VideoFrame.from_ndarray(grey * scale, format=layout)
            frame = frame.reformat(format=kind.form)
            frame.pts, frame.time_base = number, unit
            packets += stream.encode(frame)
        packets += stream.encode(None)
        for number, packet in zip(range(count), cycle(packets), strict=False):
            again = av.Packet(bytes(packet))
            again.stream, again.time_base, again.is_keyframe = stream, unit, packet.is_keyframe
            again.pts = again.dts = number
            file.mux(again)
            if tone:
                file.mux(sound(tone, number, kind.rate))
    return count


def sound(stream: Any, number: int, rate: int) -> Any:
    """Give the packets of a tone during a frame."""
    length = HERTZ // rate
    wave = 9000 * np.sin((np.arange(length) + number * length) / 16)
    frame = av.AudioFrame.from_ndarray(wave.astype(np.int16)[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts = HERTZ, number * length
    return stream.encode(frame)


def encoder_seconds(path: Path, kind: Kind) -> float:
    """Tell how many seconds of a processor the encoder takes for a frame of a coloured film."""
    chosen = encoding(SaveOptions(bits=kind.bits), kind.bits, path)
    with av.open(str(path)) as file:
        source = file.streams.video[0]
        source.codec_context.thread_count = 1  # which decodes nothing meanwhile
        context: Any = av.CodecContext.create(chosen.codec.encoder, "w")
        context.width, context.height, context.pix_fmt = source.width, source.height, source.pix_fmt
        context.time_base, context.framerate = source.time_base, source.average_rate
        context.thread_count, context.options = 1, chosen.options
        took, count = 0.0, 0
        for frame in islice(file.decode(source), AGAIN * kind.rate):
            frame.pict_type = 0  # as the encoder likes
            start = process_time()
            context.encode(frame)
            took, count = took + process_time() - start, count + 1
        start = process_time()
        context.encode(None)
    return (took + process_time() - start) / count


def main() -> None:
    """Print a line of each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of each film")
    seconds = parser.parse_args().seconds
    sys.stdout.write(
        "| film | frames a second, peak memory, the encoder's share |\n| --- | --- |\n"
    )
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / f"in{kind.extension}"
            count, out = draw(kind, path, seconds), Path(name) / "out.mp4"
            if kind.has_sound:
                out = out.with_suffix(".mkv")
            command = [*COLORIZE, str(path), "-o", str(out), "--bits", str(kind.bits)]
            took, peak, spent = measured(command)
            share = encoder_seconds(out, kind) * count / spent
            what = f"{kind.size[0]} x {kind.size[1]}, {kind.name}, {count} frames"
            row(what, f"{count / took:.1f} a second, {peak:.0f} MB, {share:.0%}")


if __name__ == "__main__":
    main()
