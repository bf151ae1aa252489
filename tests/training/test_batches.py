"""What is done to whole batches of crops: colours, age, things in other colours, hints."""

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image

from photochrom.color import gamut, spaces
from photochrom.evaluation import recoloring
from photochrom.training.config import DataConfig
from photochrom.training.data.batches import augment, collate, matrices, warp
from photochrom.training.data.crops import Photographs
from photochrom.training.data.degradation import degrade, draw_degradation, noise, plate
from photochrom.training.data.hints import ALWAYS, OTHERWISE, RECOLORED, draw_hints, hint, reveal
from photochrom.training.data.recolor import draw_thing, recolor
from photochrom.training.data.sources import find_photos
from photochrom.training.lab import fit_gamut, lab_to_linear, lab_to_rgb, samples_to_lab


@pytest.fixture
def photos(tmp_path):
    for name in ("astronaut", "coffee", "chelsea"):
        picture = Image.fromarray(getattr(skimage.data, name)()[:300, :300])
        picture.save(tmp_path / f"{name}.png")
    return find_photos(tmp_path)


def planes(picture) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(picture, -1, 0)))


def test_colours_are_those_of_the_spaces_everywhere() -> None:
    samples = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    samples[:8] //= 20  # near black, too
    lab = spaces.srgb_to_lab(samples / np.float32(255))
    found = samples_to_lab(planes(samples))
    torch.testing.assert_close(found, planes(lab), atol=1e-3, rtol=0)
    rgb = lab_to_rgb(found[None])[0]
    torch.testing.assert_close(rgb, planes(samples / np.float32(255)), atol=1e-3, rtol=0)


def test_chroma_is_reduced_as_in_the_gamut() -> None:
    random = np.random.default_rng(0)
    lab = np.float32(random.uniform((0, -90, -90), (100, 90, 90), (2000, 3)))
    expected = np.stack(gamut.fit_gamut(*np.ascontiguousarray(lab.T)))
    found = fit_gamut(torch.from_numpy(lab.T.copy()))
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_crops_are_mirrored_as_they_say_and_keep_their_own_pixels(photos) -> None:
    samples = Photographs(photos, DataConfig(size=32, flip="both"))
    crops = collate([samples[number] for number in range(12)])
    before = crops.pixels.clone()
    batch = augment(crops)
    assert torch.equal(crops.pixels, before)
    turns = set()
    for number in range(12):
        one = samples[number]
        axes = [axis for axis, wanted in ((1, one.inverted), (2, one.mirrored)) if wanted]
        assert torch.equal((255 * batch.rgb[number]).round().byte(), one.pixels.flip(axes))
        turns.add((one.mirrored, one.inverted))
    assert len(turns) == 4
    plain = Photographs(photos, DataConfig(size=32, flip="none"))
    assert not any(plain[number].mirrored or plain[number].inverted for number in range(12))


def test_planes_are_warped_together_about_their_centre() -> None:
    picture = torch.rand(1, 1, 64, 64).repeat(2, 3, 1, 1)
    turned = warp(picture, matrices([(20.0, 11.0), (0.0, 0.0)]))
    assert torch.equal(turned[0, 0], turned[0, 2])
    assert not torch.allclose(turned[0], picture[0], atol=0.1)
    torch.testing.assert_close(turned[1], picture[1], atol=1e-4, rtol=0)
    ramp = torch.linspace(0, 1, 64).expand(1, 1, 64, 64)
    upright = warp(ramp, matrices([(90.0, 0.0)]))[0, 0, :, 32]
    torch.testing.assert_close(upright, ramp[0, 0, 32].flip(0), atol=0.02, rtol=0)


def test_early_plates_record_blue_bright_and_red_dark() -> None:
    rgb = torch.zeros(3, 2, 4, 4)
    rgb[0, 0], rgb[2, 1] = 1, 1  # a red picture, a blue one
    modern, early = (plate(rgb, torch.full((2,), share)).mean(dim=(1, 2)) for share in (0.0, 1.0))
    for number, color in enumerate(((1, 0, 0), (0, 0, 1))):
        weights = (0.2126, 0.7152, 0.0722)
        grey = np.full(3, np.dot(weights, color), np.float32)
        assert modern[number].item() == pytest.approx(spaces.srgb_to_lightness(grey), abs=1e-3)
    assert early[0] < modern[0]
    assert early[1] > early[0] + 20


def test_tones_are_bent_faded_and_blurred_by_the_numbers_drawn() -> None:
    lightness = 100 * torch.rand(2, 16, 16)
    draws = torch.tensor([[0, 1.5, 0.1, 0.9, 0.5, 0], [0, 0.8, 0, 1, 0, 0]])
    found = degrade(lightness, draws, torch.zeros(2, dtype=torch.int64))
    tone = 0.1 + 0.8 * (lightness[0] / 100) ** 1.5
    around = torch.stack([tone[3 + i, 3 + j] for i in (-1, 0, 1) for j in (-1, 0, 1)]).mean()
    expected = 100 * (0.5 * tone[3, 3] + 0.5 * around)
    torch.testing.assert_close(found[0, 3, 3], expected, atol=1e-3, rtol=0)
    torch.testing.assert_close(found[1], 100 * (lightness[1] / 100) ** 0.8, atol=1e-3, rtol=0)
    draws[1, 5] = 0.03
    grain = degrade(torch.full((2, 64, 64), 50.0), draws, torch.tensor([1, 2]))
    assert grain[0].std() < 1e-3
    assert grain[1].std().item() == pytest.approx(3, rel=0.1)


def test_noise_is_normal_and_belongs_to_its_seed() -> None:
    one = noise(torch.tensor([7, 2**32 - 1, 0]), 40_000)
    assert one.mean(dim=1).abs().max() < 0.02
    assert (one.std(dim=1) - 1).abs().max() < 0.02
    assert torch.equal(noise(torch.tensor([0, 7]), 40_000), one[[2, 0]])
    together = torch.corrcoef(torch.cat([one, one.roll(1, 1)]))
    assert (together - torch.eye(6)).abs().max() < 0.03


def test_ages_are_drawn_as_often_and_as_much_as_they_should() -> None:
    random = np.random.default_rng(0)
    drawn = np.array([draw_degradation(random) for _ in range(4000)])
    share, gamma, black, white, blur, grain = drawn.T
    for values, mean in ((share, 0.5), (np.log(gamma), 0), (black, 0.1), (white, 0.9)):
        assert values.mean() == pytest.approx(mean, abs=0.03)
    assert (blur > 0).mean() == pytest.approx(0.5, abs=0.03)
    assert (grain > 0).mean() == pytest.approx(0.5, abs=0.03)
    assert blur[blur > 0].mean() == pytest.approx(0.5, abs=0.03)
    assert grain.max() < 0.03


def test_aged_crops_keep_their_colours(photos) -> None:
    new, old = (
        Photographs(photos, DataConfig(size=64, aged=share)).batch(range(6)) for share in (0.0, 1.0)
    )
    assert torch.equal(new.lab[:, 1:], old.lab[:, 1:])
    assert torch.equal(new.rgb, old.rgb)
    assert (new.lab[:, 0] - old.lab[:, 0]).abs().mean(dim=(1, 2)).min() > 0.5
    assert 0 <= old.lab[:, 0].min() <= old.lab[:, 0].max() <= 100


def shown_one_by_one(ab, hints, recolored):
    """The formula for one hint after another."""
    found = torch.zeros(3, *ab.shape[1:])
    for number, top, left, bottom, right, *source, when in hints:
        if when == ALWAYS or (when == RECOLORED) == recolored[number]:
            here = np.s_[top:bottom, left:right]
            taken = np.s_[source[0] : source[2], source[1] : source[3]]
            color = ab[:, number][(slice(None), *taken)].mean(dim=(1, 2))
            found[:2, number][(slice(None), *here)] = color[:, None, None]
            found[2, number][here] = 1
    return found


def test_hints_show_the_truth_where_they_were_drawn() -> None:
    random = np.random.default_rng(0)
    ab = 100 * torch.rand(2, 3, 32, 32)
    recolored = torch.tensor([False, True, False])
    hints = [
        [number, *row]
        for number in range(3)
        for when in (ALWAYS, RECOLORED, OTHERWISE)
        for row in draw_hints(6, 32, when, random)
    ]
    hints.append([2, *hint((28, 0, 32, 9), (29, 3, 32, 6), ALWAYS)])
    found = reveal(ab, torch.tensor(hints), recolored)
    torch.testing.assert_close(found, shown_one_by_one(ab, hints, recolored.tolist()))
    none = reveal(ab, torch.zeros(0, 10, dtype=torch.int64), recolored)
    assert none.shape == (3, 3, 32, 32)
    assert not none.any()


def test_hints_are_as_many_and_as_large_as_they_should(photos) -> None:
    samples = Photographs(photos, DataConfig(size=64, hints=0.4))
    counts = np.array([len(samples[number].hints) for number in range(400)])
    assert (counts > 0).mean() == pytest.approx(0.4, abs=0.08)
    assert counts[counts > 0].mean() == pytest.approx(8, abs=1.5)
    drawn = np.array(draw_hints(2000, 64, ALWAYS, np.random.default_rng(0)))
    sides = drawn[:, 2] - drawn[:, 0]
    assert sides.min() == 1
    assert sides.max() == 9
    assert sides.mean() == pytest.approx(5, abs=0.2)
    assert drawn[:, 2:4].max() <= 64
    assert drawn[:, :2].min() == 0


def square(color, side=64):
    """A grey field with a square of one colour, as Lab (S, S, 3), and where the square is."""
    lab = np.zeros((side, side, 3), np.float32)
    lab[..., 0] = 60
    lab[16:48, 16:48, 1:] = color
    lab[..., 1:] += np.random.default_rng(0).normal(0, 1, (side, side, 2))
    inside = np.zeros((side, side), bool)
    inside[16:48, 16:48] = True
    return lab, inside


def test_things_get_the_colours_that_they_get_one_by_one() -> None:
    pixels, things, colors, expected = [], [], [], []
    for seed in range(6):
        lab, inside = square((40, 20) if seed % 2 else (-20, 5))
        new = recoloring.recolor(lab, inside, np.random.default_rng(seed))
        random = np.random.default_rng(seed)
        colors.append([recoloring.draw_color(each, random) for each in range(recoloring.TRIES)])
        expected.append(new[inside])
        pixels.append(lab[inside])
        things += [seed] * int(inside.sum())
    ab, found = recolor(
        torch.from_numpy(np.concatenate(pixels)).T,
        torch.tensor(things),
        torch.tensor(np.array(colors), dtype=torch.float32),
    )
    assert found.all()
    np.testing.assert_allclose(ab.T, np.concatenate(expected)[:, 1:], atol=0.05)


def test_a_thing_keeps_its_colours_when_none_suits() -> None:
    lab, inside = square((40, 20))
    shown = torch.from_numpy(lab[inside]).T
    near, beyond, good = (45.0, 20.0), (-120.0, 100.0), (-30.0, 20.0)
    things = torch.zeros(shown.shape[1], dtype=torch.int64)
    ab, found = recolor(shown, things, torch.tensor([[near, beyond]]))
    assert not found
    assert torch.equal(ab, shown[1:])
    ab, found = recolor(shown, things, torch.tensor([[near, beyond, good, (0.0, 40.0)]]))
    assert found
    torch.testing.assert_close(ab.mean(dim=1), torch.tensor(good), atol=0.1, rtol=0)
    assert (lab_to_linear(torch.cat([shown[:1], ab])) > -1e-3).all()


@pytest.mark.parametrize("rotation", [0.0, 25.0])
def test_recoloured_things_have_hints_of_their_colour(tmp_path, rotation) -> None:
    """Also where the crop is mirrored and rotated; all else stays, and lightness everywhere."""
    rgb = np.clip(spaces.lab_to_srgb(square((40, 20), 96)[0]), 0, 1)
    rgb[:, :3] = (0, 0, 1)  # so that a mirrored one is another
    Image.fromarray(np.uint8(255 * rgb)).save(tmp_path / "a.png")
    made = {"size": 64, "zoom": 1.0, "flip": "both", "rotation": rotation}
    plain, other = (
        Photographs(find_photos(tmp_path), DataConfig(recolored=share, **made)).batch(range(12))
        for share in (0.0, 1.0)
    )
    assert not len(other.authentic)
    assert torch.equal(plain.lab[:, 0], other.lab[:, 0])
    changed = (plain.lab - other.lab).abs().amax(dim=1) > 3
    assert (changed.flatten(1).sum(dim=1) > 100).sum() >= 8
    for number in range(12):
        if changed[number].any():
            thing = other.lab[number, 1:, changed[number]].median(dim=1).values
            hinted = other.hints[number, 2].bool() & changed[number]
            assert hinted.any()
            assert (other.hints[number, :2, hinted] - thing[:, None]).abs().median() < 4
            assert (plain.rgb - other.rgb)[number][:, ~changed[number]].abs().mean() < 0.02


def test_too_little_of_a_thing_is_none() -> None:
    inside = np.zeros((64, 64), bool)
    inside[3, 3] = True
    assert draw_thing(inside, np.random.default_rng(0)) is None


def test_without_things_crops_stay_as_they_were(photos) -> None:
    plain, other = (
        Photographs(photos, DataConfig(size=64, recolored=share), seed=1).batch(range(16))
        for share in (0.0, 0.5)
    )
    authentic = other.authentic.tolist()
    assert 3 < len(authentic) < 13
    assert torch.equal(other.lab[authentic], plain.lab[authentic])
    assert torch.equal(other.lab[:, 0], plain.lab[:, 0])
    changed = [n for n in range(16) if not torch.equal(other.lab[n], plain.lab[n])]
    assert len(changed) >= 3
