"""A film that is very long takes no more memory than a short one."""

import tracemalloc
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from helpers.films import shots
from photochrom.video.frames import FrameColorizer, Seen, State
from photochrom.video.reader import Film
from photochrom.video.rhythm import Rhythm
from photochrom.video.sequence import numbers
from photochrom.video.smoothing import ColorEstimate
from photochrom.video.writer import concatenate

COUNT = 50_000
SEEN = 64, 64


def long(path, seconds: int = COUNT // 25):
    """Write a film of tiny frames: a second that was encoded once, again and again."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=25, options={"g": "25", "bf": "0"})
        stream.width = stream.height = 16
        packets = []
        for number, samples in enumerate(shots(25)):
            frame = av.VideoFrame.from_ndarray(samples[:16, :16].copy(), "gray")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            packets += stream.encode(frame.reformat(format="yuv420p"))
        packets += stream.encode(None)
        stored = [(bytes(one), one.is_keyframe) for one in packets]
        for number in range(25 * seconds):
            data, is_key = stored[number % 25]
            packet = av.Packet(data)
            packet.stream, packet.is_keyframe, packet.time_base = stream, is_key, Fraction(1, 25)
            packet.pts = packet.dts = number
            file.mux(packet)
    return path


class Grey:
    """Predicts no colours."""

    def predict(self, frame, turn, memory):
        return np.zeros((2, 16, 16), np.float32), memory

    def shot_at(self, frame):
        return 0


@pytest.mark.slow
def test_memory_does_not_grow_with_a_films_length(tmp_path) -> None:
    film = Film(long(tmp_path / "in.mkv"))
    done = ColorEstimate.of(np.zeros((2, 16, 16), np.float32))
    state = State(COUNT - 60, 500, done, {}, Rhythm())
    tracemalloc.start()
    try:
        assert film.measured() == (COUNT, COUNT / 25)
        concatenate(film, [film.path], tmp_path / "out.mkv", "")
        whole = tracemalloc.get_traced_memory()[1]
        coloured = FrameColorizer(film, Grey(), Seen(SEEN), 1.0, 1).frames(state)
        last = [one.analysis.frame.number for one, _ in coloured]
        resumed = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert last == list(range(COUNT - 60, COUNT))
    assert Film(tmp_path / "out.mkv").measured()[0] == COUNT
    assert whole < 1e6, "what grows with the packets of a film"
    assert resumed < 20e6, "what grows with its frames"


def test_many_frames_as_files_are_found_at_once(tmp_path, monkeypatch) -> None:
    """Each was looked for among all others."""
    count = 200_000
    monkeypatch.setattr(Path, "is_dir", lambda path: True)
    monkeypatch.setattr(Path, "iterdir", lambda path: (path / f"{n:06d}.png" for n in range(count)))
    assert numbers(tmp_path / "%06d.png") == list(range(count))
