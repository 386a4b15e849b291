"""Checking a tenant's chain against its entries, in bounded memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from linli.audit.chain import ENTRY_COLUMNS, GENESIS, canonical, link
from linli.audit.seal import LONG_LOOK_BACK
from linli.clock import Clock, SystemClock
from linli.db.database import Database
from linli.db.unit_of_work import UnitOfWork
from linli.tenancy.catalogue import Tenant

PROBLEMS_MAX: Final = 100
_SEALS_PAGE: Final = 1_000
_ENTRIES_PAGE: Final = 5_000
_NO_ID: Final = UUID(int=0)

_ENDS = """
select coalesce(max(h.position), 0) as position, max(h.hash) as hash,
    max(h.last_entry_id::text) as last_entry_id,
    (select coalesce(max(position), 0) from audit_seal where tenant_id = $1) as newest
from audit_head h where h.tenant_id = $1"""

_SEALS = f"""
select s.position, s.entry_id, s.algorithm, s.previous_hash, s.hash,
    {", ".join(f"e.{name} as e_{name}" for name in ENTRY_COLUMNS)}
from audit_seal s left join audit_entry e on e.tenant_id = $1 and e.id = s.entry_id
where s.tenant_id = $1 and s.position > $2 and s.position <= $3 order by s.position limit $4"""

_ENTRIES = """
select e.id, s.id is null as unsealed
from audit_entry e left join audit_seal s on s.tenant_id = $1 and s.entry_id = e.id
where e.tenant_id = $1 and e.id > $2 order by e.id limit $3"""


class ProblemKind(StrEnum):
    """What is wrong at a place of the chain."""

    CHANGED = "changed"
    """The entry, or its seal, is not what was sealed."""
    REMOVED = "removed"
    """The entry or the seal is gone."""
    REORDERED = "reordered"
    """A seal, or the entry that it seals, stands in another's place."""
    TRUNCATED = "truncated"
    """The chain ends before the place that its head names."""
    APPENDED = "appended"
    """The chain goes on past the place that its head names."""
    INSERTED = "inserted"
    """An unsealed entry is dated more than an hour before the newest sealed one."""
    BACKDATED = "backdated"
    """A sealed entry is dated more than an hour before its predecessors."""
    ANCHOR = "anchor"
    """The seal is not the one that was noted elsewhere."""


@dataclass(frozen=True, slots=True)
class ChainProblem:
    """One finding; `position` is 0 for an entry that is not in the chain."""

    position: int
    kind: ProblemKind
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place of the chain and its hash, as noted outside the database (printed, mailed, filed)."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The result of a check; at most 100 problems. `head` is what to note as the next anchor."""

    sealed: int
    unsealed: int
    oldest_unsealed_age: timedelta | None
    problems: tuple[ChainProblem, ...]
    head: Anchor

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


async def verify(
    database: Database, tenant: Tenant, *, anchor: Anchor | None = None, clock: Clock | None = None
) -> AuditReport:
    """Recompute a tenant's chain and compare; also against an `anchor` that was noted earlier."""
    async with database.unit_of_work(tenant.id, read_only=True) as db:
        ends = await db.fetchrow(_ENDS, tenant.id)
        assert ends is not None
        head = Anchor(position=ends["position"], hash=ends["hash"] or GENESIS)
        walk = _Walk(anchor=anchor)
        async for row in _seals(db, tenant.id, head.position):
            walk.step(row)
        walk.end(head, newest=ends["newest"])
        last_entry_id = UUID(ends["last_entry_id"]) if ends["last_entry_id"] else _NO_ID
        unsealed, oldest = await _unsealed(db, tenant.id, last_entry_id, walk)
    now = (clock or SystemClock()).now()
    return AuditReport(
        sealed=walk.sealed,
        unsealed=unsealed,
        oldest_unsealed_age=max(now - moment_of(oldest), timedelta()) if oldest else None,
        problems=tuple(walk.problems),
        head=head,
    )


def moment_of(entry_id: UUID) -> datetime:
    """The moment at which a UUIDv7 was made. Source: RFC 9562 §5.7."""
    return datetime.fromtimestamp((entry_id.int >> 80) / 1_000, UTC)


async def _seals(db: UnitOfWork, tenant_id: UUID, last: int) -> AsyncIterator[Mapping[str, Any]]:
    position = 0
    while position < last:
        page = await db.fetch(_SEALS, tenant_id, position, last, _SEALS_PAGE)
        if not page:
            return
        for row in page:
            yield row
        position = page[-1]["position"]


async def _unsealed(
    db: UnitOfWork, tenant_id: UUID, last_entry_id: UUID, walk: _Walk
) -> tuple[int, UUID | None]:
    """How many entries have no seal, and the oldest of them; reports those that cannot be just late."""
    count, oldest, after = 0, None, _NO_ID
    while page := await db.fetch(_ENTRIES, tenant_id, after, _ENTRIES_PAGE):
        for row in page:
            if row["unsealed"]:
                count += 1
                oldest = oldest or row["id"]
                if _is_older(row["id"], last_entry_id):
                    walk.report(0, ProblemKind.INSERTED, row["id"])
        after = page[-1]["id"]
    return count, oldest


@dataclass(slots=True)
class _Suspect:
    """A seal whose hash does not fit its entry: the entry was changed, or is another's."""

    position: int
    entry_id: UUID
    algorithm: str
    previous_hash: str
    hash: str
    content: bytes


@dataclass(slots=True)
class _Walk:
    """The state of going along the chain, seal by seal."""

    anchor: Anchor | None
    sealed: int = 0
    problems: list[ChainProblem] = field(default_factory=list)
    _position: int = 0
    _previous: frozenset[str] = frozenset({GENESIS})
    _newest_id: UUID = _NO_ID
    _suspects: list[_Suspect] = field(default_factory=list)

    def step(self, row: Mapping[str, Any]) -> None:
        """Check one seal, its entry and its place."""
        self.sealed += 1
        position, entry_id = row["position"], row["entry_id"]
        gap = position != self._position + 1
        if gap:
            self.report(self._position + 1, ProblemKind.REMOVED, None)
        chained = gap or row["previous_hash"] in self._previous
        self._position, self._previous = position, frozenset({row["hash"]})
        if self.anchor is not None and self.anchor.position == position and self.anchor.hash != row["hash"]:
            self.report(position, ProblemKind.ANCHOR, entry_id)
        if row["e_id"] is None:
            self.report(position, ProblemKind.REMOVED, entry_id)
            return
        content = canonical({name: row[f"e_{name}"] for name in ENTRY_COLUMNS})
        made = link(row["algorithm"], row["previous_hash"], content)
        if made != row["hash"]:
            # Either of the two may be what the next seal was made from.
            self._previous |= {made}
            self._suspect(row, content)
        elif not chained:
            self.report(position, ProblemKind.REORDERED, entry_id)
        if _is_older(entry_id, self._newest_id):
            self.report(position, ProblemKind.BACKDATED, entry_id)
        self._newest_id = max(self._newest_id, entry_id)

    def end(self, head: Anchor, *, newest: int) -> None:
        """Compare the chain's end with its head, and settle the suspects."""
        for suspect in self._suspects:
            swapped = any(
                link(suspect.algorithm, suspect.previous_hash, other.content) == suspect.hash
                for other in self._suspects
            )
            kind = ProblemKind.REORDERED if swapped else ProblemKind.CHANGED
            self.report(suspect.position, kind, suspect.entry_id)
        if self._position < head.position:
            self.report(self._position + 1, ProblemKind.TRUNCATED, None)
        elif head.hash not in self._previous:
            self.report(head.position, ProblemKind.CHANGED, None)
        if newest > head.position:
            self.report(head.position + 1, ProblemKind.APPENDED, None)
        if self.anchor is not None and self.anchor.position > head.position:
            self.report(head.position + 1, ProblemKind.TRUNCATED, None)
        self.problems.sort(key=lambda problem: problem.position)

    def report(self, position: int, kind: ProblemKind, entry_id: UUID | None) -> None:
        """Note a problem, once, up to the limit."""
        problem = ChainProblem(position, kind, entry_id)
        if len(self.problems) < PROBLEMS_MAX and problem not in self.problems:
            self.problems.append(problem)

    def _suspect(self, row: Mapping[str, Any], content: bytes) -> None:
        if len(self._suspects) >= PROBLEMS_MAX:
            self.report(row["position"], ProblemKind.CHANGED, row["entry_id"])
            return
        names = ("position", "entry_id", "algorithm", "previous_hash", "hash")
        self._suspects.append(_Suspect(**{name: row[name] for name in names}, content=content))


def _is_older(entry_id: UUID, than: UUID) -> bool:
    return than != _NO_ID and moment_of(entry_id) < moment_of(than) - LONG_LOOK_BACK
