import numpy as np
import pytest
import skimage.data

from photochrom.color.spaces import samples_to_lightness
from photochrom.color.subsampling import BT709, BT709_10, JFIF, HalfRecombiner
from photochrom.color.upsampling import Recombiner

RANDOM = np.random.default_rng(0)
GREY = np.ascontiguousarray(skimage.data.astronaut()[:240, :320, 1])
COLORS = RANDOM.uniform(-40, 40, (4, 6, 8)).astype(np.float32)
COLORS[:2] /= 100


def decoded(planes, coding=JFIF) -> np.ndarray:
    """Make RGB of planes as a decoder does that repeats chroma; the standards' own digits."""
    height, width = planes.luma.shape
    scale = float(1 << coding.bits - 8)
    down = 1 if len(planes.blue) == height else 2
    blue, red = (
        plane.repeat(down, 0).repeat(2, 1)[:height, :width] / scale - 128.0
        for plane in (planes.blue, planes.red)
    )
    luma = planes.luma / scale
    rgb = [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue]
    if coding != JFIF:
        luma, blue, red = (luma - 16) * 255 / 219, blue * 255 / 224, red * 255 / 224
        green = luma - 0.187324 * blue - 0.468124 * red
        rgb = [luma + 1.5748 * red, green, luma + 1.8556 * blue]
    return np.rint(np.clip(np.stack(rgb, axis=2), 0, 255)).astype(np.uint8)


def luma_of(grey, coding) -> np.ndarray:
    return coding.of_grey[grey if coding.bits == 8 else grey * np.uint16(257)]


@pytest.mark.parametrize("down", [1, 2])
@pytest.mark.parametrize("coding", [JFIF, BT709, BT709_10])
def test_lightness_is_kept(coding, down) -> None:
    luma = luma_of(GREY, coding)
    planes = HalfRecombiner(COLORS, luma, coding, down).planes(0, len(luma))

    def lost(planes) -> float:
        found = samples_to_lightness(decoded(planes, coding))
        return float(np.abs(found - samples_to_lightness(GREY)).mean())

    assert lost(planes) < 0.25
    assert lost(planes._replace(luma=luma)) > 0.5


@pytest.mark.parametrize("coding", [JFIF, BT709, BT709_10])
@pytest.mark.parametrize("grey", [0, 3, 90, 200, 255])
def test_a_flat_colour_is_as_at_full_size(grey, coding) -> None:
    flat = np.full((32, 32), grey, np.uint8)
    lines = np.array([0, 0, 25, -30], np.float32).reshape(4, 1, 1)
    wanted = Recombiner(lines, 32, 32).recombine(flat, 0)
    recombiner = HalfRecombiner(lines, luma_of(flat, coding), coding)
    found = decoded(recombiner.planes(0, 32), coding)
    assert np.abs(found.astype(int) - wanted).max() <= 2  # three planes are rounded


@pytest.mark.parametrize(("coding", "down"), [(JFIF, 2), (BT709_10, 2), (BT709_10, 1)])
@pytest.mark.parametrize("shape", [(240, 320), (239, 319), (33, 1), (1, 7), (1, 1)])
def test_parts_are_those_of_the_whole(shape, coding, down) -> None:
    grey = luma_of(GREY[: shape[0], : shape[1]], coding)
    recombiner = HalfRecombiner(COLORS, grey, coding, down)
    whole = recombiner.planes(0, len(grey))
    assert whole.luma.shape == grey.shape
    assert whole.blue.shape == whole.red.shape == (-(-shape[0] // down), -(-shape[1] // 2))
    parts = [recombiner.planes(top, min(top + 16, len(grey))) for top in range(0, len(grey), 16)]
    for pieces, plane in zip(zip(*parts, strict=True), whole, strict=True):
        assert np.array_equal(np.concatenate(pieces), plane)


def test_ten_bits_are_four_times_eight_and_finer() -> None:
    fine, coarse = (
        HalfRecombiner(COLORS, luma_of(GREY, coding), coding).planes(0, len(GREY))
        for coding in (BT709_10, BT709)
    )
    for one, other in zip(fine, coarse, strict=True):
        assert one.dtype == np.uint16
        assert np.abs(one / 4 - other).mean() < 0.4 < 1 < np.unique(one % 4).size


def test_luma_changes_as_smoothly_as_colour_does() -> None:
    flat = np.full((64, 64), 128, np.uint8)
    lines = np.zeros((4, 1, 2), np.float32)
    lines[2, 0, 1] = 60  # grey on the left, red on the right
    luma = HalfRecombiner(lines, flat).planes(0, 64).luma.astype(int)
    assert np.ptp(luma) > 5
    assert np.abs(np.diff(luma, axis=1)).max() == 1
    assert np.array_equal(luma, luma[:1].repeat(64, 0))
