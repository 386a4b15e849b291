"""A mask gives the same in Python and in SQL, and a plain one nothing that JSON would write otherwise."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from linli.db.database import Database
from linli_graphql.compiled.json_sql import masked_text
from linli_graphql.declaration import Mask
from linli_graphql.masks import HIDDEN_MASK, NAME_MASK, PHONE_MASK

SOME = [
    "", "1", "13812345678", "1381234567", "138123456789", "1381234567a", "138 1234 567", "+8613812345678",
    "010-12345678", "(010) 1234-5678", "12345", "13812345678\n", "\n13812345678", "１３８１２３４５６７８",
    "王小明", "王", "O'Brien; --", 'a"b\\c', "tab\tnew\nline\r", "名" * 100, "+-+-+-12", "          1", "٠١٢٣٤٥٦٧٨٩٠",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(alphabet="0123456789+-() aA王\n", max_size=14),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
)


@pytest.mark.parametrize("mask", [HIDDEN_MASK, NAME_MASK, PHONE_MASK], ids=lambda mask: mask.name)
async def test_a_mask_is_the_same_in_python_and_in_sql(database: Database, mask: Mask) -> None:
    texts = [*SOME]

    @seed(20_261_127)
    @settings(max_examples=500, database=None, deadline=None)
    @given(TEXTS)
    def collect(text: str) -> None:
        texts.append(text)

    collect()
    shown_of = masked_text(mask, "value")
    sql = f"select array_agg({shown_of} order by n) from unnest($1::text[]) with ordinality v(value, n)"
    async with database.owner() as db:
        written = await db.fetchval(sql, texts)
    for text, shown in zip(texts, written, strict=True):
        assert shown.encode() == msgspec.json.encode(mask.apply(text)), text
        assert not mask.plain or json.dumps(mask.apply(text)) == f'"{mask.apply(text)}"', text
