"""Tokens and passwords, without a database."""

from __future__ import annotations

import string
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linli.errors import Unauthenticated
from linli.identity import passwords
from linli.identity.credentials import (
    TOKEN_LENGTH,
    TokenKind,
    new_client_id,
    new_token,
    parse,
    tenant_of_client,
)
from linli.ids import new_id

TENANT = UUID("0190b2c4-0000-7000-8000-000000000001")
token_like = st.text(alphabet=string.ascii_letters + string.digits + "_-", max_size=120)


@given(st.uuids(), st.sampled_from(TokenKind))
def test_a_token_names_its_kind_and_tenant_again(tenant_id: UUID, kind: TokenKind) -> None:
    token = new_token(kind, tenant_id)

    found = parse(token)

    assert len(token) == TOKEN_LENGTH
    assert (found.kind, found.tenant_id, len(found.token_hash)) == (kind, tenant_id, 64)


def test_two_tokens_differ_and_so_do_their_hashes() -> None:
    one, other = new_token(TokenKind.SESSION, TENANT), new_token(TokenKind.SESSION, TENANT)

    assert one != other
    assert parse(one).token_hash != parse(other).token_hash


@given(
    st.one_of(st.text(), token_like, st.characters().map(lambda c: new_token(TokenKind.SESSION, TENANT) + c))
)
@example("")
@example("ll_s_")
@example("ll_s_" + "a" * 26 + "_" + "b" * 43 + "\n")
@example("ll_x_" + "a" * 26 + "_" + "b" * 43)
@example("ll_s_" + "a" * 25 + "b_" + "b" * 43)
@example("ll_s_" + "a" * 26 + "_" + "é" * 43)
@example("\ud800")
def test_any_other_text_is_unauthenticated_and_nothing_else(text: str) -> None:
    with pytest.raises(Unauthenticated):
        parse(text)


@given(st.integers(min_value=0, max_value=TOKEN_LENGTH - 1), st.characters())
def test_a_changed_character_never_gives_the_same_credential(place: int, character: str) -> None:
    token = new_token(TokenKind.SESSION, TENANT)
    changed = token[:place] + character + token[place + 1 :]
    if changed == token:
        return

    try:
        found = parse(changed)
    except Unauthenticated:
        return
    assert found != parse(token)


@given(st.one_of(st.text(), token_like))
def test_any_text_as_a_client_id_is_unauthenticated(text: str) -> None:
    with pytest.raises(Unauthenticated):
        tenant_of_client(text)


def test_a_client_id_names_its_tenant() -> None:
    tenant_id = new_id()

    assert tenant_of_client(new_client_id(tenant_id)) == tenant_id


async def test_a_password_is_verified_in_any_unicode_form() -> None:
    stored = await passwords.hashed("Caf\u00e9-社区-2026")

    assert await passwords.verified(stored, "Cafe\u0301-社区-2026")
    assert not await passwords.verified(stored, "Cafe-社区-2026")
    assert stored.startswith("$argon2id$")
    assert not passwords.is_outdated(stored)


@pytest.mark.parametrize("stored", [None, passwords.UNUSABLE, "", "not a hash"])
async def test_without_a_usable_hash_no_password_is_right(stored: str | None) -> None:
    assert not await passwords.verified(stored, "no account has this password")


async def test_an_endless_password_is_wrong_even_where_its_beginning_is_right() -> None:
    right = "Aa1-" + "x" * 124
    stored = await passwords.hashed(right)

    assert await passwords.verified(stored, right)
    assert not await passwords.verified(stored, right + "x" * 10_000)
