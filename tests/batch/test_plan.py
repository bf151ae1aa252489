import os
from pathlib import Path

import pytest

from photochrom.batch.plan import Naming, _beside, plan
from photochrom.errors import ImageError, NoPictures
from photochrom.image import find_pictures


@pytest.fixture
def folder(tmp_path):
    """A folder "in" of four pictures, two of them in "deep"."""
    for name in ("1.png", "2.JPG", "deep/3.png", "deep/4.tif"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a picture")
    return tmp_path


def targets(folder, *inputs, out="out", naming=None, **how) -> list[str]:
    """What becomes of inputs, by their paths below the folder."""
    found = plan([folder / one for one in inputs], out and folder / out, naming, **how)
    return [job.target.relative_to(folder).as_posix() for job in found.jobs]


def test_trees_are_mirrored_and_patterns_choose(folder) -> None:
    every = ["out/1.png", "out/2.JPG", "out/deep/3.png", "out/deep/4.tif"]
    assert targets(folder, "in") == every
    assert targets(folder, "in", naming=Naming(exclude=("deep/*",))) == every[:2]
    assert targets(folder, "in", naming=Naming(recursive=False)) == every[:2]
    assert targets(folder, "in", naming=Naming(include=("*.png",))) == every[::2]
    with pytest.raises(NoPictures, match="none of its 4 pictures is included"):
        targets(folder, "in", naming=Naming(include=("*.gif",)))
    (folder / "empty").mkdir()
    with pytest.raises(NoPictures, match="no pictures in this folder"):
        targets(folder, "empty")


def test_outputs_are_named_beside_their_inputs_without_a_place(folder, monkeypatch) -> None:
    assert targets(folder, "in/1.png", out=None) == ["in/1-colour.png"]
    assert targets(folder, "in", out=None)[0] == "in-colour/1.png"
    monkeypatch.chdir(folder / "in")
    assert plan([Path(".")], None).root == folder / "in-colour"
    with pytest.raises(ImageError, match="/: no folder can be made beside it; choose one with -o"):
        _beside(Path("/"))


def test_a_name_that_tells_no_format_is_taken_when_it_is_given(folder) -> None:
    for name in ("scan.1910", "scan.jpe", "letter"):
        (folder / name).write_text("a picture")
    names = targets(folder, "scan.1910", "scan.jpe", "letter")
    assert names == ["out/scan.1910.png", "out/scan.jpg", "out/letter.png"]


@pytest.mark.parametrize("name", ["{title}", "{stem.x}", "{stem[x]}", "a/{stem}", "..", "", "{"])
def test_a_wrong_name_is_said(folder, name) -> None:
    with pytest.raises(ImageError, match=r"no name for outputs: .*; write it as '{stem}-colour'"):
        targets(folder, "in", naming=Naming(name=name))


def test_what_is_given_twice_is_done_once(folder) -> None:
    assert targets(folder, "in/1.png", "in/1.png") == ["out/1.png"]
    assert targets(folder, "in", "in/../in/2.JPG") == targets(folder, "in")
    (folder / "in/deep/1.png").write_text("another")
    with pytest.raises(ImageError, match=r"deep/1.png and .*/in/1.png would both become"):
        targets(folder, "in/1.png", "in/deep/1.png")


def test_outputs_inside_of_the_inputs_are_left_out(folder) -> None:
    (folder / "in/out").mkdir()
    (folder / "in/out/1.png").write_text("in colour")
    assert len(targets(folder, "in", out="in/out")) == 4
    assert len(targets(folder, "in", out="in/deep/../out")) == 4
    with pytest.raises(ImageError, match="output equal to an input; choose another with -o"):
        targets(folder, "in", out="in")


def test_a_name_of_one_picture_is_not_for_many(folder) -> None:
    for inputs in (["in"], ["in/1.png", "in/2.JPG"]):
        with pytest.raises(ImageError, match=r"x.jpg: one picture's name, .* write .*x.jpg/"):
            targets(folder, *inputs, out="x.jpg")
    assert targets(folder, "in/1.png", out="x.jpg") == ["x.jpg"]
    assert targets(folder, "in/1.png", out="scans.1910", into=True) == ["scans.1910/1.png"]
    (folder / "here.jpg").mkdir()
    assert targets(folder, "in/1.png", out="here.jpg") == ["here.jpg/1.png"]


def test_a_name_and_a_format_that_disagree_are_said(folder) -> None:
    assert targets(folder, "in/1.png", out="x.jpeg", naming=Naming(extension=".jpg")) == ["x.jpeg"]
    with pytest.raises(ImageError, match=r"x.png: --format says .jpg; leave one of them away"):
        targets(folder, "in/1.png", out="x.png", naming=Naming(extension=".jpg"))
    with pytest.raises(ImageError, match=r"x.png: --name says '{stem}-c'; leave one of them away"):
        targets(folder, "in/1.png", out="x.png", naming=Naming(name="{stem}-c"))


def test_what_is_no_picture_is_not_found_but_lost_ones_are(folder) -> None:
    (folder / "in/folder.jpg").mkdir()
    (folder / "in/._1.png").write_text("macOS")
    (folder / "in/lost.png").symlink_to("nowhere.png")
    (folder / "in/round.png").symlink_to("round.png")
    names = [path.name for path in find_pictures(folder / "in")]
    assert names == ["1.png", "2.JPG", "3.png", "4.tif", "lost.png", "round.png"]
    assert len(targets(folder, "in")) == 6


def test_folders_that_cannot_be_read_are_kept_apart(folder, monkeypatch) -> None:
    scan = os.scandir

    def forbidden(path):
        if str(path).endswith(("deep", "closed")):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", forbidden)
    found = plan([folder / "in"], folder / "out")
    assert len(found.jobs) == 2
    ((job, reason),) = found.failed
    assert job.target == folder / "out/deep"
    assert reason == f"{folder}/in/deep: cannot be read (Permission denied)"
    for naming in (Naming(exclude=("deep/*",)), Naming(recursive=False)):
        assert not plan([folder / "in"], folder / "out", naming).failed
    with pytest.raises(ImageError, match=r"in/deep: cannot be read \(Permission denied\)"):
        find_pictures(folder / "in")
    (folder / "closed").mkdir()
    with pytest.raises(ImageError, match=r"closed: cannot be read \(Permission denied\)"):
        plan([folder / "closed"], folder / "out")
