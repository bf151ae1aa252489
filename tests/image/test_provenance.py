import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import pyvips
import skimage.data
from click.testing import CliRunner
from PIL import Image

from photochrom import Colorizer
from photochrom.cli.main import main
from photochrom.image.provenance import add_note

OLD = (
    b'\xef\xbb\xbf<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="A 12"/>'
    b'</rdf:RDF></x:xmpmeta>    <?xpacket end="w"?>'
)


def attributes(packet: bytes) -> dict[str, str]:
    """All that the descriptions of a packet say, by name without namespace."""
    root = ElementTree.fromstring(packet)
    return {
        name.split("}")[-1]: value
        for element in root.iter()
        if element.tag.endswith("Description")
        for name, value in element.attrib.items()
    }


@pytest.mark.parametrize("before", [None, b"", b"no xml at all", OLD])
def test_a_note_is_added_and_nothing_lost(before) -> None:
    found = attributes(add_note(before, {"Model": 'vivid "1" <&>'}))
    assert found["Model"] == 'vivid "1" <&>'
    assert found["CreatorTool"].startswith("Photochrom ")
    assert found["DigitalSourceType"].endswith("compositeWithTrainedAlgorithmicMedia")
    assert found.get("source") == ("A 12" if before == OLD else None)


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp", ".avif"])
def test_every_format_carries_the_note(tmp_path, ending) -> None:
    grey = skimage.data.astronaut()[:64, :96, 0]
    image = pyvips.Image.new_from_array(grey).copy()
    image.set_type(pyvips.GValue.blob_type, "xmp-data", OLD)
    image.write_to_file(str(tmp_path / "in.tif"))
    coloured = Colorizer().colorize(tmp_path / "in.tif", vividness=0.25, strength=0.5)
    coloured.save(tmp_path / f"out{ending}")
    packet = pyvips.Image.new_from_file(str(tmp_path / f"out{ending}")).get("xmp-data")
    found = attributes(packet)
    assert found["source"] == "A 12"
    assert found["Model"].startswith("vivid")
    assert (found["Vividness"], found["Strength"]) == ("0.25", "0.5")
    coloured.save(tmp_path / f"bare{ending}", note=False)
    bare = pyvips.Image.new_from_file(str(tmp_path / f"bare{ending}")).get("xmp-data")
    assert b"Photochrom" not in bare


def test_strength_blends_towards_grey() -> None:
    grey = skimage.data.astronaut()[:64, :96, 0]
    colorizer = Colorizer()
    spread = [
        np.ptp(colorizer.colorize(grey, strength=value).astype(int), axis=2).mean()
        for value in (0.0, 0.5, 1.0)
    ]
    assert spread[0] < 0.5
    assert 0.4 * spread[2] < spread[1] < 0.65 * spread[2]


def test_pictures_with_colours_can_be_left_alone(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    Image.fromarray(skimage.data.astronaut()[:190, :290]).save(tmp_path / "in/astronaut.png")
    Image.fromarray(skimage.data.camera()[:90, :90]).save(tmp_path / "in/camera.png")
    words = ["colorize", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--keep-colour"]
    result = CliRunner().invoke(main, words)
    assert "1 done, 1 left alone (they have colours)" in result.output
    assert not (tmp_path / "out/astronaut.png").exists()
