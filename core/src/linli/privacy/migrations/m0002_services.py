"""The log of reveals, consents, and service tags."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """An expired tag cannot be read by the API role, whatever statement asks for it."""
    m.tenant_table(
        "privacy_reveal",
        """
        person_id uuid not null,
        subject_table text collate "C" not null,
        subject_id uuid not null,
        field text collate "C" not null,
        reason text not null check (length(reason) between 1 and 500),
        actor_kind text not null,
        actor_id uuid,
        actor_name text not null,
        office text not null check (length(office) <= 200),
        revealed_at timestamptz not null
        """,
        references={"person_id": "identity_person"},
        indexes=[("person_id", "revealed_at", "id"), ("revealed_at", "id")],
    )
    m.execute(f"revoke update on privacy_reveal from {m.api}")
    m.tenant_table(
        "privacy_consent",
        """
        person_id uuid not null,
        purpose text collate "C" not null check (length(purpose) between 3 and 80),
        text_version integer not null check (text_version >= 1),
        form text not null check (form in ('online', 'paper', 'spoken')),
        reference text not null default '' check (length(reference) <= 100),
        given_on date not null,
        given_at timestamptz not null,
        recorded_by uuid,
        recorded_by_name text not null default '',
        withdrawn_at timestamptz,
        withdrawn_form text not null default '',
        withdrawn_reference text not null default '' check (length(withdrawn_reference) <= 100),
        withdrawn_by uuid
        """,
        references={"person_id": "identity_person"},
        indexes=[("person_id", "purpose"), ("given_at", "id"), ("withdrawn_at", "id")],
    )
    m.index(
        "privacy_consent", "person_id", "purpose", "text_version", unique=True, where="withdrawn_at is null"
    )
    _tags(m)


def _tags(m: Migration) -> None:
    m.tenant_table(
        "privacy_tag_kind",
        """
        key text collate "C" not null check (length(key) between 1 and 50),
        name_zh text not null check (length(name_zh) between 1 and 50),
        name_en text not null check (length(name_en) between 1 and 50),
        purpose text not null check (length(purpose) between 1 and 200),
        days_max integer not null check (days_max between 1 and 1096),
        retired boolean not null default false
        """,
        unique=[("key",)],
    )
    m.tenant_table(
        "privacy_tag",
        """
        person_id uuid not null,
        kind_id uuid not null,
        purpose text not null check (length(purpose) between 1 and 200),
        basis text not null check (basis in ('consent', 'duty')),
        legal_reference text not null check (length(legal_reference) between 1 and 200),
        granted_by uuid,
        granted_by_name text not null default '',
        granted_on date not null,
        expires_at timestamptz not null
        """,
        references={"person_id": "identity_person", "kind_id": "privacy_tag_kind"},
        indexes=[("person_id", "expires_at"), ("kind_id",), ("expires_at", "id")],
        area=True,
    )
    m.execute(
        f"create policy unexpired on privacy_tag as restrictive for select to {m.api} using (expires_at > now())"
    )
    m.execute(
        """
        create function app.privacy_purge_tags(p_tenant uuid, p_before timestamptz, p_limit integer) returns integer
        language plpgsql security definer set search_path = public, pg_catalog as $$
        declare gone integer;
        begin
            if p_tenant is distinct from app.tenant() then
                raise exception 'another tenant is bound' using errcode = '42501';
            end if;
            delete from privacy_tag where tenant_id = p_tenant and id in (
                select id from privacy_tag
                where tenant_id = p_tenant and expires_at < least(p_before, now()) order by expires_at limit p_limit);
            get diagnostics gone = row_count;
            return gone;
        end $$"""
    )
    m.execute("revoke execute on function app.privacy_purge_tags from public")
    m.execute(f"grant execute on function app.privacy_purge_tags to {m.api}")
