"""A masked PDF tells nothing of what was masked: not to a reader, not to a program, not by the shape of its boxes."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from fpdf import FPDF, TextMode
from PIL import Image

from casebase.kernel.privacy.masked_pdf import DrawnPdf, redraw_pdf
from casebase.kernel.privacy.redraw import Masking, TextLayerMissingError, redraw
from casebase.kernel.privacy.redraw_process import finder
from tests.support.pdfs import boxes_of, letter, photo, pictures_of, text_of

PEOPLE = ["Rachel Tan", "Joshua Lim"]
BANKS = ["Ruby Bank", "Opal Bank"]
RATE = r"\d{1,2}\.\d{1,4}\s*%"
MASKING = Masking(subject=PEOPLE, terms=BANKS, patterns=[RATE])


class Pair(NamedTuple):
    """Two values of a kind, as long as each other."""

    kind: str
    one: str
    other: str


PAIRS = [
    Pair("name", "Rachel Tan", "Joshua Lim"),
    Pair("name in capitals", "RACHEL TAN", "JOSHUA LIM"),
    Pair("bank", "Ruby Bank", "Opal Bank"),
    Pair("rate", "2.35%", "1.98%"),
    Pair("rate with a space", "2.35 %", "1.98 %"),
    Pair("e-mail", "rachel.tan@example.com", "joshua.lim@example.com"),
    Pair("mobile phone", "9123 4567", "8765 4321"),
    Pair("mobile phone in one", "91234567", "87654321"),
    Pair("international phone", "+65 9123 4567", "+65 8765 4321"),
    Pair("home phone", "+65 6321 4567", "+65 6222 3344"),
    Pair("Swedish phone", "+46 70 123 45 67", "+46 73 765 43 21"),
    Pair("NRIC", "S1234567D", "S7654321F"),
    Pair("FIN", "F1234567N", "G7654321L"),
    Pair("personnummer", "19811218-9876", "19640823-3234"),
    Pair("IBAN", "GB29 NWBK 6016 1331 9268 19", "GB82 WEST 1234 5698 7654 32"),
    Pair("IBAN in one", "GB29NWBK60161331926819", "GB82WEST12345698765432"),
    Pair("card", "4111 1111 1111 1111", "5500 0055 5555 5559"),
    Pair("card in one", "4111111111111111", "5500005555555559"),
    Pair(
        "address",
        "Blk 123 Ang Mo Kio Ave 3 #04-56 Singapore 560123",
        "Blk 987 Ang Mo Kio Ave 9 #11-22 Singapore 569876",
    ),
    Pair("postal code", "Singapore 560123", "Singapore 238801"),
]


def masked(content: bytes) -> DrawnPdf:
    """What the process of its own makes of it, made here, as starting one takes a second."""
    return redraw_pdf(content, finder(MASKING))


def offer(value: str) -> bytes:
    return letter(["Our offer", f"For you: {value} .", "We look forward to your reply."])


class TestEveryKindOfPersonalData:
    @pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.kind)
    async def test_of_one_length_becomes_the_same_file(self, pair: Pair) -> None:
        """Nothing can be read from a file that is, bit for bit, what another value becomes."""
        one, other = offer(pair.one), offer(pair.other)
        assert one != other
        drawn, drawn_other = masked(one), masked(other)
        assert drawn.masked_count > 0
        assert drawn.content == drawn_other.content

    async def test_is_under_a_black_box_to_its_last_pixel(self) -> None:
        lines = [f"{pair.kind}: {pair.one}" for pair in PAIRS]
        original = letter(lines, font="Helvetica")
        drawn = await redraw(original, MASKING)
        picture = pictures_of(drawn.content)[0].convert("L")
        for pair in PAIRS:
            for box, character in zip(boxes_of(original, pair.one), pair.one, strict=True):
                if character == " ":
                    continue
                _, lightest = picture.crop(box).getextrema()
                assert lightest < 60, (pair.kind, character)
        assert text_of(drawn.content) == ""
        for pair in PAIRS:
            assert pair.one.encode() not in drawn.content

    async def test_leaves_the_rest_to_be_read(self) -> None:
        original = offer("Rachel Tan")
        before, after = pictures_of(original)[0], pictures_of((masked(original)).content)[0]
        left, top, _, bottom = boxes_of(original, "We look")[0]
        line = (left, top, left + 500, bottom)
        assert _difference(before.crop(line), after.crop(line)) < 40


class TestWhereverThePageShowsIt:
    async def test_broken_over_two_lines(self) -> None:
        one = letter(["write to rachel.tan@exam", "ple.com soon"])
        other = letter(["write to joshua.lim@exam", "ple.net soon"])
        assert (masked(one)).content == (masked(other)).content

    async def test_written_in_any_order(self) -> None:
        """A program may place letters one by one; the eye puts them together."""

        def scattered(name: str) -> bytes:
            def place(pdf: FPDF) -> None:
                step = pdf.get_string_width("M")
                for n in [*range(1, len(name), 2), *range(0, len(name), 2)]:
                    pdf.text(40 + n * step, 80, name[n])

            return letter(["Our offer"], draw=place)

        drawn = [(masked(scattered(name))).content for name in ("RachelTan@x.sg", "JoshuaLim@y.sg")]
        assert drawn[0] == drawn[1]

    @pytest.mark.parametrize("angle", [90, 180, 270, 30])
    async def test_turned(self, angle: int) -> None:
        def turned(name: str) -> bytes:
            def place(pdf: FPDF) -> None:
                with pdf.rotation(angle, 100, 100):
                    pdf.text(100, 100, name)

            return letter(["Our offer"], draw=place)

        one, other = [(masked(turned(name))).content for name in PEOPLE]
        assert one == other

    async def test_on_a_turned_page(self) -> None:
        def turned(name: str) -> bytes:
            return offer(name).replace(b"/Type /Page\n", b"/Type /Page\n/Rotate 90\n")

        assert b"/Rotate 90" in turned(PEOPLE[0])
        one, other = [masked(turned(name)) for name in PEOPLE]
        assert one.content == other.content
        assert one.masked_count > 0
        width, height = pictures_of(one.content)[0].size
        assert width > height

    async def test_on_every_page(self) -> None:
        one, other = [masked(letter(["Page one", name], ["Page two", name])) for name in PEOPLE]
        assert (one.content, one.page_count) == (other.content, 2)

    @pytest.mark.parametrize("size", [4, 11, 40])
    @pytest.mark.parametrize("style", ["", "B", "I"])
    async def test_in_any_size_and_style(self, size: int, style: str) -> None:
        def place(pdf: FPDF) -> None:
            pdf.set_font("Times", style=style, size=size)
            pdf.text(20, 100, PEOPLE[1])

        original = letter(["Our offer"], draw=place)
        picture = pictures_of(masked(original).content)[0].convert("L")
        for box in boxes_of(original, PEOPLE[1]):
            left, top, right, bottom = box
            if right > left:
                assert picture.crop((left, top, right, bottom + 1)).getextrema()[1] < 60


class TestWhatCannotBeSearched:
    async def test_is_left_away(self) -> None:
        """Pictures and curves may be logos or letters; lines and boxes of tables stay."""

        def more(pdf: FPDF) -> None:
            pdf.image(photo(), 20, 60, 60)
            pdf.set_fill_color(200, 0, 0)
            pdf.ellipse(100, 60, 40, 40, style="F")
            pdf.set_draw_color(0, 0, 0)
            pdf.rect(20, 150, 100, 20)

        picture = pictures_of((masked(letter(["Our offer"], draw=more))).content)[0]
        points_per_mm = 150 / 25.4
        for x, y in ((50, 80), (120, 80)):
            assert min(picture.getpixel((int(x * points_per_mm), int(y * points_per_mm)))) > 200  # type: ignore[arg-type]
        edge = picture.crop(tuple(int(mm * points_per_mm) for mm in (50, 148, 60, 152)))  # type: ignore[arg-type]
        assert edge.convert("L").getextrema()[0] < 120

    async def test_annotations_and_fields_are_left_away(self) -> None:
        def noted(name: str) -> bytes:
            return letter(
                ["Our offer"], draw=lambda pdf: pdf.free_text_annotation(name, 40, 80, 60, 20) and None
            )

        one, other = [(masked(noted(name))).content for name in PEOPLE]
        assert one == other

    async def test_is_refused_as_a_scan(self) -> None:
        scan = letter([], draw=lambda pdf: pdf.image(photo(), 10, 10, 150) and None)
        with pytest.raises(TextLayerMissingError):
            masked(scan)

    async def test_is_refused_as_one_scanned_page_of_many(self) -> None:
        scan = letter(["Page one"], [], draw=lambda pdf: pdf.image(photo(), 10, 10, 150) and None)
        with pytest.raises(TextLayerMissingError):
            masked(scan)

    async def test_is_refused_under_a_recognisers_invisible_letters(self) -> None:
        """They say what a program read in the picture, which may differ from what a person reads there."""

        def recognised(pdf: FPDF) -> None:
            pdf.image(photo(), 10, 10, 150)
            pdf.text_mode = TextMode.INVISIBLE
            pdf.text(20, 30, "Rache1 Tan")

        with pytest.raises(TextLayerMissingError):
            masked(letter([], draw=recognised))


def _difference(one: Image.Image, other: Image.Image) -> float:
    from PIL import ImageChops, ImageStat

    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)
