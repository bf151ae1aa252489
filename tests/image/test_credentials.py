"""Content Credentials: signed by Photochrom, read by c2pa's own reader."""

import io
import json
import sys

import c2pa
import numpy as np
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from PIL import Image

from helpers import films
from helpers.certificates import pem_of_key, write_chain
from photochrom import Colorizer, ImageError, MissingExtra
from photochrom.cli.main import main
from photochrom.image import credentials, encode_rgb

SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
GREY = np.tile(np.arange(96, dtype=np.uint8), (64, 1))


@pytest.fixture
def colorizer(echo):
    return Colorizer(echo)


@pytest.fixture
def photograph(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "grandma.jpg")
    return tmp_path / "grandma.jpg"


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    return write_chain(tmp_path_factory.mktemp("chain"))


def checked(path, root: bytes) -> dict:
    """Let c2pa check a file with the root as the only one trusted; give what it says was done."""
    settings = {"trust": {"trust_anchors": root.decode()}, "verify": {"verify_trust": True}}
    context = c2pa.Context(c2pa.Settings.from_dict(settings))
    with c2pa.Reader(path, context=context) as reader:
        assert reader.get_validation_state() == "Trusted"
        return reader.get_active_manifest()


def actions(manifest: dict) -> list[dict]:
    (found,) = [one for one in manifest["assertions"] if one["label"].startswith("c2pa.actions")]
    return found["data"]["actions"]


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp", "a.avif", "a.pdf"])
def test_a_picture_says_what_was_done_and_from_which(
    colorizer, photograph, chain, tmp_path, name
) -> None:
    certificate, key, root = chain
    colorizer.colorize(photograph, vividness=0.25).save(tmp_path / name, sign=(certificate, key))
    manifest = checked(tmp_path / name, root)
    opened, changed = actions(manifest)
    assert opened["action"] == "c2pa.opened"
    assert changed["action"] == "c2pa.color_adjustments"
    assert changed["digitalSourceType"] == SOURCE
    assert changed["softwareAgent"]["name"] == "Photochrom"
    assert changed["description"].startswith("coloured by Photochrom ")
    assert ", vividness 0.25, " in changed["description"]
    assert manifest["title"] == name
    (origin,) = manifest["ingredients"]
    assert (origin["title"], origin["relationship"]) == ("grandma.jpg", "parentOf")
    assert manifest["signature_info"]["common_name"] == "Archive"
    assert not list(tmp_path.glob(".*.part"))


def test_the_picture_itself_is_as_without(colorizer, photograph, chain, tmp_path) -> None:
    colorized = colorizer.colorize(photograph)
    for name in ("a.png", "a.tif"):
        colorized.save(tmp_path / f"signed-{name}", sign=chain[:2])
        colorized.save(tmp_path / name)
        signed, plain = (Image.open(tmp_path / one) for one in (f"signed-{name}", name))
        assert np.array_equal(np.asarray(signed), np.asarray(plain))


def test_a_changed_file_is_found_out(colorizer, photograph, chain, tmp_path) -> None:
    path = tmp_path / "a.jpg"
    colorizer.colorize(photograph).save(path, sign=chain[:2])
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    with c2pa.Reader(path) as reader:
        assert reader.get_validation_state() == "Invalid"


def told(path) -> list[str]:
    said = CliRunner().invoke(main, ["info", str(path)]).output.splitlines()
    return [line.strip() for line in said if "redentials" in line]


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp", "a.avif", "a.pdf"])
def test_info_tells_whether_credentials_fit(colorizer, photograph, chain, tmp_path, name) -> None:
    certificate, key, _ = chain
    path = tmp_path / name
    colorizer.colorize(photograph).save(path, sign=(certificate, key))
    (line,) = told(path)
    assert line.startswith("credentials: valid, signed by ")
    assert told(photograph) == []
    if name != "a.pdf":
        with path.open("ab") as file:
            file.write(b"more")
        (line,) = told(path)
        assert line.startswith("credentials: not valid, signed by ")
        assert "Hash.mismatch" in line


def test_info_names_the_extra_that_reads_credentials(
    colorizer, photograph, chain, tmp_path, monkeypatch
) -> None:
    certificate, key, _ = chain
    colorizer.colorize(photograph).save(tmp_path / "a.jpg", sign=(certificate, key))
    monkeypatch.setitem(sys.modules, "c2pa", None)
    assert told(tmp_path / "a.jpg") == [
        "credentials: reading Content Credentials needs an extra: pip install 'photochrom[c2pa]'"
    ]
    assert told(photograph) == []


def test_what_comes_from_memory_names_no_file(colorizer, chain) -> None:
    data = colorizer.colorize(encode_rgb(np.dstack([GREY] * 3))).encode(".png", sign=chain[:2])
    with c2pa.Reader("image/png", io.BytesIO(data)) as reader:
        manifest = reader.get_active_manifest()
    created, changed = actions(manifest)
    assert created["action"] == "c2pa.created"
    assert created["digitalSourceType"] == changed["digitalSourceType"] == SOURCE
    assert not manifest.get("ingredients")


def test_the_command_signs_each_of_a_folder(photograph, chain, tmp_path, echo) -> None:
    certificate, key, root = chain
    (tmp_path / "in").mkdir()
    photograph.rename(tmp_path / "in/a.jpg")
    Image.fromarray(GREY).save(tmp_path / "in/b.png")
    words = ["colorize", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "-m", str(echo)]
    assert CliRunner().invoke(main, words).exit_code == 0
    signing = [*words, "--sign", str(certificate), str(key)]
    assert "2 done" in CliRunner().invoke(main, signing).output  # without, they were another thing
    assert "2 skipped" in CliRunner().invoke(main, signing).output
    for name in ("a.jpg", "b.png"):
        assert len(actions(checked(tmp_path / "out" / name, root))) == 2


def test_a_certificate_that_has_expired_is_one_line_before_the_work(
    photograph, tmp_path, echo
) -> None:
    certificate, key, _ = write_chain(tmp_path / "old", days=(-30, -1))
    words = ["colorize", str(photograph), "-m", str(echo), "--sign", str(certificate), str(key)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {certificate}: the certificate is valid from ")
    assert result.output.endswith(", and cannot sign today; give one that is valid\n")
    assert result.output.count("\n") == 1
    assert not (tmp_path / "grandma-colour.jpg").exists()


def test_what_cannot_sign_is_told_in_words(chain, tmp_path, monkeypatch) -> None:
    certificate, key, _ = chain
    other = ec.generate_private_key(ec.SECP256R1())
    files = {
        "none.pem": b"nothing",
        "other.pem": pem_of_key(other),
        "secret.pem": pem_of_key(other, b"password"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    for signing, message in (
        ((certificate, "other.pem"), "other.pem: the key is not that of"),
        ((certificate, "secret.pem"), "secret.pem: the key has a password; give one without: open"),
        ((certificate, "none.pem"), "none.pem: not a private key; give a .pem file of it"),
        (("none.pem", key), "none.pem: not a certificate; give a .pem file of it"),
        (("missing.pem", key), "missing.pem: cannot be read (No such file or directory)"),
    ):
        with pytest.raises(ImageError) as error:
            credentials.check(signing)
        assert str(error.value).startswith(message)
        assert "\n" not in str(error.value)


def test_what_the_certificate_is_not_for_is_told(tmp_path) -> None:
    chain, key, root = write_chain(tmp_path / "some")
    chain.write_bytes(chain.read_bytes().replace(root, b""))
    (tmp_path / "root.pem").write_bytes(root)
    credentials.check((chain, key))  # that nobody vouches for it, who reads will see
    with pytest.raises(ImageError, match=r"key.pem: the key is not that of .*root.pem"):
        credentials.check((tmp_path / "root.pem", key))


def test_a_film_is_signed_where_its_format_can_hold_it(colorizer, chain, tmp_path) -> None:
    film = tmp_path / "holiday.mp4"
    films.write(film, films.pan(films.photograph(), 4))
    certificate, key, root = chain
    colorizer.colorize(film).save(tmp_path / "out.m4v", sign=(certificate, key))
    manifest = checked(tmp_path / "out.m4v", root)
    assert [one["action"] for one in actions(manifest)] == ["c2pa.opened", "c2pa.color_adjustments"]
    assert manifest["ingredients"][0]["title"] == "holiday.mp4"
    with pytest.raises(ImageError, match=r"a \.mkv file holds no Content Credentials; choose anot"):
        colorizer.colorize(film).save(tmp_path / "out.mkv", sign=(certificate, key))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["holiday.mp4", "out.m4v"]


def test_algorithms_follow_from_the_key() -> None:
    keys = {
        "es256": ec.generate_private_key(ec.SECP256R1()),
        "es384": ec.generate_private_key(ec.SECP384R1()),
        "ps256": rsa.generate_private_key(65537, 2048),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    for name, key in keys.items():
        assert credentials._algorithm(key, "key.pem") == name
    with pytest.raises(ImageError, match="C2PA takes no key of this kind; give one of RSA"):
        credentials._algorithm(ec.generate_private_key(ec.SECP256K1()), "key.pem")


def test_without_c2pa_the_extra_is_named(broken_import, chain) -> None:
    broken_import("c2pa", ModuleNotFoundError("No module named 'c2pa'"))
    with pytest.raises(
        MissingExtra, match=r"Credentials needs an extra: pip install 'photochrom\["
    ):
        credentials.check(chain[:2])


def test_facts_are_json() -> None:
    assert json.loads(credentials._action({}))["description"].startswith("coloured by Photochrom ")
