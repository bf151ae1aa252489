"""The note in a coloured picture's XMP, so that it can always be told from an original.

XMP is RDF in XML (ISO 16684-1). A packet is read as XML and the note added before the end of its
RDF, so that what it held stays as it is, byte for byte.
"""

import html
import re
import warnings
from contextlib import suppress
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from photochrom import __version__
from photochrom.errors import PhotochromWarning

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_OURS = "urn:photochrom"
COLORIZED_BY = "coloured by Photochrom"
"""How the sentence begins that says what was done."""
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's word for a photograph that a trained algorithm has changed."""
_NAMESPACES = {
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "photochrom": _OURS,
}
_NEW = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>'
    b"</x:xmpmeta>"
)
_WRAPPER = re.compile(rb"<\?.*?\?>|[\s\0]", re.DOTALL)
"""What may stand around XMP: processing instructions and padding."""
_TAG = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_TURNED = re.compile(rb"""(\btiff:Orientation(?:\s*=\s*["']|\s*>)\s*)[2-8](?=\s*["'<])""")
_ENCODINGS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
"""By the first bytes of a packet, the longer before the shorter; the others are UTF-8."""


def add_note(packet: bytes | None, facts: dict[str, str], name: str = "the picture") -> bytes:
    """Add what was done to a picture to its XMP packet, or make one; give it as UTF-8.

    `facts` are names and values, such as the model and the options. What the packet held stays. One
    that is not XMP is given back as it was, without the note, and `PhotochromWarning` is issued,
    which names the picture `name`.
    """
    try:
        body = _as_utf8(packet or b"")
        if not _WRAPPER.sub(b"", body):
            body = _NEW
        return _with_description(body, facts)
    except ValueError as error:
        warnings.warn(
            f"{name}: its XMP stays as it was, without a note on the colours ({error})",
            PhotochromWarning,
            stacklevel=2,
        )
        return packet or b""


def upright(packet: bytes) -> bytes:
    """Give an XMP packet that says of a turned picture that it is upright."""
    found = packet
    if b"\0" in packet:
        with suppress(ValueError):
            found = _as_utf8(packet)
    return _TURNED.sub(rb"\g<1>1", found) if _TURNED.search(found) else packet


def read_note(packet: bytes | None) -> dict[str, str]:
    """Give the facts that the last note in an XMP packet says; none where there is no note.

    Raises `ValueError` for a packet that is not XML.
    """
    body = _as_utf8(packet or b"")
    if not _WRAPPER.sub(b"", body):
        return {}
    outline = _Outline(body)
    tree = ElementTree.fromstring(body[outline.root], ElementTree.XMLParser(encoding="utf-8"))
    said = [(key, value) for element in tree.iter() for key, value in element.attrib.items()]
    said += [(element.tag, element.text or "") for element in tree.iter()]
    start = f"{{{_OURS}}}"
    return {key.removeprefix(start): value for key, value in said if key.startswith(start)}


def in_words(facts: dict[str, str]) -> str:
    """Say what was done in a sentence, for files that hold no XMP."""
    return f"{COLORIZED_BY} {__version__}: {listed(facts)}".removesuffix(": ")


def listed(facts: dict[str, str]) -> str:
    """List what was done, such as "model vivid 7, vividness 0.5"."""
    return ", ".join(f"{name.lower()} {value}" for name, value in facts.items() if value)


class _Outline:
    """Where the root and the RDF of a packet in UTF-8 begin and end.

    Raises `ValueError` when it is not XML up to the end of its root, or has a document type, which
    may define entities.
    """

    def __init__(self, body: bytes) -> None:
        self._body, self._opened = body, list[int]()
        self._prefixes: dict[str, list[str]] = {}
        self.root = slice(0, 0)
        self.content = False
        """Whether the root holds elements."""
        self.rdf: slice | None = None
        """The end tag of the last RDF, or its only tag."""
        self.knows_rdf = False
        """Whether the prefix rdf means there what it mostly does."""
        self._parser = parser = expat.ParserCreate("utf-8", " ")
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartNamespaceDeclHandler = self._bind
        parser.EndNamespaceDeclHandler = lambda prefix: self._prefixes[prefix or ""].pop()
        parser.StartElementHandler, parser.EndElementHandler = self._open, self._close
        try:
            parser.Parse(body, True)
        except expat.ExpatError as error:
            if not self.root.stop or body[self.root.stop :].strip(b"\0 \t\r\n"):
                raise ValueError(f"not XML: {error}") from error

    def _refuse(self, *_: object) -> None:
        raise ValueError("it has a document type, which XMP has not")

    def _bind(self, prefix: str | None, uri: str) -> None:
        self._prefixes.setdefault(prefix or "", []).append(uri)

    def _open(self, name: str, attributes: Any) -> None:
        self.content = self.content or bool(self._opened)
        self._opened.append(self._parser.CurrentByteIndex)

    def _close(self, name: str) -> None:
        start = self._opened.pop()
        if name == f"{_RDF} RDF":
            self.rdf = self._last_tag(start)
            self.knows_rdf = self._prefixes.get("rdf", [])[-1:] == [_RDF]
        if not self._opened:
            self.root = slice(start, self._last_tag(start).stop)

    def _last_tag(self, start: int) -> slice:
        """Find the end tag of the element that began at `start` and ends now, or its only tag."""
        only = self._tag_at(start)
        ends_itself = self._body[only].endswith(b"/>")
        return only if ends_itself else self._tag_at(self._parser.CurrentByteIndex)

    def _tag_at(self, start: int) -> slice:
        found = _TAG.match(self._body, start)
        return slice(start, found.end() if found else start)


def _with_description(body: bytes, facts: dict[str, str]) -> bytes:
    outline = _Outline(body)
    if outline.rdf is None and not outline.content:
        body, outline = _NEW, _Outline(_NEW)
    if outline.rdf is None:
        raise ValueError("no RDF is in it")
    tag, root = body[outline.rdf], outline.root
    added = _description(facts, outline.knows_rdf).encode()
    if tag.endswith(b"/>"):
        element = tag[1:-2].split()[0]
        added, tag = tag[:-2].rstrip() + b">" + added, b"</" + element + b">"
    return body[root.start : outline.rdf.start] + added + tag + body[outline.rdf.stop : root.stop]


def _description(facts: dict[str, str], knows_rdf: bool) -> str:
    values = {
        "xmp:CreatorTool": f"Photochrom {__version__}",
        "Iptc4xmpExt:DigitalSourceType": SOURCE_TYPE,
        **{f"photochrom:{name}": value for name, value in facts.items()},
    }
    namespaces = _NAMESPACES if knows_rdf else {"rdf": _RDF, **_NAMESPACES}
    names = " ".join(f'xmlns:{name}="{address}"' for name, address in namespaces.items())
    attributes = " ".join(f'{name}="{_escaped(value)}"' for name, value in values.items())
    return f'<rdf:Description rdf:about="" {names} {attributes}/>'


def _escaped(value: str) -> str:
    """Write a value as XML has it within quotes; ends of lines would become spaces."""
    return html.escape(value).translate({ord(end): f"&#{ord(end)};" for end in "\n\r\t"})


def _as_utf8(packet: bytes) -> bytes:
    """Give a packet as UTF-8, without what stands before its first element, if that is xmpmeta.

    Raises `ValueError` for one that is not in the encoding that its first bytes tell.
    """
    found = next((_ENCODINGS[start] for start in _ENCODINGS if packet.startswith(start)), None)
    text = packet.decode(found).encode() if found else packet
    text = text.removeprefix(b"\xef\xbb\xbf")
    start, end = text.find(b"<x:xmpmeta"), text.rfind(b"</x:xmpmeta>")
    if 0 <= start < end:
        return text[start : end + len(b"</x:xmpmeta>")]
    return text.strip(b"\0 \t\r\n")
