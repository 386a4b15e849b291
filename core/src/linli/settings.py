"""Settings of a process, read once from the environment and passed on as a value."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from linli.errors import Invalid

TOKEN_LENGTH_MIN: Final = 24
_SMTP_URL: Final = re.compile(r"(smtps?|smtp\+plain)://([^@/\s]+@)?[^@/\s:]+(:[0-9]{1,5})?")
_SENDER: Final = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,253}")


class InvalidSetting(Invalid):
    """An environment variable has a value that cannot be used (`name`, `reason`)."""

    code = "settings.invalid"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process needs to know of its surroundings.

    `database_url` and `redis_url` are None when the embedded servers are to be used. `database_url` names the
    owner: a user that may create roles and owns the schema. The two runtime roles are derived from it.
    `secret_key` signs cursors and derives the runtime roles' passwords; it is kept in the data directory
    when it is not given. `worker_concurrency` is how many events and jobs a worker process handles at a time,
    `worker_tenant_concurrency` how many of these may be of one tenant, of each kind. `tenant_concurrency` is how
    many requests of one tenant a web process works on at a time (0: three quarters of the pool), and
    `tenant_cost_per_minute` what all of a tenant's requests together may cost. `/metrics` is there only with
    `metrics_token`, which a Prometheus server brings as its bearer token. The master keys of encrypted columns are
    `master_keys`, or in `master_keys_file` (`master.keys` in the data directory by default), or behind
    `master_keys_adapter` (`package.module:function`). Attachments lie in the folder `files` of the data directory,
    or in the bucket that `files_url` names (`s3://bucket?endpoint=…`). E-mail goes out by the server of `smtp_url`
    (`smtps://`, `smtp://` with STARTTLS, `smtp+plain://`), from `smtp_sender`; without it there is none.
    `smtp_ca_file` has the authorities that are trusted in place of the system's. A channel of messages is given
    `message_timeout_ms` for each.
    """

    data_dir: Path
    database_url: str | None = None
    redis_url: str | None = None
    secret_key: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    web_processes: int = 1
    pool_size_max: int = 16
    worker_concurrency: int = 8
    worker_tenant_concurrency: int = 2
    tenant_concurrency: int = 0
    tenant_cost_per_minute: int = 20_000_000
    tenants_dir: Path | None = None
    metrics_token: str = ""
    master_keys: str = field(default="", repr=False)
    master_keys_file: Path | None = None
    master_keys_adapter: str = ""
    files_url: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)
    smtp_sender: str = ""
    smtp_ca_file: Path | None = None
    message_timeout_ms: int = 10_000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read `DATABASE_URL`, `REDIS_URL` and the `LINLI_*` variables.

        Raises: InvalidSetting naming the variable.
        """
        env = os.environ if environment is None else environment
        tenants = env.get("LINLI_TENANTS_DIR")
        keys_file = env.get("LINLI_MASTER_KEYS_FILE")
        authorities = env.get("LINLI_SMTP_CA_FILE")
        smtp_url, smtp_sender = _smtp(env)
        return cls(
            data_dir=Path(env.get("LINLI_DATA_DIR", ".linli")).absolute(),
            database_url=env.get("DATABASE_URL") or None,
            redis_url=env.get("REDIS_URL") or None,
            secret_key=env.get("LINLI_SECRET_KEY", ""),
            host=env.get("LINLI_HOST", "127.0.0.1"),
            port=_whole_number(env, "LINLI_PORT", 8000, 1, 65_535),
            web_processes=_whole_number(env, "LINLI_WEB_PROCESSES", 1, 1, 64),
            pool_size_max=_whole_number(env, "LINLI_POOL_SIZE_MAX", 16, 2, 200),
            worker_concurrency=_whole_number(env, "LINLI_WORKER_CONCURRENCY", 8, 2, 100),
            worker_tenant_concurrency=_whole_number(env, "LINLI_WORKER_TENANT_CONCURRENCY", 2, 1, 50),
            tenant_concurrency=_whole_number(env, "LINLI_TENANT_CONCURRENCY", 0, 0, 200),
            tenant_cost_per_minute=_whole_number(
                env, "LINLI_TENANT_COST_PER_MINUTE", 20_000_000, 1_000, 10_000_000_000
            ),
            tenants_dir=Path(tenants).absolute() if tenants else None,
            metrics_token=_token(env, "LINLI_METRICS_TOKEN"),
            master_keys=env.get("LINLI_MASTER_KEYS", "").strip(),
            master_keys_file=Path(keys_file).absolute() if keys_file else None,
            master_keys_adapter=env.get("LINLI_MASTER_KEYS_ADAPTER", "").strip(),
            files_url=env.get("LINLI_FILES_URL", "").strip(),
            smtp_url=smtp_url,
            smtp_sender=smtp_sender,
            smtp_ca_file=Path(authorities).absolute() if authorities else None,
            message_timeout_ms=_whole_number(env, "LINLI_MESSAGE_TIMEOUT_MS", 10_000, 10, 60_000),
        )


def _token(env: Mapping[str, str], name: str) -> str:
    token = env.get(name, "").strip()
    if token and (len(token) < TOKEN_LENGTH_MIN or not token.isascii()):
        raise InvalidSetting(name=name, reason=f"at least {TOKEN_LENGTH_MIN} ASCII characters")
    return token


def _smtp(env: Mapping[str, str]) -> tuple[str, str]:
    url, sender = env.get("LINLI_SMTP_URL", "").strip(), env.get("LINLI_SMTP_SENDER", "").strip()
    if url and not _SMTP_URL.fullmatch(url):
        raise InvalidSetting(name="LINLI_SMTP_URL", reason="smtps://, smtp:// or smtp+plain:// and a host")
    if url and not _SENDER.fullmatch(sender):
        raise InvalidSetting(name="LINLI_SMTP_SENDER", reason="the e-mail address from which messages come")
    return url, sender


def _whole_number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise InvalidSetting(name=name, reason=f"a whole number from {low} to {high}")
    return int(text)
