"""Where a model runs, and what is said where it cannot."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from photochrom import Colorizer, ModelError, PhotochromWarning
from photochrom.cli import doctor
from photochrom.cli.main import main
from photochrom.inference import devices
from photochrom.inference.options import DEVICES

GREY = np.linspace(0, 255, 64 * 64).reshape(64, 64).astype(np.uint8)


class Failing:
    """A session of ONNX Runtime on a device that fails when it is asked."""

    def __init__(self, session, provider: str) -> None:
        self._session, self._provider = session, provider

    def get_providers(self) -> list[str]:
        return [self._provider, "CPUExecutionProvider"]

    def __getattr__(self, name: str):
        return getattr(self._session, name)

    def run(self, names, feeds):
        raise RuntimeError("out of memory\nand more")


@pytest.fixture
def cuda(monkeypatch):
    """An ONNX Runtime that has CUDA; give a dict that says what opens on it."""
    opened = devices._opened
    behaviour = {"cuda": "fails"}

    def opens(path, threads, device):
        if device == "cpu":
            return opened(path, threads, device)
        if behaviour[device] == "does not open":
            return None
        session = opened(path, threads, "cpu")
        if behaviour[device] == "falls back":
            return session
        return Failing(session, devices.PROVIDERS[device].name)

    monkeypatch.setattr(devices, "available", lambda: ["cuda", "cpu"])
    monkeypatch.setattr(devices, "_opened", opens)
    return behaviour


def test_every_device_has_a_provider() -> None:
    assert tuple(devices.PROVIDERS) == DEVICES


def test_the_processor_is_the_default_and_always_there(echo) -> None:
    assert Colorizer(echo).model.device == "cpu"
    assert "cpu" in devices.available()
    first, second = (Colorizer(echo, device=name).colorize(GREY) for name in ("cpu", "auto"))
    if devices.available() == ["cpu"]:
        np.testing.assert_array_equal(first, second)


def test_a_device_that_is_not_there_is_one_line(echo, monkeypatch) -> None:
    monkeypatch.setattr(devices, "available", lambda: ["cpu"])
    reason = "cuda is not there: this ONNX Runtime is for cpu; .* pip install onnxruntime-gpu"
    with pytest.raises(ModelError, match=reason):
        Colorizer(echo, device="cuda")
    for name in set(DEVICES) - {"cpu"}:
        package = devices.PROVIDERS[name].package
        with pytest.raises(ModelError, match=f"the device {name} is not there: .* {package}$"):
            Colorizer(echo, device=name)
    with pytest.raises(ModelError, match=r"no device 'cudo' \(did you mean cuda\?\); choose tens"):
        Colorizer(echo, device="cudo")


@pytest.mark.parametrize("way", ["does not open", "falls back"])
def test_nothing_falls_back_unasked(echo, cuda, way) -> None:
    cuda["cuda"] = way
    with pytest.raises(ModelError, match="the device cuda does not work: its driver"):
        Colorizer(echo, device="cuda")
    assert Colorizer(echo, device="auto").model.device == "cpu"


def test_a_damaged_file_is_not_the_devices_fault(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(devices, "available", lambda: ["cuda", "cpu"])
    (tmp_path / "m.onnx").write_text("no model")
    with pytest.raises(ModelError, match="damaged, or not an ONNX model"):
        Colorizer(tmp_path / "m.onnx", device="cuda")


def test_a_device_that_fails_midway_is_replaced_only_with_auto(echo, cuda) -> None:
    with pytest.raises(ModelError, match=r"device cuda failed \(out of memory\); choose another"):
        Colorizer(echo, device="cuda").colorize(GREY)
    colorizer = Colorizer(echo, device="auto")
    with pytest.warns(PhotochromWarning, match=r"cuda failed \(out of memory\); going on with cpu"):
        painted = colorizer.colorize(GREY)
    np.testing.assert_array_equal(painted, Colorizer(echo).colorize(GREY))
    assert colorizer.model.device == "cpu"


def test_the_command_takes_a_device(echo, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(devices, "available", lambda: ["cpu"])
    picture = tmp_path / "in.png"
    from PIL import Image

    Image.fromarray(GREY).save(picture)
    run = CliRunner().invoke
    assert run(main, ["colorize", str(picture), "-m", str(echo), "--device", "auto"]).exit_code == 0
    refused = run(main, ["colorize", str(picture), "--overwrite", "--device", "openvino"])
    assert (refused.exit_code, "onnxruntime-openvino" in refused.output) == (1, True)
    both = run(main, ["colorize", str(picture), "--device", "cuda", "--ray"])
    assert (both.exit_code, "leave it out with --ray" in both.output) == (2, True)
    assert run(main, ["uncertainty", str(picture), "--device", "cuda"]).exit_code == 1


def test_the_command_says_that_the_processor_went_on(echo, cuda, tmp_path) -> None:
    from PIL import Image

    for name in ("a.png", "b.png"):
        Image.fromarray(GREY).save(tmp_path / name)
    words = ["colorize", str(tmp_path), "-m", str(echo), "-o", str(tmp_path / "out"), "--device"]
    result = CliRunner().invoke(main, [*words, "auto"])
    assert result.exit_code == 0, result.output
    assert "warning: the device cuda failed (out of memory); going on with cpu" in result.output
    for name in ("a.png", "b.png"):
        colored = np.asarray(Image.open(tmp_path / "out" / name))
        np.testing.assert_array_equal(colored, Colorizer(echo, threads=1).colorize(GREY))
    result = CliRunner().invoke(main, [*words, "cuda", "--overwrite"])
    assert result.exit_code == 1
    assert "a.png: the device cuda failed (out of memory); choose another" in result.output


def test_the_doctor_works_with_any_package_of_the_runtime(monkeypatch) -> None:
    def without(name: str) -> str:
        raise doctor.PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "version", without)  # as where onnxruntime-gpu is in its stead
    assert doctor._machine()["ONNX Runtime"] == devices.RUNTIME


def test_the_doctor_tells_of_the_machine(echo, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "_RUNS", 1)
    said = CliRunner().invoke(main, ["doctor"])
    assert said.exit_code == 0, said.output
    for words in (
        *("Photochrom: ", "ONNX Runtime: ", "libvips: ", "processor cores: ", "free disk, here: "),
        *("CPUExecutionProvider", "  web: ", "  cpu: vivid ", "512 x 384 pixels", " thread"),
    ):
        assert words in said.output
    assert ("memory: " in said.output) == Path("/proc/meminfo").exists()
    monkeypatch.setattr(doctor, "DEFAULT", echo)
    facts = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).output)
    assert facts["devices"]["cpu"]["seconds"] > 0
    assert "ray" in facts["extras"]
    monkeypatch.setattr(doctor, "_is_installed", lambda library: library != "av")
    missing = CliRunner().invoke(main, ["doctor"]).output
    assert "  film: missing av: pip install 'photochrom[film]'" in missing


def test_a_library_without_gpus_is_that_library(monkeypatch) -> None:
    def version(name: str) -> str:
        if name != "tensorflow-cpu":
            raise doctor.PackageNotFoundError
        return "2.21"

    monkeypatch.setattr(doctor, "version", version)
    assert doctor._is_installed("tensorflow")
    assert not doctor._is_installed("keras")


def test_the_doctor_fails_where_a_device_does(echo, cuda, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "DEFAULT", echo)
    said = CliRunner().invoke(main, ["doctor"])
    assert said.exit_code == 1
    assert "cuda: the device cuda failed (out of memory)" in said.output
