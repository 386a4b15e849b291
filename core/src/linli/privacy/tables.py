"""Tables of the privacy services."""

from __future__ import annotations

from typing import ClassVar

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Date, Integer, Text, Timestamptz

from linli.db.encryption.columns import EncryptedText
from linli.db.tables import AreaTable, TenantTable


class DataKeyRow(TenantTable, tablename="privacy_data_key"):
    """A key of the tenant for one purpose, wrapped by a master key. Without `wrapped` it is destroyed for good."""

    purpose = Text()
    kind = Text()
    algorithm = Text()
    master_key_id = Text()
    wrapped = Bytea(default=None, null=True, secret=True)
    state = Text(default="current")
    destroyed_at = Timestamptz(default=None, null=True)
    destroyed_reason = Text(default="")


class Rotation(TenantTable, tablename="privacy_rotation"):
    """How far the values of one encrypted column are under the newest key: those up to `last_id` are."""

    purpose = Text()
    table_name = Text()
    column_name = Text()
    with_index = Boolean(default=False)
    last_id = UUID()
    passes = Integer(default=0)
    rows_done = BigInt(default=0)
    rows_left = BigInt(default=0)
    state = Text(default="running")
    finished_at = Timestamptz(default=None, null=True)


class Reveal(TenantTable, tablename="privacy_reveal"):
    """That somebody saw a masked value of a person, and why. Never changed."""

    person_id = UUID()
    subject_table = Text()
    subject_id = UUID()
    field = Text()
    reason = Text()
    actor_kind = Text()
    actor_id = UUID(default=None, null=True)
    actor_name = Text()
    office = Text(help_text="the role and the area by which it was allowed")
    revealed_at = Timestamptz()


class Consent(TenantTable, tablename="privacy_consent"):
    """A person's consent to one purpose, in one version of its text, until it is withdrawn."""

    person_id = UUID()
    purpose = Text()
    text_version = Integer()
    form = Text()
    reference = Text(default="", help_text="where the paper is")
    given_on = Date()
    given_at = Timestamptz()
    recorded_by = UUID(default=None, null=True)
    recorded_by_name = Text(default="")
    withdrawn_at = Timestamptz(default=None, null=True)
    withdrawn_form = Text(default="")
    withdrawn_reference = Text(default="")
    withdrawn_by = UUID(default=None, null=True)


class TagKind(TenantTable, tablename="privacy_tag_kind"):
    """A kind of service tag in the tenant's catalogue."""

    key = Text()
    name_zh = Text()
    name_en = Text()
    purpose = Text()
    days_max = Integer(help_text="for how many days it is granted at most")
    retired = Boolean(default=False)


class Tag(AreaTable, tablename="privacy_tag"):
    """What a person is served for, until `expires_at`: from then on no row can be read. Lies where it was granted."""

    person_id = UUID()
    kind_id = UUID()
    purpose = Text()
    basis = Text()
    legal_reference = Text()
    granted_by = UUID(default=None, null=True)
    granted_by_name = Text(default="")
    granted_on = Date()
    expires_at = Timestamptz()

    personal_columns: ClassVar[frozenset[str]] = frozenset({"kind_id", "purpose", "legal_reference"})


class Request(AreaTable, tablename="privacy_request"):
    """A person's request about their own data, and what became of it. Lies where the person lived then."""

    person_id = UUID()
    kind = Text()
    state = Text(default="received")
    detail = EncryptedText(purpose="privacy.request")
    answer = EncryptedText(purpose="privacy.request")
    received_at = Timestamptz()
    received_by = UUID(default=None, null=True)
    verified_at = Timestamptz(default=None, null=True)
    verified_by = UUID(default=None, null=True)
    verified_how = Text(default="")
    due_at = Timestamptz()
    extended = Boolean(default=False)
    decided_at = Timestamptz(default=None, null=True)
    decided_by = UUID(default=None, null=True)


class Export(TenantTable, tablename="privacy_export"):
    """All about a person, encrypted, for a few days."""

    person_id = UUID()
    request_id = UUID()
    content = EncryptedText(purpose="privacy.export", limit=20_000_000)
    expires_at = Timestamptz()
    made_by = UUID(default=None, null=True)


class RetentionPeriod(TenantTable, tablename="privacy_retention"):
    """For how many days the tenant keeps a kind of data, where that is not what was declared."""

    data_class = Text()
    days = Integer()


class RetentionReport(TenantTable, tablename="privacy_retention_report"):
    """What one night's run deleted of a kind of data; `*` is all together."""

    data_class = Text()
    days = Integer()
    deleted = BigInt()
    outcome = Text(default="", help_text="why nothing could be deleted, or how much is kept past its period")
    run_on = Date()
