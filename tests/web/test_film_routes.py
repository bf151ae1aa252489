"""The REST interface: films."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from helpers.films import cut_together, packets, pan, photograph, read, write
from helpers.rest import PICTURE, client_with, detail, opened
from photochrom import Colorizer
from photochrom.color.spaces import samples_to_lightness
from photochrom.errors import ImageError, MissingExtra
from photochrom.storage import spool
from photochrom.video import project_file, reader
from photochrom.video.project import FilmProject, ShotStart, TimedPoint
from photochrom.video.shots import find_shots
from photochrom.web import film_routes as films_module
from photochrom.web.film_routes import FilmRoutes
from photochrom.web.problems import Problem
from photochrom.web.sessions import Sessions
from photochrom.web.settings import Settings

FRAMES = 24


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film's bytes."""
    path = tmp_path_factory.mktemp("film") / "in.mp4"
    return write(path, pan(photograph(), FRAMES), sound="aac").read_bytes()


@pytest.fixture
def client(echo_as_vivid, tmp_path, monkeypatch):
    """A server that keeps its films in a folder of the test."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with client_with() as one:
        yield one
    assert not list(tmp_path.glob("photochrom-*"))


def upload(client, film) -> str:
    answer = client.post("/v1/films", content=film)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def wait(client, path, *states) -> dict:
    """Wait until a film's work is in one of some states."""
    until = time.monotonic() + 60
    while (told := client.get(f"{path}/film").json())["state"] not in states:
        assert time.monotonic() < until, told
        time.sleep(0.02)
    return told


def slow(monkeypatch, seconds=0.05) -> None:
    """Let frames come slowly."""
    frames = reader.Film.frames

    def slowly(self, start=0):
        for frame in frames(self, start):
            time.sleep(seconds)
            yield frame

    monkeypatch.setattr(reader.Film, "frames", slowly)


def test_a_film_is_kept_coloured_and_given_back(client, film, tmp_path) -> None:
    made = client.post("/v1/films", content=film)
    body, path = made.json(), made.headers["location"]
    assert (made.status_code, body["width"], body["height"]) == (201, 160, 120)
    known = {"frames": FRAMES, "seconds": 2.0, "format": "mp4"}
    assert body["film"] == {"at": None, **known}
    assert opened(client.get(f"{path}/preview")).shape == (120, 160, 3)
    assert client.get(f"{path}/film").json()["state"] == "idle"
    assert detail(client.get(f"{path}/film/file"), 409).startswith("the film is not in colour yet")
    begun = client.post(f"{path}/film", data={"vividness": "0.2"})
    assert begun.status_code == 202
    assert wait(client, path, "done", "failed")["share"] == 1
    answer = client.get(f"{path}/film/file")
    assert answer.headers["content-type"] == "video/mp4"
    (tmp_path / "out.mp4").write_bytes(answer.content)
    (tmp_path / "in.mp4").write_bytes(film)
    assert read(tmp_path / "out.mp4")[1] == read(tmp_path / "in.mp4")[1]
    assert packets(tmp_path / "out.mp4", "audio") == packets(tmp_path / "in.mp4", "audio")
    part = client.get(f"{path}/film/file", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, answer.content[:10])
    assert "photochrom_films_total 1" in client.get("/metrics").text
    assert client.delete(path).status_code == 204
    assert "no longer kept" in detail(client.get(f"{path}/film"), 410)


def test_a_film_whose_sound_no_mp4_holds_becomes_another_kind(client, tmp_path) -> None:
    source = write(tmp_path / "in.mkv", pan(photograph(), 3), sound="pcm_u8")
    made = client.post("/v1/films", content=source.read_bytes())
    path, kind = made.headers["location"], made.json()["film"]["format"]
    assert kind in ("mov", "mkv")
    assert client.post(f"{path}/film", data={"format": "mp4"}).status_code == 202
    told = wait(client, path, "failed", "done")
    assert told["detail"].startswith("the film: its sound or subtitles (pcm_u8) do not fit")
    client.post(f"{path}/film", data={})
    wait(client, path, "done")
    kinds = {"mov": "video/quicktime", "mkv": "video/x-matroska"}
    assert client.get(f"{path}/film/file").headers["content-type"] == kinds[kind]


def test_a_film_can_be_stopped_and_begun_otherwise(client, film, monkeypatch) -> None:
    slow(monkeypatch)
    path = upload(client, film)
    client.post(f"{path}/film", data={})
    wait(client, path, "working")
    assert client.delete(f"{path}/film").status_code == 204
    wait(client, path, "idle")
    client.post(f"{path}/film", data={"format": "mov"})
    client.post(f"{path}/film", data={"format": "mkv"})  # instead of that
    wait(client, path, "done")
    assert "matroska" in client.get(f"{path}/film/file").headers["content-type"]


def test_pictures_are_coloured_meanwhile_and_a_film_waits_for_another(
    client, film, monkeypatch
) -> None:
    slow(monkeypatch)
    first, second = upload(client, film), upload(client, film)
    client.post(f"{first}/film", data={})
    client.post(f"{second}/film", data={})
    assert wait(client, second, "waiting")["share"] == 0
    assert client.post("/v1/colorize", content=PICTURE).status_code == 200
    assert client.get(f"{first}/film").json()["state"] == "working"
    client.delete(f"{second}/film")
    assert client.get(f"{second}/film").json()["state"] == "idle"


def test_what_is_wrong_with_a_film_is_told_without_paths(client, film, tmp_path) -> None:
    assert detail(client.post("/v1/films", content=b"text"), 422).startswith(
        "the film: the file is not a film"
    )
    assert detail(client.post("/v1/films"), 422) == "the body is empty; send a film"
    path = upload(client, film)
    for fields, words in [
        ({"hints": "[[1, 2]]"}, "hints are a JSON list"),
        ({"tone": "true"}, "the option tone is for pictures"),
        ({"format": "jpeg"}, "format is one of mp4, mov, mkv, not 'jpeg'"),
        ({"model": "vivd"}, "model is one of beta, full, vivid, not 'vivd'"),
        ({"vividness": "2"}, "vividness is a number from 0 to 1"),
    ]:
        assert words in detail(client.post(f"{path}/film", data=fields), 422)
    picture = client.post("/v1/sessions", content=PICTURE)
    assert picture.json()["film"] is None
    for method in ("GET", "POST", "DELETE"):
        answer = client.request(method, f"{picture.headers['location']}/film")
        assert detail(answer, 404) == "this session holds a picture, not a film"
    client.post(f"{path}/film", data={"hints": '[[160, 2, "#ffffff"]]'})
    told = wait(client, path, "failed")
    outside = "the hint at 160,2 is outside the picture of 160 x 120 pixels; choose a point in it"
    assert told["detail"] == outside
    next(tmp_path.glob("photochrom-*/film.mkv")).write_bytes(film[: len(film) // 2])
    client.post(f"{path}/film", data={})
    told = wait(client, path, "failed")
    assert told["detail"].startswith("the film: the file is not a film, or is damaged")


def test_what_is_not_installed_is_told(client, film, monkeypatch) -> None:
    def missing(*given):
        raise MissingExtra("colouring films", "film")

    monkeypatch.setattr(films_module, "open_film", missing)
    said = detail(client.post("/v1/films", content=film), 422)
    assert said == "colouring films needs an extra: pip install 'photochrom[film]'"


def test_a_defect_is_a_sentence_and_a_line_in_the_log(client, film, monkeypatch, caplog) -> None:
    def broken(self, *given):
        raise RuntimeError("a secret")

    monkeypatch.setattr(FilmRoutes, "_make", broken)
    path = upload(client, film)
    client.post(f"{path}/film", data={})
    assert wait(client, path, "failed")["detail"].startswith("something went wrong in the server")
    assert "a secret" in caplog.text


def test_films_are_bounded(echo_as_vivid, film, monkeypatch) -> None:
    with client_with(max_film_bytes=len(film) - 1) as one:
        assert "larger than" in detail(one.post("/v1/films", content=film), 413)
        assert "larger than" in detail(one.post("/v1/films", content=iter([film])), 413)
    with client_with(max_pixels=100) as one:
        assert "the limit is 100" in detail(one.post("/v1/films", content=film), 422)
    with client_with(max_films=1) as one:
        first, second = upload(one, film), upload(one, film)
        assert "no longer kept" in detail(one.get(f"{first}/film"), 410)
        slow(monkeypatch)
        one.post(f"{second}/film", data={})
        answer = one.post("/v1/films", content=film)
        assert detail(answer, 429) == "other films are open or being coloured; close one"
        assert answer.headers["Retry-After"] == "60"


def test_films_that_are_still_arriving_count() -> None:
    sessions = Sessions(Settings(max_films=2))
    sessions.make_room_for_film(1)
    with pytest.raises(Problem, match="close one"):
        sessions.make_room_for_film(2)


def test_a_film_that_is_coloured_is_not_forgotten(echo_as_vivid, film, monkeypatch) -> None:
    slow(monkeypatch)
    with client_with(max_sessions=1) as one:
        path = upload(one, film)
        one.post(f"{path}/film", data={})
        picture = one.post("/v1/sessions", content=PICTURE).headers["location"]
        assert one.get(f"{picture}/original").status_code == 200
        wait(one, path, "done")
        one.post("/v1/sessions", content=PICTURE)
        assert "no longer kept" in detail(one.get(f"{path}/film"), 410)


def test_a_full_disk_is_told(client, film, monkeypatch) -> None:
    class Full(films_module.FilmJob):
        def __init__(self) -> None:
            super().__init__()
            self.path = Path("/dev/full")

    monkeypatch.setattr(films_module, "FilmJob", Full)
    answer = client.post("/v1/films", content=film)
    assert detail(answer, 507) == "the film cannot be kept here (No space left on device)"


def test_what_a_killed_server_left_is_removed(client, tmp_path) -> None:
    left = tmp_path / "photochrom-abc"
    left.mkdir()
    (tmp_path / "photochrom-abc.lock").touch()
    with client_with():
        assert not left.exists()
    with spool() as folder, client_with():
        assert folder.exists()


def test_the_first_seconds_are_a_trial(client, film, tmp_path) -> None:
    path = upload(client, film)
    client.post(f"{path}/film", data={"seconds": "0.5"})
    told = wait(client, path, "done", "failed")
    assert (told["state"], told["trial"]) == ("done", True)
    made = tmp_path / "trial.mp4"
    made.write_bytes(client.get(f"{path}/film/file").content)
    assert 4 <= len(read(made)[0]) <= 8
    client.post(f"{path}/film")
    assert wait(client, path, "done")["trial"] is False
    made.write_bytes(client.get(f"{path}/film/file").content)
    assert len(read(made)[0]) == FRAMES
    wrong = client.post(f"{path}/film", data={"seconds": "90"})
    assert "seconds is a number from 0.1 to 60, not '90'" in detail(wrong, 422)


def test_another_frame_is_shown_under_a_new_name(client, film) -> None:
    path = upload(client, film)
    first = opened(client.get(f"{path}/original")).astype(int)
    told = client.post(f"{path}/frame", data={"seconds": "1.8"})
    assert (told.status_code, told.json()["film"]["at"]) == (201, 1.8)
    assert client.get(f"{path}/original").status_code == 410
    path = told.headers["location"]
    other = opened(client.get(f"{path}/original")).astype(int)
    assert np.abs(other - first).mean() > 5
    client.post(f"{path}/film", data={"seconds": "0.5", "hints": '[[80, 60, "#c02020"]]'})
    assert wait(client, path, "done", "failed")["state"] == "done"
    wrong = client.post(f"{path}/frame", data={"seconds": "9"})
    assert "seconds is a number from 0 to 2, not '9'" in detail(wrong, 422)
    assert "a frame needs seconds" in detail(client.post(f"{path}/frame"), 422)


def test_strokes_are_not_for_films(client, film) -> None:
    wrong = client.post(
        f"{upload(client, film)}/film", data={"strokes": '[["#c02020", 9, [[1, 1]]]]'}
    )
    assert "strokes are for pictures; give a film hints" in detail(wrong, 422)


@pytest.fixture
def three(tmp_path):
    """The path of a film of three shots, of a second each."""
    return write(tmp_path / "three.mp4", cut_together("astronaut", "chelsea", "coffee"))


def found(client, path) -> dict:
    """Wait until the shots of a film are found."""
    until = time.monotonic() + 60
    while (told := client.get(f"{path}/film/shots").json())["state"] in ("waiting", "working"):
        assert time.monotonic() < until, told
        time.sleep(0.02)
    return told


def test_shots_are_those_of_the_command_with_their_stills(client, three) -> None:
    path = upload(client, three.read_bytes())
    early = detail(client.get(f"{path}/film/still?number=1"), 409)
    assert early == "the shots are not found yet; wait until their state is done"
    told = found(client, path)
    assert (told["state"], told["share"]) == ("done", 1)
    wanted = find_shots(reader.Film(three))
    for one, shot in zip(told["shots"], wanted, strict=True):
        assert one == {"begin": shot.begin, "end": shot.end, "frames": shot.frames}
    for number, shot in enumerate(wanted, 1):
        still = opened(client.get(f"{path}/film/still?number={number}"))
        assert np.abs(still.astype(int) - shot.still).mean() < 8  # of 255: it is a JPEG
    wrong = client.get(f"{path}/film/still?number=4")
    assert "number is a number from 1 to 3, not '4'" in detail(wrong, 422)


def test_a_search_for_shots_ends_with_its_film_and_fails_aloud(client, film, monkeypatch) -> None:
    slow(monkeypatch)
    path = upload(client, film)
    assert client.get(f"{path}/film/shots").json()["state"] in ("waiting", "working")
    client.delete(path)  # the fixture sees that its folder goes

    def broken(self, start=0):
        raise ImageError(f"{self.path}: is damaged")

    monkeypatch.setattr(reader.Film, "frames", broken)
    path = upload(client, film)
    assert found(client, path)["detail"] == "the film: is damaged"


def test_a_piece_is_coloured_from_a_time_on(client, three, tmp_path) -> None:
    path = upload(client, three.read_bytes())
    client.post(f"{path}/film", data={"start": "1", "seconds": "0.5"})
    assert wait(client, path, "done", "failed")["trial"] is True
    made = tmp_path / "piece.mp4"
    made.write_bytes(client.get(f"{path}/film/file").content)
    frames, _ = read(made)
    assert len(frames) == 6
    lightness = [samples_to_lightness(one) for one in (frames[0], read(three)[0][12])]
    assert np.abs(lightness[0] - lightness[1]).mean() < 2
    wrong = client.post(f"{path}/film", data={"start": "4"})
    assert "start is a number from 0 to 3, not '4'" in detail(wrong, 422)


def test_a_contact_sheet_is_made(client, three) -> None:
    path = upload(client, three.read_bytes())
    client.post(f"{path}/film", data={"every": "1"})
    told = wait(client, path, "done", "failed")
    assert (told["state"], told["format"]) == ("done", "jpg")
    answer = client.get(f"{path}/film/file")
    assert answer.headers["content-type"] == "image/jpeg"
    sheet = opened(answer)
    assert sheet.shape[1] > 3 * 160
    assert np.ptp(sheet.astype(int), axis=2).mean() > 5
    wrong = client.post(f"{path}/film", data={"every": "1", "format": "mp4"})
    assert "format is one of jpg, not 'mp4'" in detail(wrong, 422)


def listed(client, path) -> list[dict]:
    """Wait until the things of a film are found."""
    until = time.monotonic() + 60
    while (told := client.get(f"{path}/film/things").json())["state"] in ("waiting", "working"):
        assert time.monotonic() < until, told
        time.sleep(0.02)
    assert (told["state"], told["share"]) == ("done", 1), told
    return told["things"]


def coloured(client, path, tmp_path, **fields) -> np.ndarray:
    """Colour a film, and give its frames."""
    client.post(f"{path}/film", data=fields)
    told = wait(client, path, "done", "failed")
    assert told["state"] == "done", told
    made = tmp_path / "made.mkv"
    made.write_bytes(client.get(f"{path}/film/file").content)
    return np.array(read(made)[0])


@pytest.fixture
def back(tmp_path):
    """A film's bytes, whose first scene comes back."""
    frames = [*cut_together("astronaut", "coffee", count=6), *pan(photograph(), 12)[6:]]
    return write(tmp_path / "back.mkv", frames).read_bytes()


def test_things_are_those_of_the_command_and_are_chosen(client, back, echo, tmp_path) -> None:
    path = upload(client, back)
    early = detail(client.get(f"{path}/film/things"), 409)
    assert early == "the shots are not found yet; wait until their state is done"
    found(client, path)
    early = detail(client.get(f"{path}/film/things"), 409)
    assert early == "the film was not coloured yet; colour it, or a piece of it, first"
    before = coloured(client, path, tmp_path)
    early = detail(client.get(f"{path}/film/thing?number=1"), 409)
    assert early == "the things are not found yet; wait until their state is done"
    things = listed(client, path)
    shots = find_shots(reader.Film(tmp_path / "back.mkv"))
    begins = tuple(ShotStart(one.begin) for one in shots)
    wanted = Colorizer(echo).things(tmp_path / "back.mkv", project=FilmProject(shots=begins))
    names = ("x", "y", "colour", "forgotten")
    assert [[one[name] for name in names] for one in things] == [
        [one.x, one.y, one.color, one.is_forgotten] for one in wanted
    ]
    assert [one["shots"] for one in things] == [[n + 1 for n in one.shots] for one in wanted]
    assert all(one["colours"] for one in things)
    picture = opened(client.get(f"{path}/film/thing?number=1"))
    assert picture.shape[:2] == (40, 40)  # a third of the short side
    first = next(one for one in things if one["shots"] == [1, 3])
    point = [first[name] for name in ("at", "x", "y")]
    after = coloured(client, path, tmp_path, things=json.dumps([[*point, "#2040c0"]]))
    gaps = np.abs(after.astype(int) - before).mean(axis=(1, 2, 3))
    assert gaps[:6].mean() > 1 < gaps[12:].mean()
    assert next(one for one in listed(client, path) if one["at"] == first["at"]) != first
    client.post(f"{path}/film", data={"every": "1", "things": json.dumps([[*point, "none"]])})
    wait(client, path, "done")
    assert [one for one in listed(client, path) if one["forgotten"]]


def test_what_is_wrong_with_things_is_told(client, film) -> None:
    path = upload(client, film)
    for things, words in [
        ("[[1, 2]]", 'things are a JSON list of [seconds, x, y, "#rrggbb"], or "none"'),
        ("5", "things are a JSON list"),
        ('[[NaN, 1, 1, "none"]]', "things are a JSON list"),
        ('[[0, 1, 1, "nvy"]]', "things: 'nvy' is not a valid colour"),
        (json.dumps([[n, 1, 1, "none"] for n in range(1001)]), "a film takes colours of"),
    ]:
        assert words in detail(client.post(f"{path}/film", data={"things": things}), 422)
    client.post(f"{path}/film", data={"things": '[[9, 1, 1, "none"]]'})
    said = "the film: a thing is at 00:00:09.000, and the film ends at 00:00:02.000"
    assert wait(client, path, "failed")["detail"].startswith(said)


def test_the_command_goes_on_with_what_was_chosen(client, back, echo, tmp_path) -> None:
    path = upload(client, back)
    early = detail(client.post(f"{path}/film/project"), 409)
    assert early == "the shots are not found yet; wait until their state is done"
    shots = found(client, path)["shots"]
    coloured(client, path, tmp_path)
    (thing, *_) = [one for one in listed(client, path) if one["shots"] == [1, 3]]
    point = [thing[name] for name in ("at", "x", "y")]
    chosen = {
        "vividness": "0.8",
        "hints": '[[40, 30, "#2040c0", "thing"], [9, 100, "#20c040"]]',
        "things": json.dumps([[*point, "#a03020"], [1.25, 3, 4, "none"]]),
    }
    frames = coloured(client, path, tmp_path, **chosen)
    answer = client.post(f"{path}/film/project", data={**chosen, "filename": "old\nback.mkv"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/toml")
    assert "colorize old back.mkv --project old back-project.toml --vividness 0.8" in answer.text
    saved = tmp_path / "saved.toml"
    saved.write_text(answer.text)
    project = project_file.read(saved)
    assert [one.begin for one in project.shots] == [one["begin"] for one in shots]
    assert [one.everywhere for one in project.hints] == [True, True, False]
    assert project.forgotten == (TimedPoint(1.25, 3, 4),)
    (tmp_path / "in.mkv").write_bytes(back)
    made = Colorizer(echo).colorize(tmp_path / "in.mkv", project=project, vividness=0.8)
    made.save(tmp_path / "command.mkv")
    assert np.abs(np.array(read(tmp_path / "command.mkv")[0]).astype(int) - frames).mean() < 0.1
    wrong = client.post(f"{path}/film/project", data={"filename": "a" * 256})
    assert detail(wrong, 422) == "filename is the film's name, of 1 to 255 characters"
