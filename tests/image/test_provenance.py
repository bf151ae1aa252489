import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import pyvips
import skimage.data
from click.testing import CliRunner
from PIL import Image

from photochrom import Colorizer, PhotochromWarning
from photochrom.cli.main import main
from photochrom.image.provenance import add_note, read_note

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


RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
FACTS = {"Model": 'vivid "1" <&>', "Vividness": "0.25", "Palette": "it's\n\ttwo lines"}
OTHER_PREFIX = f"""<?xml version="1.0" encoding="UTF-16"?>
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<xmp:xmpmeta xmlns:xmp="adobe:ns:meta/"><r:RDF xmlns:r="{RDF}" note='/>'>
<r:Description r:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="A 12, Überlingen"/>
</r:RDF ></xmp:xmpmeta> <?xpacket end="w"?>"""
DEFAULT = OTHER_PREFIX.replace("<r:", "<").replace("</r:", "</").replace("xmlns:r", "xmlns")
DEFAULT = DEFAULT.replace(' r:about=""', "")
BARE = f"""<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about=""
xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="A 12, Überlingen"/></rdf:RDF>"""
NESTED = BARE.replace("dc:source", "xmlns:rdf='urn:else' dc:source").replace("rdf:D", "r:D")
NESTED = NESTED.replace("<rdf:RDF", f"<rdf:RDF xmlns:r='{RDF}'").replace("rdf:about", "r:about")


@pytest.mark.parametrize("text", [OTHER_PREFIX, DEFAULT, BARE, NESTED])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_legal_packets_of_every_kind_keep_what_they_held(text, encoding) -> None:
    noted = add_note((text + "\0").encode(encoding), FACTS)
    assert attributes(noted)["source"] == "A 12, Überlingen"
    assert read_note(noted) == FACTS
    assert read_note(add_note(noted, {"Model": "beta"})) == FACTS | {"Model": "beta"}
    noted.decode()


def test_utf_32_is_read_too() -> None:
    noted = add_note(BARE.encode("utf-32"), FACTS)
    assert attributes(noted)["source"] == "A 12, Überlingen"


@pytest.mark.parametrize(
    "empty",
    [
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
        b'<?xpacket begin="" id="W5M0"?>  <?xpacket end="w"?>\0\0',
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="{RDF}" /></x:xmpmeta>'.encode(),
        f"<RDF xmlns='{RDF}'/>".encode(),
    ],
)
def test_empty_packets_are_filled(empty) -> None:
    assert read_note(empty) == {}
    noted = add_note(empty, FACTS)
    assert read_note(noted) == FACTS
    assert attributes(noted)["CreatorTool"].startswith("Photochrom ")


def test_a_packet_that_is_as_most_are_keeps_its_bytes() -> None:
    start, end = OLD.index(b"<x:xmpmeta"), OLD.index(b"</rdf:RDF>")
    noted = add_note(OLD, FACTS)
    assert noted.startswith(OLD[start:end] + b'<rdf:Description rdf:about="" xmlns:xmp=')
    assert noted.endswith(b"/></rdf:RDF></x:xmpmeta>")


def test_notes_that_other_programs_wrote_anew_are_read() -> None:
    inner = '<rdf:Description xmlns:p="urn:photochrom"><p:Model>vivid</p:Model></rdf:Description>'
    assert read_note(BARE.replace("</rdf:RDF>", f"{inner}</rdf:RDF>").encode()) == {
        "Model": "vivid"
    }
    assert read_note(BARE.encode()) == read_note(None) == {}


LAUGHS = f"""<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>{BARE}"""


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (b"no xml at all", "not XML: syntax error: line 1, column 0"),
        (OLD[:-60], "not XML: unclosed token"),
        (b"<x:xmpmeta>&a;</x:xmpmeta>", "not XML: unbound prefix"),
        (LAUGHS.encode(), "it has a document type, which XMP has not"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "it has a document type"),
        (b"<html><body>none</body></html>", "no RDF is in it"),
        (BARE.encode() + b"<more/>", "not XML: junk after document element"),
        (b"\xff\xfe<", "'utf-16-le' codec can't decode"),
        (BARE.encode("latin-1"), "not XML: not well-formed"),
    ],
)
def test_what_is_not_xmp_is_kept_as_it_was_and_said(packet, reason) -> None:
    said = r"^a\.png: its XMP stays as it was, without a note on the colours \(" + re.escape(reason)
    with pytest.warns(PhotochromWarning, match=said):
        assert add_note(packet, FACTS, "a.png") == packet


def test_the_command_prints_the_warning_and_writes_the_picture(tmp_path) -> None:
    image = pyvips.Image.new_from_array(skimage.data.camera()[:64, :96]).copy()
    image.set_type(pyvips.GValue.blob_type, "xmp-data", b"no xml at all")
    image.write_to_file(str(tmp_path / "in.tif"))
    out = tmp_path / "out.tif"
    result = CliRunner().invoke(main, ["colorize", str(tmp_path / "in.tif"), "-o", str(out)])
    assert result.exit_code == 0
    assert result.stderr == (
        f"warning: {tmp_path}/in.tif: its XMP stays as it was, without a note on the colours "
        "(not XML: syntax error: line 1, column 0)\n"
    )
    assert pyvips.Image.new_from_file(str(out)).get("xmp-data") == b"no xml at all"


@pytest.mark.parametrize("before", [None, b"", OLD])
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
