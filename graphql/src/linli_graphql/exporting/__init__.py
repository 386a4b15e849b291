"""Exports of lists: the statement of the list's own connection, page by page, into a file."""

from linli_graphql.exporting.asking import EXPORT_JOB, start_export
from linli_graphql.exporting.writing import export_job

__all__ = ["EXPORT_JOB", "export_job", "start_export"]
