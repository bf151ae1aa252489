"""Files of several pages, TIFF and PDF, and raw files."""

import io

import numpy as np
import pypdfium2
import pytest
import pyvips
import skimage.data
import tifffile
from click.testing import CliRunner
from PIL import Image
from starlette.testclient import TestClient

from endurance.seeds import dng
from photochrom import Colorizer
from photochrom.batch.plan import plan
from photochrom.cli.main import main
from photochrom.color.spaces import samples_to_lightness
from photochrom.errors import HintError, ImageError, MissingExtra
from photochrom.image import Limits, Page, Picture, encode_pages, save_pages
from photochrom.web.app import create_app

GREY = skimage.data.astronaut()[:120, :160, 0]
DEEP = skimage.data.chelsea()[:90, :130, 1].astype(np.uint16) * 257


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer(threads=1)


@pytest.fixture
def album(tmp_path):
    """A TIFF of two pages, of different size and depth."""
    path = tmp_path / "album.tif"
    with tifffile.TiffWriter(path) as file:
        for page in (GREY, DEEP):
            file.write(page, resolution=(300, 300), resolutionunit="INCH", metadata=None)
    return path


@pytest.fixture
def scan(tmp_path):
    """A PDF of two pages, each a scan at 300 dots an inch."""
    document = pypdfium2.PdfDocument.new()
    for pixels in (GREY, (DEEP >> 8).astype(np.uint8)):
        jpeg = io.BytesIO()
        Image.fromarray(pixels).save(jpeg, "jpeg", quality=95)
        width, height = (side * 72 / 300 for side in pixels.shape[::-1])
        page = document.new_page(width, height)
        image = pypdfium2.PdfImage.new(document)
        image.load_jpeg(io.BytesIO(jpeg.getvalue()), inline=True)
        image.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
        page.insert_obj(image)
        page.gen_content()
    document.save(tmp_path / "scan.pdf")
    return tmp_path / "scan.pdf"


def is_coloured(painted, original, allowed: float) -> None:
    assert painted.shape == (*original.shape, 3)
    assert np.ptp(painted.astype(int), axis=2).mean() > 5 * np.iinfo(painted.dtype).max / 255
    difference = samples_to_lightness(painted) - samples_to_lightness(original)
    assert np.abs(difference).mean() < allowed


def test_a_tiff_keeps_its_pages_their_depth_and_resolution(colorizer, album, tmp_path) -> None:
    out = tmp_path / "out.tif"
    coloured = colorizer.colorize(album)
    assert coloured.count == 2
    assert not coloured.had_color
    coloured.save(out)
    for number, (page, allowed) in enumerate(((GREY, 0.25), (DEEP, 0.01))):
        written = pyvips.Image.new_from_file(str(out), page=number)
        assert written.get("n-pages") == 2
        assert written.xres == pytest.approx(300 / 25.4, rel=1e-4)
        assert b"photochrom:Model" in written.get("xmp-data")
        assert written.numpy().dtype == page.dtype
        is_coloured(written.numpy(), page, allowed)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_page_is_what_it_would_be_as_a_file_of_its_own(colorizer, album, tmp_path) -> None:
    colorizer.colorize(album).save(tmp_path / "out.tif")
    alone = colorizer.colorize(DEEP)
    assert np.array_equal(tifffile.imread(tmp_path / "out.tif", key=1), alone)


def test_a_pdf_comes_back_as_a_pdf_of_its_size(colorizer, scan, tmp_path) -> None:
    colorizer.colorize(scan).save(tmp_path / "out.pdf")
    before, after = (pypdfium2.PdfDocument(path) for path in (scan, tmp_path / "out.pdf"))
    assert len(after) == 2
    for number in (0, 1):
        assert after[number].get_size() == pytest.approx(before[number].get_size(), abs=0.5)
    first = after[0].render(scale=299.99 / 72, rev_byteorder=True).to_numpy()
    is_coloured(first, GREY, 1.5)
    before.close()
    after.close()


LETTER = [
    b"<< /Type /Catalog /Pages 2 0 R /Outlines 3 0 R >>",
    b"<< /Type /Pages /Kids [4 0 R 5 0 R] /Count 2 >>",
    b"<< /First 6 0 R /Last 6 0 R /Count 1 >>",
    b"""<< /Type /Page /Parent 2 0 R /MediaBox [0 0 90 70] /CropBox [10 10 90 70] /Contents 8 0 R
    /Resources << /Font << /F 7 0 R >> /XObject << /Group 9 0 R /Stamp 10 0 R >> >> /Annots [
    << /Type /Annot /Subtype /Link /Rect [20 20 40 30] /A << /S /URI /URI (https://a.example) >> >>
    << /Type /Annot /Subtype /Square /Rect [40 20 60 30] /C [0 0 0] >>] >>""",
    b"""<< /Type /Page /Parent 2 0 R /MediaBox [0 0 80 60] /Rotate 90 /Contents 11 0 R
    /Resources << /Font << /F 7 0 R >> >> >>""",
    b"<< /Title (The letter) /Parent 3 0 R /Dest [4 0 R /Fit] >>",
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>",
    (b"<<", b"0.5 g 10 10 40 30 re f /Group Do /Stamp Do BT /F 8 Tf 20 50 Td (Dear aunt) Tj ET"),
    (
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 90 70] /Resources << /Font << /F 7 0 R >> >>",
        b"BT /F 8 Tf 3 Tr 20 30 Td (read by a machine) Tj ET",
    ),
    (b"<< /Type /XObject /Subtype /Form /BBox [0 0 90 70]", b"0.3 g 60 40 10 10 re f"),
    (b"<<", b"0.5 g 0 0 40 60 re f BT /F 8 Tf 9 9 Td (Your niece) Tj ET"),
    b"<< /Title (From the attic) >>",
]


def written(objects: list[bytes | tuple[bytes, bytes]]) -> bytes:
    """Write a PDF of objects, numbered from 1: the first is its catalogue, the last its Info."""
    file, places = io.BytesIO(b"%PDF-1.7\n"), []
    file.seek(0, io.SEEK_END)
    for number, body in enumerate(objects, start=1):
        places.append(b"%010d 00000 n \n" % file.tell())
        if isinstance(body, tuple):
            body = b"%s /Length %d >> stream\n%s\nendstream" % (body[0], len(body[1]), body[1])
        file.write(b"%d 0 obj %s endobj\n" % (number, body))
    start, count = file.tell(), len(objects)
    file.write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (count + 1, b"".join(places)))
    file.write(b"trailer << /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (count + 1, count))
    file.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return file.getvalue()


def test_a_pdf_keeps_its_text_links_outline_and_title(colorizer, tmp_path) -> None:
    raw = pypdfium2.raw
    (tmp_path / "letter.pdf").write_bytes(written(LETTER))
    colorizer.colorize(tmp_path / "letter.pdf").save(tmp_path / "out.pdf")
    before, after = (pypdfium2.PdfDocument(tmp_path / name) for name in ("letter.pdf", "out.pdf"))
    assert after.get_metadata_value("Title") == "From the attic"
    assert [entry.get_title() for entry in after.get_toc()] == ["The letter"]
    for old, new in zip(before, after, strict=True):
        assert new.get_textpage().get_text_range() == old.get_textpage().get_text_range()
        assert new.get_size() == old.get_size()
        seen, shown = (page.render(scale=4, rev_byteorder=True).to_numpy() for page in (old, new))
        assert np.abs(samples_to_lightness(seen) - samples_to_lightness(shown)).mean() < 1.5
    assert "read by a machine" in after[0].get_textpage().get_text_range()
    assert "Your niece" in after[1].get_textpage().get_text_range()
    kinds = [
        raw.FPDFAnnot_GetSubtype(raw.FPDFPage_GetAnnot(after[0], number))
        for number in range(raw.FPDFPage_GetAnnotCount(after[0]))
    ]
    assert kinds == [raw.FPDF_ANNOT_LINK]
    assert [seen.type for seen in after[0].get_objects(max_depth=1)] == [
        raw.FPDF_PAGEOBJ_FORM,
        raw.FPDF_PAGEOBJ_TEXT,
        raw.FPDF_PAGEOBJ_IMAGE,
    ]


def test_a_pdf_that_loses_pages_meanwhile_is_told(colorizer, scan, tmp_path) -> None:
    pages = list(colorizer.colorize(scan))
    document = pypdfium2.PdfDocument(scan)
    document.del_page(0)
    shorter = io.BytesIO()
    document.save(shorter)
    scan.write_bytes(shorter.getvalue())
    with pytest.raises(ImageError, match="it comes from has changed meanwhile"):
        save_pages((Page(page.picture, page.bands(), {}) for page in pages), tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()


def test_a_page_of_a_pdf_alone_keeps_its_text(colorizer, tmp_path) -> None:
    _, second = colorizer.colorize(written(LETTER))
    data = encode_pages([Page(second.picture, second.bands(), {})], ".pdf")
    document = pypdfium2.PdfDocument(data)
    assert [page.get_textpage().get_text_range() for page in document] == ["Your niece"]


def test_a_small_fine_stamp_does_not_make_a_page_large(scan) -> None:
    document = pypdfium2.PdfDocument(scan)
    page = document[0]
    jpeg = io.BytesIO()
    Image.fromarray(GREY).save(jpeg, "jpeg")
    stamp = pypdfium2.PdfImage.new(document)
    stamp.load_jpeg(io.BytesIO(jpeg.getvalue()), inline=True)
    stamp.set_matrix(pypdfium2.PdfMatrix().scale(4, 3))
    page.insert_obj(stamp)
    page.gen_content()
    stamped = io.BytesIO()
    document.save(stamped)
    assert Picture(stamped.getvalue(), page=0).width == GREY.shape[1]


def test_pages_go_from_tiff_to_pdf_and_a_picture_into_a_pdf(colorizer, album, tmp_path) -> None:
    colorizer.colorize(album).save(tmp_path / "album.pdf")
    assert Picture(tmp_path / "album.pdf", page=1).pages == 2
    Image.fromarray(GREY).save(tmp_path / "one.png")
    colorizer.colorize(tmp_path / "one.png").save(tmp_path / "one.pdf")
    one = Picture(tmp_path / "one.pdf")
    assert (one.width, one.height) == (160, 120)
    colorizer.colorize(tmp_path / "one.pdf").save(tmp_path / "again.png")
    assert colorizer.colorize(tmp_path / "one.png").encode(".pdf").startswith(b"%PDF")


def test_the_command_takes_documents(album, scan, tmp_path) -> None:
    out = tmp_path / "out"
    arguments = ["colorize", str(album), str(scan), "-o", str(out), "--report"]
    result = CliRunner().invoke(main, [*arguments, str(tmp_path / "report.html")])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir() if path.suffix in (".tif", ".pdf")) == [
        "album.tif",
        "scan.pdf",
    ]
    again = CliRunner().invoke(main, ["colorize", str(album), str(scan), "-o", str(out)])
    assert "2 skipped" in again.output
    told = CliRunner().invoke(main, ["info", str(album)])
    assert "size: 160 x 120 pixels, 8 bits, grey\n  pages: 2\n" in told.output


def test_pages_become_files_where_the_format_holds_one(colorizer, album, scan, tmp_path) -> None:
    out = tmp_path / "out"
    large = tmp_path / "large.tif"
    pyvips.Image.new_from_array(GREY).tiffsave(str(large), tile=True, tile_width=64, pyramid=True)
    words = ["colorize", *map(str, (album, scan, large)), "-o", str(out), "--format", "png"]
    result = CliRunner().invoke(main, words)
    assert "5 done\n" in result.output
    names = ["album-1.png", "album-2.png", "large.png", "scan-1.png", "scan-2.png"]
    assert sorted(path.name for path in out.glob("*.png")) == names
    assert np.array_equal(np.asarray(Image.open(out / "album-1.png")), colorizer.colorize(GREY))
    (out / "scan-2.png").unlink()
    assert "1 done, 4 skipped" in CliRunner().invoke(main, words).output
    result = CliRunner().invoke(main, [*words, "--hint", "1,1,#a03020"])
    assert "hints and variants are for one picture, not for 5" in result.output
    Image.fromarray(GREY).save(tmp_path / "album-2.png")
    result = CliRunner().invoke(main, [*words, str(tmp_path / "album-2.png")])
    assert (
        f"album.tif: it would become {out}/album-2.png, as would {tmp_path}/album-2.png;"
        in result.output
    )
    assert result.exit_code == 1


def test_pages_are_numbered_so_that_their_names_sort(tmp_path) -> None:
    with tifffile.TiffWriter(tmp_path / "ten.tif", bigtiff=True) as file:
        for _ in range(10):
            file.write(GREY, metadata=None)
    found = plan([tmp_path / "ten.tif"], tmp_path / "x.jpg")
    names = [job.target.name for job in found.jobs]
    assert (names[0], names[9], len(names)) == ("x-01.jpg", "x-10.jpg", 10)
    assert len(plan([tmp_path / "ten.tif"], tmp_path / "x.tif").jobs) == 1


def test_pages_that_cannot_be_counted_fail_by_themselves(album, tmp_path) -> None:
    (tmp_path / "no.pdf").write_bytes(b"%PDF-1.7 and no more")
    (tmp_path / "bad.tif").write_bytes(b"II*\0 and no more")
    out = tmp_path / "out"
    words = ["colorize", *map(str, sorted(tmp_path.glob("*.*"))), "-o", str(out), "--format", "jpg"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "2 done, 2 failed" in result.output
    assert "no.pdf: the file is damaged, or not a PDF; take another copy" in result.output
    assert sorted(path.name for path in out.glob("*.jpg")) == ["album-1.jpg", "album-2.jpg"]


def test_the_server_takes_documents(album, scan) -> None:
    with TestClient(create_app(), base_url="http://localhost") as client:
        answer = client.post("/v1/colorize?format=tiff", content=album.read_bytes())
        assert len(tifffile.TiffFile(io.BytesIO(answer.content)).pages) == 2
        refused = client.post("/v1/colorize", content=scan.read_bytes())
        assert refused.status_code == 422
        assert "holds one page only" in refused.json()["detail"]


def test_what_does_not_go_with_pages_is_said(colorizer, album, tmp_path) -> None:
    with pytest.raises(HintError, match="for one picture, not for 2 pages; give a page alone"):
        colorizer.colorize(album, hints=[(1, 1, "#a03020")])
    with pytest.raises(ImageError, match="2 pages; save each as a file of its own"):
        colorizer.propose(album)
    pages = colorizer.colorize(album)
    for name, options, words in (
        ("x.jpg", {}, "holds one page only; name it .tif or .pdf"),
        ("x.tif", {"pyramid": True}, "a pyramid holds one page only"),
        ("x.pdf", {"profile": "p3"}, "written in sRGB alone"),
    ):
        with pytest.raises(ImageError, match=words):
            pages.save(tmp_path / name, **options)
        assert not (tmp_path / name).exists()


def test_a_page_that_is_damaged_leaves_nothing_behind(colorizer, album, tmp_path) -> None:
    album.write_bytes(album.read_bytes()[:-2000])
    with pytest.raises(ImageError, match="damaged or cut off"):
        colorizer.colorize(album).save(tmp_path / "out.tif")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["album.tif"]


def test_bad_pdfs_each_get_a_sentence(scan, tmp_path) -> None:
    (tmp_path / "no.pdf").write_bytes(b"%PDF-1.7 and no more")
    with pytest.raises(ImageError, match=r"no\.pdf: the file is damaged, or not a PDF"):
        Picture(tmp_path / "no.pdf")
    with pytest.raises(ImageError, match="160 x 120 pixels on page 1, the limit is 1,000"):
        Picture(scan, Limits(pixels=1000), page=0)


def test_a_scan_without_a_size_does_not_tell_the_resolution(scan) -> None:
    damaged = scan.read_bytes().replace(b"/Width 160", b"/Width 000")
    assert damaged != scan.read_bytes()
    picture = Picture(damaged, page=0)
    assert (picture.width, picture.height) == (160, 120)  # at 300 dots an inch, as of any page


@pytest.mark.parametrize(
    ("name", "library", "extra"), [("x.pdf", "pypdfium2", "pdf"), ("x.dng", "rawpy", "raw")]
)
def test_a_missing_extra_is_named(broken_import, tmp_path, name, library, extra) -> None:
    (tmp_path / name).write_bytes(b"something")
    broken_import(library, ModuleNotFoundError(library))
    with pytest.raises(MissingExtra, match=rf"needs an extra: pip install 'photochrom\[{extra}\]'"):
        Picture(tmp_path / name)


def test_a_raw_file_is_developed(colorizer, tmp_path) -> None:
    light = np.tile(np.linspace(2000, 60000, 160).astype(np.uint16), (120, 1))
    (tmp_path / "plate.dng").write_bytes(dng(light))
    picture = Picture(tmp_path / "plate.dng")
    assert (picture.width, picture.height, picture.bits) == (160, 120, 16)
    lightness = samples_to_lightness(picture.thumbnail(160, 120))
    assert (np.diff(lightness.mean(axis=0)[8:-8]) > 0).mean() > 0.9
    with pytest.raises(ImageError, match="160 x 120 pixels, the limit is 1,000 in all"):
        Picture(tmp_path / "plate.dng", Limits(pixels=1000))
    result = CliRunner().invoke(main, ["colorize", str(tmp_path / "plate.dng")])
    assert result.exit_code == 0, result.output
    with tifffile.TiffFile(tmp_path / "plate-colour.tif") as out:
        assert out.pages[0].tags["Make"].value == "Drawn by code"
    (tmp_path / "no.dng").write_bytes(b"no raw file at all")
    with pytest.raises(ImageError, match=r"is damaged, or is not a raw file \([^b]"):
        Picture(tmp_path / "no.dng")
