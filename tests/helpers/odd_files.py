"""Files of kinds that few programs write, drawn by code."""

import struct

import numpy as np

FORMS = {1: "B", 2: "s", 3: "H", 4: "I", 5: "I"}
BYTE, SHORT, LONG, FRACTION = 1, 3, 4, 5
YCBCR = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])


def tiff(pixels: bytes, width: int, height: int, tags: dict[int, tuple[int, list[int]]]) -> bytes:
    """Make a TIFF of one strip: `pixels` as they are to stand in it, and tags of a type each."""
    tags = {
        256: (SHORT, [width]),
        257: (SHORT, [height]),
        259: (SHORT, [1]),
        273: (LONG, [0]),
        278: (SHORT, [height]),
        279: (LONG, [len(pixels)]),
        **tags,
    }
    packed = {
        code: struct.pack(f"<{len(values)}{FORMS[kind]}", *values)
        for code, (kind, values) in sorted(tags.items())
    }
    beyond = 8 + 2 + 12 * len(tags) + 4
    start = beyond + sum(len(data) + len(data) % 2 for data in packed.values() if len(data) > 4)
    packed[273] = struct.pack("<I", start)
    entries, blob = b"", b""
    for code, data in packed.items():
        kind, values = tags[code]
        value = data.ljust(4, b"\0")
        if len(data) > 4:
            value = struct.pack("<I", beyond + len(blob))
            blob += data + bytes(len(data) % 2)
        count = len(values) // 2 if kind == FRACTION else len(values)
        entries += struct.pack("<HHI", code, kind, count) + value
    head = b"II*\0" + struct.pack("<IH", 8, len(tags))
    return head + entries + bytes(4) + blob + pixels


def to_ycbcr(rgb: np.ndarray) -> np.ndarray:
    """Give Y, Cb and Cr, 0..255, of sRGB, (H, W, 3), as JPEG has them; not rounded."""
    return rgb @ YCBCR.T + [0, 128, 128]


def whole(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def subsampled(rgb: np.ndarray) -> bytes:
    """Give data units of four lightnesses and one pair of colours, as TIFF stores them."""
    height, width, _ = rgb.shape
    units = to_ycbcr(rgb).reshape(height // 2, 2, width // 2, 2, 3)
    light = units[..., 0].transpose(0, 2, 1, 3).reshape(height // 2, width // 2, 4)
    return whole(np.concatenate([light, units[..., 1:].mean((1, 3))], axis=2)).tobytes()


def packed_bits(values: np.ndarray, bits: int) -> bytes:
    """Pack whole numbers, (rows, n), of so many bits each; every row ends with a whole byte."""
    places = np.arange(bits - 1, -1, -1)
    flat = (values[..., None].astype(np.int64) >> places & 1).astype(np.uint8)
    return np.packbits(flat.reshape(len(values), -1), axis=1).tobytes()
