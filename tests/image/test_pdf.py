"""Pages of a PDF: fields of forms, and scans that lie there in pieces."""

import io
import subprocess
import sys

import numpy as np
import pypdfium2
import pytest
import skimage.data
from PIL import Image

from photochrom.image import Picture

GREY = np.ascontiguousarray(skimage.data.astronaut()[:480, :400, 0])


def pdf(objects: list[bytes]) -> bytes:
    """Make a PDF of objects, the first of which is the catalogue."""
    data, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return data + head + table + trailer % (len(objects) + 1, len(data))


def stream(attributes: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (attributes, len(content), content)


def form() -> bytes:
    """Make a page of 200 x 100 points with a field that is filled with black."""
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(x)/F 4/Rect[50 20 150 80]/P 3 0 R"
    field += b"/AP<</N 5 0 R>>/DA(/Helv 12 Tf 0 g)>>"
    look = stream(b"/Type/XObject/Subtype/Form/BBox[0 0 100 60]", b"0 g 0 0 100 60 re f")
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/DA(/Helv 12 Tf 0 g)>>>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Annots[4 0 R]>>",
            field,
            look,
        ]
    )


@pytest.mark.parametrize("given", ["path", "bytes"])
def test_what_stands_in_the_fields_of_a_form_is_seen(tmp_path, given) -> None:
    (tmp_path / "x.pdf").write_bytes(form())
    picture = Picture(tmp_path / "x.pdf" if given == "path" else form())
    small = picture.thumbnail(200, 100)[..., 0]
    assert small[50, 100] < 100
    assert small[50, 20] > 200


def scan(rows: int, dots: int, columns: int = 1) -> bytes:
    """Make a page that a scan of so many dots an inch covers in pieces."""
    document = pypdfium2.PdfDocument.new()
    height, width = GREY.shape
    scale = 72 / dots
    page = document.new_page(width * scale, height * scale)
    for row in range(rows):
        for column in range(columns):
            high, wide = height // rows, width // columns
            piece = GREY[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
            jpeg = io.BytesIO()
            Image.fromarray(np.ascontiguousarray(piece)).save(jpeg, "jpeg", quality=95)
            image = pypdfium2.PdfImage.new(document)
            image.load_jpeg(io.BytesIO(jpeg.getvalue()), inline=True)
            matrix = pypdfium2.PdfMatrix().scale(wide * scale, high * scale)
            matrix = matrix.translate(column * wide * scale, (height - (row + 1) * high) * scale)
            image.set_matrix(matrix)
            page.insert_obj(image)
    page.gen_content()
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@pytest.mark.parametrize("dots", [150, 600])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (20, 1), (8, 5)])
def test_a_scan_in_strips_or_tiles_keeps_its_resolution(rows, columns, dots) -> None:
    picture = Picture(scan(rows, dots, columns))
    assert picture.size == pytest.approx((400, 480), abs=1)
    assert picture.resolution == pytest.approx((dots / 25.4, dots / 25.4), rel=0.01)


def test_a_stamp_finer_than_the_scan_does_not_count() -> None:
    document = pypdfium2.PdfDocument(scan(1, 150))
    page, jpeg = document[0], io.BytesIO()
    Image.fromarray(GREY).save(jpeg, "jpeg")
    image = pypdfium2.PdfImage.new(document)
    image.load_jpeg(io.BytesIO(jpeg.getvalue()), inline=True)
    image.set_matrix(pypdfium2.PdfMatrix().scale(20, 24))
    page.insert_obj(image)
    page.gen_content()
    file = io.BytesIO()
    document.save(file)
    assert Picture(file.getvalue()).resolution == pytest.approx((150 / 25.4,) * 2, rel=0.01)


def coarse(drawn: bytes, mask: bytes = b"") -> bytes:
    """Make a page of 200 x 100 points with what is drawn, `/I Do` being a picture of 50 x 25."""
    look = b"/Type/XObject/Subtype/Image/Width 50/Height 25/ColorSpace/DeviceGray"
    look += b"/BitsPerComponent 8"
    fonts = b"/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
    resources = b"/Resources<</XObject<</I 5 0 R>>%s>>" % fonts
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R%s>>" % resources,
            stream(b"", drawn),
            stream(look + mask, bytes(range(250)) * 5),
            stream(look, bytes([0, 255] * 625)),
        ]
    )


PICTURE, TEXT = b"q 200 0 0 100 0 0 cm /I Do Q ", b"BT /F 12 Tf 9 9 Td (a word) Tj ET "


@pytest.mark.parametrize(
    ("drawn", "mask", "dots"),
    [
        (PICTURE, b"", 18),
        (PICTURE + TEXT, b"", 300),
        (PICTURE + b"3 Tr " + TEXT, b"", 18),  # of OCR
        (TEXT + PICTURE, b"", 18),  # of OCR, beneath the scan
        (PICTURE + b"0 g 0 0 9 9 re f", b"", 300),
        (PICTURE + b"0 0 m 9 9 l S", b"", 300),
        (b"1 g 0 0 200 100 re f " + PICTURE, b"", 18),  # white paper
        (PICTURE, b"/SMask 6 0 R", 300),
    ],
)
def test_letters_on_a_coarse_picture_stay_sharp(drawn, mask, dots) -> None:
    picture = Picture(coarse(drawn, mask))
    assert picture.resolution == pytest.approx((dots / 25.4, dots / 25.4), rel=0.01)


def test_what_is_written_into_a_form_on_a_scan_stays_sharp() -> None:
    scanned = form().replace(
        b"/Annots", b"/Contents 6 0 R/Resources<</XObject<</I 7 0 R>>>>/Annots"
    )
    look = b"/Type/XObject/Subtype/Image/Width 50/Height 25/ColorSpace/DeviceGray"
    more = [stream(b"", PICTURE), stream(look + b"/BitsPerComponent 8", bytes(1250))]
    objects = [part.split(b" obj\n")[1] for part in scanned.split(b"\nendobj")[:-1]]
    assert Picture(pdf(objects + more)).resolution == pytest.approx((300 / 25.4,) * 2, rel=0.01)


XFA = b"""%PDF-1.7
1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</XFA 4 0 R/Fields[]>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj
4 0 obj<</Length 6>>stream
<xdp/>
endstream endobj
trailer<</Root 1 0 R>>
%%EOF"""


def test_what_pdfium_has_to_say_to_programmers_is_not_printed(tmp_path) -> None:
    (tmp_path / "form.pdf").write_bytes(XFA)
    command = [sys.executable, "-m", "photochrom", "info", str(tmp_path / "form.pdf")]
    found = subprocess.run(command, capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")
