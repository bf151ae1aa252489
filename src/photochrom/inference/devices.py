"""Where a model runs: on the processor, or on a device that ONNX Runtime has a provider for.

The only module that knows ONNX Runtime.
"""

import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when it is loaded: else it reports to its makers
import onnxruntime

from photochrom.color.spaces import Floats
from photochrom.errors import ModelError, PhotochromWarning, did_you_mean
from photochrom.inference.batched import BatchedRuns
from photochrom.inference.options import AUTO, CPU

onnxruntime.disable_telemetry_events()  # on Windows, where the variable is not read


RUNTIME = str(onnxruntime.__version__)
"""The version of ONNX Runtime, of whichever package."""


class Provider(NamedTuple):
    """What runs models on a kind of device."""

    name: str
    """ONNX Runtime's name of it."""
    package: str
    """What is installed in place of onnxruntime, to have it."""


PROVIDERS = {
    "tensorrt": Provider("TensorrtExecutionProvider", "onnxruntime-gpu"),
    "cuda": Provider("CUDAExecutionProvider", "onnxruntime-gpu"),
    "rocm": Provider("MIGraphXExecutionProvider", "onnxruntime-migraphx"),
    "directml": Provider("DmlExecutionProvider", "onnxruntime-directml"),
    "coreml": Provider("CoreMLExecutionProvider", "onnxruntime on a Mac"),
    "openvino": Provider("OpenVINOExecutionProvider", "onnxruntime-openvino"),
    CPU: Provider("CPUExecutionProvider", "onnxruntime"),
}
"""By the names of `options.DEVICES`."""

GAINING = {"cuda", "directml"}
"""Devices that run several pictures at once. The others prepare themselves long for each shape, or
have no more arithmetic units than one picture keeps busy."""
_BATCH = 8  # pictures at most,
_BATCH_PIXELS = _BATCH * 512**2  # and no more pixels: memory grows with them


class Session:
    """A model's file, open on a device; may be shared between threads.

    `device` is a name of `PROVIDERS`, or "auto" for the first that works. Raises `ModelError` for a
    device that is not there: nothing falls back to the processor unasked.
    """

    def __init__(self, path: Path, threads: int, device: str = CPU) -> None:
        self._path, self._threads = path, threads
        self._may_fall_back = device == AUTO
        if device not in (*PROVIDERS, AUTO):
            similar = did_you_mean(device, PROVIDERS)
            raise ModelError(f"there is no device {device!r}{similar}; choose {_listed()} or auto")
        self._open(available() if device == AUTO else [device])
        self._batches = BatchedRuns(self._on_device, self._alone, self._has_axis)

    @property
    def meta(self) -> dict[str, str]:
        """What the file says of itself, by key."""
        found: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return found

    @property
    def inputs(self) -> set[str]:
        """Names of the inputs."""
        return {entry.name for entry in self._session.get_inputs()}

    @property
    def outputs(self) -> set[str]:
        """Names of the outputs."""
        return {entry.name for entry in self._session.get_outputs()}

    def max_batch(self, pixels: int) -> int:
        """Give how many pictures of so many pixels, as the model sees them, run together at most.

        It is one where the device does not gain by it, or the file's batch axis is fixed.
        """
        gains = self.device in GAINING and self.takes_batches
        return max(1, min(_BATCH, _BATCH_PIXELS // pixels)) if gains else 1

    @property
    def takes_batches(self) -> bool:
        """Whether the file takes several pictures at once."""
        return all(isinstance(entry.shape[0], str) for entry in self._session.get_inputs())

    def run(self, names: list[str], feeds: dict[str, Floats]) -> list[Any]:
        """Give outputs for one picture. Raises `ModelError` where the device fails.

        With "auto" the processor goes on instead, which a `PhotochromWarning` says. On a device
        that gains by it, pictures of one shape that several threads ask for run together.
        """
        height, width = feeds["lightness"].shape[2:]
        count = self.max_batch(height * width)
        return self._batches.run(names, feeds, count) if count > 1 else self._alone(names, feeds)

    def _has_axis(self, name: str) -> bool:
        """Tell whether an output has a part for each picture."""
        shapes = {entry.name: entry.shape for entry in self._session.get_outputs()}
        return isinstance(shapes[name][0], str)

    def _on_device(self, names: list[str], feeds: dict[str, Floats]) -> list[Any]:
        device = self.device  # before the session: another thread may have fallen back meanwhile
        session = self._session
        try:
            found: list[Any] = session.run(names, feeds)
        except Exception as error:
            failed = f"the device {device} failed ({_reason(error)})"
            raise ModelError(f"{failed}; choose another device, such as {CPU}") from error
        return found

    def _alone(self, names: list[str], feeds: dict[str, Floats]) -> list[Any]:
        device = self.device
        try:
            return self._on_device(names, feeds)
        except ModelError as error:
            if device == CPU or not self._may_fall_back:
                raise
            failed = f"the device {device} failed ({_reason(error.__cause__)})"
            warnings.warn(f"{failed}; going on with {CPU}", PhotochromWarning, stacklevel=2)
            self._open([CPU])
            return self._on_device(names, feeds)

    def _open(self, devices: list[str]) -> None:
        """Open the file on the first of some devices that works."""
        for device in devices:
            _check(device)
            session = _opened(self._path, self._threads, device)
            if session and session.get_providers()[0] == PROVIDERS[device].name:
                self._session, self.device = session, device
                return
        raise ModelError(
            f"the device {devices[-1]} does not work: its driver, or a library of it, is missing; "
            "see photochrom doctor"
        )


def available() -> list[str]:
    """Name the devices that ONNX Runtime has providers for, as it is installed here."""
    known = onnxruntime.get_available_providers()
    return [device for device, provider in PROVIDERS.items() if provider.name in known]


def _check(device: str) -> None:
    if device not in available():
        package = PROVIDERS[device].package
        raise ModelError(
            f"the device {device} is not there: this ONNX Runtime is for {_listed(available())}; "
            f"pip uninstall onnxruntime, then pip install {package}"
        )


def _opened(path: Path, threads: int, device: str) -> onnxruntime.InferenceSession | None:
    """Open a file on a device; None where the file is good and the device does not work."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that wait for work in a loop keep NumPy's off the cores: twice the time of a picture.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=[PROVIDERS[device].name])
    except Exception as error:
        if device == CPU:
            raise ModelError(
                f"{path}: the file is damaged, or not an ONNX model; take another copy"
            ) from error
        _opened(path, threads, CPU)
        return None


def _listed(devices: Iterable[str] = PROVIDERS) -> str:
    return ", ".join(devices)


def _reason(error: BaseException | None) -> str:
    return str(error).strip().splitlines()[0]
