import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from photochrom.cli.main import main
from photochrom.digits import data
from photochrom.digits.reading import SHIPPED, like_mnist, read
from photochrom.errors import ConfigError, DataError, ImageError, ModelError

FONTS = [
    font_manager.findfont(font_manager.FontProperties(family=family))
    for family in ("DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono")
]
TINY = """
blocks = [[4], [4]]
dense = 8
epochs = 2
held_out = 20
"""


def draw(
    digit,
    font=FONTS[0],
    *,
    size=(300, 260),
    height=150,
    place=(90, 40),
    dark=True,
    seed=0,
    noise=4.0,
    vignette=0.0,
    stroke=0,
):
    """A digit as people photograph it: uneven light, noise, anywhere in the picture."""
    paper, ink = (215, 60) if dark else (50, 205)
    image = Image.new("L", size, paper)
    pen = ImageDraw.Draw(image)
    face = ImageFont.truetype(font, height)
    left, top, _, _ = pen.textbbox((0, 0), str(digit), font=face, stroke_width=stroke)
    place = (place[0] - left, place[1] - top)
    pen.text(place, str(digit), fill=ink, font=face, stroke_width=stroke)
    y, x = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j]
    grain = np.random.default_rng(seed).normal(0, noise, x.shape)
    shot = (np.asarray(image) + 20 * x) * (1 - vignette * (x**2 + y**2) / 2) + grain
    return Image.fromarray(np.clip(shot, 0, 255).astype(np.uint8))


def lightness(image):
    return np.asarray(image, float) / 2.55


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("digit", range(10))
def test_a_digit_is_centred_and_scaled_as_in_mnist(digit, dark) -> None:
    seen = like_mnist(lightness(draw(digit, dark=dark)))
    assert seen.shape == (28, 28)
    assert seen.max() == 255
    rows, columns = np.nonzero(seen > 60)
    assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
    middle = (np.indices(seen.shape) * seen).sum(axis=(1, 2)) / seen.sum()
    np.testing.assert_allclose(middle, 13.5, atol=0.8)


def test_place_size_and_tone_do_not_matter() -> None:
    one = like_mnist(lightness(draw(5)))
    two = like_mnist(lightness(draw(5, size=(900, 500), height=300, place=(480, 120), dark=False)))
    assert np.abs(one.astype(int) - two).mean() < 12


SMALL = {"size": (800, 500), "place": (560, 300)}
GROUPS = {
    "anywhere": [{"place": (20 + 13 * n, 10 + 7 * n), "dark": n % 2 == 0} for n in range(9)],
    "clean": [{**SMALL, "height": height, "noise": 0.0} for height in (60, 90, 160)],
    "clean and light": [{**SMALL, "height": 90, "noise": 0.0, "dark": False}],
    "noisy": [{**SMALL, "height": height, "noise": 12.0} for height in (60, 90, 160)],
    "noisy and light": [{**SMALL, "height": 90, "noise": 12.0, "dark": False}],
    "vignette": [{**SMALL, "height": height, "vignette": 0.5} for height in (60, 160)],
    "vignette and light": [{**SMALL, "height": 90, "vignette": 0.5, "dark": False}],
    "thumbnail": [{"size": (24, 24), "height": 14, "place": (6, 5), "noise": 0.0}],
    "the whole frame": [{"size": (130, 180), "height": 210, "place": (3, 10), "noise": 0.0}],
    "a fat pen": [{"stroke": 12}, {"stroke": 12, "dark": False}],
}


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_the_shipped_network_reads_drawn_digits(group, tmp_path) -> None:
    right = 0
    for digit in range(10):
        look = GROUPS[group][digit % len(GROUPS[group])]
        font = FONTS[(digit + len(group)) % len(FONTS)]  # another in each group
        draw(digit, font, seed=digit, **look).save(tmp_path / "digit.png")
        reading = read(tmp_path / "digit.png")
        right += reading.digit == digit
        assert 0.1 <= reading.confidence <= 1
    assert right >= 9


@pytest.mark.parametrize("ink", [0, 255])
def test_transparent_paper_is_paper(ink, tmp_path) -> None:
    face = ImageFont.truetype(FONTS[0], 180)
    for digit in (2, 7):
        image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
        ImageDraw.Draw(image).text((90, 40), str(digit), fill=(ink, ink, ink, 255), font=face)
        image.save(tmp_path / "digit.png")
        assert read(tmp_path / "digit.png").digit == digit


def test_a_sheet_on_a_table_is_looked_at_alone(tmp_path) -> None:
    for digit, turn in ((3, 0), (0, 0), (8, 6)):
        sheet = Image.new("L", (800, 600), 60)
        sheet.paste(draw(digit, size=(560, 440), height=240, place=(200, 80)), (120, 80))
        sheet.rotate(turn, fillcolor=60).save(tmp_path / "digit.png")
        assert read(tmp_path / "digit.png").digit == digit


def test_predict_prints_what_it_read_and_shows_what_it_saw(tmp_path) -> None:
    draw(3).save(tmp_path / "three.jpg")
    words = ["digits", "predict", str(tmp_path / "three.jpg"), "--show", str(tmp_path / "seen")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert "three.jpg: 3 (" in result.output
    with Image.open(tmp_path / "seen/three-seen.png") as seen:
        assert seen.size == (280, 280)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.full((100, 100), 180.0), "nothing stands out"),
        (np.full((640, 4), 180.0), "too small, or too narrow"),
        (draw("47", size=(400, 300)), "2 things are in the picture, not one digit: cut one out"),
        (draw("123", size=(600, 300)), "3 things are in the picture"),
        (
            np.pad(np.full((60, 300), 30.0), 90, constant_values=215),
            "wider than a digit: cut out one",
        ),
        (np.indices((400, 400)).sum(axis=0) // 20 % 2 * 200.0, "things are in the picture"),
    ],
)
def test_pictures_without_a_digit_are_refused(picture, message) -> None:
    with pytest.raises(ImageError, match=message):
        like_mnist(lightness(picture))


def test_one_bad_picture_does_not_stop_the_others(tmp_path) -> None:
    Image.new("L", (90, 90), 200).save(tmp_path / "blank.png")
    draw(7).save(tmp_path / "seven.png")
    words = ["digits", "predict", *(str(tmp_path / f"{name}.png") for name in ("blank", "seven"))]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "blank.png: there is no digit to be found" in result.output
    assert "seven.png: " in result.output


def test_another_file_is_no_digits_network(tmp_path) -> None:
    import keras

    draw(7).save(tmp_path / "seven.png")
    other = tmp_path / "other.keras"
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(other)
    for path in (tmp_path / "seven.png", other):
        with pytest.raises(ModelError) as caught:
            read(tmp_path / "seven.png", path)
        assert str(caught.value) == (
            f"{path} is not a digits network; give the digits.keras of a training run"
        )


def test_what_was_seen_loses_no_file_and_needs_a_folder(tmp_path) -> None:
    for name in ("one/d.png", "two/d.png"):
        (tmp_path / name).parent.mkdir()
        draw(3).save(tmp_path / name)
    words = ["digits", "predict", str(tmp_path / "one/d.png"), str(tmp_path / "two/d.png")]
    result = CliRunner().invoke(main, [*words, "--show", str(tmp_path / "seen")])
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "seen").iterdir()} == {"d-seen.png", "d-2-seen.png"}
    file = tmp_path / "one/d.png"
    assert "is a file" in CliRunner().invoke(main, [*words, "--show", str(file)]).output
    below = CliRunner().invoke(main, [*words, "--show", str(file / "seen")])
    assert (
        "d.png/seen: cannot be written (Not a directory); write to another folder" in below.output
    )
    assert below.exit_code == 1


@pytest.fixture
def mnist(tmp_path):
    """A hundred drawn digits in Keras' format."""
    digits = np.stack([like_mnist(lightness(draw(n % 10, seed=n))) for n in range(100)])
    labels = (np.arange(100) % 10).astype(np.uint8)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=digits, y_train=labels, x_test=digits[:30], y_test=labels[:30])
    return path


@pytest.mark.slow
def test_training_ends_with_a_network_and_a_report(mnist, tmp_path) -> None:
    (tmp_path / "tiny.toml").write_text(TINY)
    words = ["digits", "train", "--data", str(mnist), "--config", str(tmp_path / "tiny.toml")]
    words += ["--out", str(tmp_path / "run")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert "of 30 test digits right" in result.output
    report = (tmp_path / "run/report.html").read_text()
    for word in ("What was taken for what", "misread test digits", "Learning curves"):
        assert word in report
    assert {"labels.png", "augmentation.png", "curves.png", "confusion.png"} <= {
        path.name for path in (tmp_path / "run").iterdir()
    }
    draw(1).save(tmp_path / "one.png")
    assert read(tmp_path / "one.png", tmp_path / "run/digits.keras").digit in range(10)
    (tmp_path / "tiny.toml").write_text(TINY.replace("dense = 8", "dense = 9"))
    again = CliRunner().invoke(main, words)
    assert again.exit_code == 1
    assert "holds a run with dense = 8, now 9: give another -o FOLDER, or" in again.output
    (tmp_path / "tiny.toml").write_text("density = 8")
    assert "unknown key density" in CliRunner().invoke(main, words).output


def test_data_that_is_not_mnist_is_refused(tmp_path, monkeypatch) -> None:
    with pytest.raises(DataError, match="no file"):
        data.load(tmp_path / "none.npz", 10)
    (tmp_path / "x.npz").write_text("text")
    with pytest.raises(DataError, match=r"is not an \.npz file"):
        data.load(tmp_path / "x.npz", 10)
    for text in ("PK, and then no archive", ""):
        (tmp_path / "x.npz").write_text(text)
        with pytest.raises(
            DataError, match=r"x\.npz is not an \.npz file of NumPy arrays; take another copy$"
        ):
            data.load(tmp_path / "x.npz", 10)
    np.savez(tmp_path / "x.npz", x_train=np.zeros((3, 28, 28)))
    with pytest.raises(DataError, match="has no array y_train"):
        data.load(tmp_path / "x.npz", 10)
    arrays = {f"{a}_{b}": np.zeros((9, 9), np.uint8) for a in "xy" for b in ("train", "test")}
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(DataError, match=r"x_train is \(9, 9\)"):
        data.load(tmp_path / "x.npz", 10)
    for count, label, message in (
        (4, 0, r"x_train holds 4 digits; at least 5 are needed"),
        (9, 77, r"y_train holds the label 77; labels are 0 to 9"),
    ):
        digits, labels = np.zeros((count, 28, 28), np.uint8), np.full(count, label, np.uint8)
        np.savez(tmp_path / "x.npz", x_train=digits, y_train=labels, x_test=digits, y_test=labels)
        with pytest.raises(DataError, match=message):
            data.load(tmp_path / "x.npz", 10)
    import keras

    def fail() -> None:
        raise OSError("no network")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)
    with pytest.raises(DataError, match=r"cannot be downloaded; pass data=mnist.npz"):
        data.load(None, 10)


def test_blocks_that_leave_nothing_of_a_digit_are_refused() -> None:
    from photochrom.digits.network import DigitsConfig, build

    with pytest.raises(ConfigError, match=r"^blocks: nothing of a digit is left in block 4; take"):
        build(DigitsConfig(blocks=((4, 4), (4, 4), (4,), (4,))))


def test_the_network_is_shipped() -> None:
    assert SHIPPED.stat().st_size < 3_000_000
