#!/usr/bin/env python3
"""A plug-in of GIMP 3: colours a layer by the command `photochrom`, hints from a layer of strokes.

It stands in the menu Colors. A layer that is called "hints" is given as the layer of hints.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, Gio, GLib, GObject  # noqa: E402

PROCEDURE = "plug-in-photochrom"
HINTS = "hints"
"""The name of the layer on which colours are painted."""


def command() -> str:
    """Give the command: that of the variable PHOTOCHROM, or the one that is found by its name."""
    return os.environ.get("PHOTOCHROM", "photochrom")


def words(picture: Path, target: Path, layer: Path | None, vividness: float) -> list[str]:
    """Give what is run for a picture."""
    run = [command(), "colorize", str(picture), "-o", str(target), "--quiet", "--overwrite"]
    run += ["--vividness", f"{vividness:g}"]
    return run + (["--hint-layer", str(layer)] if layer else [])


def write(image, layer, path: Path) -> None:
    """Write one layer, as large as the image, to a file."""
    alone = Gimp.Image.new(image.get_width(), image.get_height(), image.get_base_type())
    copy = Gimp.Layer.new_from_drawable(layer, alone)
    alone.insert_layer(copy, None, 0)
    copy.set_visible(True)
    copy.resize_to_image_size()
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, alone, Gio.File.new_for_path(str(path)), None)
    alone.delete()


def colorize(image, layer, vividness: float) -> None:
    """Put a coloured copy of a layer above all others; raises `RuntimeError` with what is wrong."""
    hints = [one for one in image.get_layers() if one.get_name().strip().lower() == HINTS]
    with tempfile.TemporaryDirectory(prefix="photochrom-") as directory:
        picture, target, strokes = (
            Path(directory, name) for name in ("grey.png", "colour.png", "hints.png")
        )
        write(image, layer, picture)
        for one in hints[:1]:
            write(image, one, strokes)
        run = words(picture, target, strokes if hints else None, vividness)
        try:
            done = subprocess.run(run, capture_output=True, text=True, check=False)
        except OSError as error:
            raise RuntimeError(
                f"the command {run[0]} was not found; install Photochrom, "
                "or let the variable PHOTOCHROM name its path"
            ) from error
        if done.returncode or not target.exists():
            raise RuntimeError(done.stderr.strip() or f"{run[0]} ended with {done.returncode}")
        if image.get_base_type() == Gimp.ImageBaseType.GRAY:
            image.convert_rgb()
        file = Gio.File.new_for_path(str(target))
        colored = Gimp.file_load_layer(Gimp.RunMode.NONINTERACTIVE, image, file)
    colored.set_name(f"{layer.get_name()}, coloured")
    image.insert_layer(colored, None, 0)


class Photochrom(Gimp.PlugIn):
    """The plug-in, as GIMP asks for it."""

    def do_set_i18n(self, name):
        return False

    def do_query_procedures(self):
        return [PROCEDURE]

    def do_create_procedure(self, name):
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, run, None)
        procedure.set_image_types("RGB*, GRAY*")
        procedure.set_menu_label("Colorize with _Photochrom")
        procedure.add_menu_path("<Image>/Colors/")
        procedure.set_documentation(
            "Colour a black-and-white layer", 'Hints are painted on a layer called "hints".', name
        )
        procedure.set_attribution("Photochrom", "Photochrom", "2025")
        flags = GObject.ParamFlags.READWRITE
        procedure.add_double_argument(
            "vividness", "_Vividness", "From 0, natural, to 1, vivid", 0.0, 1.0, 0.5, flags
        )
        return procedure


def run(procedure, run_mode, image, drawables, config, data):
    """Do what the menu asks for: one step to undo, or none."""
    if run_mode == Gimp.RunMode.INTERACTIVE:
        gi.require_version("GimpUi", "3.0")
        from gi.repository import GimpUi

        GimpUi.init(PROCEDURE)
        dialog = GimpUi.ProcedureDialog.new(procedure, config, "Photochrom")
        dialog.fill(None)
        if not dialog.run():
            return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, GLib.Error())
        dialog.destroy()
    image.undo_group_start()
    try:
        colorize(image, drawables[0], config.get_property("vividness"))
    except RuntimeError as error:
        return procedure.new_return_values(
            Gimp.PDBStatusType.EXECUTION_ERROR, GLib.Error(str(error))
        )
    finally:
        image.undo_group_end()
    Gimp.displays_flush()
    return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())


if __name__ == "__main__":
    Gimp.main(Photochrom.__gtype__, sys.argv)
