"""PDFs and pictures as people upload them, made with libraries that the product does not use."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pypdfium2
from fpdf import FPDF
from PIL import Image, ImageDraw


def letter(*pages: Sequence[str], font: str = "Courier", draw: Callable[[FPDF], None] | None = None) -> bytes:
    """A PDF with a page of text lines each; ``draw`` adds to the last one."""
    pdf = FPDF()
    pdf.set_title("Offer for Rachel Tan")
    pdf.set_author("Rachel Tan")
    pdf.set_creation_date(datetime(2026, 1, 5, tzinfo=UTC))
    for lines in pages:
        pdf.add_page()
        pdf.set_font(font, size=11)
        for line in lines:
            pdf.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    if draw is not None:
        draw(pdf)
    return bytes(pdf.output())


def photo(size: tuple[int, int] = (300, 200)) -> Image.Image:
    """A picture with something on it."""
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((20, 20, size[0] - 20, size[1] - 20), fill="darkred")
    pen.text((10, 10), "Rachel Tan", fill="black")
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def pictures_of(content: bytes) -> list[Image.Image]:
    """The pages of a PDF as a person sees them, at 150 dpi."""
    document = pypdfium2.PdfDocument(content)
    return [page.render(scale=150 / 72).to_pil().convert("RGB") for page in document]


def text_of(content: bytes) -> str:
    """The text layer of all pages."""
    document = pypdfium2.PdfDocument(content)
    return "".join(page.get_textpage().get_text_range() for page in document)


def boxes_of(content: bytes, text: str) -> list[tuple[int, int, int, int]]:
    """Where the first page's glyphs of ``text`` are in ``pictures_of``: left, top, right, bottom."""
    page = pypdfium2.PdfDocument(content)[0]
    glyphs = page.get_textpage()
    found = glyphs.search(text).get_next()
    assert found is not None, f"{text!r} is not on the page"
    start, count = found
    place = page.render(scale=150 / 72).get_posconv(page)
    boxes = []
    for index in range(start, start + count):
        left, bottom, right, top = glyphs.get_charbox(index)
        corners = [place.to_bitmap(x, y) for x in (left, right) for y in (bottom, top)]
        across, down = [x for x, _ in corners], [y for _, y in corners]
        boxes.append((min(across), min(down), max(across), max(down)))
    return boxes
