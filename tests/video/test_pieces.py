"""Pieces of a film that are coloured apart make the same film."""

import pickle
from contextlib import nullcontext
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from helpers.films import read, shots, write
from photochrom import Colorizer, ImageError, PhotochromWarning
from photochrom.video import colorized, reader
from photochrom.video.reader import Film

SIZE = 8


@pytest.fixture(scope="module")
def colorizer(echo):
    """The quick model."""
    return Colorizer(echo, threads=1)


@pytest.fixture(autouse=True)
def short_segments(monkeypatch):
    monkeypatch.setattr(colorized, "_SEGMENT", SIZE)


class Crew:
    """Makes each piece by a colorizer and a film of its own, as other machines do."""

    def __init__(self, colorizer, source, **options) -> None:
        self.film = lambda: colorizer.colorize(source, **options)
        self.made = []

    def __call__(self, order):
        state = order.state
        for piece in order.pieces:
            given = piece, state if piece.follows else {}, order.directory, order.format
            path, state = self.film().make_segment(*pickle.loads(pickle.dumps(given)))
            self.made.append(piece)
            yield path, state


def made_apart(colorizer, source, out, *, stop=10**9, save=None, **options) -> Crew:
    """Colour a film by a crew, up to a number of frames."""

    def on_progress(done: int, total: int) -> None:
        if done >= stop:
            raise KeyboardInterrupt

    coloured = colorizer.colorize(source, memory=False, **options)
    coloured.crew = crew = Crew(colorizer, source, memory=False, **options)
    coloured.save(out, on_progress=on_progress, **(save or {}))
    return crew


def both(colorizer, source, folder, *, save=None, **options) -> Crew:
    """Colour a film here and by a crew; give the crew, when the bytes are the same."""
    here, there = folder / "here.mp4", folder / "there.mp4"
    colorizer.colorize(source, memory=False, **options).save(here, **(save or {}))
    crew = made_apart(colorizer, source, there, save=save, **options)
    assert here.read_bytes() == there.read_bytes()
    assert {path.name for path in folder.iterdir()} >= {"here.mp4", "there.mp4"}
    assert not list(folder.glob(".*"))
    return crew


def test_pieces_make_the_same_bytes(colorizer, tmp_path) -> None:
    source = write(tmp_path / "in.ts", shots(6, 14, 20), gop_size=10, max_b_frames=2)
    crew = both(colorizer, source, tmp_path)
    pieces = [(one.first, one.end, one.begin, one.follows) for one in crew.made]
    assert pieces == [
        (0, 8, 0, False),
        (8, 16, 6, False),  # from the cut at 6 on
        (16, 24, 14, True),  # which is far: on the state after the piece before, by two more frames
        (24, 32, 20, False),
        (32, 40, 30, True),
    ]
    assert len(read(tmp_path / "there.mp4")[0]) == 40


@pytest.mark.parametrize("way", ["interlaced", "excerpt", "compared", "frames"])
def test_so_do_those_of_other_films(colorizer, tmp_path, way) -> None:
    frames, options, save = shots(10, 18), {}, {}
    source = tmp_path / "in.mp4"
    if way == "frames":
        for number, one in enumerate(frames[:20], 5):
            Image.fromarray(one).save(tmp_path / f"{number:03d}.png")
        source = tmp_path / "%03d.png"
    else:
        stored = {}
        if way == "interlaced":
            for one, later in pairwise(frames):
                one[1::2] = later[1::2]
            stored = {"interlaced": True}
        write(source, frames, gop_size=8, **stored)
    if way == "excerpt":
        options = {"start": 0.5, "end": 2.25}
    if way == "compared":
        save = {"comparison": "wipe"}
    assert Film(source).is_interlaced == (way == "interlaced")
    crew = both(colorizer, source, tmp_path, save=save, **options)
    assert len(crew.made) >= 3


def test_a_film_that_was_stopped_goes_on_with_a_crew_and_without(colorizer, tmp_path) -> None:
    source = write(tmp_path / "in.mp4", shots(6, 12, 8))
    whole, out, other = (tmp_path / f"{name}.mp4" for name in ("whole", "out", "other"))
    colorizer.colorize(source, memory=False).save(whole)

    def on_progress(done: int, total: int) -> None:
        if done >= 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        colorizer.colorize(source, memory=False).save(out, on_progress=on_progress)
    with pytest.raises(KeyboardInterrupt):
        made_apart(colorizer, source, other, stop=9)
    crew = made_apart(colorizer, source, out)
    assert [one.first for one in crew.made] == [8, 16, 24]
    assert crew.made[0].follows
    colorizer.colorize(source, memory=False).save(other)
    assert out.read_bytes() == whole.read_bytes() == other.read_bytes()


def test_a_frame_is_looked_up_by_its_time(tmp_path, monkeypatch) -> None:
    film = Film(write(tmp_path / "in.mp4", shots(72), gop_size=6))
    whole = [*film.frames()]
    count, decode = [], reader.decoded

    def counted(*given):
        for one in decode(*given):
            count.append(one)
            yield one

    monkeypatch.setattr(reader, "decoded", counted)
    found = [*film.frames(60, whole[60].time)]
    assert [(one.number, one.time) for one in found] == [(n, whole[n].time) for n in range(60, 72)]
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(found, whole[60:], strict=True))
    assert len(count) < 36


@pytest.mark.parametrize("is_damaged", [False, True])
def test_a_film_goes_on_where_it_was_stopped_without_decoding_all_before(
    colorizer, tmp_path, monkeypatch, is_damaged
) -> None:
    source = write(tmp_path / "in.mp4", shots(40), gop_size=6)
    whole, out = tmp_path / "whole.mp4", tmp_path / "out.mp4"
    colorizer.colorize(source).save(whole)
    decoded, decode = [], reader.decoded

    def counted(container, stream, damage):
        damage.pieces += is_damaged
        for one in decode(container, stream, damage):
            decoded.append(one)
            yield one

    def on_progress(done: int, total: int) -> None:
        if done > 32:
            raise KeyboardInterrupt

    monkeypatch.setattr(reader, "decoded", counted)
    with pytest.raises(KeyboardInterrupt):
        colorizer.colorize(source).save(out, on_progress=on_progress)
    coloured = colorizer.colorize(source)
    decoded.clear()
    with pytest.warns(PhotochromWarning, match="damaged") if is_damaged else nullcontext():
        coloured.save(out)
    assert (len(decoded) >= 40) == is_damaged
    assert out.read_bytes() == whole.read_bytes()


def test_where_other_frames_are_found_the_film_is_decoded_up_to_it(
    colorizer, tmp_path, monkeypatch
) -> None:
    source = write(tmp_path / "in.mp4", shots(6, 12))
    decode = Film.frames

    def frames(film, start=0, time=None):
        skipped = 0 if time is None else 1  # as where a recovery point is none
        for one in decode(film, start, time):
            if skipped:
                skipped -= 1
                continue
            yield one

    monkeypatch.setattr(Film, "frames", frames)
    both(colorizer, source, tmp_path)


def test_machines_that_see_another_film_are_refused(colorizer, tmp_path) -> None:
    source = write(tmp_path / "in.mp4", shots(6, 12))
    other = write(tmp_path / "other.mp4", shots(7, 11))
    coloured = colorizer.colorize(source, memory=False)
    coloured.crew = Crew(colorizer, other, memory=False)
    with pytest.raises(ImageError, match=r"other.mp4: has other frames here .*; let all machines"):
        coloured.save(tmp_path / "out.mp4")
