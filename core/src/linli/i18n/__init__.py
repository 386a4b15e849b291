"""Languages: texts in catalogues, the choice of a locale, and the sorting and searching of Chinese."""

from linli.i18n.catalogue import (
    DEFAULT_LOCALE,
    LOCALES,
    Catalogue,
    TextError,
    TextSource,
    kernel_texts,
    parameters,
    read_texts,
    yuan,
)
from linli.i18n.negotiation import negotiate
from linli.i18n.pinyin import bigrams, initials, sort_key

__all__ = [
    "DEFAULT_LOCALE",
    "LOCALES",
    "Catalogue",
    "TextError",
    "TextSource",
    "bigrams",
    "initials",
    "kernel_texts",
    "negotiate",
    "parameters",
    "read_texts",
    "sort_key",
    "yuan",
]
