"""What an uploaded file is made into: pixels, and nothing else that came with it."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import zlib
from pathlib import Path

import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from casebase.kernel.privacy import redraw as redrawing
from casebase.kernel.privacy.redraw import (
    FileTooComplexError,
    FileTypeUnsupportedError,
    FileUnreadableError,
    Masking,
    TextLayerMissingError,
    redraw,
)
from tests.support.pdfs import boxes_of, encoded, letter, photo, pictures_of, text_of

SECRET = b"RACHEL-TAN-91234567"
MASKING = Masking(subject=["Rachel Tan"])


class TestAPicture:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    async def test_keeps_its_type_and_looks(self, kind: str) -> None:
        drawn = await redraw(encoded(photo(), kind))
        image = Image.open(io.BytesIO(drawn.content))
        assert (drawn.content_type, image.format, image.size) == (f"image/{kind.lower()}", kind, (300, 200))
        red, green, blue = image.convert("RGB").getpixel((150, 100))  # type: ignore[misc]
        assert red > 120 > 40 > green
        assert blue < 40

    async def test_loses_exif_place_author_and_comments(self) -> None:
        exif = Image.Exif()
        exif[0x013B] = SECRET.decode()  # Artist
        exif.get_ifd(0x8825)[2] = (1.0, 17.0, 0.0)  # GPSLatitude
        told = PngInfo()
        told.add_text("Author", SECRET.decode())
        told.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET.decode()}</x>")
        for content in (
            encoded(photo(), "JPEG", exif=exif, comment=SECRET, icc_profile=SECRET * 20),
            encoded(photo(), "PNG", pnginfo=told, exif=exif),
            encoded(photo(), "WEBP", exif=exif, xmp=SECRET),
        ):
            assert SECRET in content
            drawn = await redraw(content)
            assert SECRET not in drawn.content
            image = Image.open(io.BytesIO(drawn.content))
            assert not image.getexif()
            assert not {"xmp", "comment", "icc_profile", "Author"} & image.info.keys()

    async def test_stands_upright_without_the_note_that_said_so(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by a quarter
        drawn = await redraw(encoded(photo(), "JPEG", exif=exif))
        assert Image.open(io.BytesIO(drawn.content)).size == (200, 300)

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    async def test_loses_what_hides_behind_it(self, kind: str) -> None:
        polyglot = encoded(photo(), kind) + b"<html><script>alert(1)</script>" + letter([SECRET.decode()])
        drawn = await redraw(polyglot)
        assert b"script" not in drawn.content
        assert b"%PDF" not in drawn.content

    async def test_loses_further_frames(self) -> None:
        second = photo().rotate(90)
        drawn = await redraw(encoded(photo(), "WEBP", save_all=True, append_images=[second]))
        assert getattr(Image.open(io.BytesIO(drawn.content)), "n_frames", 1) == 1

    async def test_shows_nothing_that_was_painted_under_transparency(self) -> None:
        drawn = await redraw(encoded(Image.new("RGBA", (9, 9), (9, 8, 7, 0)), "PNG"))
        assert Image.open(io.BytesIO(drawn.content)).getpixel((4, 4)) == (255, 255, 255)

    async def test_is_refused_where_words_must_be_masked(self) -> None:
        with pytest.raises(TextLayerMissingError):
            await redraw(encoded(photo(), "PNG"), MASKING)

    async def test_is_refused_when_cut_off(self) -> None:
        with pytest.raises(FileUnreadableError):
            await redraw(encoded(photo((900, 900)), "PNG")[:-2000])

    async def test_of_too_many_pixels_is_refused_before_it_is_unpacked(self) -> None:
        def chunk(name: bytes, body: bytes) -> bytes:
            return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

        bomb = (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(bytes(60_000 * 1000)))
            + chunk(b"IEND", b"")
        )
        with pytest.raises(FileTooComplexError):
            await redraw(bomb)


class TestWhatIsNoDocument:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\n",
            b"<!doctype html><script>alert(1)</script>",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04",
            b"PK\x03\x04 a zip or an office file",
            b"\x7fELF\x02\x01\x01",
            b"MZ\x90\x00",
            b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file",
            b"BM" + bytes(60),
            b"II*\x00" + bytes(60),
            b"{}",
            b"<html>" + letter(["a PDF behind a page"]),
        ],
        ids=[
            "empty",
            "line",
            "html",
            "svg",
            "gif",
            "zip",
            "elf",
            "exe",
            "postscript",
            "bmp",
            "tiff",
            "json",
            "behind",
        ],
    )
    async def test_is_refused_whatever_it_is_called(self, content: bytes) -> None:
        with pytest.raises(FileTypeUnsupportedError):
            await redraw(content)

    @pytest.mark.parametrize(
        "content", [b"%PDF-1.7\n<html><script>", b"%PDF-1.4\n%%EOF", b"\x89PNG\r\n\x1a\n<svg>"]
    )
    async def test_is_refused_behind_a_true_beginning(self, content: bytes) -> None:
        with pytest.raises((FileUnreadableError, FileTypeUnsupportedError)):
            await redraw(content)


class TestAPdf:
    async def test_becomes_pictures_of_its_pages(self) -> None:
        original = letter(["Page one", "Rachel Tan"], ["Page two"])
        drawn = await redraw(original)
        assert (drawn.content_type, drawn.page_count, drawn.masked_count) == ("application/pdf", 2, 0)
        before, after = pictures_of(original), pictures_of(drawn.content)
        assert [image.size for image in before] == [image.size for image in after]
        assert (text_of(original)[:8], text_of(drawn.content)) == ("Page one", "")
        box = boxes_of(original, "Rachel Tan")[0]
        darkest, _ = after[0].crop(box).convert("L").getextrema()
        assert darkest < 80

    async def test_loses_metadata_files_scripts_forms_and_links(self) -> None:
        def more(pdf: FPDF) -> None:
            pdf.embed_file(bytes=SECRET, basename="secret.txt", compress=False)
            pdf.text_annotation(50, 50, SECRET.decode())
            pdf.link(10, 10, 50, 50, "https://example.com/rachel.tan")

        original = letter(["Offer"], draw=more)
        assert SECRET in original
        drawn = await redraw(original)
        document = pypdfium2.PdfDocument(drawn.content)
        assert not any(document.get_metadata_dict().values())
        assert document.count_attachments() == 0
        for gone in (
            SECRET,
            b"Rachel",
            b"/Annot",
            b"/Info",
            b"/JavaScript",
            b"/EmbeddedFile",
            b"/AcroForm",
            b"http",
        ):
            assert gone not in drawn.content

    async def test_twice_is_the_same_file(self) -> None:
        original = letter(["Offer"])
        assert (await redraw(original)).content == (await redraw(original)).content

    async def test_may_be_a_scan_where_nothing_is_masked(self) -> None:
        scan = letter([], draw=lambda pdf: pdf.image(photo(), 10, 10, 150) and None)
        assert (await redraw(scan)).page_count == 1

    async def test_with_a_password_is_refused(self) -> None:
        pdf = FPDF()
        pdf.add_page()
        pdf.set_encryption(owner_password="owner", user_password="user")
        with pytest.raises(FileUnreadableError):
            await redraw(bytes(pdf.output()))

    async def test_with_too_many_pages_is_refused(self) -> None:
        with pytest.raises(FileTooComplexError):
            await redraw(letter(*[["A page"]] * 41))

    @pytest.mark.parametrize(
        "box", [b"0 0 14400 14400", b"0 0 1 14400", b"0 0 900000 900000", b"0 0 0 0", b"5 5 1 1"]
    )
    async def test_of_a_huge_or_empty_page_is_drawn_small_or_refused(self, box: bytes) -> None:
        body = letter(["A page"]).replace(b"/MediaBox [0 0 595.28 841.89]", b"/MediaBox [" + box + b"]")
        assert box in body
        try:
            drawn = await redraw(body)
        except (FileTooComplexError, FileUnreadableError):
            return
        assert len(drawn.content) < 3_000_000

    async def test_that_never_ends_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(redrawing, "WALL_CLOCK_S", 1)
        # Forms that draw each other twice, forty deep.
        forms = [
            f"{n} 0 obj << /Type /XObject /Subtype /Form /BBox [0 0 99 99] /Length 14 /Resources << /XObject "
            f"<< /A {n + 1} 0 R >> >> >> stream\n/A Do /A Do   \nendstream endobj"
            for n in range(5, 45)
        ]
        bomb = (
            "%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n"
            "2 0 obj << /Type /Pages /Count 1 /Kids [3 0 R] >> endobj\n"
            "3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R "
            "/Resources << /XObject << /A 5 0 R >> >> >> endobj\n"
            "4 0 obj << /Length 5 >> stream\n/A Do\nendstream endobj\n"
            + "\n".join(forms)
            + "\n45 0 obj << /Type /XObject /Subtype /Form /BBox [0 0 99 99] /Length 9 >> stream\n0 0 9 9 re f\n"
            "endstream endobj\ntrailer << /Root 1 0 R >>\n%%EOF"
        )
        with contextlib.suppress(FileTooComplexError, FileUnreadableError):
            assert (await redraw(bomb.encode())).page_count == 1
        assert not _children()


class TestTheProcessThatReads:
    async def test_gets_none_of_our_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CASEBASE_DATABASE_URL", "postgresql://owner:secret@localhost/casebase")
        seen: list[bytes] = []
        run = redrawing.subprocess.run

        def spy(command: list[str], **options: object) -> object:
            script = "import os, sys; sys.stdin.buffer.read(); print(dict(os.environ))"
            seen.append(run([*command[:3], "-c", script], **options).stdout)  # type: ignore[call-overload]
            return run(command, **options)  # type: ignore[call-overload]

        monkeypatch.setattr(redrawing.subprocess, "run", spy)
        await redraw(encoded(photo(), "PNG"))
        assert b"CASEBASE" not in seen[0]
        assert b"secret" not in seen[0]

    async def test_that_is_killed_is_a_refusal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(redrawing.sys, "executable", "/bin/false")
        with pytest.raises(FileTooComplexError):
            await redraw(encoded(photo(), "PNG"))


def _children() -> list[str]:
    """Processes of ours that read files."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if b"redraw_process" in line and parent == os.getpid():
            found.append(line.decode())
    return found
