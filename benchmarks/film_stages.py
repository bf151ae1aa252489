"""Print where the time of a film goes: milliseconds of a processor for each frame, by stage.

`python benchmarks/film_stages.py` colours drawn films of three sizes on one thread, so that stages
do not wait for each other, and counts the processor's time. What is left of the whole when all
stages are taken off is the encoder and FFmpeg's other threads. With films behind it, it encodes the
coloured film again, by what x264 does unasked with its preset, by a faster preset, and by our
choice, and prints time, size and PSNR: what a preset saves must not cost size or quality.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import film
import numpy as np

from photochrom import Colorizer
from photochrom.inference.film import FramePredictor
from photochrom.inference.model import Model
from photochrom.video import frames, smoothing, writer
from photochrom.video.encoding import CODECS
from photochrom.video.frames import FrameColorizer
from photochrom.video.reader import Film, Frame

SIZES = (640, 480), (1280, 720), (1920, 1080)
COUNT = 72  # frames
STAGES: list[tuple[str, Any, str]] = [
    ("shrinking", Frame, "thumbnail"),
    ("motion", frames, "between"),
    ("cleaning", frames, "cleaned"),
    ("the network", Model, "answer"),
    ("memory of things", FramePredictor, "predict"),
    ("smoothing", smoothing, "_after"),
    ("smoothing", smoothing, "_future"),
    ("chroma", FrameColorizer, "_planes"),
    ("frames for FFmpeg", writer, "frame_of"),
]
"""Functions, and what they are called in the table; that of the memory is less the network."""
PRESETS = {
    "veryfast": {"preset": "veryfast", "x264-params": "mbtree=0"},
    "superfast": {"preset": "superfast", "x264-params": "mbtree=0"},
    "ours": {},
}


def timed(spent: Counter[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function count its thread's time."""

    def wrapper(*arguments: Any, **keywords: Any) -> Any:
        start = time.thread_time()
        try:
            return function(*arguments, **keywords)
        finally:
            spent[name] += time.thread_time() - start

    return wrapper


def stages(path: Path, colorizer: Colorizer, out: Path) -> dict[str, float]:
    """Tell how many milliseconds a frame takes in each stage."""
    start, count = time.process_time(), 0
    for _ in Film(path).frames():
        count += 1
    decoding = time.process_time() - start
    spent = Counter[str]()
    whole = {(owner, name): getattr(owner, name) for _, owner, name in STAGES}
    for stage, owner, name in STAGES:
        setattr(owner, name, timed(spent, stage, whole[owner, name]))
    coloured = colorizer.colorize(path)
    start = time.process_time()
    coloured.save(out, overwrite=True)
    total = time.process_time() - start
    for (owner, name), function in whole.items():
        setattr(owner, name, function)
    spent["memory of things"] -= spent["the network"]
    rest = total - decoding - spent.total()
    found = {"decoding": decoding, **spent, "the encoder, and the rest": rest, "all": total}
    return {name: 1000 * seconds / count for name, seconds in found.items()}


def encoders(path: Path, colorizer: Colorizer, folder: Path) -> None:
    """Print what presets of x264 make of a coloured film."""
    source = folder / "whole.mkv"
    coloured = film.beginning(path, colorizer)
    coloured.save(source, codec="ffv1", pixel_format="yuv420p", overwrite=True)
    with av.open(str(source)) as file:
        shown = [frame.to_ndarray() for frame in file.decode(video=0)]
    codec = CODECS["h264"]
    for name, options in PRESETS.items():
        out = folder / "encoded.mp4"
        start = time.process_time()
        encode(out, shown, codec.options | options | {"crf": str(codec.crf[0])})
        took = 1000 * (time.process_time() - start) / len(shown)
        with av.open(str(out)) as file:
            pairs = zip(shown, (frame.to_ndarray() for frame in file.decode(video=0)), strict=True)
            error = np.mean([np.mean((a.astype(float) - b) ** 2) for a, b in pairs])
        psnr = 10 * np.log10(255**2 / error)
        kilobytes = out.stat().st_size / 1000
        film.row(f"{path.name}, {name}", f"{took:.1f} ms, {kilobytes:.0f} kB, {psnr:.1f} dB")


def encode(path: Path, shown: list[Any], options: dict[str, str]) -> None:
    """Write frames, as they are stored, by x264 on one thread."""
    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream("libx264", rate=24, options=options)
        stream.height, stream.width = shown[0].shape[0] * 2 // 3, shown[0].shape[1]
        stream.pix_fmt, stream.codec_context.thread_count = "yuv420p", 1
        for number, planes in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def main() -> None:
    """Print one or the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="*", type=Path)
    films = parser.parse_args().films
    colorizer = Colorizer(threads=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if films:
            sys.stdout.write("| film, preset | a frame |\n| --- | --- |\n")
            for path in films:
                encoders(path, colorizer, folder)
            return
        drawn = [film.draw(folder / f"{size[1]}.mp4", size, COUNT) for size in SIZES]
        found = [stages(path, colorizer, folder / "out.mp4") for path in drawn]
        heads = [f"{width} x {height}" for width, height in SIZES]
        sys.stdout.write(f"| ms a frame | {' | '.join(heads)} |\n|{' --- |' * 4}\n")
        for stage in found[0]:
            film.row(stage, " | ".join(f"{one[stage]:.1f}" for one in found))


if __name__ == "__main__":
    main()
