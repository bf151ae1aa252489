"""Films for tests: a window that moves over photographs, with a tone for sound."""

from fractions import Fraction

import av
import numpy as np
import skimage.data
from PIL import Image

RATE = 12


def photograph(name="astronaut"):
    """A photograph in grey, (400, 400)."""
    pixels = getattr(skimage.data, name)()[:400, :400]
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., 1])


def pan(pixels, count, size=(160, 120), step=2):
    """Frames of a film, (H, W) each: a window moves to the right."""
    width, height = size
    return [pixels[100 : 100 + height, step * n : step * n + width].copy() for n in range(count)]


def shots(*lengths):
    """Frames of several shots, (120, 160) each: photographs, one after the other, that move."""
    names = ("astronaut", "camera", "chelsea", "coffee", "rocket")
    return [
        np.roll(photograph(names[number % len(names)]), -2 * n, axis=1)[100:220, :160].copy()
        for number, length in enumerate(lengths)
        for n in range(length)
    ]


def write(
    path,
    frames,
    *,
    form="yuv420p",
    sound=None,
    codec="libx264",
    times=None,
    turned=0,
    interlaced=False,
    **stream,
):
    """Write grey frames as a film, without loss where its codec can; give the path.

    `times` are in units of 1/600 s; `turned` says by how many degrees players are to turn it.
    """
    options = {"crf": "0"} if codec == "libx264" else {}
    options |= {"x264-params": "tff=1"} if interlaced else {}
    unit = Fraction(1, 600) if times else Fraction(1, RATE)
    with av.open(str(path), "w") as file:
        pictures = file.add_stream(codec, rate=RATE, options=options)
        pictures.height, pictures.width = frames[0].shape
        pictures.pix_fmt = form
        pictures.codec_context.time_base = unit
        for name, value in stream.items():
            setattr(pictures.codec_context, name, value)
        if turned:
            pictures.set_display_rotation(turned)
        tone = file.add_stream(sound, rate=8000) if sound else None
        if tone:
            tone.metadata["language"] = "nld"
            seconds = Fraction(1, 1)
            chapter = {"id": 1, "start": 0, "end": 1, "time_base": seconds, "metadata": {}}
            file.set_chapters([chapter])
        for number, samples in enumerate(frames):
            kind = "gray16le" if samples.dtype == np.uint16 else "gray"
            frame = av.VideoFrame.from_ndarray(samples, format=kind).reformat(format=form)
            frame.pts, frame.time_base = times[number] if times else number, unit
            file.mux(pictures.encode(frame))
        file.mux(pictures.encode(None))
        if tone:
            wave = np.sin(np.arange(8000 * len(frames) // RATE) / 5).astype(np.float32)
            whole = av.AudioFrame.from_ndarray(
                (wave * 9000).astype(np.int16)[None], format="s16", layout="mono"
            )
            whole.sample_rate = 8000
            file.mux(tone.encode(whole))
            file.mux(tone.encode(None))
    return path


def read(path):
    """A film's frames as sRGB, (H, W, 3), and their times in seconds, without any code of ours."""
    from photochrom.video.container import EXACT

    with av.open(str(path)) as file:
        frames = list(file.decode(video=0))
        pixels = [
            frame.reformat(format="rgb24", interpolation=EXACT).to_ndarray() for frame in frames
        ]
        return pixels, [frame.time for frame in frames]


def packets(path, kind):
    """What is in a film's sound, or subtitles, as it is stored."""
    with av.open(str(path)) as file:
        streams = getattr(file.streams, kind)
        return [bytes(one) for one in file.demux(*streams) if one.size] if streams else []


def lookalikes(count, size=(320, 240)):
    """Frames with three pillows that move, each like the others, and where each is, (3, H, W)."""
    width, height = size
    rng = np.random.default_rng(0)
    ground = skimage.data.coffee()[:height, :width, 1] * 0.35 + 110
    rows, columns = np.mgrid[:height, :width]
    frames, masks = [], []
    for time in range(count):
        frame, found = ground.copy(), []
        for x, y, right, down in ((60, 70, 2, 0.6), (250, 80, -1.5, 0.5), (150, 190, 1.2, -0.7)):
            across, along = (columns - x - right * time) / 30, (rows - y - down * time) / 38
            inside = across**2 + along**2 < 1
            shade = np.sqrt(np.clip(1 - across**2 - along**2, 0, 1))
            frame[inside] = (60 + 50 * shade + 8 * np.sin(10 * across))[inside]
            found.append(inside)
        frames.append(np.clip(frame + rng.normal(0, 1.5, frame.shape), 0, 255).astype(np.uint8))
        masks.append(found)
    return frames, np.array(masks)


def cut_together(*names, count=12, size=(160, 120)):
    """Frames of a film of several shots, each a window that moves over a photograph."""
    return [frame for name in names for frame in pan(photograph(name), count, size)]


def still_in_color(path, name, number, size=(160, 120)):
    """Write a frame of `pan(photograph(name), ...)` in its true colours; give the path."""
    width, height = size
    pixels = getattr(skimage.data, name)()[100 : 100 + height, 2 * number : 2 * number + width]
    Image.fromarray(np.ascontiguousarray(pixels)).save(path)
    return path
