"""Accounts, sessions, API clients, roles and grants."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Tokens and secrets of clients are stored as SHA-256 only, passwords as Argon2id."""
    _accounts(m)
    _clients(m)
    m.tenant_table(
        "identity_role",
        """
        key text collate "C" not null check (key ~ '^[a-z][a-z0-9_.-]{0,62}$'),
        name_zh text not null check (length(name_zh) between 1 and 100),
        name_en text not null check (length(name_en) between 1 and 100),
        permissions text[] not null,
        source text not null default 'tenant' check (source in ('profile', 'plugin', 'tenant')),
        require_second_factor boolean not null default false
        """,
        unique=[("key",)],
    )
    m.tenant_table(
        "identity_grant",
        """
        account_id uuid not null,
        role_id uuid not null,
        valid_from date not null,
        valid_to date check (valid_to >= valid_from),
        granted_by uuid,
        check (granted_by <> account_id)
        """,
        references={
            "account_id": "identity_account",
            "role_id": "identity_role",
            "granted_by": "identity_account",
        },
        indexes=[("account_id",), ("role_id",)],
        area=True,
    )


def _accounts(m: Migration) -> None:
    m.tenant_table(
        "identity_account",
        """
        login_name text collate "C" not null check (login_name ~ '^[a-z0-9][a-z0-9._@-]{1,63}$'),
        person_id uuid,
        password_hash text not null,
        totp_secret text,
        totp_confirmed_at timestamptz,
        totp_last_step bigint,
        failed_attempts integer not null default 0,
        locked_until timestamptz,
        must_change_password boolean not null default false,
        state text not null default 'active' check (state in ('active', 'disabled')),
        check (totp_confirmed_at is null or totp_secret is not null)
        """,
        references={"person_id": "identity_person"},
        unique=[("login_name",)],
        indexes=[("person_id",)],
    )
    m.tenant_table(
        "identity_session",
        """
        account_id uuid not null,
        token_hash text collate "C" not null check (length(token_hash) = 64),
        last_seen_at timestamptz not null,
        expires_at timestamptz not null,
        idle_timeout_s integer check (idle_timeout_s > 0),
        revoked_at timestamptz,
        origin text not null default '' check (length(origin) <= 300),
        second_factor boolean not null default false
        """,
        references={"account_id": "identity_account"},
        unique=[("token_hash",)],
        indexes=[("account_id",), ("expires_at",)],
    )


def _clients(m: Migration) -> None:
    m.tenant_table(
        "identity_client",
        """
        name text not null check (length(name) between 1 and 100),
        client_id text collate "C" not null,
        secret_hash text collate "C" not null check (length(secret_hash) = 64),
        previous_secret_hash text collate "C" check (length(previous_secret_hash) = 64),
        previous_expires_at timestamptz,
        scopes text[] not null,
        state text not null default 'active' check (state in ('active', 'revoked')),
        expires_at timestamptz,
        check ((previous_secret_hash is null) = (previous_expires_at is null))
        """,
        unique=[("client_id",)],
        indexes=[("name", "id")],
        area=True,
    )
    m.tenant_table(
        "identity_client_token",
        """
        client_id uuid not null,
        token_hash text collate "C" not null check (length(token_hash) = 64),
        scopes text[] not null,
        expires_at timestamptz not null
        """,
        references={"client_id": "identity_client"},
        unique=[("token_hash",)],
        indexes=[("client_id", "expires_at"), ("expires_at",)],
    )
