"""The words of a kind of import: headers and choices, as a tenant's people write and read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from linli.i18n import LOCALES, Catalogue
from linli.transfer.kinds import ImportColumn, ImportKind


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one kind, in the platform's languages and the tenant's own wording."""

    kind: ImportKind
    texts: Catalogue

    def title(self, locale: str) -> str:
        """What the list is called."""
        return self._text("title", locale)

    def header(self, column: ImportColumn, locale: str) -> str:
        """The header of a column."""
        return self._text(f"columns.{column.key}", locale)

    def choice(self, column: ImportColumn, value: str, locale: str) -> str:
        """What a choice is called."""
        return self._text(f"choices.{column.key}.{value}", locale)

    def both_headers(self, key: str) -> str:
        """A header in both languages, for a message whose reader is not known yet."""
        column = self.kind.column(key)
        assert column is not None
        return " / ".join(dict.fromkeys(self.header(column, locale) for locale in LOCALES))

    def both(self, column: ImportColumn, value: str) -> str:
        """A choice in both languages."""
        return " / ".join(dict.fromkeys(self.choice(column, value, locale) for locale in LOCALES))

    def headers(self) -> dict[str, str]:
        """The column's key for each header in any language, folded; keys are headers too."""
        found: dict[str, str] = {}
        for column in self.kind.columns:
            for text in (column.key, *(self.header(column, locale) for locale in LOCALES)):
                found.setdefault(folded(text), column.key)
        return found

    def choices(self, column: ImportColumn) -> Mapping[str, str]:
        """The choice for each of its texts in any language, folded; the choices are texts too."""
        found: dict[str, str] = {}
        for value in column.choices:
            for text in (value, *(self.choice(column, value, locale) for locale in LOCALES)):
                found.setdefault(folded(text), value)
        return found

    def _text(self, key: str, locale: str) -> str:
        return self.texts.text(f"imports.{self.kind.name}.{key}", locale) or key.rpartition(".")[2]


def folded(text: str) -> str:
    """A header as it is compared: width, case, spaces, and the star of a required column make no difference."""
    plain = unicodedata.normalize("NFKC", text[:200]).casefold()
    return "".join(plain.split()).strip("*")
