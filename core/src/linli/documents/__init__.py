"""Issued documents: PDFs with a number, signed, that anybody can check without a log-in.

Source: Electronic Signature Law (电子签名法) art. 5, 8 (an original is what can be shown to be unchanged).
"""

from linli.documents.issuing import DocumentKind, Subject, content_of, issue, of_subject, revoke
from linli.documents.personal import PERSONAL_DATA
from linli.documents.signatures import PrintedFacts, code_is_genuine, file_is_genuine
from linli.documents.tables import Document
from linli.documents.verification import CheckedDocument, check

__all__ = [
    "PERSONAL_DATA",
    "CheckedDocument",
    "Document",
    "DocumentKind",
    "PrintedFacts",
    "Subject",
    "check",
    "code_is_genuine",
    "content_of",
    "file_is_genuine",
    "issue",
    "of_subject",
    "revoke",
]
