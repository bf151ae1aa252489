"""The engine in the browser: its arithmetic is that of Python."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.color.spaces import samples_to_lightness, srgb_to_lab
from photochrom.color.toning import tone_residue
from photochrom.color.upsampling import Recombiner, guided_coefficients
from photochrom.guidance import matching, suggestions
from photochrom.guidance.hints import from_ab
from photochrom.guidance.palette import ColorPrior, Palette, parse, presets
from photochrom.guidance.prediction import Prediction
from photochrom.guidance.propagation import located, propagate
from photochrom.guidance.reach import Terrain
from photochrom.guidance.strokes import stroke_hints
from photochrom.guidance.uncertainty import expected_error, uncertain_points
from photochrom.inference.guide import _softmax
from photochrom.web import site

STEPS = np.arange(-60, 61, 12, dtype=np.float32)
CENTERS = np.stack(np.meshgrid(STEPS, STEPS, indexing="ij"), axis=-1).reshape(-1, 2)

GIVEN = """
    const names = ["color", "guidance", "palette", "propagation", "strokes", "toning"];
    const modules = await Promise.all(names.map((name) => import(`./engine/${name}.js`)));
    const of = Object.assign({}, ...modules), given = JSON.parse(text);
    const floats = (name) => Float32Array.from(given[name]);
    const planes = (name, count) => Array.from({ length: count }, (_, at) =>
        floats(name).slice(at * given[name].length / count, (at + 1) * given[name].length / count));
    const flat = (list) => list.flatMap((one) => Array.from(one));
"""
"""What a script finds there: the engine's functions, `of`, and what is given to it."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory, stub, echo, served, browsers):
    """Run functions of the engine in a page of the site: `engine(script, **arrays)`."""
    out = tmp_path_factory.mktemp("site") / "public"
    site.make(out, str(echo), stub)
    page = browsers.new_context("chromium").new_page()
    page.goto(served(out))

    def run(script: str, **given):
        text = json.dumps({name: _plain(value) for name, value in given.items()})
        return page.evaluate(
            f"async (text) => {{ {GIVEN} {script} }}",
            text,
        )

    yield run
    page.close()


def _plain(value):
    return np.asarray(value).ravel().tolist() if isinstance(value, np.ndarray) else value


def drawn() -> np.ndarray:
    """A drawn picture, (H, W, 3) uint8: ramps, edges, dark and light corners, texture."""
    rows, columns = np.mgrid[0:230, 0:347]
    grey = 127 + 90 * np.sin(columns / 25) * np.cos(rows / 31) + (columns > 180) * 37
    grey += np.random.default_rng(0).normal(0, 4, grey.shape)
    grey[:30, :30], grey[-30:, -30:] = 0, 255
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def opaque(rgb: np.ndarray) -> np.ndarray:
    """Give RGBA of RGB."""
    return np.concatenate([rgb, np.full((*rgb.shape[:2], 1), 255, np.uint8)], axis=2)


@pytest.fixture
def prediction():
    """What a model might say of a picture of 128 x 192 pixels: smooth, with things in it."""
    rng = np.random.default_rng(3)
    coarse = rng.normal(0, 3, (len(CENTERS), 4, 6)).repeat(8, axis=1).repeat(8, axis=2)
    logits = (coarse + rng.normal(0, 0.5, coarse.shape)).astype(np.float32)
    things = rng.normal(0, 1, (8, 2, 3)).repeat(8, axis=1).repeat(8, axis=2)
    features = (things + rng.normal(0, 0.4, things.shape)).astype(np.float32)
    ab = rng.normal(0, 20, (2, 32, 48)).astype(np.float32)
    made = Prediction(ab, _softmax(logits.copy()), features, CENTERS)
    given = {"ab": ab, "likelihood": made.likelihood, "features": features, "centres": CENTERS}
    return SimpleNamespace(logits=logits, made=made, given={**given, "h": 32, "w": 48})


PREDICTED = """const prediction = { h: given.h, w: given.w, ...Object.fromEntries(
    ["ab", "likelihood", "features", "centres"].map((name) => [name, floats(name)])) };"""

COLORED = """
    const { H, W, h, w, width, height } = given, light = floats("light");
    const terrain = new of.Terrain(floats("features"), light, H, W, h, w);
    const right = of.propagate(planes("ab", 2), terrain, given.points);
    const lines = of.guidedCoefficients(light, H, W, right, h, w);
    const pixels = Uint8ClampedArray.from(given.rgba), seen = of.lightness(pixels);
    const half = Math.floor(height / 2), recombiner = new of.Recombiner(lines, h, w, height, width);
    const part = pixels.slice(); // one of 40 x 30 pixels, by itself
    const cut = new Uint8ClampedArray(4 * 40 * 30);
    for (let row = 0; row < 30; row++) {
        const at = 4 * ((90 + row) * width + 100);
        cut.set(part.subarray(at, at + 160), 160 * row);
    }
    recombiner.recombine(cut, 90, 100, 40);
    recombiner.recombine(pixels.subarray(0, 4 * half * width), 0);
    recombiner.recombine(pixels.subarray(4 * half * width), half);
    return { right: flat(right), lines: flat(lines), seen: flat([seen]), pixels: flat([pixels]),
             cut: flat([cut]) };
"""


def test_colours_and_hints_are_those_of_python(engine) -> None:
    picture, rng = drawn(), np.random.default_rng(1)
    small = np.asarray(Image.fromarray(picture).resize((192, 128)))
    light = samples_to_lightness(small)
    for strength in (8, 30, 80):  # the last leaves the gamut almost everywhere
        ab = rng.normal(0, strength, (2, 4, 6)).repeat(8, axis=1).repeat(8, axis=2)
        ab = ab.astype(np.float32)
        features = rng.normal(0, 1, (8, 16, 24)).astype(np.float32)
        points = [
            (40, 60, "#c02030"), (200, 100, "#2040c0", "everything"),
            (210, 105, "#30a040", "thing"), (100, 150, "#c0a030", "spot"),
        ]  # fmt: skip
        terrain = Terrain.of(features, light, (32, 48))
        right = propagate(ab, terrain, located(points, (347, 230), mirrored=False))
        lines = guided_coefficients(light, right)
        expected = Recombiner(lines, 230, 347).recombine(picture, 0)
        sizes = {"H": 128, "W": 192, "h": 32, "w": 48, "height": 230, "width": 347}
        named = [
            {"x": x / 347, "y": y / 230, "color": color, "far": far[0] if far else "thing"}
            for x, y, color, *far in points
        ]
        arrays = {"light": light, "ab": ab, "features": features, "rgba": opaque(picture)}
        found = engine(COLORED, **arrays, **sizes, points=named)
        np.testing.assert_allclose(found["right"], right.ravel(), atol=0.02 * strength)
        np.testing.assert_allclose(found["seen"], samples_to_lightness(picture).ravel(), atol=0.02)
        np.testing.assert_allclose(found["lines"], lines.ravel(), atol=0.02 * strength)
        pixels = np.array(found["pixels"], np.uint8).reshape(230, 347, 4)
        assert (pixels[..., 3] == 255).all()
        cut = np.array(found["cut"], np.uint8).reshape(30, 40, 4)
        np.testing.assert_array_equal(cut, pixels[90:120, 100:140])
        labs = [srgb_to_lab(one / np.float32(255)) for one in (pixels[..., :3], expected)]
        assert np.abs(labs[0] - labs[1]).mean() < 0.2
        lightness = [samples_to_lightness(one) for one in (pixels[..., :3], picture)]
        assert np.quantile(np.abs(lightness[0] - lightness[1]), 0.999) < 0.3


@pytest.mark.parametrize("far", ["spot", "thing", "everything"])
def test_what_a_hint_reaches(engine, prediction, far) -> None:
    light = samples_to_lightness(drawn()[:128, :192])
    terrain = Terrain.of(prediction.made.features, light, (32, 48))
    script = """
        const terrain = new of.Terrain(floats("features"), floats("light"), 128, 192, 32, 48);
        return flat([terrain.reach([0.4, 0.6], given.far)]);"""
    found = engine(script, features=prediction.made.features, light=light, far=far)
    np.testing.assert_allclose(found, terrain.reach((0.4, 0.6), far).ravel(), atol=0.01)


@pytest.mark.parametrize(
    ("palette", "warmth"),
    [(None, 0.6), (None, -1), ("autochrome", 0), ("#a03020 20%, #2c4a7c 5.5%", 0.3)],
)
def test_palettes_and_warmth(engine, prediction, palette, warmth) -> None:
    prior = ColorPrior(parse(palette) if palette else None, warmth)
    expected = prior.ab(prediction.logits, CENTERS)
    script = """return flat([of.priorAb(floats("logits"), floats("centers"), 32 * 48,
        { palette: given.palette && of.paletteNamed(given.palette), warmth: given.warmth })]);"""
    given = {"palette": palette, "warmth": warmth, "centers": CENTERS, "logits": prediction.logits}
    np.testing.assert_allclose(engine(script, **given), expected.ravel(), atol=0.05)
    assert np.abs(expected - ColorPrior().ab(prediction.logits, CENTERS)).mean() > 1


def test_every_palette_that_has_a_name_is_known(engine) -> None:
    found = engine(
        "return given.names.map((name) => of.paletteNamed(name));", names=list(presets())
    )
    assert [one["colors"] for one in found] == [
        list(one.palette.colors) for one in presets().values()
    ]


def test_doubts_and_likely_colours(engine, prediction) -> None:
    script = f"""{PREDICTED}
        const values = of.expectedError(prediction);
        const likely = given.at.map(([x, y]) => of.likely(prediction, x, y, 6));
        const points = of.uncertainPoints(prediction, values, 5);
        return {{ values: flat([values]), points, likely }};"""
    at = [(0.1, 0.2), (0.99, 0.99)]
    found = engine(script, **prediction.given, at=at)
    np.testing.assert_allclose(
        found["values"], expected_error(prediction.made).ravel(), rtol=1e-3, atol=0.02
    )
    np.testing.assert_allclose(found["points"], uncertain_points(prediction.made, 5))
    for (x, y), colors in zip(at, found["likely"], strict=True):
        np.testing.assert_allclose(
            colors, suggestions.likely(prediction.made, x, y, 6), rtol=1e-3, atol=0.01
        )


def test_softmax(engine, prediction) -> None:
    found = engine(
        'return flat([of.softmax(floats("logits"), 32 * 48)]);', logits=prediction.logits
    )
    np.testing.assert_allclose(found, prediction.made.likelihood.ravel(), rtol=1e-4, atol=1e-6)


def test_colours_of_another_photo(engine, prediction) -> None:
    rng = np.random.default_rng(5)
    features = prediction.made.features[:, :, ::-1] + rng.normal(0, 0.2, (8, 16, 24))
    ab = rng.normal(0, 25, (2, 4, 6)).repeat(32, axis=1).repeat(32, axis=2).astype(np.float32)
    other = Prediction(ab[:, ::4, ::4], prediction.made.likelihood, np.float32(features), CENTERS)
    exemplar = matching.Exemplar.of(other, np.concatenate([np.full_like(ab[:1], 50), ab]))
    points = matching.match(prediction.made, exemplar)
    own = matching.toward(points, prediction.made, 0)
    script = f"""{PREDICTED}
        const other = {{ h: 32, w: 48, features: floats("theirs") }};
        return of.match(prediction, other, planes("colors", 2), 192, 128);"""
    found = engine(script, **prediction.given, theirs=other.features, colors=ab)
    assert found["share"] == pytest.approx(matching.share_alike(prediction.made, exemplar))
    assert len(points) > 5
    for one, expected, unchanged in zip(found["points"], points, own, strict=True):
        assert (one["x"], one["y"]) == pytest.approx((expected.x, expected.y))
        np.testing.assert_allclose(one["ab"], expected.ab, atol=0.05)
        np.testing.assert_allclose(one["own"], unchanged.ab, atol=1e-4)


def test_a_photo_that_is_like_no_other_lends_nothing(engine, prediction) -> None:
    script = f"""{PREDICTED}
        const other = {{ h: 32, w: 48, features: floats("theirs") }};
        return of.match(prediction, other, planes("colors", 2), 192, 128);"""
    noise = np.random.default_rng(9).normal(0, 1, (8, 16, 24)).astype(np.float32)
    noise[4:], given = 0, dict(prediction.given)
    given["features"] = np.concatenate([0 * noise[4:], noise[:4]])
    found = engine(script, **given, theirs=noise, colors=np.zeros((2, 128, 192)))
    assert found == {"points": [], "share": 0}


def test_strokes_are_the_hints_of_python(engine) -> None:
    strokes = [
        ["#a03020", 40, [[100, 100], [300, 180], [310, 400]]],
        ["#2040c0", 15.5, [[50, 700]]],
        [None, 30, [[200, 90], [260, 200]]],
        ["#30a040", 90, [[990, 790], [1005, 810]]],
    ]
    for size, most in [((1000, 800), 1000), ((1000, 800), 12), ((90, 120), 1000)]:
        given = [(color, width, tuple(map(tuple, points))) for color, width, points in strokes]
        expected = stroke_hints(given, size, most)
        found = engine(
            "return of.strokeHints(given.strokes, ...given.size, given.most);",
            strokes=strokes, size=size, most=most,
        )  # fmt: skip
        assert len(found) == len(expected) > 3
        for one, other in zip(found, expected, strict=True):
            assert one[:2] == pytest.approx(other[:2], abs=0.5)
            assert one[2:] == list(other[2:])


def test_tones_are_told_from_colours(engine) -> None:
    grey = drawn()
    sepia = np.clip(grey * [1.0, 0.85, 0.65], 0, 255).astype(np.uint8)
    for picture, has in [(grey, False), (sepia, False), (skimage.data.astronaut(), True)]:
        script = "return [of.toneResidue(given.rgba), of.hasColour(given.rgba)];"
        residue, found = engine(script, rgba=opaque(picture))
        assert found is has
        assert residue == pytest.approx(tone_residue(picture / np.float32(255)), abs=0.25)


def test_colours_are_written_as_python_writes_them(engine) -> None:
    rng = np.random.default_rng(2)
    colors = [(*rng.uniform(-70, 70, 2).tolist(), light) for light in (0, 30, 60, 100) * 20]
    found = engine("return given.colors.map(([a, b, l]) => of.fromAb([a, b], l));", colors=colors)
    for one, (a, b, light) in zip(found, colors, strict=True):
        channels = [bytes.fromhex(text[1:]) for text in (one, from_ab(np.array([a, b]), light))]
        assert (
            np.abs(np.subtract(*(np.frombuffer(c, np.uint8).astype(int) for c in channels))).max()
            <= 1
        )


def test_the_palette_of_a_picture(engine) -> None:
    picture = skimage.data.astronaut()[:200, :300]
    ab = np.moveaxis(srgb_to_lab(picture / np.float32(255)), -1, 0)[1:]
    expected = Palette.of_picture(ab)
    found = parse(engine("return of.paletteOf(of.abPlanes(given.rgba));", rgba=opaque(picture)))
    assert len(found.colors) == len(expected.colors)
    shares = [dict(zip(one.colors, one.shares, strict=True)) for one in (found, expected)]
    alike = set(shares[0]) & set(shares[1])
    assert len(alike) > 0.8 * len(expected.colors)
    assert all(shares[0][color] == pytest.approx(shares[1][color], abs=0.002) for color in alike)
