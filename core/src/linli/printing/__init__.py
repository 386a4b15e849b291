"""Printed documents: PDF with Chinese text, from a template that a plugin declares.

The same input gives the same bytes, so that a document can be hashed and signed.
"""

from linli.printing.drawing import PDF, draw
from linli.printing.errors import BadDocumentAddress, TooManyPages
from linli.printing.sheet import Block, Grid, Pairs, Sheet, Signed, Text
from linli.printing.templates import DocumentTemplate, Lines, Paragraph, Signature, Table, render

__all__ = [
    "PDF",
    "BadDocumentAddress",
    "Block",
    "DocumentTemplate",
    "Grid",
    "Lines",
    "Pairs",
    "Paragraph",
    "Sheet",
    "Signature",
    "Signed",
    "Table",
    "Text",
    "TooManyPages",
    "draw",
    "render",
]
