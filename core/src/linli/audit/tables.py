"""Tables of the audit trail."""

from __future__ import annotations

from piccolo.columns import JSONB, BigInt, Text, Timestamptz
from piccolo.columns import UUID as UUIDColumn

from linli.db.tables import TenantTable


class AuditEntry(TenantTable, tablename="audit_entry"):
    """One thing that was done. Rows are only ever added."""

    occurred_at = Timestamptz()
    actor_kind = Text()
    actor_id = UUIDColumn(default=None, null=True)
    actor_name = Text()
    action = Text()
    subject_table = Text()
    subject_id = UUIDColumn(default=None, null=True)
    request_id = Text()
    origin = Text()
    reason = Text()
    before = JSONB(default=None, null=True)
    after = JSONB(default=None, null=True)


class AuditSeal(TenantTable, tablename="audit_seal"):
    """The link of the hash chain that fixes one entry's content and place. Written by the sealer only."""

    position = BigInt()
    entry_id = UUIDColumn()
    algorithm = Text()
    previous_hash = Text()
    hash = Text()


class AuditHead(TenantTable, tablename="audit_head"):
    """The end of a tenant's chain: what the newest seal is, and the newest entry that is sealed."""

    position = BigInt()
    hash = Text()
    last_entry_id = UUIDColumn()
