"""Logs as JSON lines on standard output, our own and those of the libraries alike."""

from __future__ import annotations

import asyncio
import atexit
import logging
import sys
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer

_FRAMES_MAX: Final = 30
_WRITTEN_WITHIN_S: Final = 0.1
_HELD_MAX: Final = 1_000
_SHARED: Final[tuple[Any, ...]] = (
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
# These tell the characters of what is printed, which may be of a person.
_TALKATIVE: Final = ("fontTools", "fpdf")
# The values of variables are left out: they hold what people typed, passwords and tokens among it.
_STACK: Final = ExceptionDictTransformer(show_locals=False, max_frames=_FRAMES_MAX)
_EXCEPTION: Final = structlog.processors.ExceptionRenderer(_STACK)
_ENCODER: Final = msgspec.json.Encoder(enc_hook=repr)
_Entry = MutableMapping[str, Any]
_own: Lines | None = None


def configure_logs(level: int = logging.INFO) -> None:
    """Make this process log JSON lines; call once, in the process's main function."""
    global _own
    lines = _own = Lines(sys.stdout)
    structlog.configure(
        processors=[_rendered],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_names: lines,
        cache_logger_on_first_use=True,
    )
    handler = _Handler(lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _EXCEPTION,
                structlog.processors.JSONRenderer(serializer=_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_soon(entry: dict[str, Any]) -> None:
    """Log an entry that is merely of interest: `event`, and what belongs to it. For what most requests do.

    It becomes a line when it is written, together with others, which costs a fraction of doing so in between: all that
    makes a line is then at hand. Before `configure_logs`, structlog gets it.
    """
    if _own is None:
        structlog.get_logger().info(**entry)
    else:
        entry["timestamp"] = time.time()
        _own.info(entry)


class Lines:
    """Writes lines: those merely of interest together, within 0.1 s; the rest at once, after all before them.

    Where no event loop runs, and so nothing would write them later, all are written at once.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._held: list[str | _Entry] = []
        self._awaited_in: asyncio.AbstractEventLoop | None = None
        atexit.register(self.write)

    def info(self, line: str | _Entry) -> None:
        """Write a line, or what becomes one, soon."""
        self._held.append(line)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.write()
            return
        if len(self._held) >= _HELD_MAX:
            self.write()
        elif self._awaited_in is not loop:
            self._awaited_in = loop
            loop.call_later(_WRITTEN_WITHIN_S, self.write)

    def warning(self, line: str) -> None:
        """Write a line now."""
        self._held.append(line)
        self.write()

    debug = info
    error = critical = warning

    def write(self) -> None:
        """Write what is held."""
        self._awaited_in = None
        held, self._held = self._held, []
        if held and not self._file.closed:
            lines = [one if isinstance(one, str) else _rendered(self, "info", one) for one in held]
            self._file.write("\n".join([*lines, ""]))
            self._file.flush()


class _Handler(logging.Handler):
    """Gives the lines of libraries to the same writer, so that all stand in their order."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Write an entry."""
        write = self._lines.info if record.levelno < logging.WARNING else self._lines.warning
        write(self.format(record))


def _rendered(_logger: Any, level: str, entry: _Entry) -> str:
    """An entry as a line. One step, where structlog would go through five: most requests write one line."""
    if entry.get("exc_info"):
        entry = _EXCEPTION(_logger, level, entry)
    entry["level"] = level
    entry["timestamp"] = datetime.fromtimestamp(entry.get("timestamp") or time.time(), UTC)
    return _ENCODER.encode(entry).decode()


def _json(entry: Any, **_options: Any) -> str:
    """JSON in Chinese as it is; what has no JSON of its own stands as Python shows it."""
    return _ENCODER.encode(entry).decode()
