"""The plug-in of GIMP 3, with what it uses of GIMP in its place."""

import importlib.util
import stat
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest.mock import MagicMock

import pytest
from PIL import Image

PLUGIN = Path(__file__).parents[2] / "integrations/gimp/photochrom/photochrom.py"
COMMAND = "import sys; from photochrom.cli.main import main; main(sys.argv[1:])"


class Layer:
    def __init__(self, name: str, pixels: Image.Image) -> None:
        self.name, self.pixels = name, pixels

    def get_name(self) -> str:
        return self.name

    def set_name(self, name: str) -> None:
        self.name = name

    def set_visible(self, visible: bool) -> None:
        assert visible

    def resize_to_image_size(self) -> None:
        pass


class Picture:
    """An image of GIMP: layers, the uppermost first."""

    def __init__(self, *layers: Layer, base: str = "grey") -> None:
        self.layers, self.base = list(layers), base
        self.undo = 0

    def get_layers(self) -> list[Layer]:
        return self.layers

    def get_width(self) -> int:
        return self.layers[0].pixels.width

    def get_height(self) -> int:
        return self.layers[0].pixels.height

    def get_base_type(self) -> str:
        return self.base

    def convert_rgb(self) -> None:
        self.base = "rgb"

    def insert_layer(self, layer: Layer, parent: None, position: int) -> None:
        self.layers.insert(position, layer)

    def undo_group_start(self) -> None:
        self.undo += 1

    def undo_group_end(self) -> None:
        self.undo -= 1

    def delete(self) -> None:
        pass


@pytest.fixture
def plugin(monkeypatch):
    """Load the plug-in beside a GIMP that keeps layers as PIL images."""
    gimp = MagicMock()
    gimp.PlugIn = object
    gimp.ImageBaseType.GRAY = "grey"
    gimp.RunMode.NONINTERACTIVE, gimp.RunMode.INTERACTIVE = "quietly", "dialog"
    gimp.Image.new = lambda width, height, base: Picture(base=base)
    gimp.Layer.new_from_drawable = lambda layer, image: Layer(layer.name, layer.pixels)
    gimp.file_save = lambda mode, image, file, options: image.layers[0].pixels.save(file)
    gimp.file_load_layer = lambda mode, image, file: Layer("loaded", Image.open(file).copy())
    repository = ModuleType("gi.repository")
    repository.Gimp, repository.GLib, repository.GObject = gimp, MagicMock(), MagicMock()
    repository.Gio = SimpleNamespace(File=SimpleNamespace(new_for_path=lambda path: path))
    gi = ModuleType("gi")
    gi.require_version, gi.repository = lambda *_: None, repository
    monkeypatch.setitem(sys.modules, "gi", gi)
    monkeypatch.setitem(sys.modules, "gi.repository", repository)
    spec = importlib.util.spec_from_file_location("photochrom_gimp", PLUGIN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.gimp = gimp
    words = module.words
    monkeypatch.setattr(
        module, "words", lambda *given: [sys.executable, "-c", COMMAND, *words(*given)[1:]]
    )
    return module


def photograph() -> Layer:
    return Layer("photo", Image.linear_gradient("L").resize((96, 64)))


def run(plugin, picture: Picture, layer: Layer, vividness: float = 0.5):
    """Call what the menu calls; give the status."""
    procedure, config = MagicMock(), MagicMock()
    config.get_property = {"vividness": vividness}.get
    plugin.run(procedure, "quietly", picture, [layer], config, None)
    (status, error), _ = procedure.new_return_values.call_args
    return status, error


def test_a_colored_copy_is_put_above(plugin) -> None:
    photo = photograph()
    picture = Picture(photo)
    status, _ = run(plugin, picture, photo)
    assert status == plugin.gimp.PDBStatusType.SUCCESS
    assert [layer.name for layer in picture.layers] == ["photo, coloured", "photo"]
    assert (picture.base, picture.undo) == ("rgb", 0)
    assert picture.layers[0].pixels.mode == "RGB"


@pytest.mark.slow
def test_a_layer_of_strokes_is_the_hints(plugin) -> None:
    photo = photograph()
    strokes = Image.new("RGBA", (96, 64))
    strokes.paste((255, 0, 0, 255), (40, 20, 56, 40))
    picture = Picture(Layer("Hints", strokes), photo, base="rgb")
    run(plugin, picture, photo)
    red, _, blue = picture.layers[0].pixels.getpixel((48, 30))
    assert red - blue > 60


def test_what_is_wrong_is_said_in_the_commands_words(plugin, monkeypatch) -> None:
    photo = photograph()
    empty = Layer("hints", Image.new("RGBA", (96, 64)))
    picture = Picture(empty, photo, base="rgb")
    status, _ = run(plugin, picture, photo)
    assert status == plugin.gimp.PDBStatusType.EXECUTION_ERROR
    assert len(picture.layers) == 2
    with pytest.raises(RuntimeError, match="nothing is painted on the layer of hints"):
        plugin.colorize(picture, photo, 0.5)
    monkeypatch.setattr(plugin, "words", lambda *_: ["no-such-command"])
    with pytest.raises(RuntimeError, match="no-such-command was not found; install Photochrom"):
        plugin.colorize(picture, photo, 0.5)


def test_the_menu_has_it(plugin) -> None:
    made = plugin.Photochrom()
    assert made.do_query_procedures() == [plugin.PROCEDURE]
    procedure = made.do_create_procedure(plugin.PROCEDURE)
    procedure.add_menu_path.assert_called_with("<Image>/Colors/")
    assert PLUGIN.stat().st_mode & stat.S_IXUSR or sys.platform == "win32"


def test_each_integration_says_how_in_ten_lines() -> None:
    for readme in PLUGIN.parents[2].glob("*/README.md"):
        assert len(readme.read_text(encoding="utf-8").splitlines()) <= 14, readme
