"""Suggested colours, variants and references, over REST."""

import io
import json
import zipfile

import numpy as np
import pytest
import skimage.data
from starlette.testclient import TestClient

from helpers.rest import PICTURE, detail, opened, png
from photochrom.guidance.palette import parse
from photochrom.guidance.strokes import layer_hints
from photochrom.web.app import create_app


@pytest.fixture(scope="module")
def client(echo_as_vivid):
    with TestClient(create_app(), base_url="http://localhost") as one:
        yield one


@pytest.fixture
def session(client):
    answer = client.post("/v1/sessions", content=PICTURE)
    return f"/v1/sessions/{answer.json()['id']}"


def test_colours_are_suggested_for_a_place(client, session) -> None:
    colours = client.get(f"{session}/colours?x=60&y=40").json()["colours"]
    assert 1 <= len(colours) <= 6
    assert all(len(one) == 7 and one[0] == "#" for one in colours)
    assert "x and y" in detail(client.get(f"{session}/colours?x=60"), 422)
    assert "x is a number from 0 to 119" in detail(client.get(f"{session}/colours?x=120&y=1"), 422)


def test_what_a_point_would_colour_is_shown(client, session) -> None:
    answer = client.get(f"{session}/reach?x=60&y=40")
    assert answer.headers["content-type"] == "image/png"
    thing = opened(answer).astype(int)
    assert np.ptp(thing, axis=2).max() == 0
    rows, columns = thing.shape[:2]
    assert thing[int(40 / 90 * rows), int(60 / 120 * columns), 0] == 255
    spot = opened(client.get(f"{session}/reach?x=60&y=40&reach=spot"))
    assert spot.mean() <= thing.mean() < 255
    assert (opened(client.get(f"{session}/reach?x=60&y=40&reach=everything")) == 255).all()
    wrong = client.get(f"{session}/reach?x=60&y=40&reach=room")
    assert "reach is one of spot, thing, everything, not 'room'" in detail(wrong, 422)


def test_a_hint_may_say_how_far_it_reaches(client, session) -> None:
    def shown(*hint):
        answer = client.get(f"{session}/preview", params={"hints": json.dumps([hint])})
        return opened(answer).astype(int)

    plain = opened(client.get(f"{session}/preview")).astype(int)
    spot = np.abs(shown(60, 40, "#3050a0", "spot") - plain)
    whole = np.abs(shown(60, 40, "#3050a0") - plain)
    assert spot[38:42, 58:62].mean() > 5
    assert spot[:10, :10].mean() < 1 < whole.mean()
    assert (shown(60, 40, "#3050a0", "thing") == shown(60, 40, "#3050a0")).all()
    wrong = client.get(f"{session}/preview", params={"hints": '[[1, 2, "#ffffff", "room"]]'})
    assert "a hint reaches spot, thing or everything, not 'room'" in detail(wrong, 422)


def test_variants_are_hints_that_change_the_picture(client, session) -> None:
    variants = client.get(f"{session}/variants?count=3").json()["variants"]
    assert len(variants) == 3
    assert variants[0] == []
    shown = [
        opened(client.get(f"{session}/preview", params={"hints": json.dumps(hints)}))
        for hints in variants
    ]
    for one, two in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(shown[one].astype(int) - shown[two]).mean() > 0.5
    assert client.get(f"{session}/proposals?count=3").json()["proposals"] == variants
    assert "count is a number from 2 to 12" in detail(
        client.get(f"{session}/variants?count=1"), 422
    )


def test_a_preview_shows_where_colours_are_in_doubt(client, session) -> None:
    doubts = opened(client.get(f"{session}/preview?show=uncertainty")).astype(int)
    colours = opened(client.get(f"{session}/preview?show=colours"))
    assert (colours == opened(client.get(f"{session}/preview"))).all()
    assert doubts.shape == colours.shape
    assert (doubts[..., 0] - doubts[..., 2]).mean() > 5
    part = client.get(f"{session}/preview?show=uncertainty&left=10&top=10&width=30&height=20")
    assert np.abs(opened(part) - doubts[10:30, 10:40]).mean() < 5
    hinted = {"show": "uncertainty", "hints": json.dumps([[60, 40, "#3050a0"]])}
    assert (opened(client.get(f"{session}/preview", params=hinted)) != doubts).any()
    assert "show is one of colours, uncertainty, not 'all'" in detail(
        client.get(f"{session}/preview?show=all"), 422
    )
    assert "there is no option 'show' here" in detail(
        client.get(f"{session}/picture?show=uncertainty"), 422
    )
    told = detail(client.get(f"{session}/preview?show=uncertainty&model=beta"), 422)
    assert "the model beta has no variants, suggestions or uncertainty" in told


def test_doubts_are_places_of_the_original(client) -> None:
    camera = np.tile(skimage.data.camera(), (6, 6))  # 3072 pixels a side, more than a preview
    large = png(np.where(np.arange(3072) < 2000, 20, camera))  # all that is seen is on the right
    session = client.post("/v1/sessions", content=large).headers["location"]
    doubts = client.get(f"{session}/doubts").json()
    places = doubts["places"]
    assert 0 < doubts["mean"] < max(one["uncertainty"] for one in places)
    assert 1 <= len(places) <= 5
    for one in places:
        assert 0 <= one["x"] < 3072
        assert 0 <= one["y"] < 3072
        assert one["uncertainty"] >= 0
        assert 1 <= len(one["colours"]) <= 4
    assert max(one["x"] for one in places) > 1400
    hints = json.dumps([[one["x"], one["y"], one["colours"][0]] for one in places])
    assert client.post(f"{session}/doubts", data={"hints": hints}).json()["places"] != places
    assert "there is no option 'show' here" in detail(
        client.get(f"{session}/doubts?show=colours"), 422
    )


def test_a_reference_becomes_hints(client, session) -> None:
    colour = png(skimage.data.astronaut()[:90, :120])
    answer = client.post(f"{session}/reference", content=colour).json()
    hints = answer["hints"]
    assert 0 < len(hints) <= 60
    assert len(answer["own"]) == len(hints)
    assert answer["share"] > 0.9  # it is the same picture
    assert len(parse(answer["palette"]).colors) > 1
    broken = client.post(f"{session}/reference", content=b"text " * 9)
    assert detail(broken, 422).startswith("the reference: the file is not a picture")
    assert all(0 <= x < 120 and 0 <= y < 90 for x, y, *_ in hints)
    assert "no colours to take" in detail(client.post(f"{session}/reference", content=PICTURE), 422)


def test_several_variants_come_in_a_zip(client) -> None:
    answer = client.post("/v1/colorize?variants=3&format=png", content=PICTURE)
    older = client.post("/v1/colorize?proposals=3&format=png", content=PICTURE)
    assert older.headers["content-type"] == "application/zip"
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        assert files.namelist() == ["1.png", "2.png", "3.png"]
        assert files.infolist()[0].date_time[0] > 2000
        pictures = [files.read(name) for name in files.namelist()]
    assert pictures[0] == client.post("/v1/colorize?format=png", content=PICTURE).content
    assert len(set(pictures)) == 3


def test_a_form_may_hold_a_reference(client, session) -> None:
    colour = png(skimage.data.astronaut()[:90, :120])
    form = {"picture": PICTURE, "reference": colour}
    lent = client.post("/v1/colorize?format=png", files=form)
    hints = client.post(f"{session}/reference", content=colour).json()["hints"]
    given = {"hints": json.dumps(hints), "format": "png"}
    assert lent.content == client.post(f"{session}/picture", data=given).content
    less = client.post("/v1/colorize?format=png&reference_strength=0.5", files=form)
    none = client.post("/v1/colorize?format=png", content=PICTURE)
    assert len({less.content, lent.content, none.content}) == 3
    wrong = client.post("/v1/colorize?reference_strength=2", files=form)
    assert "reference_strength is a number from 0 to 1, not '2'" in detail(wrong, 422)
    form["reference"] = PICTURE
    assert "no colours to take" in detail(client.post("/v1/colorize", files=form), 422)


def test_a_form_may_hold_a_painted_layer(client) -> None:
    layer = np.zeros((90, 120, 4), np.uint8)
    layer[40:50, 30:90] = (200, 30, 20, 255)
    form = {"picture": PICTURE, "hint_layer": png(layer)}
    made = client.post("/v1/colorize?format=png", files=form)
    hints = layer_hints(layer[..., :3], layer[..., 3])
    given = {"hints": json.dumps(hints), "format": "png"}
    assert (
        made.content == client.post("/v1/colorize", data=given, files={"picture": PICTURE}).content
    )
    form["hint_layer"] = png(layer[:9])
    said = detail(client.post("/v1/colorize", files=form), 422)
    wanted = "the layer of hints is 120 x 9 pixels, the picture 120 x 90; make it as large"
    assert said == wanted


def test_models_say_whether_they_can_be_guided(client) -> None:
    found = {one["name"]: one["guides"] for one in client.get("/v1/models").json()}
    assert found == {"vivid": True, "beta": False, "full": False}
    path = client.post("/v1/sessions", content=PICTURE).headers["location"]
    answer = client.get(f"{path}/variants?model=beta")
    assert "the model beta has no variants" in detail(answer, 422)


def test_strokes_colour_what_they_paint_on(client, session) -> None:
    def shown(*strokes):
        return opened(client.post(f"{session}/preview", data={"strokes": json.dumps(strokes)}))

    plain, stroke = shown().astype(int), ["#c02020", 10, [[40, 40], [80, 40]]]
    change = np.abs(shown(stroke) - plain).mean(axis=2)
    assert change[36:44, 40:80].mean() > 5
    assert change[75:].mean() < 1
    erased = shown(stroke, [None, 400, [[60, 40]]])
    assert (erased == plain).all()
    full = client.post(
        f"{session}/picture", data={"strokes": json.dumps([stroke]), "format": "png"}
    )
    assert (
        np.abs(
            opened(full)[40, 45:75]
            - opened(client.get(f"{session}/picture?format=png"))[40, 45:75].astype(int)
        ).mean()
        > 3
    )
    wrong = client.post(f"{session}/preview", data={"strokes": "[[1]]"})
    assert 'strokes are a JSON list of ["#rrggbb", width' in detail(wrong, 422)
