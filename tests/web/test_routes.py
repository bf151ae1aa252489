"""The REST interface: pictures, kept pictures, options."""

import json

import numpy as np
import pytest
import skimage.data
from starlette.testclient import TestClient

from helpers.rest import GREY, PICTURE, detail, opened, png
from photochrom.color.spaces import samples_to_lightness
from photochrom.web.app import create_app


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(), base_url="http://localhost") as one:
        yield one


def test_a_picture_comes_back_in_colour(client) -> None:
    answer = client.post("/v1/colorize?format=png", content=PICTURE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["photochrom-had-colour"] == "no"
    pixels = opened(answer)
    assert pixels.shape == (90, 120, 3)
    assert np.ptp(pixels.astype(int), axis=2).mean() > 5
    lightness = np.abs(samples_to_lightness(pixels) - samples_to_lightness(GREY))
    assert lightness.mean() < 0.3


def test_a_format_may_be_named_by_its_file_extension(client) -> None:
    for alias, name in (("jpg", "jpeg"), ("tif", "tiff")):
        answers = [
            client.post(f"/v1/colorize?format={format}", content=PICTURE)
            for format in (alias, name)
        ]
        assert answers[0].headers["content-type"] == f"image/{name}"
        assert answers[0].content == answers[1].content


def test_a_form_is_taken_too(client) -> None:
    form = {"data": {"format": "webp", "vividness": "0"}, "files": {"picture": PICTURE}}
    answer = client.post("/v1/colorize", **form)
    assert answer.headers["content-type"] == "image/webp"
    plain = client.post("/v1/colorize?format=webp&vividness=0", content=PICTURE)
    assert answer.content == plain.content
    missing = client.post("/v1/colorize", files={"other": PICTURE})
    assert "no file named picture" in detail(missing, 422)
    endless = {"Content-Type": "multipart/form-data; boundary=x"}
    chunks = (b"--x\r\n" for _ in range(2))
    assert "its length" in detail(client.post("/v1/colorize", content=chunks, headers=endless), 411)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("vividness=2", "vividness is a number from 0 to 1, not '2'"),
        ("size=nan", "size is a number from 32 to 2048"),
        ("format=bmp", "format is one of jpeg, png, tiff, webp, avif, not 'bmp'"),
        ("quality=fats", "quality is one of fast, good, best, not 'fats'"),
        ("palette=%2Fetc%2Fpasswd", "neither a colour nor a palette"),
        ("palette=", "a palette has 1 to 32 colours"),
        ("warmth=2", "warmth is a number from -1 to 1"),
        ("strength=-1", "strength is a number from 0 to 1"),
        ("tone=maybe", "tone is one of true, false, not 'maybe'"),
        ("model=vivd", "model is one of beta, full, vivid, not 'vivd'"),
        ("model=/etc/passwd.onnx", "model is one of beta, full, vivid, not '/etc/"),
        ("vividnes=1", "there is no option 'vividnes' here (did you mean vividness?)"),
        ("hints=x", "hints are a JSON list"),
        ('model=beta&hints=[[1,2,"%23ffffff"]]', "takes no hints"),
        (
            'hints=[[1,2,"rad"]]',
            "'rad' is not a valid colour (did you mean red?); write #a03020, #f00, rgb",
        ),
        ('hints=[[120,2,"%23ffffff"]]', "the hint at 120,2 is outside the picture of 120 x 90"),
        ("variants=1", "variants is a number from 2 to 12"),
        ("proposals=1", "proposals is a number from 2 to 12"),
        ("variants=2&proposals=2", "variants and proposals are the same option; give one of them"),
    ],
)
def test_wrong_options_are_explained(client, query, words) -> None:
    assert words in detail(client.post(f"/v1/colorize?{query}", content=PICTURE), 422)


def test_a_palette_and_warmth_change_the_colours(client) -> None:
    queries = ("quality=fast", "quality=fast&palette=navy", "quality=fast&warmth=1")
    found = {
        client.post(f"/v1/colorize?format=png&{query}", content=PICTURE).content
        for query in queries
    }
    assert len(found) == 3


def test_strength_and_quality_are_those_of_the_library(client) -> None:
    answer = client.post(
        "/v1/colorize?format=png&strength=0&quality=fast&tone=true", content=PICTURE
    )
    assert np.ptp(opened(answer).astype(int), axis=2).max() <= 1


def test_options_of_a_kept_picture_may_come_as_a_form(client) -> None:
    path = client.post("/v1/sessions", content=PICTURE).headers["location"]
    for end in ("preview", "picture"):
        form = client.post(f"{path}/{end}", data={"vividness": "0"})
        assert form.content == client.get(f"{path}/{end}?vividness=0").content
        assert "as a form" in detail(client.post(f"{path}/{end}", content=b"x"), 415)
        large = {"hints": "x" * (3 << 20)}
        assert "larger than 2 MB" in detail(client.post(f"{path}/{end}", data=large), 413)


def test_a_kept_picture_is_asked_for_many_times(client) -> None:
    made = client.post("/v1/sessions", content=PICTURE)
    assert made.status_code == 201
    body = made.json()
    assert (body["width"], body["height"]) == (120, 90)
    path = made.headers["location"]
    before = opened(client.get(f"{path}/original"))
    assert np.ptp(before.astype(int), axis=2).max() <= 2
    natural, vivid = (
        opened(client.get(f"{path}/preview?vividness={v}")).astype(int) for v in (0, 1)
    )
    assert np.ptp(vivid, axis=2).mean() > np.ptp(natural, axis=2).mean() > 2
    whole = client.get(f"{path}/picture?format=png")
    direct = client.post("/v1/colorize?format=png", content=PICTURE)
    assert whole.content == direct.content
    assert client.delete(path).status_code == 204
    assert "no longer kept" in detail(client.get(f"{path}/preview"), 410)


def test_a_preview_that_a_client_has_is_not_made_again(client) -> None:
    path = client.post("/v1/sessions", content=PICTURE).headers["location"]
    for end in ("original", "preview", "picture"):
        whole = client.get(f"{path}/{end}")
        known = {"If-None-Match": whole.headers["etag"]}
        again = client.get(f"{path}/{end}", headers=known)
        assert (again.status_code, again.content) == (304, b"")
    for other in ("preview?vividness=0.2", "preview?left=0&top=0&width=9&height=9"):
        assert client.get(f"{path}/{other}", headers=known).status_code == 200
    assert client.post(f"{path}/picture", headers=known).status_code == 200
    client.delete(path)
    assert client.get(f"{path}/picture", headers=known).status_code == 410


def test_an_option_that_is_given_twice_is_refused(client) -> None:
    said = "vividness is given twice; give it once"
    twice = client.post("/v1/colorize?vividness=0&vividness=1", content=PICTURE)
    assert detail(twice, 422) == said
    form = {"data": {"vividness": "0"}, "files": {"picture": PICTURE}}
    assert detail(client.post("/v1/colorize?vividness=0", **form), 422) == said
    pictures = [("picture", PICTURE), ("picture", PICTURE)]
    assert "picture is given twice" in detail(client.post("/v1/colorize", files=pictures), 422)
    path = client.post("/v1/sessions", content=PICTURE).headers["location"]
    for end in ("preview?vividness=0&vividness=0", "colours?x=1&y=1&x=2", "original?left=1&left=2"):
        assert "is given twice" in detail(client.get(f"{path}/{end}"), 422)
    body = {"content": "vividness=0&vividness=0"}
    header = {"Content-Type": "application/x-www-form-urlencoded"}
    assert detail(client.post(f"{path}/preview", **body, headers=header), 422) == said


def test_a_picture_that_has_colours_is_known(client) -> None:
    colour = png(skimage.data.astronaut()[:90, :120])
    assert client.post("/v1/sessions", content=colour).json()["had_colour"] is True
    sepia = np.stack([GREY, GREY * 0.9, GREY * 0.7], axis=2).astype(np.uint8)
    assert client.post("/v1/sessions", content=png(sepia)).json()["had_colour"] is False


def test_a_hint_outside_is_told_in_pixels_of_the_original(client) -> None:
    large = png(np.tile(GREY, (20, 20)))  # 2400 x 1800, larger than its preview
    path = client.post("/v1/sessions", content=large).headers["location"]
    outside = json.dumps([[2400, 30, "#a03020"]])
    said = detail(client.get(f"{path}/preview", params={"hints": outside}), 422)
    told = "the hint at 2400,30 is outside the picture of 2400 x 1800 pixels; choose a point in it"
    assert said == told


def test_a_part_shows_pixels_of_the_original(client) -> None:
    side = np.arange(2400)
    stripes = png(np.where((side[None] + side[:1800, None]) % 2, 255, 0).astype(np.uint8))
    path = client.post("/v1/sessions", content=stripes).headers["location"]
    part = {"left": 1000, "top": 1000, "width": 300, "height": 200}
    for end in ("original", "preview"):
        whole, detailed = (opened(client.get(f"{path}/{end}", params=p)) for p in ({}, part))
        assert whole.shape == (1050, 1400, 3)
        assert detailed.shape == (200, 300, 3)
        dull, crisp = (pixels.mean(axis=2).std() for pixels in (whole, detailed))
        assert dull < 60 < crisp  # shrunk to grey, or a pixel black and one white
    wide = opened(client.get(f"{path}/original?left=0&top=0&width=2400&height=1800"))
    assert wide.shape == (1800, 2400, 3)
    for query, words in (
        ("left=0", "a region needs left, top, width and height, in pixels of the picture"),
        ("left=2000&top=0&width=401&height=2", "width is a number from 1 to 400, not '401'"),
        ("left=2400&width=1&height=2", "left is a number from 0 to 2399"),
    ):
        assert words in detail(client.get(f"{path}/preview?{query}"), 422)


def test_a_large_part_is_shown_smaller(client) -> None:
    path = client.post("/v1/sessions", content=png(np.tile(GREY, (1, 50)))).headers["location"]
    shown = opened(client.get(f"{path}/preview?left=100&top=0&width=5800&height=90"))
    assert shown.shape == (22, 1450, 3)


def test_health_models_metrics_and_document(client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    models = client.get("/v1/models").json()
    assert {"vivid"} <= {model["name"] for model in models}
    client.post("/v1/colorize", content=PICTURE)
    text = client.get("/metrics").text
    assert "photochrom_jobs 0" in text
    assert "photochrom_pictures_total" in text
    paths = client.get("/openapi.json").json()["paths"]
    assert "/v1/sessions/{name}/preview" in paths
