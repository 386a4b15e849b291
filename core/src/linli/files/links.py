"""Links to files, good for ten minutes without a log-in."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.errors import NotFound
from linli.files.keeping import readable
from linli.files.tables import File
from linli.signed_links import Link, LinkKind, link_is_good, sign_link

LINK: Final = LinkKind("files.link", b"linli file link 1\0", "/files/link")


async def link(ctx: Context, file_id: UUID) -> Link:
    """A link to a file that the actor may read, good for ten minutes. Raises: NotFound, MasterKeyMissing."""
    return await sign_link(ctx, LINK, (await readable(ctx, file_id)).id)


async def linked(ctx: Context, file_id: UUID, *, expires: int, by: UUID, signature: str) -> File:
    """The file that a link leads to. Raises: NotFound for a link that is over, was altered, or whose file is gone."""
    good = await link_is_good(ctx, LINK, file_id, expires=expires, by=by, signature=signature)
    file = await rows.find(ctx, File, file_id)
    if not good or file is None or file.removed_at:
        raise NotFound(kind="files_file")
    return file
