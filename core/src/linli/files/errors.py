"""What attachments refuse."""

from __future__ import annotations

from linli.errors import Conflict, Invalid, Unavailable


class FileTooLarge(Invalid):
    """The file is larger than its kind allows (`limit`, bytes)."""

    code = "files.too_large"


class FileEmpty(Invalid):
    """The file has no content."""

    code = "files.empty"


class TypeNotAllowed(Invalid):
    """What the file holds is not of a type that its kind allows (`allowed`); its name is not asked."""

    code = "files.type_not_allowed"


class FileInfected(Invalid):
    """A scanner found something harmful (`scanner`)."""

    code = "files.infected"


class TooManyFiles(Conflict):
    """The owner has as many files as it may (`limit`)."""

    code = "files.too_many"


class QuotaExceeded(Conflict):
    """With this file the tenant would keep more than it may (`limit`, bytes)."""

    code = "files.quota_exceeded"


class KindSwitchedOff(Conflict):
    """The plugin that this kind of file belongs to (`kind`) is switched off."""

    code = "files.kind_switched_off"


class StoreUnavailable(Unavailable):
    """The store of contents does not answer, or is not configured."""

    code = "files.store_unavailable"


class ContentDamaged(Conflict):
    """The store holds something else than what was kept there."""

    code = "files.content_damaged"
