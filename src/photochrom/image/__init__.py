"""Pictures: decoding, encoding, metadata and limits. The only place that knows libvips."""

from photochrom.image.decoding import (
    FORMATS,
    READABLE,
    Limits,
    Picture,
    find_pictures,
    load_rgb,
    to_rgb8,
)
from photochrom.image.encoding import (
    Finish,
    Page,
    check_target,
    encode,
    encode_pages,
    encode_rgb,
    remove_leftovers,
    save,
    save_pages,
    save_rgb,
)
from photochrom.image.raw import ENDINGS as RAW

__all__ = [
    "FORMATS",
    "RAW",
    "READABLE",
    "Finish",
    "Limits",
    "Page",
    "Picture",
    "check_target",
    "encode",
    "encode_pages",
    "encode_rgb",
    "find_pictures",
    "load_rgb",
    "remove_leftovers",
    "save",
    "save_pages",
    "save_rgb",
    "to_rgb8",
]
