"""Hints, suggestions, variants and references, from the library and from the command."""

import numpy as np
import pytest
import skimage.data
from click.testing import CliRunner
from PIL import Image

from helpers import echo_model
from photochrom import (
    ColorizeOptions,
    Colorizer,
    HintError,
    ImageError,
    ModelError,
    PhotochromWarning,
)
from photochrom.cli.main import main
from photochrom.guidance.hints import to_planes
from photochrom.guidance.strokes import layer_hints

CAMERA = skimage.data.camera()


def test_a_model_takes_hints_or_says_that_it_does_not(echo, tmp_path) -> None:
    colorizer = Colorizer(echo)
    grey = np.full((64, 96), 120, np.uint8)
    plain = colorizer.colorize(grey)
    np.testing.assert_array_equal(colorizer.colorize(grey, hints=[]), plain)
    hinted = colorizer.colorize(grey, hints=[(40, 30, "#c02020")])
    assert (hinted != plain).any()
    Image.fromarray(grey).save(tmp_path / "in.png")
    words = ["colorize", str(tmp_path / "in.png"), "-m", str(echo), "--hint", "40,30,#c02020"]
    assert CliRunner().invoke(main, [*words, "-o", str(tmp_path / "o.png")]).exit_code == 0
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "o.png")), hinted)
    outside = CliRunner().invoke(main, [*words, "--hint", "900,1,#000000", "--overwrite"])
    assert outside.exit_code == 1
    assert "outside the picture" in outside.output


def test_hints_are_for_one_picture(tmp_path) -> None:
    for name in "ab":
        Image.new("L", (40, 40), 90).save(tmp_path / f"{name}.png")
    words = ["colorize", str(tmp_path), "--hint", "1,1,#000000"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "hints and variants are for one picture, not for 2" in result.output


def test_colours_are_suggested_for_a_place(echo) -> None:
    colours = Colorizer(echo).suggest(CAMERA, 20, 30, 4)
    assert 1 <= len(colours) <= 4
    assert len(set(colours)) == len(colours)
    to_planes([(20, 30, colour) for colour in colours], (512, 512), (64, 64))
    with pytest.raises(HintError, match="900,3 is outside the picture of 512 x 512"):
        Colorizer(echo).suggest(CAMERA, 900, 3)


def test_proposals_are_written_side_by_side_and_differ(echo, tmp_path) -> None:
    Image.fromarray(CAMERA).save(tmp_path / "in.png")
    words = ["colorize", str(tmp_path / "in.png"), "-m", str(echo), "--proposals", "3"]
    assert CliRunner().invoke(main, [*words, "-o", str(tmp_path / "o.png")]).exit_code == 0
    made = [np.asarray(Image.open(tmp_path / f"o-{number}.png")) for number in (1, 2, 3)]
    np.testing.assert_array_equal(made[0], Colorizer(echo).colorize(CAMERA)[..., :3])
    assert all((made[one] != made[two]).any() for one, two in ((0, 1), (0, 2), (1, 2)))
    first, second = (Colorizer(echo).propose(CAMERA, 3) for _ in range(2))
    assert first == second
    assert first[0] == []
    both = CliRunner().invoke(main, [*words, "--hint", "1,1,#000000"])
    assert both.exit_code == 2


def test_a_reference_gives_its_colours(echo, tmp_path) -> None:
    colorizer = Colorizer(echo)
    hints = colorizer.match(CAMERA, skimage.data.astronaut())
    assert 0 < len(hints) <= 60
    painted = colorizer.colorize(CAMERA, reference=skimage.data.astronaut())
    np.testing.assert_array_equal(painted, colorizer.colorize(CAMERA, hints=hints))
    Image.fromarray(CAMERA).save(tmp_path / "in.png")
    words = ["colorize", str(tmp_path / "in.png"), "-m", str(echo), "-o", str(tmp_path / "o.png")]
    refused = CliRunner().invoke(main, [*words, "--reference", str(tmp_path / "in.png")])
    assert refused.exit_code == 1
    assert "the reference has no colours to take" in refused.output
    assert not (tmp_path / "o.png").exists()


def test_a_hint_that_reaches_a_spot_leaves_the_rest(echo, tmp_path) -> None:
    colorizer, point = Colorizer(echo), (100, 380, "#c02020")
    plain, spot, thing, everything, bare = (
        colorizer.colorize(CAMERA, hints=hints).astype(int)
        for hints in (
            [],
            [(*point, "spot")],
            [(*point, "thing")],
            [(*point, "everything")],
            [point],
        )
    )
    np.testing.assert_array_equal(thing, bare)
    near, away = np.s_[372:388, 92:108], np.s_[:200]
    assert np.abs(spot - plain)[near].mean() > 5
    assert np.abs(spot - bare)[near].mean() < 3
    assert np.abs(spot - plain)[away].max() <= 1
    changed = [np.abs(one - plain).mean() for one in (spot, thing, everything)]
    assert changed == sorted(changed)
    Image.fromarray(CAMERA).save(tmp_path / "in.png")
    words = ["colorize", str(tmp_path / "in.png"), "-m", str(echo), "-o", str(tmp_path / "o.png")]
    given = CliRunner().invoke(main, [*words, "--hint", "100,380,#c02020,spot"])
    assert given.exit_code == 0, given.output
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "o.png")), spot)
    wrong = "a hint reaches spot, thing or everything, not 'room'"
    with pytest.raises(HintError, match=wrong):
        colorizer.colorize(CAMERA, hints=[(*point, "room")])
    with pytest.raises(HintError, match=wrong):
        colorizer.reach(CAMERA, 1, 1, "room")
    with pytest.raises(HintError, match="outside the picture"):
        colorizer.colorize(CAMERA, hints=[(900, 1, "#c02020", "spot")])


def test_hints_are_painted_on_a_layer(echo, tmp_path) -> None:
    Image.fromarray(CAMERA).save(tmp_path / "in.png")
    layer = np.zeros((512, 512, 4), np.uint8)
    layer[300:304, 100:300] = (200, 30, 20, 255)
    words = ["colorize", str(tmp_path / "in.png"), "-m", str(echo), "-o", str(tmp_path / "o.png")]

    def run(pixels):
        Image.fromarray(pixels).save(tmp_path / "layer.png")
        return CliRunner().invoke(
            main, [*words, "--overwrite", "--hint-layer", str(tmp_path / "layer.png")]
        )

    assert run(layer).exit_code == 0
    made = np.asarray(Image.open(tmp_path / "o.png"))
    hints = layer_hints(layer[..., :3], layer[..., 3])
    np.testing.assert_array_equal(made, Colorizer(echo).colorize(CAMERA, hints=hints))
    for pixels, message in (
        (layer[:256], "the layer of hints is 512 x 256 pixels, the picture 512 x 512"),
        (layer[..., :3], "the layer of hints has no transparency; paint on a clear layer"),
        (np.zeros_like(layer), "nothing is painted on the layer of hints"),
    ):
        refused = run(pixels)
        assert refused.exit_code == 1
        assert message in refused.output
    (tmp_path / "layer.png").write_text("Dear grandmother")
    broken = CliRunner().invoke(main, [*words, "--hint-layer", str(tmp_path / "layer.png")])
    assert "the layer of hints: " in broken.output
    several = [*words, "--hint-layer", str(tmp_path / "layer.png"), "--variants", "3"]
    assert "leave --hint and --hints out" in CliRunner().invoke(main, several).output


def test_a_reference_is_weakened(echo) -> None:
    colorizer, reference = Colorizer(echo), skimage.data.astronaut()
    match = colorizer.compare(CAMERA, reference)
    assert match.hints == colorizer.match(CAMERA, reference)
    assert len(match.own) == len(match.hints)
    none, half, whole = (
        colorizer.colorize(CAMERA, reference=reference, reference_strength=strength).astype(int)
        for strength in (0, 0.5, 1)
    )
    own = [(x, y, color, far) for (x, y, _, far), color in zip(match.hints, match.own, strict=True)]
    np.testing.assert_array_equal(none, colorizer.colorize(CAMERA, hints=own))
    assert 0 < np.abs(half - none).mean() < np.abs(whole - none).mean()
    with pytest.raises(ModelError, match="reference_strength goes from 0 to 1, not 2"):
        ColorizeOptions(reference_strength=2)
    assert "reference_strength" not in ColorizeOptions().settings()  # as in older journals
    assert ColorizeOptions(reference_strength=0.5).settings()["reference_strength"] == 0.5


def test_a_reference_with_little_in_common_is_warned_of(echo, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("photochrom.guidance.matching.share_alike", lambda *_: 0.12)
    wanted = (
        "only 12% of the picture looks like something in the reference: its colours may not fit"
    )
    with pytest.warns(PhotochromWarning, match=wanted):
        Colorizer(echo).colorize(CAMERA, reference=skimage.data.astronaut())
    for name, pixels in (("in", CAMERA), ("lent", skimage.data.astronaut())):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    words = ["colorize", str(tmp_path / "in.png"), "-m", str(echo), "-o", str(tmp_path / "o.png")]
    result = CliRunner().invoke(main, [*words, "--reference", str(tmp_path / "lent.png")])
    assert result.exit_code == 0
    assert "add --reference-strength 0.5, or take another picture" in result.output


def test_a_broken_reference_is_called_the_reference(echo, tmp_path) -> None:
    with pytest.raises(ImageError, match=r"^the reference: .*none\.jpg"):
        Colorizer(echo).colorize(CAMERA, reference=tmp_path / "none.jpg")
    with pytest.raises(ImageError, match=r"^the reference: the file is not a picture"):
        Colorizer(echo).match(CAMERA, b"Dear grandmother")


def test_models_without_hints_say_so(tmp_path) -> None:
    colorizer = Colorizer(echo_model.write(tmp_path / "a.onnx", hints=False, name="a", version=""))
    with pytest.raises(ModelError, match="the model a takes no hints"):
        colorizer.colorize(np.zeros((64, 64), np.uint8), hints=[(1, 1, "#ffffff")])
    with pytest.raises(ModelError, match="the model a has no variants, suggestions"):
        colorizer.propose(np.zeros((64, 64), np.uint8))
