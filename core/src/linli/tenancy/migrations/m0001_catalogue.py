"""The catalogue of tenants and the plugins that each has switched on."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """The kernel role works on all rows; the API role sees the bound tenant's own row only."""
    m.execute(
        """
        create table tenancy_tenant (
            tenant_id uuid primary key,
            version integer not null default 1,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            slug text collate "C" not null unique check (slug ~ '^[a-z][a-z0-9-]{1,62}$'),
            name text not null check (length(name) between 1 and 200),
            kind text not null check (kind in ('city', 'district')),
            parent_id uuid references tenancy_tenant (tenant_id),
            state text not null check (state in ('provisioning', 'active', 'suspended', 'closing')),
            placement text not null default 'main',
            time_zone text not null default 'Asia/Shanghai',
            locale text not null default 'zh-CN',
            settings jsonb not null default '{}',
            profile_hash text not null default '',
            check (parent_id is null or kind = 'district')
        )
        """
    )
    m.isolate("tenancy_tenant", kernel=True)
    m.execute(f"revoke insert, update, delete on tenancy_tenant from {m.api}")
    m.execute(f"grant update (settings, version, updated_at) on tenancy_tenant to {m.api}")
    m.tenant_table(
        "tenancy_plugin",
        """
        name text collate "C" not null,
        enabled boolean not null,
        plugin_version text not null
        """,
        unique=[("name",)],
        kernel=True,
    )
