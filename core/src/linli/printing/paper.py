"""Drawing a sheet as PDF: pure, and slow (0.3 s and more)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# fpdf2: pure Python, embeds only the outlines that are used, and takes OpenType fonts with PostScript outlines, as
# open Chinese fonts are; ReportLab takes only TrueType ones.
import segno
from fpdf import FPDF
from fpdf.enums import Align, WrapMode, XPos, YPos

from linli.printing.characters import font_path, printable
from linli.printing.errors import TooManyPages
from linli.printing.sheet import Block, Grid, Pairs, Sheet, Signed, Text

TEXT_MAX: Final = 4_000
_FAMILY: Final = "NotoSansSC"
_MARGIN_MM: Final = 20.0
_FOOTER_MM: Final = 15.0
_LABEL_MM: Final = 40.0
_CODE_MM: Final = 32.0
_LINE_MM: Final = 7.0
_ROW_MM: Final = 6.0
_GREY: Final = 110
_CELL_POINTS: Final = 9
_CELL_LINES_MAX: Final = 30  # a row stands on one page
_MM_OF_A_POINT: Final = 0.3528


def drawn(sheet: Sheet) -> bytes:
    """The sheet as PDF. Raises: TooManyPages."""
    paper = _Paper(sheet)
    paper.add_page()
    paper.heading()
    for block in sheet.blocks:
        paper.block(block)
    paper.code()
    return bytes(paper.output())


class _Paper(FPDF):
    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4", unit="mm")
        self.alias_nb_pages("")  # else "{nb}" in a name would become a number of pages
        self._sheet = sheet
        self.set_margins(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
        self.set_auto_page_break(True, margin=_MARGIN_MM + _FOOTER_MM)
        self.add_font(_FAMILY, "", font_path())
        self.set_creation_date(sheet.made_at)
        self.set_lang(sheet.language)
        self.set_title(printable(sheet.title))
        self.set_creator("Linli")

    def add_page(self, *given: object, **named: object) -> None:
        """Begin a page, if there may be another."""
        if self.page_no() >= self._sheet.pages_max:
            raise TooManyPages(limit=self._sheet.pages_max)
        super().add_page(*given, **named)  # type: ignore[arg-type]

    def footer(self) -> None:
        """Called by the library at the end of each page."""
        page = self._sheet.page.replace("{page}", str(self.page_no()))
        self.set_y(-_FOOTER_MM - 4)
        self._style(8, _GREY)
        self.set_draw_color(_GREY)
        self.line(_MARGIN_MM, self.get_y(), self.w - _MARGIN_MM, self.get_y())
        self._cell(self.epw - 30, printable(self._sheet.footer, 300), _ROW_MM, ends=False)
        self._cell(30, printable(page), _ROW_MM, align=Align.R)

    def heading(self) -> None:
        """The title in the middle, and the number below it at the right."""
        self._style(20)
        self._cell(self.epw, printable(self._sheet.title, 100), 12, align=Align.C)
        if self._sheet.number:
            self._style(10, _GREY)
            self._cell(self.epw, printable(self._sheet.number, 100), _LINE_MM, align=Align.R)
        self.ln(4)

    def block(self, block: Block) -> None:
        """One block, with some space after it."""
        match block:
            case Pairs():
                self._pairs(block)
            case Grid():
                self._grid(block)
            case Text():
                self._style(11)
                self._cell(self.epw, printable(block.text, TEXT_MAX), _LINE_MM)
            case Signed():
                self._signed(block)
        self.ln(4)

    def code(self) -> None:
        """The QR code at the end, with what it is for."""
        if not self._sheet.address:
            return
        if self.will_page_break(_CODE_MM + _ROW_MM):
            self.add_page()
        left, top = self.w - _MARGIN_MM - _CODE_MM, self.get_y()
        rows = [bytes(row) for row in segno.make(self._sheet.address, error="m", micro=False).matrix]
        side = _CODE_MM / len(rows)
        self.set_fill_color(0)
        for place, row in enumerate(rows):
            for start, length in _runs(row):
                self.rect(left + start * side, top + place * side, length * side, side, style="F")
        self._style(8, _GREY)
        self.set_xy(_MARGIN_MM, top + _CODE_MM - 2 * _ROW_MM)
        wide = self.epw - _CODE_MM - 4
        shown = self._sheet.address.partition("#")[0]
        said = f"{self._sheet.verify}\n{shown}" if self._sheet.verify else shown
        self._cell(wide, printable(said), _ROW_MM, align=Align.R)

    def _pairs(self, block: Pairs) -> None:
        self._headed(block.title)
        for label, value in block.lines:
            shown = printable(value)
            self._style(11, _GREY)
            if self.will_page_break(_LINE_MM):
                self.add_page()
            self._cell(_LABEL_MM, printable(label, 40), _LINE_MM, ends=False)
            self._style(11)
            self.set_x(_MARGIN_MM + _LABEL_MM)
            self._cell(self.epw - _LABEL_MM, shown, _LINE_MM)

    def _grid(self, block: Grid) -> None:
        self._headed(block.title)
        self._style(_CELL_POINTS)
        self.set_draw_color(_GREY)
        across = int((self.epw / max(1, len(block.heads)) - 2) / (_CELL_POINTS * _MM_OF_A_POINT))
        limit = max(1, across) * _CELL_LINES_MAX
        with self.table(line_height=_ROW_MM, wrapmode=WrapMode.CHAR, first_row_as_headings=False) as table:
            for cells in (block.heads, *block.rows):
                row = table.row()
                for cell in cells:
                    row.cell(_cut(printable(cell).replace("\n", " "), limit))

    def _headed(self, title: str) -> None:
        if title:
            if self.will_page_break(3 * _LINE_MM):
                self.add_page()
            self._style(12)
            self._cell(self.epw, printable(title, 100), _LINE_MM)

    def _signed(self, block: Signed) -> None:
        self.ln(8)
        self._style(11)
        for line in (f"{block.label}：{block.name or '____________'}", block.day):
            self._cell(self.epw, printable(line, 200), _LINE_MM, align=Align.R)

    def _style(self, points: int, grey: int = 0) -> None:
        self.set_font(_FAMILY, size=points)
        self.set_text_color(grey)

    def _cell(
        self, width: float, text: str, height: float, *, align: Align = Align.L, ends: bool = True
    ) -> None:
        """Text that is broken into lines; afterwards at the left of the next line, or right of where it began."""
        place = (XPos.LMARGIN, YPos.NEXT) if ends else (XPos.RIGHT, YPos.TOP)
        wrap = WrapMode.CHAR if not text.isascii() else WrapMode.WORD
        self.multi_cell(
            width, height, text, align=align, new_x=place[0], new_y=place[1], wrapmode=wrap, padding=0
        )


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _runs(row: Sequence[int]) -> list[tuple[int, int]]:
    """Where the dark modules of a row begin, and how many there are in a row."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((place, 1))
    return found
