"""A checkpoint is a folder of small files that is whole at any moment."""

import dataclasses
import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric

from photochrom.errors import DataError
from photochrom.training import chunks
from photochrom.training.checkpoint import State, has_checkpoint, load_checkpoint
from photochrom.training.chunks import CHUNK_BYTES, read_chunks, write_chunks
from photochrom.training.loop import fit
from training.line import LOOP, Line

SHORT = dataclasses.replace(LOOP, steps=8)


def learn(run: Path, config=SHORT):
    return fit(Line(), config, run, lambda progress: None)


@pytest.fixture
def small(monkeypatch) -> None:
    """Parts of a kilobyte."""
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1000)


def test_parts_are_below_16_megabytes_and_hold_all(tmp_path) -> None:
    assert CHUNK_BYTES < 16_000_000
    content = {"weights": torch.rand(9_000_000)}
    write_chunks(tmp_path / "it", 7, lambda file: torch.save(content, file))
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "it").glob("*.part")}
    assert sorted(sizes) == ["000007-00.part", "000007-01.part", "000007-02.part"]
    assert max(sizes.values()) == CHUNK_BYTES
    found = torch.load(read_chunks(tmp_path / "it"), weights_only=True)
    assert found["weights"].equal(content["weights"])


@pytest.mark.usefixtures("small")
def test_only_the_parts_of_the_last_checkpoint_stay(tmp_path) -> None:
    learn(tmp_path)
    index = json.loads((tmp_path / "checkpoint/index.json").read_text())
    assert index["step"] == 8
    assert len(index["parts"]) > 2
    names = {path.name for path in (tmp_path / "checkpoint").iterdir()}
    assert names == {"index.json", *(part["name"] for part in index["parts"])}


@pytest.mark.usefixtures("small")
def test_a_part_that_is_missing_or_damaged_is_named(tmp_path) -> None:
    learn(tmp_path)
    for name in ("000008-01.part", "index.json"):
        path = tmp_path / "checkpoint" / name
        before = path.read_bytes()
        told = "; bring it back, or remove the folder checkpoint to train from the beginning"
        for broken in (before[:-1], b"x" + before[1:]):
            path.write_bytes(broken)
            with pytest.raises(DataError) as error:
                learn(tmp_path, LOOP)
            assert str(error.value) == f"{path} is damaged{told}"
        path.unlink()
        with pytest.raises(DataError) as error:
            learn(tmp_path, LOOP)
        assert str(error.value) == f"{path} is missing{told}"
        path.write_bytes(before)
    learn(tmp_path, LOOP)


@pytest.mark.usefixtures("small")
def test_it_is_whole_whenever_the_process_is_killed(tmp_path, monkeypatch) -> None:
    run, moments = tmp_path / "run", []
    run.mkdir()

    def watched(function):
        def call(*arguments, **keywords):
            copy = tmp_path / f"moment-{len(moments)}"
            shutil.copytree(run, copy)
            moments.append(copy)
            return function(*arguments, **keywords)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", watched(os.fsync))
        for name in ("replace", "unlink"):
            patch.setattr(Path, name, watched(getattr(Path, name)))
        learn(run, dataclasses.replace(LOOP, steps=2))
    steps = [load_checkpoint(moment)["step"] for moment in moments if has_checkpoint(moment)]
    assert steps == sorted(steps)
    assert set(steps) == {1, 2}
    assert len(steps) > 8
    for moment in (moments[0], moments[-1]):
        learn(moment)
        assert load_checkpoint(moment)["step"] == 8
        assert not list(moment.rglob("*.tmp")) + list(moment.glob("*.new"))


def test_it_is_read_once_the_network_is_on_its_device(tmp_path, monkeypatch) -> None:
    """The optimizer's state goes where the weights are at that moment, and does not follow them."""
    learn(tmp_path, dataclasses.replace(SHORT, minutes=1e-9))
    order = []

    def noted(name, function):
        def call(*arguments):
            order.append(name)
            return function(*arguments)

        return call

    monkeypatch.setattr(Fabric, "setup", noted("setup", Fabric.setup))
    monkeypatch.setattr(State, "load", noted("load", State.load))
    learn(tmp_path)
    assert order == ["setup", "load"]


def test_a_full_disk_keeps_the_last_checkpoint(tmp_path, monkeypatch) -> None:
    def full(content, file) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    def files():
        return {path.name: path.read_bytes() for path in (tmp_path / "checkpoint").iterdir()}

    learn(tmp_path)
    before = files()
    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(DataError, match="the last checkpoint is kept: make room on the disk"):
        learn(tmp_path, LOOP)
    assert files() == before


def test_a_checkpoint_in_one_file_is_gone_on_from(tmp_path) -> None:
    for name in ("whole", "old"):
        (tmp_path / name).mkdir()
    whole = learn(tmp_path / "whole")
    learn(tmp_path / "old", dataclasses.replace(SHORT, minutes=1e-9))
    older = tmp_path / "old/checkpoint.pt"
    torch.save(load_checkpoint(tmp_path / "old"), older)
    shutil.rmtree(tmp_path / "old/checkpoint")
    assert load_checkpoint(tmp_path / "old")["step"] == 1
    resumed = learn(tmp_path / "old")
    assert not older.exists()
    for one, two in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, two)
    shutil.rmtree(tmp_path / "old/checkpoint")
    older.write_bytes(b"half")
    with pytest.raises(DataError, match=r"checkpoint\.pt is damaged; remove it to train from"):
        learn(tmp_path / "old")
