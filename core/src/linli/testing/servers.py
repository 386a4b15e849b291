"""Embedded servers of tests leave nothing behind."""

from __future__ import annotations

import shutil

from linli.embedded import EmbeddedPostgres


def discard(server: EmbeddedPostgres) -> None:
    """Stop a server and remove its data, which lie in a folder of their own when its user cannot enter ours."""
    real = server.data_dir.resolve()
    server.stop()
    shutil.rmtree(real.parent if server.data_dir.is_symlink() else real, ignore_errors=True)
