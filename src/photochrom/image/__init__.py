"""Pictures: decoding, encoding, metadata and limits. The only place that knows libvips."""

from photochrom.image import engine  # noqa: F401 - first
from photochrom.image.decoding import (
    Limits,
    Picture,
    count_pages,
    load_rgb,
)
from photochrom.image.encoding import (
    JPEG_QUALITY,
    Finish,
    Page,
    check_target,
    encode,
    encode_pages,
    encode_rgb,
    holds_pages,
    remove_leftovers,
    save,
    save_pages,
    save_rgb,
)
from photochrom.image.formats import FORMATS, READABLE, find_pictures
from photochrom.image.raw import ENDINGS as RAW
from photochrom.image.samples import to_rgb8

__all__ = [
    "FORMATS",
    "JPEG_QUALITY",
    "RAW",
    "READABLE",
    "Finish",
    "Limits",
    "Page",
    "Picture",
    "check_target",
    "count_pages",
    "encode",
    "encode_pages",
    "encode_rgb",
    "find_pictures",
    "holds_pages",
    "load_rgb",
    "remove_leftovers",
    "save",
    "save_pages",
    "save_rgb",
    "to_rgb8",
]
