"""The adapter over a shared folder, as an SFTP server of the authority offers one.

Below `LINLI_EXCHANGE_FOLDER/<tenant>`: `out` has our messages, `in` the answers, `lists` the authority's lists, `done`
and `damaged` what was read. The key, 32 bytes in Base64, is in `LINLI_EXCHANGE_KEYS/<tenant>.key`, elsewhere.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from linli.plugin import Context, new_id
from linli_migrants.exchange.errors import ExchangeUnavailable
from linli_migrants.exchange.port import AnswerBatch, AnswerGiven, AnswerKind, Envelope, Standing
from linli_migrants.exchange.sealing import (
    LIST_LINES_MAX,
    Damaged,
    Key,
    batches_in,
    move_batch,
    read_batch,
    write_batch,
)

T = TypeVar("T")
FOLDER: Final = "LINLI_EXCHANGE_FOLDER"
KEYS: Final = "LINLI_EXCHANGE_KEYS"
_KEY_BYTES: Final = 32
_KEY_MAX: Final = 80
_NUMBER_MAX: Final = 40
_DETAIL_MAX: Final = 600
_DETAILS: Final = ("reference", "reason", "permit_number", "issued_on")
_PLACES: Final = ("out", "in", "lists", "done", "damaged")


class FileExchange:
    """An `Exchange` over one tenant's folder."""

    def __init__(self, folder: Path, key: Key) -> None:
        self._folder = folder
        self._key = key

    async def send(self, envelopes: Sequence[Envelope]) -> None:
        """Write one batch into `out`. Raises: ExchangeUnavailable."""
        lines = [{"id": one.message_id, "number": one.number, "body": dict(one.body)} for one in envelopes]
        await self._run(lambda: write_batch(self._folder / "out", f"messages-{new_id()}", self._key, lines))

    async def receive(self, limit: int) -> Sequence[AnswerBatch]:
        """Read batches from `in`; a damaged one goes to `damaged`. Raises: ExchangeUnavailable."""
        return await self._run(lambda: self._receive(limit))

    async def done_with(self, name: str) -> None:
        """Move a batch to `done`. Raises: ExchangeUnavailable."""
        await self._run(lambda: move_batch(self._folder / "in", self._folder / "done", name))

    async def standings(self) -> Mapping[str, Standing] | None:
        """Read the newest list that is whole. Raises: ExchangeUnavailable."""
        return await self._run(self._standings)

    async def ask_again(self, numbers: Sequence[str]) -> None:
        """Write a request into `out`. Raises: ExchangeUnavailable."""
        lines = [{"id": str(new_id()), "number": number, "again": True} for number in numbers]
        await self._run(lambda: write_batch(self._folder / "out", f"requests-{new_id()}", self._key, lines))

    def _receive(self, limit: int) -> list[AnswerBatch]:
        found = []
        for name in batches_in(self._folder / "in", limit):
            try:
                lines = read_batch(self._folder / "in", name, self._key)
                found.append(AnswerBatch(name, [_answer(name, line) for line in lines]))
            except Damaged:
                move_batch(self._folder / "in", self._folder / "damaged", name)
        return found

    def _standings(self) -> dict[str, Standing] | None:
        for path in sorted((self._folder / "lists").glob("*.json"), reverse=True)[:10]:
            try:
                lists = self._folder / "lists"
                lines = read_batch(lists, path.stem, self._key, lines_max=LIST_LINES_MAX)
                return {str(line["number"]): Standing(line["standing"]) for line in lines}
            except (Damaged, KeyError, ValueError):
                continue
        return None

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            raise ExchangeUnavailable() from error


def file_exchange(ctx: Context) -> FileExchange:
    """The tenant's folder and key; a folder that is not there is not mounted. Raises: ExchangeUnavailable."""
    base, keys = os.environ.get(FOLDER), os.environ.get(KEYS)
    if not base or not keys:
        raise ExchangeUnavailable()
    folder = Path(base) / ctx.tenant.slug
    try:
        secret = base64.b64decode((Path(keys) / f"{ctx.tenant.slug}.key").read_text(encoding="ascii"))
        for place in _PLACES:
            (folder / place).mkdir(exist_ok=True)
    except (OSError, ValueError) as error:
        raise ExchangeUnavailable() from error
    if len(secret) != _KEY_BYTES:
        raise ExchangeUnavailable()
    return FileExchange(folder, Key(secret))


def _answer(name: str, line: Mapping[str, Any]) -> AnswerGiven:
    """One answer of a batch. Raises: Damaged for what is none."""
    try:
        given = dict(line.get("details", {}))
        details = {key: _line(given[key], _DETAIL_MAX) for key in _DETAILS if key in given}
        key = _line(line["id"], _KEY_MAX + 1)
        if not key or len(key) > _KEY_MAX:
            raise Damaged(name)
        return AnswerGiven(key, _line(line["number"], _NUMBER_MAX), AnswerKind(line["kind"]), details)
    except (KeyError, ValueError, TypeError) as error:
        raise Damaged(name) from error


def _line(value: object, limit: int) -> str:
    """A text as the database takes it: what cannot be printed becomes a space."""
    return "".join(one if one.isprintable() else " " for one in str(value)).strip()[:limit]
