"""Clips in which colour sweeps over a picture, over REST."""

import io

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from helpers.rest import PICTURE, detail, opened
from photochrom.web.app import create_app


@pytest.fixture(scope="module")
def client(echo_as_vivid):
    with TestClient(create_app(), base_url="http://localhost") as one:
        yield one


@pytest.fixture
def session(client):
    return f"/v1/sessions/{client.post('/v1/sessions', content=PICTURE).json()['id']}"


def spread(frame) -> float:
    return float(np.ptp(np.asarray(frame.convert("RGB")).astype(int), axis=2).mean())


def test_a_gif_goes_from_grey_to_colour_and_back(client, session) -> None:
    answer = client.post(f"{session}/wipe", data={"format": "gif"})
    assert answer.headers["content-type"] == "image/gif"
    shown = []  # the end of each frame, in seconds, and how colourful it is
    with Image.open(io.BytesIO(answer.content)) as gif:
        assert (gif.size, gif.info["loop"]) == ((120, 90), 0)
        for number in range(gif.n_frames):
            gif.seek(number)
            begin = shown[-1][0] if shown else 0.0
            shown.append((begin + gif.info["duration"] / 1000, spread(gif)))
    assert len(shown) > 20
    assert shown[-1][0] == pytest.approx(4, abs=0.2)
    times, spreads = zip(*shown, strict=True)
    assert spreads[0] < 3 < 8 < max(spreads)
    assert 1.5 < times[np.argmax(spreads)] < 3.2
    assert spreads[-1] < max(spreads) / 2


def test_an_mp4_has_25_frames_a_second(client, session, tmp_path) -> None:
    av = pytest.importorskip("av")
    answer = client.post(f"{session}/wipe")
    assert answer.headers["content-type"] == "video/mp4"
    with av.open(io.BytesIO(answer.content)) as film:
        frames = [frame.to_image() for frame in film.decode(video=0)]
        assert (film.streams.video[0].average_rate, len(frames)) == (25, 100)
    assert frames[0].size == (120, 90)
    assert spread(frames[0]) < 4 < 8 < spread(frames[60])


def test_hints_are_in_it_and_other_formats_are_refused(client, session) -> None:
    hint = '[[60, 40, "#c02020"]]'
    plain, red = (
        client.post(f"{session}/wipe", data={"format": "gif", **more}).content
        for more in ({}, {"hints": hint})
    )
    assert plain != red
    wrong = client.post(f"{session}/wipe", data={"format": "png"})
    assert "format is one of mp4, gif, not 'png'" in detail(wrong, 422)


def test_the_quality_of_a_jpeg_is_an_option(client, session) -> None:
    sizes = [
        len(client.get(f"{session}/picture?jpeg_quality={quality}").content)
        for quality in (30, 100)
    ]
    assert 2 * sizes[0] < sizes[1]
    assert opened(client.get(f"{session}/picture?jpeg_quality=30")).shape == (90, 120, 3)
    wrong = client.get(f"{session}/picture?jpeg_quality=0")
    assert "jpeg_quality is a number from 1 to 100, not '0'" in detail(wrong, 422)
