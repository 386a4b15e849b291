"""The file that people fill in: headers, drop-downs, and a sheet that explains the columns."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

import xlsxwriter

from linli.i18n import Catalogue
from linli.transfer.formats import Format
from linli.transfer.kinds import ColumnType, ImportColumn, ImportKind
from linli.transfer.wording import Words

ROWS_CHECKED: Final = 10_000
_LIST_CHARACTERS_MAX: Final = 255  # of a drop-down that is written into the rule itself
_WIDTH: Final = 22


def template_name(kind: ImportKind, texts: Catalogue, locale: str, file_format: Format) -> str:
    """What the file is called."""
    title = Words(kind, texts).title(locale)
    return f"{title}-{texts.translate('transfer.template.file', locale)}.{file_format.value}"


def template(kind: ImportKind, texts: Catalogue, locale: str, file_format: Format) -> bytes:
    """An empty list of this kind, as .xlsx or CSV; required columns carry a star."""
    words = Words(kind, texts)
    headers = [_header(words, column, locale) for column in kind.columns]
    if file_format is Format.XLSX:
        return _xlsx(words, texts, locale, headers)
    target = io.StringIO(newline="")
    csv.writer(target).writerow(headers)
    return target.getvalue().encode("utf-8-sig")


def _header(words: Words, column: ImportColumn, locale: str) -> str:
    return words.header(column, locale) + ("*" if column.required else "")


def _xlsx(words: Words, texts: Catalogue, locale: str, headers: list[str]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
    formats = {
        ColumnType.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
        ColumnType.TEXT: book.add_format(
            {"num_format": "@"}
        ),  # codes and telephone numbers stay as they are typed
    }
    sheet = book.add_worksheet(_sheet_name(words.title(locale)))
    sheet.freeze_panes(1, 0)
    notes = book.add_worksheet(texts.translate("transfer.template.notes", locale))
    lists = book.add_worksheet("lists")
    lists.hide()
    for place, column in enumerate(words.kind.columns):
        sheet.set_column(place, place, _WIDTH, formats.get(column.type))
        sheet.write_string(0, place, headers[place], bold)
        _add_rule(sheet, lists, place, column, [words.choice(column, one, locale) for one in column.choices])
    _write_notes(notes, words, texts, locale, bold)
    book.close()
    return target.getvalue()


def _add_rule(sheet: Any, lists: Any, place: int, column: ImportColumn, choices: list[str]) -> None:
    if column.type is ColumnType.CHOICE:
        source: object = choices
        if sum(map(len, choices)) + len(choices) > _LIST_CHARACTERS_MAX or any("," in one for one in choices):
            lists.write_column(0, place, choices)
            letter = xlsxwriter.utility.xl_col_to_name(place)
            source = f"=lists!${letter}$1:${letter}${len(choices)}"
        sheet.data_validation(1, place, ROWS_CHECKED, place, {"validate": "list", "source": source})
    elif column.type is ColumnType.INTEGER:
        rule = {"validate": "integer", "criteria": ">=", "value": -(10**15)}
        sheet.data_validation(1, place, ROWS_CHECKED, place, rule)


def _write_notes(notes: Any, words: Words, texts: Catalogue, locale: str, bold: Any) -> None:
    """A row for each column: whether it is required, what it takes, an example."""
    keys = ("column", "required", "values", "example")
    notes.set_column(0, len(keys) - 1, _WIDTH)
    for place, key in enumerate(keys):
        notes.write_string(0, place, texts.translate(f"transfer.template.{key}", locale), bold)
    for number, column in enumerate(words.kind.columns, start=1):
        allowed = "、".join(words.choice(column, one, locale) for one in column.choices)
        example = (
            words.choice(column, column.example, locale)
            if column.example in column.choices
            else column.example
        )
        said = texts.translate("transfer.template.yes", locale) if column.required else ""
        kind = allowed or texts.translate(f"transfer.template.{column.type.value}", locale)
        for place, text in enumerate((words.header(column, locale), said, kind, example)):
            notes.write_string(number, place, text)


def _sheet_name(title: str) -> str:
    return "".join(one for one in title if one not in "[]:*?/\\'")[:31] or "list"
