"""`photochrom info`: what it tells of pictures, films, models, and of what it cannot read."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageCms

from photochrom import Colorizer
from photochrom.cli.main import main
from photochrom.image.profiles import profile_name

GREY = np.tile(np.arange(60, dtype=np.uint8), (40, 1))
RGB = np.dstack([GREY, GREY[:, ::-1], GREY])


def info(*words: object):
    return CliRunner().invoke(main, ["info", *map(str, words)])


def objects(*words: object) -> list[dict]:
    return [json.loads(line) for line in info(*words, "--json").stdout.splitlines()]


@pytest.fixture
def photograph(tmp_path):
    exif = Image.Exif()
    exif[271], exif[272], exif[306] = "Canon", "Canon EOS 80D", "2020:01:01 00:00:00"
    exif.get_ifd(34665)[36867] = "1999:05:03 12:11:09"
    exif[274] = 6  # sideways
    path = tmp_path / "photograph.jpg"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(RGB).save(path, exif=exif, dpi=(300, 300), icc_profile=profile)
    return path


def test_a_photograph(photograph) -> None:
    assert info(photograph).output.splitlines() == [
        str(photograph),
        f"  format: JPEG, {photograph.stat().st_size:,} bytes",
        "  size: 40 x 60 pixels, 8 bits, RGB",
        "  resolution: 300 dpi",
        "  profile: sRGB built-in",
        "  camera: Canon EOS 80D",
        "  date: 1999-05-03 12:11:09",
    ]


def test_the_same_for_a_program(photograph) -> None:
    (found,) = objects(photograph)
    assert found == {
        "file": str(photograph),
        "kind": "picture",
        "format": "JPEG",
        "bytes": photograph.stat().st_size,
        "width": 40,
        "height": 60,
        "bits": 8,
        "color": "RGB",
        "alpha": False,
        "profile": "sRGB built-in",
        "dpi": pytest.approx([300, 300]),
        "pages": 1,
        "animated": False,
        "camera": "Canon EOS 80D",
        "date": "1999-05-03 12:11:09",
        "credentials": "",
        "colorized": {},
    }


@pytest.mark.parametrize("extension", ["gif", "webp", "png", "avif"])
def test_an_animation_has_frames(tmp_path, extension) -> None:
    pytest.importorskip("imagecodecs")
    frames = [Image.fromarray(np.roll(RGB, shift, axis=1)) for shift in (0, 9, 18)]
    path = tmp_path / f"x.{extension}"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=80)
    said = info(path).output
    assert "  frames: 3" in said.splitlines()
    assert f"  format: {'WebP' if extension == 'webp' else extension.upper()}, " in said
    (found,) = objects(path)
    assert (found["pages"], found["animated"]) == (3, True)


def test_of_a_jpeg_that_is_cut_off_it_is_told_how_much_is_there(tmp_path) -> None:
    path = tmp_path / "x.jpg"
    noise = np.random.default_rng(0).integers(0, 255, (96, 80, 3)).astype(np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = info(path)
    assert found.exit_code == 0
    assert "size: 80 x 96 pixels" in found.stdout
    assert "cut off; " in found.stderr


def test_other_formats_are_told_apart(tmp_path) -> None:
    deep = Image.fromarray(GREY.astype(np.uint16) * 257)
    deep.save(tmp_path / "deep.png")
    deep.save(tmp_path / "deep.tif", save_all=True, append_images=[deep], dpi=(300, 150))
    Image.fromarray(RGB).convert("CMYK").save(tmp_path / "inks.jpg")
    Image.fromarray(np.dstack([RGB, GREY])).save(tmp_path / "glass.webp", lossless=True)
    told = {line["file"].rpartition("/")[2]: line for line in objects(tmp_path)}
    assert list(told) == ["deep.png", "deep.tif", "glass.webp", "inks.jpg"]
    rows = {name: (one["format"], one["bits"], one["color"]) for name, one in told.items()}
    assert rows == {
        "deep.png": ("PNG", 16, "grey"),
        "deep.tif": ("TIFF", 16, "grey"),
        "glass.webp": ("WebP", 8, "RGB"),
        "inks.jpg": ("JPEG", 8, "CMYK"),
    }
    assert told["deep.tif"]["pages"] == 2
    assert told["deep.tif"]["dpi"] == pytest.approx([300, 150], abs=0.1)
    assert told["glass.webp"]["alpha"]
    assert "resolution: 300 x 150 dpi\n" in info(tmp_path / "deep.tif").output
    assert "8 bits, RGB with alpha\n" in info(tmp_path / "glass.webp").output


def test_what_photochrom_coloured_says_how(photograph, echo, tmp_path) -> None:
    made = Colorizer(echo).colorize(photograph, hints=[(3, 4, "#a03020")], vividness=0.25)
    made.save(tmp_path / "coloured.png")
    (found,) = objects(tmp_path / "coloured.png")
    assert found["colorized"]["Vividness"] == "0.25"
    assert found["camera"] == "Canon EOS 80D"
    told = info(tmp_path / "coloured.png").output
    assert "colours: coloured by Photochrom: model vivid 0" in told
    assert ", vividness 0.25, " in told
    assert told.endswith(", hints 3,4,#a03020\n")


def test_what_fails_is_told_and_the_others_all_the_same(photograph, tmp_path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    missing = tmp_path / "vivd"
    result = info(tmp_path / "bad.png", missing, photograph)
    assert result.exit_code == 1
    assert result.stderr.count("failed: ") == 2
    assert f"failed: {missing}: there is no such file" in result.stderr
    assert "40 x 60 pixels" in result.stdout
    errors = [one.get("error") for one in objects(tmp_path / "bad.png", photograph)]
    assert errors[0].startswith(str(tmp_path / "bad.png"))
    assert errors[1] is None


def test_a_model_is_shown_by_its_name() -> None:
    told = info("vivid").output
    assert told.startswith("vivid\n  model: vivid ")
    assert "\n  parameters: 6," in told
    assert "\n  suggestions: yes\n" in told
    (found,) = objects("vivid")
    assert found["kind"] == "model"
    assert found["training"]["pictures"] > 0
    assert "(did you mean vivid?)" in info("vivd").output


def test_a_file_called_as_a_model_is_a_file(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(GREY).save(tmp_path / "vivid", "png")
    assert "60 x 40 pixels" in info("vivid").output


def test_names_of_profiles() -> None:
    name = "Adobe RGB (1998)"
    second = b"desc" + bytes(4) + len(name).to_bytes(4, "big") + name.encode() + bytes(1)
    record = (1).to_bytes(4, "big") + (12).to_bytes(4, "big") + b"enUS"
    text = name.encode("utf-16-be")
    at = (len(text)).to_bytes(4, "big") + (28).to_bytes(4, "big")
    fourth = b"mluc" + bytes(4) + record + at + text
    for tag in (second, fourth):
        entry = b"desc" + (144).to_bytes(4, "big") + len(tag).to_bytes(4, "big")
        profile = bytes(128) + (1).to_bytes(4, "big") + entry + tag
        assert profile_name(profile) == name
        assert all(len(profile_name(profile[:end])) <= len(name) for end in range(len(profile)))
    assert profile_name(b"") == profile_name(bytes(200)) == ""
