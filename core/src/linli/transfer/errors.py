"""What imports and exports refuse: files, cells, rows, and steps at the wrong time."""

from __future__ import annotations

from linli.errors import Conflict, Forbidden, Invalid, Unavailable


class UnusableFile(Invalid):
    """A file cannot be read as a list; each subclass says why."""

    code = "transfer.unusable_file"


class NotOfFormat(UnusableFile):
    """The content is not what the file's name says (`format`)."""

    code = "transfer.not_of_format"


class OldExcel(UnusableFile):
    """An Excel file of the old kind (.xls), or one that is protected by a password."""

    code = "transfer.old_excel"


class Damaged(UnusableFile):
    """The file is broken."""

    code = "transfer.damaged"


class TooDemanding(UnusableFile):
    """Reading the file takes more memory or time than a list may."""

    code = "transfer.too_demanding"


class UnknownEncoding(UnusableFile):
    """The text is neither UTF-8 nor GB18030 (`line`: where it ceases to be UTF-8)."""

    code = "transfer.unknown_encoding"


class NotAnObject(UnusableFile):
    """A line of a JSONL file is not a JSON object (`line`)."""

    code = "transfer.not_an_object"


class TooManyRows(UnusableFile):
    """The file has more rows than the tenant's limit (`limit`)."""

    code = "transfer.too_many_rows"


class TooManyColumns(UnusableFile):
    """The file has more than `limit` columns."""

    code = "transfer.too_many_columns"


class MissingColumns(UnusableFile):
    """No row among the first ones has the headers of all required columns (`columns`: those not found)."""

    code = "transfer.missing_columns"


class ColumnTwice(UnusableFile):
    """Two columns have the header of the same thing (`column`)."""

    code = "transfer.column_twice"


class NoRows(UnusableFile):
    """There is nothing below the headers."""

    code = "transfer.no_rows"


class UnknownFormat(Invalid):
    """The file's name ends in none of the formats (`allowed`)."""

    code = "transfer.unknown_format"


class FileTooLarge(Invalid):
    """The file is larger than `limit` bytes."""

    code = "transfer.file_too_large"


class StorageFull(Conflict):
    """The tenant's files that were sent in and are not removed yet hold `limit` bytes."""

    code = "transfer.storage_full"


class FileGone(Conflict):
    """The file was removed after its time."""

    code = "transfer.file_gone"


class UnknownKind(Invalid):
    """No plugin that is switched on declares imports of this kind (`kind`)."""

    code = "transfer.unknown_kind"


class InvalidDate(Invalid):
    """A cell of a date column holds no day."""

    code = "transfer.invalid_date"


class InvalidInteger(Invalid):
    """A cell of a column of numbers holds no whole number."""

    code = "transfer.invalid_integer"


class DigitsLost(Invalid):
    """A long number was typed as a number: the spreadsheet keeps 15 digits and lost the rest."""

    code = "transfer.digits_lost"


class RepeatedRow(Invalid):
    """An earlier row of the file is about the same (`first_row`)."""

    code = "transfer.repeated_row"


class NothingToIdentify(Invalid):
    """The row lacks what tells it from others (`columns`)."""

    code = "transfer.nothing_to_identify"


class RowsRefused(Conflict):
    """All rows or none were to be imported, and `refused` of them cannot be."""

    code = "transfer.rows_refused"


class RequesterWithoutRights(Forbidden):
    """Whoever asked for it may not do it any more."""

    code = "transfer.requester_without_rights"


class GivenUp(Unavailable):
    """The work failed again and again and was given up (`error`: the code of the last failure)."""

    code = "transfer.given_up"


class UnknownArea(Invalid):
    """There is no area with this code or these names."""

    code = "transfer.unknown_area"


class AmbiguousArea(Invalid):
    """Several areas have this name: name those above it too, or give the code."""

    code = "transfer.ambiguous_area"


class AmbiguousPerson(Conflict):
    """Several people in the register could be meant (`count`)."""

    code = "transfer.ambiguous_person"


class BirthDateDiffers(Invalid):
    """The birth date is not the one in the identity number."""

    code = "transfer.birth_date_differs"


class UnknownConnection(Invalid):
    """There is no list of this name to be exported (`connection`)."""

    code = "transfer.unknown_connection"


class UnknownColumn(Invalid):
    """The list has no column of this name (`column`)."""

    code = "transfer.unknown_column"


class ExportTooLarge(Conflict):
    """The list has more rows than may be exported at once (`limit`)."""

    code = "transfer.export_too_large"
