import os
from pathlib import Path

import pytest

from photochrom.batch.journal import NAME, Entry, Fingerprint, Journal
from photochrom.batch.naming import Naming
from photochrom.batch.own_outputs import CALLED, MADE, UNREAD
from photochrom.batch.plan import _beside, plan
from photochrom.errors import ImageError, NoPictures
from photochrom.image import count_extensions, find_pictures


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
    with pytest.raises(ImageError, match="/: no folder can be made beside it; pass out=FOLDER"):
        _beside(Path("/"), Naming())


def test_a_name_that_tells_no_format_is_taken_when_it_is_given(folder) -> None:
    for name in ("scan.1910", "scan.jpe", "letter"):
        (folder / name).write_text("a picture")
    names = targets(folder, "scan.1910", "scan.jpe", "letter")
    assert names == ["out/scan.1910.png", "out/scan.jpg", "out/letter.png"]


@pytest.mark.parametrize("name", ["{title}", "{stem.x}", "{stem[x]}", "a/{stem}", "..", "", "{"])
def test_a_wrong_name_is_said(folder, name) -> None:
    with pytest.raises(ImageError, match=r"the name .* is not valid; write one such as"):
        targets(folder, "in", naming=Naming(name=name))


def test_what_is_given_twice_is_done_once(folder) -> None:
    assert targets(folder, "in/1.png", "in/1.png") == ["out/1.png"]
    assert targets(folder, "in", "in/../in/2.JPG") == targets(folder, "in")
    (folder / "in/deep/1.png").write_text("another")
    with pytest.raises(
        ImageError,
        match=r"in/1.png: it would become .*/out/1.png, as would .*deep/1.png; pass n",
    ):
        targets(folder, "in/1.png", "in/deep/1.png")


def test_outputs_inside_of_the_inputs_are_left_out(folder) -> None:
    (folder / "in/out").mkdir()
    (folder / "in/out/1.png").write_text("in colour")
    assert len(targets(folder, "in", out="in/out")) == 4
    assert len(targets(folder, "in", out="in/deep/../out")) == 4
    with pytest.raises(
        ImageError,
        match=r"in/1.png: its output would replace it; pass another out=PATH",
    ):
        targets(folder, "in", out="in")


def test_a_name_of_one_picture_is_not_for_many(folder) -> None:
    for inputs in (["in"], ["in/1.png", "in/2.JPG"]):
        with pytest.raises(
            ImageError, match=r"x.jpg: this is one picture's name, .* write .*x.jpg/"
        ):
            targets(folder, *inputs, out="x.jpg")
    assert targets(folder, "in/1.png", out="x.jpg") == ["x.jpg"]
    assert targets(folder, "in/1.png", out="scans.1910", into=True) == ["scans.1910/1.png"]
    (folder / "here.jpg").mkdir()
    assert targets(folder, "in/1.png", out="here.jpg") == ["here.jpg/1.png"]


def test_a_name_and_a_format_that_disagree_are_said(folder) -> None:
    assert targets(folder, "in/1.png", out="x.jpeg", naming=Naming(extension=".jpg")) == ["x.jpeg"]
    with pytest.raises(ImageError, match=r"x.png: this name and the format .jpg differ; leave"):
        targets(folder, "in/1.png", out="x.png", naming=Naming(extension=".jpg"))
    with pytest.raises(
        ImageError, match=r"x.png: this names the output, and so does the pattern '{stem}-c'"
    ):
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
    denied = "cannot be read (Permission denied); allow yourself to read it"
    assert reason == f"{folder}/in/deep: {denied}"
    for naming in (Naming(exclude=("deep/*",)), Naming(recursive=False)):
        assert not plan([folder / "in"], folder / "out", naming).failed
    with pytest.raises(ImageError, match=r"in/deep: cannot be read \(Permission denied\)"):
        find_pictures(folder / "in")
    (folder / "closed").mkdir()
    with pytest.raises(ImageError, match=r"closed: cannot be read \(Permission denied\)"):
        plan([folder / "closed"], folder / "out")


def test_pictures_of_one_name_fail_alone_and_can_be_told_apart(folder) -> None:
    (folder / "in/1.jpg").write_text("of the same scan")
    found = plan([folder / "in"], folder / "out", Naming(extension=".png"))
    assert [job.target.name for job in found.jobs] == ["2.png", "3.png", "4.png"]
    (first, reason), (second, _) = found.failed
    assert {first.source.name, second.source.name} == {"1.png", "1.jpg"}
    assert reason.endswith("in/1.png; pass name='{stem}-{ext}' to tell them apart")
    naming = Naming(extension=".png", name="{parent}-{stem}-{ext}")
    names = [path.rpartition("/")[2] for path in targets(folder, "in", naming=naming)]
    assert names[:3] == ["in-1-jpg.png", "in-1-png.png", "in-2-JPG.png"]
    assert names[3:] == ["deep-3-png.png", "deep-4-tif.png"]


def test_a_suffix_is_added_beside_and_where_it_is_wanted(folder) -> None:
    american = Naming(suffix="-color")
    assert targets(folder, "in/1.png", out=None, naming=american) == ["in/1-color.png"]
    assert targets(folder, "in", out=None, naming=Naming(suffix="-x"))[0] == "in-x/1.png"
    assert targets(folder, "in/1.png", naming=american) == ["out/1-color.png"]
    with pytest.raises(
        ImageError, match=r"x.png: this names the output, and so does the suffix '-color'"
    ):
        targets(folder, "in/1.png", out="x.png", naming=american)
    with pytest.raises(
        ImageError, match="the suffix 'a/b' is not valid; write one such as -colour"
    ):
        targets(folder, "in/1.png", naming=Naming(suffix="a/b"))


def left_out(folder, *inputs, out="out", **how) -> dict[str, str]:
    found = plan([folder / one for one in inputs], out and folder / out, **how)
    return {path.relative_to(folder).as_posix(): reason for path, reason in found.left_out}


def test_files_of_other_kinds_are_counted(folder) -> None:
    for name in ("in/a.xcf", "in/deep/b.xcf", "in/notes.txt", "in/README", "in/.hidden"):
        (folder / name).write_text("something else")
    found = left_out(folder, "in")
    assert set(found) == {"in/a.xcf", "in/deep/b.xcf", "in/notes.txt", "in/README"}
    assert set(found.values()) == {UNREAD}
    assert count_extensions(Path(name) for name in found) == "2 .xcf, 1 .txt, 1 without extension"
    assert "in/deep/b.xcf" not in left_out(folder, "in", naming=Naming(recursive=False))
    assert set(left_out(folder, "in", naming=Naming(exclude=("*.xcf",)))) == {
        "in/notes.txt",
        "in/README",
    }
    (folder / "other").mkdir()
    (folder / "other/a.xcf").write_text("something else")
    with pytest.raises(NoPictures, match=r"no pictures in this folder \(not read: 1 .xcf\)"):
        plan([folder / "other"], None)


def test_rare_kinds_are_counted_together() -> None:
    names = [f"{number}.{kind}" for kind in "abcdefgh" for number in range(2)]
    assert count_extensions(map(Path, names)).endswith("2 .f, 4 others")


def test_outputs_are_known_by_their_names(folder) -> None:
    names = (
        "1-colour.png",
        "1-colour-2.png",
        "1-uncertainty.png",
        "9-colour.png",
        "deep/1-colour.png",
    )
    for name in names:
        (folder / "in" / name).write_text("perhaps an output")
    found = left_out(folder, "in")
    assert found == dict.fromkeys([f"in/{name}" for name in sorted(names[:3])], CALLED)
    assert len(targets(folder, "in")) == 6
    (folder / "in/1-tinted.png").write_text("an output")
    assert "in/1-tinted.png" in left_out(folder, "in", naming=Naming(suffix="-tinted"))


def test_an_output_among_the_pictures_that_are_given_is_left_out(folder) -> None:
    (folder / "in/1-colour.png").write_text("an output")
    both = "in/1.png", "in/1-colour.png"
    assert left_out(folder, *both, out=None) == {"in/1-colour.png": CALLED}
    found = plan([folder / one for one in both], None)
    assert [job.is_input for job in found.jobs] == [True]
    (folder / "in/3.png").write_text("perhaps an output")
    given = ["in/deep/3.png", "in/3.png", "in/2.JPG"]
    found = plan([folder / one for one in given], folder / "in")
    assert [(job.target.name, job.is_input) for job in found.jobs] == [("3.png", True)]
    assert [path.name for path, _ in found.left_out] == ["3.png"]
    ((job, reason),) = found.failed
    assert (job.source.name, reason.partition(";")[0]) == ("2.JPG", "its output would replace it")


def test_one_file_is_coloured_whatever_it_is_called(folder) -> None:
    (folder / "in/1-colour.png").write_text("an output")
    found = plan([folder / "in/1-colour.png"], None)
    assert found.is_single
    assert [job.target.name for job in found.jobs] == ["1-colour-colour.png"]


def test_outputs_are_known_by_a_journal(folder) -> None:
    root = folder / "in/deep"
    fingerprint = Fingerprint(1, 1, "x")
    with Journal(root) as journal:
        journal.note(root / "3.png", Entry("elsewhere", fingerprint, "key", "digest"))
        journal.begin(folder / "b.tif", root / "4.tif")
    assert left_out(folder, "in") == {"in/deep/3.png": MADE}
    (root / NAME).write_text("not a journal")
    assert left_out(folder, "in") == {}
