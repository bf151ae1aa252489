import dataclasses
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from torch import nn

from photochrom.errors import ConfigError, DataError, ImageError
from photochrom.evaluation.metrics import ciede2000
from photochrom.networks.alpha import Alpha, AlphaConfig
from photochrom.networks.bins import ColorBins
from photochrom.training.checkpoint import load_checkpoint
from photochrom.training.config import DataConfig, LossConfig
from photochrom.training.data.crops import Photographs
from photochrom.training.data.sources import find_photos
from photochrom.training.loop import fit, rate_share
from photochrom.training.losses import (
    bin_weights,
    color_error,
    distribution_loss,
    visible_error,
)
from photochrom.training.run import RunConfig, load_config
from photochrom.training.run_directory import open_run_directory
from photochrom.training.task import Colorization
from photochrom.training.toml_config import into
from training.line import LOOP, Line


def test_the_loop_learns_any_task(tmp_path) -> None:
    fit(Line(), LOOP, tmp_path, lambda progress: None)
    losses = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert losses[0]["step"] == 20
    assert losses[-1]["step"] == 24
    assert losses[0]["loader pictures/s"] > 0
    assert (tmp_path / "curve.png").stat().st_size > 5000


def test_a_run_that_was_interrupted_ends_the_same(tmp_path) -> None:
    open_run_directory(tmp_path / "a", {})
    open_run_directory(tmp_path / "b", {})
    whole = fit(Line(), LOOP, tmp_path / "a", lambda progress: None)

    def interrupt(progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(Line(), LOOP, tmp_path / "b", interrupt)
    resumed = fit(Line(), LOOP, tmp_path / "b", lambda progress: None)
    for one, two in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, two)


def test_a_run_stops_when_its_minutes_are_over_and_goes_on(tmp_path) -> None:
    for name in ("a", "b"):
        open_run_directory(tmp_path / name, {})
    whole = fit(Line(), LOOP, tmp_path / "a", lambda progress: None)
    short = dataclasses.replace(LOOP, minutes=1e-9)
    for step in (1, 2):
        fit(Line(), short, tmp_path / "b", lambda progress: None)
        assert load_checkpoint(tmp_path / "b")["step"] == step
    resumed = fit(Line(), LOOP, tmp_path / "b", lambda progress: None)
    for one, two in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, two)


def test_a_device_without_room_for_a_batch_says_which_would_fit(tmp_path) -> None:
    class Large(Line):
        def loss(self, network, batch):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")

    with pytest.raises(DataError, match=r"a batch of 4 does not fit .* set loop\.batch to 2"):
        fit(Large(), LOOP, tmp_path, lambda progress: None)


def test_another_run_is_not_overwritten(tmp_path) -> None:
    open_run_directory(tmp_path, {"loop": {"steps": 1}})
    open_run_directory(tmp_path, {"loop": {"steps": 1}})
    with pytest.raises(ConfigError, match=r"loop\.steps = 1, now 2"):
        open_run_directory(tmp_path, {"loop": {"steps": 2}})
    with pytest.raises(ConfigError, match=r"run cannot be a run's folder .Not a directory"):
        open_run_directory(tmp_path / "config.json/run", {})
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ConfigError, match=r"config\.json is damaged; pass another out=FOLDER"):
        open_run_directory(tmp_path, {"loop": {"steps": 1}})


@pytest.mark.parametrize("what", ["loss", "gradient"])
def test_what_is_no_number_stops_and_keeps_a_good_checkpoint(tmp_path, what) -> None:
    with pytest.raises(DataError, match=f"the {what} is nan at step 20, on 4 points: lower"):
        fit(Line(broken=what), LOOP, tmp_path, lambda progress: None)
    kept = load_checkpoint(tmp_path)
    assert kept["step"] == 20
    assert all(value.isfinite().all() for value in kept["network"].values())
    fit(Line(), LOOP, tmp_path, lambda progress: None)
    assert load_checkpoint(tmp_path)["step"] == LOOP.steps


def test_what_is_no_number_is_found_with_its_step_when_something_is_written(tmp_path) -> None:
    rare = dataclasses.replace(LOOP, steps=60, checkpoint_minutes=100.0)
    broken = Line(broken="loss")
    with pytest.raises(DataError, match="the loss is nan at step 20, on 4 points: lower"):
        fit(broken, rare, tmp_path, lambda progress: None)
    assert broken.steps() == 41, "it looks where a line of the log is due"
    lines = (tmp_path / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [20]
    assert not (tmp_path / "checkpoint").exists()


@pytest.mark.parametrize(
    ("cooldown", "shares"),
    [(1.0, (0.04, 1, 0.75, 0.25, 0)), (0.4, (0.04, 1, 1, 0.5, 0)), (0.0, (0.04, 1, 1, 1, 1))],
)
def test_the_rate_rises_stays_and_falls(cooldown, shares) -> None:
    config = dataclasses.replace(LOOP, warmup=0.4, cooldown=cooldown)
    for done, share in zip((0, 0.4, 0.6, 0.8, 1), shares, strict=True):
        assert rate_share(done, config) == pytest.approx(share, abs=1e-6)


def test_a_batch_of_photographs_is_named_by_their_files(tmp_path) -> None:
    for name in range(2):
        Image.fromarray(skimage.data.astronaut()[: 200 + name]).save(tmp_path / f"{name}.png")
    photos = find_photos(tmp_path)
    network = Alpha(AlphaConfig())
    task = Colorization(network, photos, photos, DataConfig(size=64), LossConfig(), 1.0, tmp_path)
    named = task.name(task.collate([task.samples[number] for number in range(2)]))
    assert sorted(named.split(", ")) == [str(tmp_path / "0.png"), str(tmp_path / "1.png")]


@pytest.mark.slow
def test_an_error_where_samples_are_loaded_is_one_line(tmp_path) -> None:
    Image.fromarray(skimage.data.camera()).save(tmp_path / "grey.png")
    photos = find_photos(tmp_path)
    network = Alpha(AlphaConfig())
    task = Colorization(network, photos, photos, DataConfig(size=64), LossConfig(), 1.0, tmp_path)
    config = dataclasses.replace(LOOP, workers=1)
    with pytest.raises(
        DataError, match=r"^none of 1 pictures is of use: [^\n]*nothing to learn; name others$"
    ):
        fit(task, config, tmp_path, lambda progress: None)


def test_what_cannot_be_written_is_said(tmp_path) -> None:
    Image.fromarray(skimage.data.astronaut()[:200]).save(tmp_path / "a.png")
    config = DataConfig(size=64, decoded=str(tmp_path / "a.png" / "kept"))
    with pytest.raises(
        DataError, match=r"kept: cannot be written \(Not a directory\); write to another folder$"
    ):
        Photographs(find_photos(tmp_path), config)


def test_wrong_configs_are_explained(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"unknown key loop\.step \(did you mean steps\?\)"):
        into(RunConfig, {"loop": {"step": 3}})
    with pytest.raises(ConfigError, match=r"loop\.steps must be a whole number"):
        into(RunConfig, {"loop": {"steps": "many"}})
    for table, told in (
        ({"loop": {"batch": 0}}, "loop.batch must be 1 or more, not 0"),
        ({"loop": {"validate_every": 0}}, "loop.validate_every must be 1 or more, not 0"),
        ({"data": {"zoom": 0.5}}, "data.zoom must be 1 or more, not 0.5"),
        ({"data": {"hints": 1.5}}, "data.hints must be 0 to 1, not 1.5"),
        ({"data": {"flip": "vertical"}}, "data.flip is one of none, horizontal, both, not"),
        ({"loop": {"precision": "fp8"}}, "loop.precision is one of 32-true, bf16-mixed"),
        ({"export": {"bits": 4}}, "export.bits is one of 8, 16, not 4"),
    ):
        with pytest.raises(ConfigError, match=told):
            into(RunConfig, table)
    with pytest.raises(ConfigError, match="no config file"):
        load_config(tmp_path / "x.toml")
    (tmp_path / "x.toml").write_text('network = "vivd"')
    with pytest.raises(ConfigError, match=r"did you mean vivid\?"):
        load_config(tmp_path / "x.toml")


def test_samples_depend_on_their_number_alone(tmp_path) -> None:
    for name in range(3):
        Image.fromarray(skimage.data.astronaut()[: 200 + name]).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_text("no picture")
    Image.fromarray(skimage.data.camera()).save(tmp_path / "grey.png")
    config = DataConfig(
        size=64, flip="both", rotation=20, shear=11, hints=0.5, aged=0.5, recolored=0.5
    )
    one, two = (Photographs(find_photos(tmp_path), config, seed=1) for _ in range(2))
    forward = one.batch(range(8))
    for number in reversed(range(8)):
        alone = two.batch([number])
        torch.testing.assert_close(alone.lab[0], forward.lab[number], atol=1e-3, rtol=0)
        torch.testing.assert_close(alone.hints[0], forward.hints[number], atol=1e-3, rtol=0)
    assert forward.lab[0].isfinite().all()
    skipped = {Path(name).name: why for name, why in forward.skipped.items()}
    assert skipped.keys() == {"broken.png", "grey.png"}
    assert "nothing to learn" in skipped["grey.png"]


def test_decoded_pictures_are_kept_and_belong_to_a_run(tmp_path) -> None:
    for name in range(3):
        Image.fromarray(skimage.data.astronaut()[: 200 + name]).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_text("no picture")
    photos = find_photos(tmp_path)
    config = DataConfig(size=64, zoom=1.5, decoded=str(tmp_path / "kept"))
    told: list[int] = []
    with ThreadPoolExecutor(2) as pool:  # as two processes of one run do
        first, second = pool.map(
            lambda _: Photographs(photos, config, report=lambda done, of: told.append(done)),
            range(2),
        )
    assert told == [1, 2, 3, 4]
    direct = Photographs(photos, dataclasses.replace(config, decoded=""))
    for number in range(8):
        assert torch.equal(first[number].pixels, second[number].pixels)
        one, two = (stream.batch([number]).lab for stream in (first, direct))
        assert (one - two).abs().mean() < 6
    skipped = {Path(name).name for number in range(8) for name in first[number].skipped}
    assert skipped == {"broken.png"}
    with pytest.raises(DataError, match="holds other pictures, or of another size"):
        Photographs(photos[1:], config)
    with pytest.raises(DataError, match="holds other pictures, or of another size"):
        Photographs(photos, dataclasses.replace(config, size=96))
    (tmp_path / "kept/index.json").write_text("{")
    with pytest.raises(DataError, match="holds no decoded pictures; remove it"):
        Photographs(photos, config)


def test_errors_beyond_a_bound_count_linearly() -> None:
    truth = torch.zeros(1, 2, 1, 1)

    def error(distance: float, linear: float) -> float:
        predicted = torch.tensor([distance, 0.0]).view(1, 2, 1, 1)
        return color_error(predicted, truth, linear=linear).item()

    assert error(20, 0) == pytest.approx(4 * error(10, 0))
    assert error(4, 5) == pytest.approx(error(4, 0))
    assert error(30, 5) - error(20, 5) == pytest.approx(error(20, 5) - error(10, 5))


def test_visible_errors_are_those_of_ciede2000() -> None:
    random = np.random.default_rng(3)
    ab = np.float32(random.normal(0, 30, (2, 500, 2)))
    measured = ciede2000(*(np.insert(colours, 0, 50.0, axis=-1) for colours in ab))
    first, second = torch.from_numpy(ab)[..., None, None]
    pairs = zip(first.split(1), second.split(1), strict=True)
    trained = [10 * visible_error(*pair).item() for pair in pairs]
    np.testing.assert_allclose(trained, measured, atol=0.5)


@pytest.mark.parametrize("predicted", [(0, 0), (1e-4, 0), (30, 10), (-30, -10)])
@pytest.mark.parametrize("truth", [(0, 0), (30, 10)])
def test_visible_errors_have_a_slope_that_leads_to_the_truth(predicted, truth) -> None:
    colour = torch.tensor(predicted, dtype=torch.float32).view(1, 2, 1, 1).requires_grad_()
    goal = torch.tensor(truth, dtype=torch.float32).view(1, 2, 1, 1)
    error = visible_error(colour, goal)
    (slope,) = torch.autograd.grad(error, colour)
    way = (goal - colour).detach()
    assert torch.isfinite(slope).all()
    assert (slope * way).sum() < 0 or error < 1e-6


def test_grey_pictures_alone_are_refused(tmp_path) -> None:
    Image.fromarray(skimage.data.camera()).save(tmp_path / "grey.png")
    stream = Photographs(find_photos(tmp_path), DataConfig(size=64))
    with pytest.raises(
        DataError, match=r"none of 1 pictures is of use: .*nothing to learn; name others$"
    ):
        stream[0]
    for number in range(5):
        (tmp_path / f"{number}.png").write_text("no picture")
    stream = Photographs(find_photos(tmp_path), DataConfig(size=64))
    with pytest.raises(
        DataError, match=r"none of 6 pictures is of use: (.*png: .*){3}; \.\.\.; name others$"
    ):
        stream[0]


def test_folders_without_pictures_are_refused(tmp_path) -> None:
    with pytest.raises(ImageError, match="no pictures in this folder"):
        find_photos(tmp_path)
    with pytest.raises(ImageError, match="no such file or folder"):
        find_photos(tmp_path / "none")


def test_the_mean_of_an_encoded_colour_is_the_colour() -> None:
    bins = ColorBins()
    ab = torch.tensor([[33.3, -12.0], [4.0, 57.5]]).view(2, 2, 1, 1)
    index, share = bins.encode(ab)
    mean = (bins.centres[index] * share[..., None]).sum(dim=1).permute(0, 3, 1, 2)
    torch.testing.assert_close(mean, ab)


def test_the_loss_of_a_distribution_is_that_of_its_raised_logits() -> None:
    torch.manual_seed(0)  # by chance, sums in another order stray from each other by 2e-5
    bins = ColorBins(20.0)
    weights = torch.rand(len(bins)) + 0.5
    logits = torch.randn(2, len(bins), 3, 4)
    ab = torch.randn(2, 2, 3, 4) * 20
    entropy, mean = distribution_loss(logits, ab, bins, weights)
    found, share = bins.encode(ab)
    truth = torch.zeros_like(logits).scatter_add(1, found, share) * weights.view(1, -1, 1, 1)
    raised = logits + weights.log().view(1, -1, 1, 1)
    expected = nn.functional.cross_entropy(raised, truth)
    torch.testing.assert_close(entropy, expected)
    torch.testing.assert_close(mean, bins.mean(logits))


def test_bin_weights_are_one_on_average_and_lift_rare_colours() -> None:
    frequency = torch.tensor([0.9, 0.09, 0.01])
    weights = bin_weights(frequency, 0.5)
    assert (frequency * weights).sum() == pytest.approx(1)
    assert weights[2] > weights[1] > weights[0]


def test_a_disk_too_full_for_a_line_of_the_log_is_said(tmp_path, monkeypatch) -> None:
    def full(*_) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("photochrom.training.log.Log.append", full)
    with pytest.raises(
        DataError, match=r"\(No space left on device\); make room on the disk; the last check"
    ):
        fit(Line(), LOOP, tmp_path, lambda progress: None)


def test_processes_share_a_batch_evenly(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("photochrom.training.loop.Fabric.world_size", 3)
    with pytest.raises(ConfigError, match=r"loop\.batch must be a multiple of 3, the number of"):
        fit(Line(), LOOP, tmp_path, lambda progress: None)


@pytest.mark.slow
def test_two_processes_learn_as_one_does(tmp_path) -> None:
    """Two CPU processes on gloo, each with half of every batch, against one with all of it."""
    script = tmp_path / "run.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})\n"
        "from pathlib import Path\n"
        "from training.line import LOOP, Line\n"
        "from photochrom.training.loop import fit\n"
        "fit(Line(), LOOP, Path(sys.argv[1]), lambda progress: None)\n"
    )
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    fit(Line(), LOOP, tmp_path / "one", lambda progress: None)
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2", "--standalone"]
    ended = subprocess.run(
        [*launch, str(script), str(tmp_path / "two")],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert ended.returncode == 0, ended.stderr
    losses = [
        [
            json.loads(line)["loss"]
            for line in (tmp_path / name / "log.jsonl").read_text().splitlines()
            if "loss" in line
        ]
        for name in ("one", "two")
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    assert len(losses[0]) == 2
