"""Whether the API tells one tenant of another: every field, argument and order, found in the schema itself.

A vendor runs this in the plugin's own tests, with the fixture `pair` of `linli.testing.pytest_plugin`:

    async def test_the_api_keeps_tenants_apart(pair):
        probe = SchemaProbe(pair, values={"certificateKind": "gold"})
        assert await ReadingAttack(probe).run() == []
        assert await MutationAttack(probe).run() == []

`values` gives, by the name of an argument or input field, a value that the rules accept, where the generator cannot
guess one. A field for which no call can be built is a finding, not left out. With a `ScopeProbe` the same attacks are
made inside one tenant, by somebody with rights in one area.
"""

from linli_graphql.isolation.calls import Call, Calls, CannotBuild
from linli_graphql.isolation.mutations import MutationAttack
from linli_graphql.isolation.probe import Answer, SchemaProbe
from linli_graphql.isolation.reading import ReadingAttack
from linli_graphql.isolation.scopes import ScopeProbe

__all__ = [
    "Answer",
    "Call",
    "Calls",
    "CannotBuild",
    "MutationAttack",
    "ReadingAttack",
    "SchemaProbe",
    "ScopeProbe",
]
