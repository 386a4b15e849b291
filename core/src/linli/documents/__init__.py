"""Issued documents: PDFs with a number, signed, that anybody can check without a log-in.

Source: Electronic Signature Law (电子签名法) art. 5, 8 (an original is what can be shown to be unchanged).
"""

from linli.documents.issuing import issue, revoke, revoke_all, revoke_any
from linli.documents.kinds import DocumentKind, Subject
from linli.documents.personal import PERSONAL_DATA
from linli.documents.reading import content_of, link, of_subject, readable
from linli.documents.signatures import PrintedFacts, code_is_genuine, file_is_genuine
from linli.documents.tables import Document
from linli.documents.verification import CheckedDocument, check, is_over

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
    "is_over",
    "issue",
    "link",
    "of_subject",
    "readable",
    "revoke",
    "revoke_all",
    "revoke_any",
]
