"""Logs as JSON lines on standard output, our own and those of the libraries alike."""

from __future__ import annotations

import logging
import sys
from typing import Any, Final

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer

_FRAMES_MAX: Final = 30
_SHARED: Final[tuple[Any, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
# The values of variables are left out: they hold what people typed, passwords and tokens among it.
_STACK: Final = ExceptionDictTransformer(show_locals=False, max_frames=_FRAMES_MAX)


def configure_logs(level: int = logging.INFO) -> None:
    """Make this process log JSON lines; call once, in the process's main function."""
    render = (
        structlog.processors.ExceptionRenderer(_STACK),
        structlog.processors.JSONRenderer(serializer=_json),
    )
    structlog.configure(
        processors=[*_SHARED, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


def _json(entry: Any, **_options: Any) -> str:
    """JSON in Chinese as it is; what has no JSON of its own stands as Python shows it."""
    return msgspec.json.encode(entry, enc_hook=repr).decode()
