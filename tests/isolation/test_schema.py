"""Everything that can be read through the API, found in the schema of all plugins, asked by another tenant."""

from __future__ import annotations

import pytest

from linli.testing.isolation import Pair
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
