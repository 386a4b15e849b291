"""Which store a process uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from linli.files.disk import DiskStore
from linli.files.stores import Store

if TYPE_CHECKING:
    from linli.settings import Settings

FOLDER: Final = "files"


def open_store(settings: Settings) -> Store:
    """The store that the settings name: a bucket (`s3://…`), or the folder `files` of the data directory.

    Raises: InvalidSetting.
    """
    if settings.files_url:
        from linli.files.bucket import open_bucket

        return open_bucket(settings.files_url)
    return DiskStore(settings.data_dir / FOLDER)
