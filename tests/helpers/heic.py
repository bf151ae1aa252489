"""HEIC files, written by code around what an encoder of films makes of a picture."""

import io
import struct

import av
import numpy as np

ALPHA = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"
PRIMARIES = {"PQ": (9, 16, 9), "HLG": (9, 18, 9), "sRGB": (1, 13, 6)}


def box(name: bytes, *parts: bytes, version: int | None = None, flags: int = 0) -> bytes:
    """Make a box of a file; one with a version is a full one."""
    full = b"" if version is None else struct.pack(">I", version << 24 | flags)
    body = full + b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body


def coded(pixels: np.ndarray, bits: int = 8) -> tuple[bytes, bytes]:
    """Encode sRGB (H, W, 3) or grey (H, W), uint8; give the parameters' box and the picture."""
    form = {(3, 8): "yuv444p", (3, 10): "yuv444p10le", (2, 8): "gray"}[pixels.ndim, bits]
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx265", rate=1)
        stream.height, stream.width = pixels.shape[:2]
        stream.pix_fmt, stream.codec_context.color_range = form, 2
        stream.options = {"x265-params": "crf=4:keyint=1:log-level=none:range=full"}
        layout = "gray" if pixels.ndim == 2 else "rgb24"
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=layout)
        frame = frame.reformat(format=form, dst_color_range=2, dst_colorspace="ITU601")
        out.mux([*stream.encode(frame), *stream.encode(None)])
    data = file.getvalue()
    start = data.index(b"hvcC") - 4
    parameters = data[start : start + int.from_bytes(data[start : start + 4], "big")]
    start = data.index(b"mdat") - 4
    return parameters, data[start + 8 : start + int.from_bytes(data[start : start + 4], "big")]


def heic(
    pixels: np.ndarray,
    *,
    bits: int = 8,
    turns: int = 0,
    alpha: np.ndarray | None = None,
    thumbnail: np.ndarray | None = None,
    others: tuple[np.ndarray, ...] = (),
    exif: bytes = b"",
    curve: str = "sRGB",
    kind: bytes = ALPHA,
) -> bytes:
    """Make a file of a picture, turned by so many quarters to the left, and what goes with it.

    `kind` says what `alpha` is.
    """
    pictures = [pixels, *others]
    references = []
    if alpha is not None:
        references.append((b"auxl", len(pictures) + 1))
        pictures.append(alpha)
    if thumbnail is not None:
        references.append((b"thmb", len(pictures) + 1))
        pictures.append(thumbnail)
    properties, items, data = [], [], []
    links = b""
    for number, picture in enumerate(pictures, 1):
        parameters, body = coded(picture, bits if number == 1 else 8)
        height, width = picture.shape[:2]
        depth = bytes([3, bits, bits, bits]) if picture.ndim == 3 else bytes([1, 8])
        own = [
            parameters,
            box(b"ispe", struct.pack(">II", width, height), version=0),
            box(b"pixi", depth, version=0),
            box(b"colr", b"nclx", struct.pack(">HHHB", *PRIMARIES[curve], 0x80)),
        ]
        if number == 1 and turns:
            own.append(box(b"irot", bytes([turns])))
        if (b"auxl", number) in references:
            own.append(box(b"auxC", kind, version=0))
        first = len(properties) + 1
        properties += own
        links += struct.pack(">HB", number, len(own))
        links += bytes(
            index | (0x80 if index == first else 0) for index in range(first, first + len(own))
        )
        items.append(box(b"infe", struct.pack(">HH4sx", number, 0, b"hvc1"), version=2))
        data.append(body)
    if exif:
        references.append((b"cdsc", len(pictures) + 1))
        items.append(box(b"infe", struct.pack(">HH4sx", len(data) + 1, 0, b"Exif"), version=2))
        data.append(struct.pack(">I", 0) + exif)
    head = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    meta = _meta(items, properties, links, references, [0] * len(data), data, len(pictures))
    start = len(head) + len(meta) + 8
    offsets = [start + sum(map(len, data[:index])) for index in range(len(data))]
    meta = _meta(items, properties, links, references, offsets, data, len(pictures))
    return head + meta + box(b"mdat", *data)


def _meta(items, properties, links, references, offsets, data, pictures) -> bytes:
    places = b"".join(
        struct.pack(">HHHII", number, 0, 1, offset, len(body))
        for number, (offset, body) in enumerate(zip(offsets, data, strict=True), 1)
    )
    parts = [
        box(b"hdlr", struct.pack(">I4s12xx", 0, b"pict"), version=0),
        box(b"pitm", struct.pack(">H", 1), version=0),
        box(b"iinf", struct.pack(">H", len(items)), *items, version=0),
        box(
            b"iprp",
            box(b"ipco", *properties),
            box(b"ipma", struct.pack(">I", pictures), links, version=0),
        ),
        box(b"iloc", struct.pack(">HH", 0x4400, len(data)), places, version=0),
    ]
    if references:
        boxes = [box(kind, struct.pack(">HHH", one, 1, 1)) for kind, one in references]
        parts.append(box(b"iref", *boxes, version=0))
    return box(b"meta", *parts, version=0)
