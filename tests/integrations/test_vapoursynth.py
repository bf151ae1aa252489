"""The VapourSynth function, with what it uses of VapourSynth in its place, or with the real one."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from photochrom.cli.main import main

SCRIPT = Path(__file__).parents[2] / "integrations/vapoursynth/photochrom_vs.py"


class Frame:
    """Planes that arrays look into, as VapourSynth's frames have them."""

    def __init__(self, planes: list) -> None:
        self.planes = planes

    def __getitem__(self, plane: int):
        return self.planes[plane]

    def copy(self) -> "Frame":
        return Frame([plane.copy() for plane in self.planes])


@pytest.fixture
def script(monkeypatch):
    """Load the script beside a VapourSynth that modifies frames as the real one does."""

    def modify(clip, clips, selector):
        assert clips is clip
        frames = [selector(n=number, f=frame) for number, frame in enumerate(clip.frames)]
        return SimpleNamespace(format=clip.format, frames=frames)

    stub = SimpleNamespace(
        RGB24=1, RGB48=2, core=SimpleNamespace(std=SimpleNamespace(ModifyFrame=modify))
    )
    monkeypatch.setitem(sys.modules, "vapoursynth", stub)
    spec = importlib.util.spec_from_file_location("photochrom_vs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("number", "dtype"), [(1, np.uint8), (2, np.uint16)])
def test_a_clip_is_colored_frame_by_frame(script, echo, number, dtype) -> None:
    from photochrom import Colorizer

    top = np.iinfo(dtype).max
    ramp = np.tile(np.linspace(0.2 * top, 0.8 * top, 96).astype(dtype), (64, 1))
    frames = [Frame([one, one, one]) for one in (ramp, ramp[:, ::-1].copy())]
    clip = SimpleNamespace(format=SimpleNamespace(id=number), frames=frames)
    colored = script.colorize(clip, model=echo, quality="fast")
    for before, after in zip(frames, colored.frames, strict=True):
        expected = Colorizer(echo).colorize(np.stack(before.planes, axis=-1), quality="fast")
        np.testing.assert_array_equal(np.stack(after.planes, axis=-1), expected)
    np.testing.assert_array_equal(frames[0][2], ramp)


def test_its_colors_are_those_of_the_command_on_the_same_frames(script, echo, tmp_path) -> None:
    from PIL import Image

    rng = np.random.default_rng(0)
    frames = []
    for number in range(3):
        grey = np.sort(rng.integers(0, 256, (64, 96), np.uint8), axis=number % 2)
        frames.append(Frame([grey.copy() for _ in range(3)]))
        Image.fromarray(np.stack(frames[-1].planes, axis=-1)).save(tmp_path / f"{number}.png")
    clip = SimpleNamespace(format=SimpleNamespace(id=1), frames=frames)
    colored = script.colorize(clip, model=echo, vividness=0.8)
    out = tmp_path / "out"
    words = ["colorize", str(tmp_path), "-o", str(out), "-m", str(echo), "--vividness", "0.8"]
    assert CliRunner().invoke(main, words).exit_code == 0
    for number, frame in enumerate(colored.frames):
        written = np.asarray(Image.open(out / f"{number}.png"))
        np.testing.assert_array_equal(np.stack(frame.planes, axis=-1), written)
        assert np.ptp(written, axis=-1).mean() > 10


def test_a_clip_of_another_format_is_refused(script, echo) -> None:
    clip = SimpleNamespace(format=SimpleNamespace(id=9), frames=[])
    with pytest.raises(ValueError, match=r"RGB24 and RGB48; convert with core\.resize"):
        script.colorize(clip, model=echo)
