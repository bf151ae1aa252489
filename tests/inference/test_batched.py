"""Several pictures in one run of a model: the colours of each are those that it has alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnx
import pytest
from PIL import Image

from photochrom import Colorizer, ModelError
from photochrom.batch import plan, runner
from photochrom.inference import devices
from photochrom.inference.model import Model

WAIT = 30  # seconds at most, for what takes none


class Gathering:
    """A session whose first run waits until all others are asked for, and that notes each batch."""

    def __init__(self, session, count: int) -> None:
        self._session, self._count = session, count
        self.batches: list[int] = []
        self.waiting = lambda: 0

    def __getattr__(self, name: str):
        return getattr(self._session, name)

    def run(self, names, feeds):
        self.batches.append(len(feeds["lightness"]))
        pause = threading.Event()
        for _ in range(WAIT * 100):
            if len(self.batches) > 1 or self.waiting() == self._count - 1:
                break
            pause.wait(0.01)
        if (feeds["lightness"] > 99.9).all(axis=(1, 2, 3)).any():  # the one that fails
            raise RuntimeError("out of memory")
        return self._session.run(names, feeds)


@pytest.fixture
def gaining(monkeypatch):
    """Let the processor gain by batches."""
    monkeypatch.setattr(devices, "GAINING", {"cpu"})


def gathering(model: Model, count: int) -> Gathering:
    """Let a model's first run wait for all of `count` threads."""
    session = Gathering(model._session._session, count)
    session.waiting = lambda: len(model._session._batches._waiting)
    model._session._session = session
    return session


def asked(model: Model, pictures: list[np.ndarray]) -> list:
    """Ask for all pictures at once; give answers, or errors."""

    def answer(lightness):
        try:
            return model.answer(["ab", "likelihood", "centres"], lightness)
        except ModelError as error:
            return error

    with ThreadPoolExecutor(len(pictures)) as pool:
        return list(pool.map(answer, pictures))


def some(count: int, *shape: int) -> list[np.ndarray]:
    generator = np.random.default_rng(count)
    return [generator.uniform(0, 90, shape).astype(np.float32) for _ in range(count)]


@pytest.mark.parametrize(
    ("count", "batches"), [(2, [1, 1]), (4, [1, 1, 2]), (6, [1, 1, 4]), (12, [1, 1, 2, 8])]
)
def test_what_waits_is_run_together_with_the_colours_that_it_has_alone(
    echo, gaining, count, batches
) -> None:
    pictures = some(count, 64, 96)
    model = Model(echo, threads=1)
    session = gathering(model, count)
    found = asked(model, pictures)
    assert sorted(session.batches) == batches
    for lightness, outputs in zip(pictures, found, strict=True):
        alone = Model(echo, threads=1).answer(["ab", "likelihood", "centres"], lightness)
        for one, two in zip(outputs, alone, strict=True):
            assert one.shape == two.shape
            np.testing.assert_allclose(one, two, atol=1e-4)


def test_only_pictures_of_one_shape_share_a_batch(echo, gaining) -> None:
    pictures = [*some(4, 64, 96), *some(4, 96, 64), *some(3, 32, 32)]
    model = Model(echo, threads=1)
    session = gathering(model, len(pictures))
    for lightness, (ab, *_) in zip(pictures, asked(model, pictures), strict=True):
        (alone,) = Model(echo, threads=1).answer(["ab"], lightness)
        np.testing.assert_allclose(ab, alone, atol=1e-4)
    assert max(session.batches) == 4
    assert sum(session.batches) == len(pictures)


def test_one_that_fails_ends_only_itself(echo, gaining) -> None:
    pictures = some(5, 64, 64)
    pictures[3][:] = 100
    model = Model(echo, threads=1)
    session = gathering(model, len(pictures))
    *_, bad, _ = found = asked(model, pictures)
    assert "failed (out of memory)" in str(bad)
    assert max(session.batches) > 1
    assert sum(isinstance(one, ModelError) for one in found) == 1


def test_large_views_run_alone_and_one_place_says_how_many(echo, gaining) -> None:
    session = Model(echo, threads=1)._session
    assert [session.max_batch(side**2) for side in (128, 512, 700, 1024, 2048)] == [8, 8, 4, 2, 1]


def test_a_fixed_axis_or_a_device_that_does_not_gain_means_one_at_a_time(
    echo, tmp_path, monkeypatch
) -> None:
    assert Model(echo, threads=1).max_batch == 1
    monkeypatch.setattr(devices, "GAINING", {"cpu"})
    assert Model(echo, threads=1).max_batch == 8
    fixed = onnx.load(echo)
    for value in (*fixed.graph.input, *fixed.graph.output):
        if value.name != "centres":
            value.type.tensor_type.shape.dim[0].dim_value = 1
    onnx.save(fixed, tmp_path / "fixed.onnx")
    model = Model(tmp_path / "fixed.onnx", threads=1)
    session = gathering(model, 1)
    asked(model, some(3, 64, 64))
    assert (model.max_batch, session.batches) == (1, [1, 1, 1])


def test_the_shipped_models_take_batches() -> None:
    for name in ("beta", "vivid"):
        assert Model(name, threads=1)._session.takes_batches


def test_a_folder_is_coloured_together(echo, gaining, tmp_path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    generator = np.random.default_rng(0)
    for number in range(5):
        grey = generator.integers(0, 230, (96, 64), np.uint8)
        Image.fromarray(grey).save(source / f"{number}.png")
    (source / "2.png").write_text("no picture")
    colorizer = Colorizer(echo, threads=1)
    session = gathering(colorizer.model, 4)
    found = plan.plan([source], target)
    report = runner.run(found, colorizer.model.path, runner.threads(colorizer, 4))
    assert [len(report.done), len(report.failed)] == [4, 1]
    assert max(session.batches) > 1
    for one in (0, 1, 3, 4):
        alone = Colorizer(echo, threads=1).colorize(np.asarray(Image.open(source / f"{one}.png")))
        together = np.asarray(Image.open(target / f"{one}.png")).astype(int)
        assert abs(together - alone).max() <= 1
