"""Masked values in the API: searching by them and revealing them for a reason, and who saw which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from linli.context import Context
from linli.identity import searching
from linli.privacy import reveals, tables
from linli.privacy.reveals import PersonField
from linli_graphql.connections import Connection
from linli_graphql.contribution import extend, query
from linli_graphql.ids import local_id
from linli_graphql.inputs import described, expose, input_type
from linli_graphql.kernel.identity import Person
from linli_graphql.mutations import Outcome, mutation
from linli_graphql.nodes import Node, column, computed, many, node, node_of, one
from linli_graphql.request import GraphQLRequest

expose(
    PersonField,
    "What is masked of a person and can be revealed.",
    {
        "ID_NUMBER": "The resident identity number.",
        "PHONE": "The telephone.",
        "BIRTH_DATE": "The day of birth.",
    },
)


@node(
    tables.Reveal,
    plural="privacy_reveals",
    permission="privacy.reveal.read",
    own_column="person_id",
    filters=("revealed_at", "person"),
    order_by=("revealed_at",),
    whole_tenant=True,
)
class PrivacyReveal(Node):
    """That somebody saw a masked value of a person: who of which office, when, what and why."""

    field: str = column("Which value was shown.")
    reason: str = column("The reason that was given.")
    actor_name: str = column("Who saw it, as they were called then.")
    office: str = column("The role and the place by which it was allowed.")
    revealed_at: datetime = column("When.")
    person: Person | None = one("person_id", "Whose value it was.")


class PersonReveals:
    """A person's identity number, masked, and who saw which masked value."""

    privacy_reveals: Connection[PrivacyReveal] = many("person_id", "Who saw which masked value, and why.")

    @computed
    async def id_number(self, request: GraphQLRequest) -> str | None:
        """The resident identity number, masked for everyone but oneself; revealPersonField shows it, with a reason."""
        key = ("id_numbers", "Person")
        if key not in request._loaders:

            async def read(ids: Sequence[UUID]) -> Sequence[str | None]:
                return await searching.masked_id_numbers(await request.reading(), list(ids))

            request._loaders[key] = DataLoader(load_fn=read)
        found: str | None = await request._loaders[key].load(self.id)  # type: ignore[attr-defined]
        return found


@query
async def find_persons(
    request: GraphQLRequest,
    reason: Annotated[
        str, strawberry.argument(description="Why; it stands in the audit trail, without the number.")
    ],
    id_number: Annotated[
        str | None, strawberry.argument(description="A whole resident identity number.")
    ] = None,
    phone: Annotated[str | None, strawberry.argument(description="A whole telephone number.")] = None,
) -> list[Person]:
    """People with exactly this identity number or telephone, at the places that the caller serves; at most 20.

    Give the number as a variable and by POST, so that no address or document holds it.
    """
    if not (id_number or phone):
        return []
    async with request.runtime.database.unit_of_work(request.tenant.id) as unit:
        ctx = request.context_in(unit)
        found = await searching.search(ctx, reason=reason, id_number=id_number or None, phone=phone or None)
    spec = node_of(Person)
    loaded = [await request.load(spec, person.id) for person in found]
    return [row for row in loaded if row is not None]  # type: ignore[misc]


@input_type
class RevealPersonFieldInput:
    """A masked value that somebody needs to see."""

    person_id: strawberry.ID = described("The person.")
    field: PersonField = described("Which value.")
    reason: str = described("Why it is needed; the person can read this.")


@mutation(extra={"value": (str, "The value, this once; null when there is none, and for a repeated call.")})
async def reveal_person_field(ctx: Context, input: RevealPersonFieldInput) -> Outcome:
    """Show one masked value of a person, by permission and for a reason; the person can see that it was shown."""
    person_id = local_id("Person", str(input.person_id), path=("person_id",))
    shown = await reveals.reveal_person_field(ctx, person_id, input.field, reason=input.reason)
    return Outcome(row=shown.entry, extra={"value": shown.value})


REVEAL_NODES = (PrivacyReveal,)
REVEAL_QUERIES = (find_persons,)
REVEAL_MUTATIONS = (reveal_person_field,)
PERSON_REVEALS = extend(Person)(PersonReveals)
