"""Pictures: decoding, encoding, metadata and limits. The only place that knows libvips."""
# ruff: noqa: E402 - libvips is set up before any module imports it

import os

os.environ.setdefault("VIPS_WARNING", "1")  # read when it starts: its warnings go nowhere

import pyvips

# pyvips passes warnings on to Python, where tidying up may cause another: GLib then aborts.
pyvips._remove_log_handler()
# What libvips keeps of its results is asked for by nobody, and holds on to decoders.
pyvips.cache_set_max(0)

from photochrom.image.archive import EXTENSIONS as ARCHIVE
from photochrom.image.archive import JPEG_2000
from photochrom.image.encoding import (
    JPEG_QUALITY,
    Page,
    SaveKeywords,
    SaveOptions,
    encode_rgb,
)
from photochrom.image.formats import FORMATS, READABLE, count_extensions, find_pictures
from photochrom.image.limits import CancelToken, Limits
from photochrom.image.profiles import to_rgb8
from photochrom.image.raw import EXTENSIONS as RAW
from photochrom.image.reader import (
    Picture,
    count_pages,
    load_rgb,
    rows_of_band,
    shrink,
)
from photochrom.image.writer import (
    OnProgress,
    check_target,
    encode,
    encode_pages,
    holds_frames,
    holds_pages,
    remove_leftovers,
    save,
    save_pages,
    save_rgb,
)

__all__ = [
    "ARCHIVE",
    "FORMATS",
    "JPEG_2000",
    "JPEG_QUALITY",
    "RAW",
    "READABLE",
    "CancelToken",
    "Limits",
    "OnProgress",
    "Page",
    "Picture",
    "SaveKeywords",
    "SaveOptions",
    "check_target",
    "count_extensions",
    "count_pages",
    "encode",
    "encode_pages",
    "encode_rgb",
    "find_pictures",
    "holds_frames",
    "holds_pages",
    "load_rgb",
    "remove_leftovers",
    "rows_of_band",
    "save",
    "save_pages",
    "save_rgb",
    "shrink",
    "to_rgb8",
]
