"""Where training photographs come from."""

import gzip
import io
import tarfile

import datasets
import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.errors import DataError, ImageError, MissingExtra
from photochrom.training.config import DataConfig
from photochrom.training.data.crops import Photographs
from photochrom.training.data.sources import find_photos, load_photo

COUNT = 6


def jpeg(number: int) -> bytes:
    file = io.BytesIO()
    pixels = np.roll(skimage.data.astronaut()[:120, :150], 20 * number, axis=1)
    Image.fromarray(pixels).save(file, "jpeg")
    return file.getvalue()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "photos").mkdir()
    for number in range(COUNT):
        (tmp_path / f"photos/{number}.jpg").write_bytes(jpeg(number))
    return tmp_path / "photos"


@pytest.fixture
def shards(tmp_path):
    """Two shards as WebDataset writes them: pictures and their labels side by side."""
    for shard in range(2):
        with tarfile.open(tmp_path / f"train-{shard:03d}.tar", "w") as file:
            for number in range(shard * COUNT // 2, (shard + 1) * COUNT // 2):
                for ending, data in (("jpg", jpeg(number)), ("cls", b"7")):
                    entry = tarfile.TarInfo(f"{number}.{ending}")
                    entry.size = len(data)
                    file.addfile(entry, io.BytesIO(data))
    return tmp_path


@pytest.fixture
def rows(tmp_path):
    """The files of a data set as the hub keeps them."""
    (tmp_path / "set").mkdir()
    found = [{"image": {"bytes": jpeg(number), "path": None}} for number in range(COUNT)]
    features = datasets.Features({"image": datasets.Image()})
    made = datasets.Dataset.from_list(found, features=features)
    made.to_parquet(str(tmp_path / "set/train-0.parquet"))
    return f"hf:{tmp_path}/set"


def test_every_source_gives_the_same_stream(folder, shards, rows) -> None:
    config = DataConfig(size=64)
    sources = (folder, f"{shards}/train-{{000..001}}.tar", f"{shards}/train-*.tar", rows)
    streams = [Photographs(find_photos(source), config) for source in sources]
    for number in range(2 * COUNT):
        first, *others = (stream[number].pixels for stream in streams)
        assert all((first == other).all() for other in others)


def test_photographs_say_where_they_are(folder, shards, rows) -> None:
    assert str(find_photos(folder)[1]).endswith("photos/1.jpg")
    assert str(find_photos(f"{shards}/train-*.tar")[4]).endswith("train-001.tar:4.jpg")
    assert str(find_photos(rows)[2]).endswith("set, row 2")
    keys = [photo.key for photo in find_photos(f"{shards}/train-*.tar")]
    assert keys[0] == "train-000.tar/0.jpg"
    assert len(set(keys)) == COUNT


def test_a_damaged_member_is_named(tmp_path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as file:
        entry = tarfile.TarInfo("letter.jpg")
        entry.size = 4
        file.addfile(entry, io.BytesIO(b"Dear"))
    (photo,) = find_photos(tmp_path / "x.tar")
    with pytest.raises(ImageError, match=r"x\.tar:letter\.jpg: the file is not a picture"):
        load_photo(photo, 64)


def test_a_shard_that_is_cut_is_named(shards) -> None:
    shard = shards / "train-000.tar"
    whole = shard.read_bytes()
    with tarfile.open(shard) as file:
        last = file.getmembers()[-1]
    ends = (last.offset_data + 1, last.offset, last.offset + 100, last.offset_data + 512)
    names = [last.name, "2.jpg", "2.jpg", last.name]
    for end, name in zip(ends, names, strict=True):
        shard.write_bytes(whole[:end])
        told = rf"^\S*train-000\.tar: the tar file is cut or damaged after {name}; copy it again$"
        with pytest.raises(DataError, match=told):
            find_photos(f"{shards}/train-{{000..001}}.tar")
    shard.write_bytes(whole[: last.offset] + b"x" * 1024 + whole[last.offset + 1024 :])
    with pytest.raises(DataError, match=r"is cut or damaged after 2\.jpg"):
        find_photos(shard)
    shard.write_bytes(whole)
    assert len(find_photos(shard)) == COUNT / 2


def test_sources_that_are_none_are_explained(tmp_path, monkeypatch) -> None:
    with pytest.raises(DataError, match="no such tar files"):
        find_photos(f"{tmp_path}/*.tar")
    with pytest.raises(DataError, match="the file is not an uncompressed tar file"):
        find_photos(f"{tmp_path}/{{00..01}}.tar")
    (tmp_path / "small.tar.gz").write_bytes(gzip.compress(b"letters"))
    with pytest.raises(DataError, match=r"small\.tar\.gz: the file is not an uncompressed"):
        find_photos(tmp_path / "small.tar.gz")
    with tarfile.open(tmp_path / "empty.tar", "w"):
        pass
    with pytest.raises(DataError, match="no pictures in this tar file"):
        find_photos(tmp_path / "empty.tar")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(DataError, match=r"no data set .*nothing with a column of images"):
        find_photos(f"hf:{tmp_path}/nothing")
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(MissingExtra, match=r"photochrom\[datasets\]"):
        find_photos("hf:anything")
