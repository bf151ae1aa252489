"""Pictures: decoding, encoding, metadata and limits. The only place that knows libvips."""

from photochrom.image.decoding import (
    FORMATS,
    Limits,
    Picture,
    find_pictures,
    load_rgb,
    to_rgb8,
)
from photochrom.image.encoding import (
    Finish,
    check_target,
    encode,
    encode_rgb,
    remove_leftovers,
    save,
    save_rgb,
)

__all__ = [
    "FORMATS",
    "Finish",
    "Limits",
    "Picture",
    "check_target",
    "encode",
    "encode_rgb",
    "find_pictures",
    "load_rgb",
    "remove_leftovers",
    "save",
    "save_rgb",
    "to_rgb8",
]
