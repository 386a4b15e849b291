"""Tables of the shared register (people, households, organisations) and of who may log in and do what."""

from __future__ import annotations

from typing import ClassVar

from piccolo.columns import UUID, Array, BigInt, Boolean, Date, Integer, Text, Timestamptz

from linli.db.encryption.columns import BlindIndex, EncryptedText
from linli.db.tables import AreaTable, TenantTable


class Person(AreaTable, tablename="identity_person"):
    """A natural person whom the tenant serves. The identity number (GB 11643) is encrypted, and found by its index."""

    full_name = Text()
    name_pinyin = Text()
    gender = Text(default="unknown")
    birth_date = Date(default=None, null=True)
    phone = Text(default=None, null=True)
    id_number = EncryptedText(purpose="identity.id_number", limit=18)
    id_number_index = BlindIndex(of="id_number")
    state = Text(default="active")
    ended_on = Date(default=None, null=True, help_text="the day on which the person left or died")
    merged_into_id = UUID(default=None, null=True)
    synthetic = Boolean(default=False, help_text="made up for a demonstration")

    personal_columns: ClassVar[frozenset[str]] = frozenset(
        {"full_name", "name_pinyin", "birth_date", "phone"}
    )


class PersonMerge(TenantTable, tablename="identity_person_merge"):
    """The correction record of two entries that turned out to be one person. Rows are only ever added."""

    kept_person_id = UUID()
    merged_person_id = UUID()
    reason = Text()
    merged_by = UUID(default=None, null=True)


class Household(AreaTable, tablename="identity_household"):
    """People who live together, or are entered in one household register."""

    name = Text()
    number = Text(default=None, null=True)
    head_person_id = UUID(default=None, null=True)
    address = Text(default="")
    state = Text(default="active")
    synthetic = Boolean(default=False)

    personal_columns: ClassVar[frozenset[str]] = frozenset({"name", "address"})


class HouseholdMember(AreaTable, tablename="identity_household_member"):
    """A person's time in a household: from `valid_from` up to, and without, `valid_to`.

    Lies in its household's area.
    """

    household_id = UUID()
    person_id = UUID()
    relation = Text()
    valid_from = Date()
    valid_to = Date(default=None, null=True)


class Organisation(AreaTable, tablename="identity_organisation"):
    """A unit (单位): a social organisation, enterprise, government office, committee or another body."""

    name = Text()
    name_pinyin = Text()
    kind = Text()
    uscc = Text(default=None, null=True)
    address = Text(default="")
    contact_phone = Text(default=None, null=True)
    state = Text(default="active")
    synthetic = Boolean(default=False)

    personal_columns: ClassVar[frozenset[str]] = frozenset({"contact_phone"})


class Account(TenantTable, tablename="identity_account"):
    """What somebody logs in with."""

    login_name = Text()
    person_id = UUID(default=None, null=True)
    password_hash = Text(secret=True)
    totp_secret = Text(default=None, null=True, secret=True, help_text="not yet encrypted; see `totp_sealed`")
    totp_sealed = EncryptedText(purpose="identity.second_factor", limit=64, secret=True)
    totp_confirmed_at = Timestamptz(default=None, null=True)
    totp_last_step = BigInt(default=None, null=True)
    failed_attempts = Integer(default=0)
    locked_until = Timestamptz(default=None, null=True)
    must_change_password = Boolean(default=False)
    state = Text(default="active")


class Session(TenantTable, tablename="identity_session"):
    """One log-in, known by the hash of its token."""

    account_id = UUID()
    token_hash = Text(secret=True)
    last_seen_at = Timestamptz()
    expires_at = Timestamptz()
    idle_timeout_s = Integer(default=None, null=True)
    revoked_at = Timestamptz(default=None, null=True)
    origin = Text(default="")
    second_factor = Boolean(default=False)


class Client(AreaTable, tablename="identity_client"):
    """A program that uses the API. Its scopes are names of permissions, held at its area."""

    name = Text()
    client_id = Text()
    secret_hash = Text(secret=True)
    previous_secret_hash = Text(default=None, null=True, secret=True)
    previous_expires_at = Timestamptz(default=None, null=True)
    scopes = Array(base_column=Text())
    state = Text(default="active")
    expires_at = Timestamptz(default=None, null=True)


class ClientToken(TenantTable, tablename="identity_client_token"):
    """A short-lived token of an API client, known by its hash."""

    client_id = UUID(help_text="the id of the client's row")
    token_hash = Text(secret=True)
    scopes = Array(base_column=Text())
    expires_at = Timestamptz()


class Role(TenantTable, tablename="identity_role"):
    """A named set of permissions."""

    key = Text()
    name_zh = Text()
    name_en = Text()
    permissions = Array(base_column=Text())
    source = Text(default="tenant")
    require_second_factor = Boolean(default=False)


class RoleGrant(AreaTable, tablename="identity_grant"):
    """A role that an account holds at an area, from `valid_from` up to, and without, `valid_to`."""

    account_id = UUID()
    role_id = UUID()
    valid_from = Date()
    valid_to = Date(default=None, null=True)
    granted_by = UUID(default=None, null=True)
