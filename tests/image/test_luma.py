"""The road of large grey JPEGs: luma decoded alone, chroma at half size, strips that become one."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import pyvips
import simplejpeg
import skimage.data
from PIL import Image, ImageCms

from helpers.certificates import write_chain
from photochrom import Colorizer, ImageError, Limits
from photochrom.color.subsampling import HalfRecombiner
from photochrom.errors import Stopped
from photochrom.image import Picture, jpeg_strips, luma
from photochrom.image.inspection import read_facts
from photochrom.image.jpeg import read_header
from photochrom.storage import copies

GREY = np.ascontiguousarray(skimage.data.astronaut()[:207, :331, 1])
TILTED = np.stack([GREY, (0.9 * GREY).astype(np.uint8), (0.7 * GREY).astype(np.uint8)], axis=2)
TOLD = {"dpi": (300, 300)}


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer(threads=2)


@pytest.fixture(autouse=True)
def any_size(monkeypatch) -> None:
    """Let small pictures take the road, in strips of their own."""
    monkeypatch.setattr(luma, "PIXELS", (1, 10**8))
    monkeypatch.setattr(jpeg_strips, "_STRIP_PIXELS", 32 * 331)


@pytest.fixture
def ordinary(monkeypatch):
    """Give what does something as if there were no such road."""

    def without(work):
        with monkeypatch.context() as patch:
            patch.setattr(luma, "PIXELS", (0, 0))
            return work()

    return without


def jpeg(pixels=GREY, mode=None, **options) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(file, "jpeg", **{"quality": 90, **options})
    return file.getvalue()


def grey_profile() -> bytes:
    """Make a profile of grey with a gamma of 1.8, of version 2."""
    curve = b"curv" + bytes(4) + (1).to_bytes(4, "big") + round(1.8 * 256).to_bytes(2, "big")
    white = b"XYZ " + bytes(4) + b"".join(v.to_bytes(4, "big") for v in (0xF6D6, 0x10000, 0xD32D))
    curve += bytes(-len(curve) % 4)
    head = bytearray(128)
    head[8:12], head[12:24], head[36:40] = bytes([2, 0x10, 0, 0]), b"mntrGRAYXYZ ", b"acsp"
    head[68:80] = white[8:]
    table = (2).to_bytes(4, "big")
    for name, at, data in ((b"wtpt", 156, white), (b"kTRC", 156 + len(white), curve)):
        table += name + at.to_bytes(4, "big") + len(data).to_bytes(4, "big")
    whole = bytes(head) + table + white + curve
    return len(whole).to_bytes(4, "big") + whole[4:]


def adobe_like_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def turned(orientation: int) -> Image.Exif:
    told = Image.Exif()
    told[0x0112] = orientation
    return told


TAKEN = {
    "grey": {},
    "stored as colours": {"mode": "RGB"},
    "stored as colours, chroma small": {"mode": "RGB", "subsampling": 2},
    "grey profile": {"icc_profile": grey_profile()},
    "colour profile": {"mode": "RGB", "icc_profile": adobe_like_profile()},
    **{f"turned {number}": {"exif": turned(number)} for number in range(1, 9)},
}
LEFT = {
    "colour": jpeg(skimage.data.astronaut()[:64, :64]),
    "sepia": jpeg(TILTED),
    "progressive": jpeg(progressive=True),
    "inks": jpeg(mode="CMYK"),
    "a stamp": jpeg(
        np.where(
            (np.indices(GREY.shape) < 40).all(0)[..., None], [200, 30, 30], GREY[..., None]
        ).astype(np.uint8)
    ),
    "no jpeg": pyvips.Image.new_from_array(GREY).pngsave_buffer(),
}


@pytest.mark.parametrize("name", TAKEN)
def test_luma_is_what_is_decoded_otherwise(ordinary, name) -> None:
    data = jpeg(**TAKEN[name])
    picture = Picture(data)
    wanted = ordinary(lambda: np.concatenate([samples for samples, _ in Picture(data).bands()]))
    greys = wanted if wanted.ndim == 2 else wanted[..., 1]
    assert picture.luma is not None
    assert picture.luma.shape == (picture.height, picture.width)
    assert np.abs(picture.luma.astype(int) - greys).max() <= (0 if "profile" not in name else 1)
    assert np.array_equal(np.concatenate([samples for samples, _ in picture.bands()]), picture.luma)
    small, plain = picture.thumbnail(64, 32), ordinary(lambda: Picture(data).thumbnail(64, 32))
    plain = plain if plain.ndim == 2 else plain[..., 1]
    assert np.abs(small.astype(int) - plain).mean() < 3  # it is not shrunk while it is decoded


@pytest.mark.parametrize("name", LEFT)
def test_other_pictures_have_none(name) -> None:
    assert Picture(LEFT[name]).luma is None


def test_nor_have_small_and_huge_ones_and_those_that_are_cut_off(monkeypatch) -> None:
    monkeypatch.setattr(luma, "PIXELS", (GREY.size + 1, 10**8))
    assert Picture(jpeg()).luma is None
    monkeypatch.setattr(luma, "PIXELS", (1, GREY.size - 1))
    assert Picture(jpeg()).luma is None
    monkeypatch.setattr(luma, "PIXELS", (1, GREY.size))
    assert Picture(jpeg()).luma is not None
    with pytest.warns(UserWarning, match="cut off"):
        assert Picture(jpeg()[:-4000], Limits(allow_damaged=True)).luma is None


def test_one_of_usual_bounds_is_large() -> None:
    assert luma.PIXELS == (1, 10**8)  # patched here
    import importlib

    assert importlib.reload(luma).PIXELS == (4_000_000, 100_000_000)


@pytest.mark.parametrize("quality", [60, 92])
def test_strips_are_one_picture(colorizer, quality) -> None:
    colorized = colorizer.colorize(jpeg())
    written = colorized.encode(".jpg", jpeg_quality=quality)
    grey = colorized.picture.luma
    planes = HalfRecombiner(colorized._coefficients, grey).planes(0, len(grey))
    whole = simplejpeg.decode_jpeg(jpeg_strips.encode(planes, quality))
    assert np.array_equal(simplejpeg.decode_jpeg(written), whole[:207, :331])
    seen = pyvips.Image.new_from_buffer(written, "", fail_on="warning")
    assert (seen.width, seen.height, seen.bands) == (331, 207, 3)
    assert seen.get("jpeg-chroma-subsample") == "4:2:0"
    with Image.open(io.BytesIO(written)) as opened:
        assert opened.size == (331, 207)
        opened.load()


def test_no_other_output_takes_it(colorizer) -> None:
    colorized = colorizer.colorize(jpeg())
    for options in ({"profile": "p3"}, {}):
        source = colorized if options else colorizer.colorize(LEFT["progressive"])
        seen = pyvips.Image.new_from_buffer(source.encode(".jpg", **options), "")
        assert seen.get("jpeg-chroma-subsample") == "4:4:4"
    assert np.array_equal(
        pyvips.Image.new_from_buffer(colorized.encode(".png"), "").numpy(), colorized.array()
    )


def everything() -> Image.Exif:
    told = turned(6)
    told[0x010E], told[0x013B] = "Grandma by the sea", "A. Author"
    told.get_ifd(0x8769).update({0x9003: "1910:05:01 12:00:00", 0xA002: 331, 0xA003: 207})
    return told


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    b'syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    b'dc:title="Sea"/></rdf:RDF></x:xmpmeta>'
)
WITH_IPTC = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\x0a\x1c\x02\x78\0\x05hello"


def with_iptc(data: bytes) -> bytes:
    segment = b"\xff\xed" + (len(WITH_IPTC) + 2).to_bytes(2, "big") + WITH_IPTC
    return data[:2] + segment + data[2:]


def metadata(data: bytes) -> list[tuple[int, bytes]]:
    """Give all that stands in a JPEG before its tables."""
    segments = read_header(io.BytesIO(data)).segments
    return [one for one in segments if 0xE0 <= one[0] <= 0xEF or one[0] == 0xFE]


@pytest.mark.parametrize(
    "source",
    [
        jpeg(),
        jpeg(exif=everything()),
        jpeg(**TOLD),
        jpeg(mode="RGB", icc_profile=adobe_like_profile(), comment=b"a comment"),
        with_iptc(jpeg(exif=everything(), xmp=XMP, icc_profile=grey_profile(), **TOLD)),
    ],
    ids=["nothing", "exif", "resolution", "profile", "everything"],
)
@pytest.mark.parametrize("options", [{}, {"note": False}, {"jpeg_quality": 70}])
def test_metadata_is_what_it_is_otherwise(colorizer, ordinary, tmp_path, source, options) -> None:
    (tmp_path / "in.jpg").write_bytes(source)
    for given in (source, tmp_path / "in.jpg"):
        fast = colorizer.colorize(given, quality="fast").encode(".jpg", **options)
        other = ordinary(
            lambda given=given: colorizer.colorize(given, quality="fast").encode(".jpg", **options)
        )
        assert read_header(io.BytesIO(fast)).segments != read_header(io.BytesIO(other)).segments
        assert metadata(fast) == metadata(other)


def test_bytes_are_the_same_with_any_number_of_threads() -> None:
    outputs = set()
    model = Colorizer(threads=1)
    for threads in (1, 2, 5):
        colorized = model.colorize(jpeg())
        colorized._threads = threads
        outputs.add(colorized.encode(".jpg"))
    assert len(outputs) == 1


def test_progress_is_told_and_work_is_stopped(colorizer, tmp_path) -> None:
    told = []
    colorizer.colorize(jpeg()).save(
        tmp_path / "out.jpg", on_progress=lambda done, total: told.append((done, total))
    )
    assert told == [(rows, 207) for rows in (*range(32, 207, 32), 207)]
    stopped = []
    limits = Limits(stop=lambda: bool(stopped))
    colorized = colorizer.colorize(jpeg(), limits=limits)
    stopped.append(True)
    with pytest.raises(Stopped):
        colorized.save(tmp_path / "never.jpg")
    assert [path.name for path in tmp_path.iterdir()] == ["out.jpg"]


@pytest.mark.parametrize("damage", [b"\xff\xd9", b"\xff\xbd", b"\xff\xd8\xff\xe0" * 100])
def test_a_damaged_one_is_as_otherwise(colorizer, ordinary, damage) -> None:
    data = bytearray(jpeg())
    start = read_header(io.BytesIO(data)).scan + 2000
    data[start : start + len(damage)] = damage
    assert Picture(bytes(data)).luma is None
    fast = colorizer.colorize(bytes(data)).encode(".jpg")
    assert fast == ordinary(lambda: colorizer.colorize(bytes(data)).encode(".jpg"))


def test_a_disk_that_is_full_is_one_line(colorizer, tmp_path, monkeypatch) -> None:
    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jpeg_strips, "joined", full)
    with pytest.raises(ImageError, match=r"No space left on device\); make room"):
        colorizer.colorize(jpeg()).save(tmp_path / "out.jpg")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_begun_ahead_is_taken_once_and_not_when_it_changed(tmp_path) -> None:
    path = tmp_path / "in.jpg"
    path.write_bytes(jpeg())
    copies._begun.clear()  # of other tests
    luma.begin(path)
    (begun,) = copies._begun.values()
    assert Picture(path).luma is begun.result()
    assert not copies._begun
    luma.begin(path)
    path.write_bytes(jpeg(255 - GREY, quality=95))
    assert np.abs(Picture(path).luma.astype(int) - (255 - GREY)).mean() < 2
    copies._begun.clear()
    luma.begin(tmp_path / "none.jpg")
    luma.begin(tmp_path)
    assert not copies._begun


def test_luma_is_kept_while_there_is_room(monkeypatch) -> None:
    monkeypatch.setattr(luma, "_ROOM", int(1.5 * GREY.size))
    luma._open.clear()
    first, second = Picture(jpeg()), Picture(jpeg())
    assert first.luma is first.luma
    assert second.luma is not second.luma
    assert np.array_equal(first.luma, second.luma)
    del first
    assert second.luma is second.luma


def test_many_threads_may_ask_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: Picture(jpeg()).luma, range(32)))
    assert all(np.array_equal(one, found[0]) for one in found)


def test_it_is_signed_and_stands_in_a_pdf(colorizer, tmp_path) -> None:
    chain = write_chain(tmp_path / "chain")
    (tmp_path / "in.jpg").write_bytes(jpeg())
    colorized = colorizer.colorize(tmp_path / "in.jpg")
    colorized.save(tmp_path / "out.jpg", sign=chain[:2])
    assert read_facts(tmp_path / "out.jpg")["Model"].startswith("vivid")
    assert b"c2pa" in (tmp_path / "out.jpg").read_bytes()
    seen = pyvips.Image.new_from_file(str(tmp_path / "out.jpg"), fail_on="warning").numpy()
    assert np.array_equal(seen, pyvips.Image.new_from_buffer(colorized.encode(".jpg"), "").numpy())
    colorized.save(tmp_path / "out.pdf")
    assert Picture(Path(tmp_path / "out.pdf")).pages == 1
