"""The note in a coloured picture's XMP, so that it can always be told from an original."""

from importlib.metadata import version
from xml.sax.saxutils import quoteattr

_END = b"</rdf:RDF>"
_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's word for a photograph that a trained algorithm has changed."""
_NAMESPACES = {
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "photochrom": "urn:photochrom",
}


def add_note(packet: bytes | None, facts: dict[str, str]) -> bytes:
    """Add what was done to a picture to its XMP packet, or make one.

    `facts` are names and values, such as the model and the options. What the packet held stays.
    """
    packet = _without_padding(packet)
    if _END not in packet:
        packet = (
            b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>'
            b"</x:xmpmeta>"
        )
    before, _, after = packet.rpartition(_END)
    return before + _description(facts).encode() + _END + after


def in_words(facts: dict[str, str]) -> str:
    """Say what was done in a sentence, where there is no place for XMP."""
    done = ", ".join(f"{name.lower()} {value}" for name, value in facts.items() if value)
    return f"coloured by Photochrom {version('photochrom')}: {done}"


def _description(facts: dict[str, str]) -> str:
    values = {
        "xmp:CreatorTool": f"Photochrom {version('photochrom')}",
        "Iptc4xmpExt:DigitalSourceType": _SOURCE,
        **{f"photochrom:{name}": value for name, value in facts.items()},
    }
    names = " ".join(f'xmlns:{name}="{address}"' for name, address in _NAMESPACES.items())
    attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in values.items())
    return f'<rdf:Description rdf:about="" {names} {attributes}/>'


def _without_padding(packet: bytes | None) -> bytes:
    """Drop the byte order mark, the wrapper and the padding around a packet, which are optional."""
    text = (packet or b"").removeprefix(b"\xef\xbb\xbf")
    start, end = text.find(b"<x:xmpmeta"), text.rfind(b"</x:xmpmeta>")
    return text[start : end + len(b"</x:xmpmeta>")] if 0 <= start < end else b""
