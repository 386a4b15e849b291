"""Everything that can be read through the API, found in the schema of all plugins, asked by another tenant."""

from __future__ import annotations

import pytest

from linli.testing.isolation import Pair
from linli_graphql import reading
from linli_graphql.isolation import ReadingAttack, SchemaProbe


@pytest.mark.parametrize("compiled", [False, True], ids=["ordinary", "compiled"])
async def test_no_field_filter_order_or_cursor_tells_one_tenant_of_another(
    pair: Pair, compiled: bool
) -> None:
    probe = SchemaProbe(pair, compiled=compiled)
    attack = ReadingAttack(probe)
    assert await attack.run() == []
    assert attack.readable() <= attack.answered
    assert (probe.compiled_answers > 500) is compiled


async def test_the_attack_finds_a_reader_that_forgets_the_tenant(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "visibility", lambda *_args, **_options: ["$1::uuid is not null"])
    attack = ReadingAttack(SchemaProbe(pair))
    person = attack.probe.specs["Person"]

    async def attacked() -> str:
        attack.findings.clear()
        await attack.references("person")
        await attack.listed(person)
        return "\n".join(attack.findings)

    assert await attacked() == ""  # row-level security holds all the same
    async with pair.database.owner() as db:
        await db.execute("alter table identity_person disable row level security")
    try:
        found = await attacked()
    finally:
        async with pair.database.owner() as db:
            await db.execute("alter table identity_person enable row level security")
    assert "Query.person(id: Person): " in found
    assert "persons by ENTERED_ASC: " in found
    assert "of the other tenant" in found
