"""libvips, set up as it is used here, before any other module imports it."""

import os

os.environ.setdefault("VIPS_WARNING", "1")  # read when it starts: its warnings go nowhere

import pyvips

# pyvips passes warnings on to Python, where tidying up may cause another: GLib then aborts.
pyvips._remove_log_handler()
# What libvips keeps of its results is asked for by nobody, and holds on to decoders.
pyvips.cache_set_max(0)
