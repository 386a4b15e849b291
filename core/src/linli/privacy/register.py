"""What the kernel itself keeps about a person: the register, accounts, points and money, and the privacy services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.tables import TenantTable, table_name
from linli.identity import passwords, sessions
from linli.identity.tables import Account, HouseholdMember, Person, RoleGrant, Session
from linli.ledger import tables as ledger
from linli.privacy import tables
from linli.privacy.subjects import ROWS_MAX, Item, Kept, SubjectData, rows_about

ERASED_NAME: Final = "—"
_ACCOUNTS: Final = """
select * from identity_account where tenant_id = $1 and person_id = any($2) order by id limit $3 for update"""
_PEOPLE: Final = "select * from identity_person where tenant_id = $1 and id = any($2) order by id for update"
_FORGET_ORIGINS: Final = """
update identity_session set origin = '', version = version + 1, updated_at = now()
where tenant_id = $1 and account_id = any($2) and origin <> ''"""
_AUDIT: Final = """
select occurred_at, action, subject_table, origin, before, after from audit_entry
where tenant_id = $1 and subject_id = any($2) order by id desc limit $3"""
_DELETE: Final = "delete from {table} where tenant_id = $1 and person_id = any($2)"

BOOKS: Final = Kept(
    "ledger",
    "账目只保留编号和数额，不含姓名；会计资料须按《会计档案管理办法》保存。",
    "The books keep ids and amounts without a name; accounts must be kept (会计档案管理办法).",
)
TRAIL: Final = Kept(
    "audit",
    "操作日志中的个人信息已掩码；日志须保存至少六个月（《网络安全法》第二十一条）。",
    "The audit trail is masked; logs must be kept for at least six months (Cybersecurity Law art. 21).",
)
EVIDENCE: Final = Kept(
    "privacy",
    "同意、查看记录和本申请作为履行法定义务的证明，按保存期限保存（《个人信息保护法》第五十一条、第六十九条）。",
    "Consents, the log of reveals and this request are kept for their period as evidence (PIPL art. 51, 69).",
)


async def _people(ctx: Context, ids: Sequence[UUID]) -> Sequence[Item]:
    return await rows_about(ctx, Person, ids, column="id", without=("id_number_index",))


async def _erase_people(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    for row in await ctx.db.fetch(_PEOPLE, ctx.tenant_id, list(ids)):
        await rows.update(
            ctx,
            rows.from_record(Person, row),
            action="erase",
            full_name=ERASED_NAME,
            name_pinyin="",
            gender="unknown",
            birth_date=None,
            phone=None,
            id_number=None,
        )
    return ()


async def _account_ids(ctx: Context, ids: Sequence[UUID]) -> list[UUID]:
    return [row["id"] for row in await ctx.db.fetch(_ACCOUNTS, ctx.tenant_id, list(ids), ROWS_MAX)]


async def _accounts(ctx: Context, ids: Sequence[UUID]) -> Sequence[Item]:
    return await rows_about(ctx, Account, ids, without=("locked_until", "failed_attempts", "totp_last_step"))


async def _sessions(ctx: Context, ids: Sequence[UUID]) -> Sequence[Item]:
    return await rows_about(ctx, Session, await _account_ids(ctx, ids), column="account_id")


async def _grants(ctx: Context, ids: Sequence[UUID]) -> Sequence[Item]:
    accounts = await _account_ids(ctx, ids)
    return await rows_about(ctx, RoleGrant, accounts, column="account_id", without=("granted_by",))


async def _erase_accounts(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    found = await ctx.db.fetch(_ACCOUNTS, ctx.tenant_id, list(ids), ROWS_MAX)
    for row in found:
        await rows.update(
            ctx,
            rows.from_record(Account, row),
            action="erase",
            login_name=f"erased-{row['id'].hex}",
            password_hash=passwords.UNUSABLE,
            totp_secret=None,
            totp_sealed=None,
            totp_confirmed_at=None,
            state="disabled",
        )
        await sessions.revoke_of_account(ctx, row["id"])
    await ctx.db.execute(_FORGET_ORIGINS, ctx.tenant_id, [row["id"] for row in found])
    return ()


async def _nothing(_ctx: Context, _ids: Sequence[UUID]) -> Sequence[Kept]:
    return ()


async def _keep_books(_ctx: Context, _ids: Sequence[UUID]) -> Sequence[Kept]:
    return (BOOKS,)


async def _audit(ctx: Context, ids: Sequence[UUID]) -> Sequence[Item]:
    found = await ctx.db.fetch(_AUDIT, ctx.tenant_id, list(ids), ROWS_MAX)
    return [{**dict(row), "occurred_at": row["occurred_at"].isoformat()} for row in found]


async def _keep_trail(_ctx: Context, _ids: Sequence[UUID]) -> Sequence[Kept]:
    return (TRAIL,)


async def _keep_evidence(_ctx: Context, _ids: Sequence[UUID]) -> Sequence[Kept]:
    return (EVIDENCE,)


async def _erase_tags(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    await ctx.db.execute(_DELETE.format(table=table_name(tables.Tag)), ctx.tenant_id, list(ids))
    return ()


def of_table(
    name: str,
    zh: str,
    en: str,
    table: type[TenantTable],
    *,
    column: str = "person_id",
    without: Sequence[str] = (),
    keep: Sequence[Kept] = (),
) -> SubjectData:
    """The rows of one table, exported as they are; at an erasure they stay, for the reasons given.

    For tables that hold no personal value but the person's id: without the register's entry it tells of nobody.
    """

    async def export(ctx: Context, ids: Sequence[UUID]) -> Sequence[Item]:
        return await rows_about(ctx, table, ids, column=column, without=without)

    async def erase(_ctx: Context, _ids: Sequence[UUID]) -> Sequence[Kept]:
        return tuple(keep)

    return SubjectData(name, zh, en, frozenset({table_name(table)}), export, erase)


def _own(
    name: str,
    zh: str,
    en: str,
    table: str,
    export: object,
    erase: object = _nothing,
) -> SubjectData:
    return SubjectData(name, zh, en, frozenset({table}), export, erase)  # type: ignore[arg-type]


PERSONAL_DATA: Final = (
    _own("identity.person", "人口登记", "Register of people", "identity_person", _people, _erase_people),
    _own("identity.account", "账号", "Accounts", "identity_account", _accounts, _erase_accounts),
    _own("identity.session", "登录会话", "Sessions", "identity_session", _sessions),
    _own("identity.grant", "授权", "Grants", "identity_grant", _grants),
    of_table("identity.household_member", "家庭户成员", "Households", HouseholdMember),
    of_table("ledger.account", "账户", "Ledger accounts", ledger.Account, column="owner_id"),
    SubjectData(
        "ledger.posting",
        "收支明细",
        "Ledger postings",
        frozenset({"ledger_posting"}),
        of_table("ledger.posting", "", "", ledger.Posting, column="owner_id").export,
        _keep_books,
    ),
    of_table("privacy.consent", "同意", "Consents", tables.Consent,
             without=("recorded_by", "recorded_by_name", "withdrawn_by")),
    of_table("privacy.reveal", "敏感信息查看记录", "Reveals", tables.Reveal, without=("actor_id",), keep=(EVIDENCE,)),
    SubjectData(
        "privacy.tag",
        "服务标签",
        "Service tags",
        frozenset({"privacy_tag"}),
        of_table("privacy.tag", "", "", tables.Tag, without=("granted_by",)).export,
        _erase_tags,
    ),
    of_table("privacy.request", "个人信息权利申请", "Requests", tables.Request,
             without=("received_by", "verified_by", "decided_by")),
    _own("audit.entry", "操作日志", "Audit trail", "audit_entry", _audit, _keep_trail),
)  # fmt: skip
