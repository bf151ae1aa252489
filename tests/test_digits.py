import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from photochrom.cli.main import main
from photochrom.digits import data
from photochrom.digits.reading import SHIPPED, like_mnist, read
from photochrom.errors import DataError, ImageError, ModelError

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


def draw(digit, font=FONTS[0], *, size=(300, 260), height=150, place=(90, 40), dark=True, seed=0):
    """A digit as people photograph it: uneven light, noise, anywhere in the picture."""
    paper, ink = (215, 60) if dark else (50, 205)
    image = Image.new("L", size, paper)
    pen = ImageDraw.Draw(image)
    face = ImageFont.truetype(font, height)
    left, top, _, _ = pen.textbbox((0, 0), str(digit), font=face)
    pen.text((place[0] - left, place[1] - top), str(digit), fill=ink, font=face)
    light = np.linspace(-20, 20, size[0])[None]
    noise = np.random.default_rng(seed).normal(0, 4, (size[1], size[0]))
    return Image.fromarray(np.clip(np.asarray(image) + light + noise, 0, 255).astype(np.uint8))


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


def test_the_shipped_network_reads_printed_digits(tmp_path) -> None:
    right, total = 0, 0
    for number, (digit, font) in enumerate((d, f) for d in range(10) for f in FONTS):
        path = tmp_path / f"{number}.png"
        place = (20 + 13 * (number % 9), 10 + 7 * (number % 11))
        draw(digit, font, place=place, dark=number % 2 == 0, seed=number).save(path)
        reading = read(path)
        right += reading.digit == digit
        total += 1
        assert 0.1 <= reading.confidence <= 1
    assert right >= 0.9 * total


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
        (np.full((4, 4), 180.0), "too small"),
        (np.kron(np.indices((8, 8)).sum(axis=0) % 2, np.ones((12, 12))) * 200.0, "no digit found"),
    ],
)
def test_pictures_without_a_digit_are_refused(picture, message) -> None:
    with pytest.raises(ImageError, match=message):
        like_mnist(picture / 2.55)


def test_one_bad_picture_does_not_stop_the_others(tmp_path) -> None:
    Image.new("L", (90, 90), 200).save(tmp_path / "blank.png")
    draw(7).save(tmp_path / "seven.png")
    words = ["digits", "predict", *(str(tmp_path / f"{name}.png") for name in ("blank", "seven"))]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "blank.png: no digit found" in result.output
    assert "seven.png: " in result.output
    with pytest.raises(ModelError, match="is no digits network"):
        read(tmp_path / "seven.png", tmp_path / "blank.png")


@pytest.fixture
def mnist(tmp_path):
    """A hundred drawn digits in Keras' format."""
    digits = np.stack([like_mnist(lightness(draw(n % 10, seed=n))) for n in range(100)])
    labels = (np.arange(100) % 10).astype(np.uint8)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=digits, y_train=labels, x_test=digits[:30], y_test=labels[:30])
    return path


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
    assert "holds a run with another config" in again.output
    (tmp_path / "tiny.toml").write_text("density = 8")
    assert "unknown key density" in CliRunner().invoke(main, words).output


def test_data_that_is_not_mnist_is_refused(tmp_path, monkeypatch) -> None:
    with pytest.raises(DataError, match="no file"):
        data.load(tmp_path / "none.npz", 10)
    (tmp_path / "x.npz").write_text("text")
    with pytest.raises(DataError, match=r"no \.npz file"):
        data.load(tmp_path / "x.npz", 10)
    np.savez(tmp_path / "x.npz", x_train=np.zeros((3, 28, 28)))
    with pytest.raises(DataError, match="has no array y_train"):
        data.load(tmp_path / "x.npz", 10)
    arrays = {f"{a}_{b}": np.zeros((9, 9), np.uint8) for a in "xy" for b in ("train", "test")}
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(DataError, match=r"x_train is \(9, 9\)"):
        data.load(tmp_path / "x.npz", 10)
    import keras

    def fail() -> None:
        raise OSError("no network")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)
    with pytest.raises(DataError, match=r"cannot be downloaded; give a local copy with --data"):
        data.load(None, 10)


def test_the_network_is_shipped() -> None:
    assert SHIPPED.stat().st_size < 3_000_000
