"""What a process that was killed left in the folder for temporary files: content of lists, in clear."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

PREFIX: Final = "linli-transfer-"
OLD_S: Final = 24 * 3_600
_AT_ONCE: Final = 200


def sweep() -> int:
    """Remove folders of this part that nobody has used for a day, at most 200; gives how many.

    No step works for longer than a quarter of an hour. Blocking: call it in a thread.
    """
    swept = 0
    for path in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))[:_AT_ONCE]:
        try:
            old = time.time() - path.lstat().st_mtime > OLD_S
        except FileNotFoundError:
            continue
        if old and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
            swept += 1
    return swept
