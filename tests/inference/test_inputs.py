"""What is given to be coloured, in memory."""

import io
import os

import numpy as np
import pytest
import skimage.data
from PIL import Image

import photochrom
from helpers.echo_model import write as write_echo
from helpers.films import pan, photograph
from helpers.films import write as write_film
from photochrom import Colorizer, ImageError, Limits
from photochrom.video.reader import Film

GREY = np.ascontiguousarray(skimage.data.astronaut()[:60, :80, 0])


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer(threads=1)


def png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(GREY).save(file, "png")
    return file.getvalue()


@pytest.fixture(scope="module")
def expected(colorizer):
    return colorizer.colorize(png()).array()


def test_bytes_of_every_type_and_open_files(colorizer, expected, tmp_path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(png())

    class Named(os.PathLike):
        def __fspath__(self) -> str:
            return str(path)

    with path.open("rb") as file:
        given = [bytearray(png()), memoryview(png()), io.BytesIO(png()), file, str(path), Named()]
        for one in given:
            np.testing.assert_array_equal(colorizer.colorize(one).array(), expected)
            if hasattr(one, "seek"):
                one.seek(0)
        assert colorizer.suggest(io.BytesIO(png()), 9, 9) == colorizer.suggest(path, 9, 9)


def test_an_open_file_of_several_pages(colorizer) -> None:
    file, pages = io.BytesIO(), [Image.fromarray(GREY), Image.fromarray(GREY[::-1])]
    pages[0].save(file, "tiff", save_all=True, append_images=pages[1:])
    file.seek(0)
    assert [page.size for page in colorizer.colorize(file)] == [(80, 60), (80, 60)]


def test_files_that_are_not_of_bytes_are_refused(colorizer, tmp_path) -> None:
    (tmp_path / "x.txt").write_text("x")
    with (tmp_path / "x.txt").open() as file:
        with pytest.raises(ImageError, match="open for text; open it with mode 'rb'"):
            colorizer.colorize(file)

    class Odd:
        def read(self, size: int) -> str:
            return "x"

    with pytest.raises(ImageError, match="an open file that gives str; give one of bytes"):
        colorizer.colorize(Odd())
    with pytest.raises(ImageError, match="the limit is 99"):
        colorizer.colorize(io.BytesIO(png()), limits=Limits(bytes=99))
    with pytest.raises(ImageError, match="cannot colour a dict; give a path, bytes, array or PIL"):
        colorizer.colorize({})


@pytest.mark.parametrize("dtype", ["uint8", "uint16", ">u2", "float16", ">f4", "float64"])
@pytest.mark.parametrize("channels", [0, 1, 2, 3, 4])
def test_arrays_of_every_type_and_shape(colorizer, expected, dtype, channels) -> None:
    kind = np.dtype(dtype)
    top = 1 if kind.kind == "f" else np.iinfo(kind).max
    values = (GREY / 255 * top).astype(kind)
    array = values if not channels else np.repeat(values[..., None], channels, axis=2)
    if channels in (2, 4):
        array[..., -1] = top
    found = colorizer.colorize(array)
    assert found.dtype == kind
    assert found.shape == (60, 80, 4 if channels in (2, 4) else 3)
    seen = found[..., :3].astype(float) / top * 255
    assert np.abs(seen - expected).mean() < 1.5
    if channels in (2, 4):
        assert (found[..., 3] == top).all()


def test_bool_is_black_and_white(colorizer) -> None:
    found = colorizer.colorize(GREY > 128)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, colorizer.colorize((GREY > 128).astype(np.uint8) * 255))


@pytest.mark.parametrize("dtype", ["int8", "int16", "int64", "uint32", "complex64", "U1"])
def test_other_types_are_refused(colorizer, dtype) -> None:
    with pytest.raises(
        ImageError, match=r"an array of .*; give uint8, uint16, or floats in 0\.\.1"
    ):
        colorizer.colorize(np.zeros((8, 8), dtype))


@pytest.mark.parametrize("shape", [(9,), (9, 9, 5), (2, 9, 9, 3), (9, 9, 0)])
def test_other_shapes_are_refused(colorizer, shape) -> None:
    with pytest.raises(ImageError, match=r"array of shape"):
        colorizer.colorize(np.zeros(shape, np.uint8))


def test_what_is_asked_of_a_coloured_picture_is_given_or_refused(colorizer, expected) -> None:
    coloured = colorizer.colorize(png())
    np.testing.assert_array_equal(coloured.array("uint16"), expected.astype(np.uint16) * 257)
    assert coloured.array(">u2").dtype == np.dtype(">u2")
    deep = colorizer.colorize(photochrom.image.Picture(GREY.astype(np.uint16) * 257))
    assert np.abs(deep.array(np.uint8).astype(int) - expected).max() <= 1
    with pytest.raises(ImageError, match="an array of int64; ask for uint8, uint16 or floats"):
        coloured.array(int)


@pytest.mark.parametrize("mode", ["I", "F", "I;16", "1", "LA", "P", "CMYK"])
def test_images_of_pil_of_every_mode(colorizer, mode) -> None:
    images = {
        "I": Image.fromarray(GREY.astype(np.int32) * 257),
        "I;16": Image.fromarray(GREY.astype(np.uint16) * 257),
        "F": Image.fromarray(GREY / np.float32(255)),
    }
    image = images.get(mode) or Image.fromarray(GREY).convert("RGB").convert(mode)
    found = colorizer.colorize(image)
    assert found.size == (80, 60)
    assert found.mode == ("RGBA" if mode == "LA" else "RGB")
    if mode in images:
        light = np.asarray(found.convert("L")).astype(int) - GREY
        assert np.abs(light).mean() < 6


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (
            Image.fromarray(np.full((4, 4), -1, np.int32)),
            "mode I has values from -1 to -1; give 0 to 65535",
        ),
        (Image.fromarray(np.full((4, 4), 70000, np.int32)), "70000; give 0 to 65535"),
        (Image.fromarray(np.full((4, 4), 255, np.float32)), r"floats from 255 .*in 0\.\.1"),
    ],
)
def test_images_of_pil_out_of_range_are_refused(colorizer, image, message) -> None:
    with pytest.raises(ImageError, match=message):
        colorizer.colorize(image)


def test_what_is_no_path_is_sent_to_the_colorizer() -> None:
    wanted = (
        r"a ndarray is not the path of a file; for other pictures, call Colorizer\(\)\.colorize"
    )
    with pytest.raises(ImageError, match=wanted):
        photochrom.colorize(np.zeros((9, 9), np.uint8))


def test_a_picture_alone_names_its_output(tmp_path) -> None:
    model = tmp_path / "echo.onnx"
    write_echo(model)
    (tmp_path / "in.png").write_bytes(png())
    out = photochrom.colorize(tmp_path / "in.png", model=model)
    assert out == tmp_path / "in-colour.png"
    assert out.exists()
    with pytest.raises(ImageError, match=r"in-colour\.png: exists already"):
        photochrom.colorize(str(tmp_path / "in.png"), model=model)
    assert photochrom.colorize(str(tmp_path / "in.png"), model=model, overwrite=True) == out


def test_objects_say_what_they_are(colorizer, tmp_path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(png())
    coloured = colorizer.colorize(path)
    assert repr(colorizer) == f"<Colorizer {colorizer.model.title}, 1 threads>"
    assert repr(coloured.picture) == f"<Picture {path}: 80 x 60, 8 bits>"
    assert repr(coloured).startswith(f"<Colorized {path}: 80 x 60, 8 bits, by vivid")
    file, pages = io.BytesIO(), [Image.fromarray(GREY)] * 2
    pages[0].save(file, "tiff", save_all=True, append_images=pages[1:])
    assert repr(colorizer.colorize(file.getvalue())) == "<ColorizedPages, 2 pages>"
    page = photochrom.image.Picture(file.getvalue(), page=1)
    assert repr(page) == "<Picture the picture: 80 x 60, 8 bits, page 2 of 2>"
    assert repr(colorizer.model) == f"<Model {colorizer.model.title}>"
    assert repr(colorizer.uncertainty(path)).startswith("Uncertainty(shown=<Colorized ")
    token = photochrom.CancelToken()
    assert repr(token) == "<CancelToken>"
    token.cancel()
    assert repr(token) == "<CancelToken, cancelled>"
    film = write_film(tmp_path / "x.mp4", pan(photograph(), 12))
    assert repr(Film(film)) == f"<Film {film}: 160 x 120, 1.0 s>"
    made_by = f"{film}: 160 x 120, 1.0 s, by {colorizer.model.title}>"
    assert repr(colorizer.colorize(film)) == f"<ColorizedFilm {made_by}"
