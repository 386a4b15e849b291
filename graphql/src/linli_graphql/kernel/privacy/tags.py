"""Service tags in the API: the tenant's catalogue, and who is served for what until when."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from linli.context import Context
from linli.privacy import tables, tags
from linli.privacy.tags import TagBasis
from linli_graphql.connections import Connection
from linli_graphql.contribution import extend
from linli_graphql.ids import local_id
from linli_graphql.inputs import EXPECTED_VERSION, described, expose, input_type
from linli_graphql.kernel.areas import Area
from linli_graphql.kernel.identity import Person
from linli_graphql.mutations import Outcome, mutation
from linli_graphql.nodes import Node, column, many, node, one

expose(
    TagBasis,
    "On what ground a service tag is granted.",
    {
        "CONSENT": "The person consented to privacy.service_tags.",
        "DUTY": "A law obliges the office to serve the person.",
    },
    name="ServiceTagBasis",
)


@node(
    tables.TagKind,
    plural="service_tag_kinds",
    permission=None,
    filters=("key",),
    order_by=("key",),
)
class ServiceTagKind(Node):
    """A kind of service tag in the tenant's catalogue."""

    key: str = column("Names the kind.")
    name_zh: str = column("What it is called, in Chinese.")
    name_en: str = column("What it is called, in English.")
    purpose: str = column("What it is kept for.")
    days_max: int = column("For how many days it is granted at most.")
    retired: bool = column("Whether it is no longer granted.")


@node(
    tables.Tag,
    plural="service_tags",
    permission="privacy.tag.read",
    own_column="person_id",
    filters=("person", "kind"),
)
class ServiceTag(Node):
    """What a person is served for, on what ground, until when; from that day on there is nothing to read."""

    purpose: str = column("What it is kept for.")
    basis: TagBasis = column("On what ground it was granted.")
    legal_reference: str = column("The law, notice or file that it rests on.")
    granted_by_name: str = column("Who granted it.")
    granted_on: date = column("On which day it was granted.")
    expires_at: datetime = column("From when on it cannot be read.")
    kind: ServiceTagKind | None = one("kind_id", "Its kind.")
    person: Person | None = one("person_id", "Whose tag it is.")
    area: Area | None = one("area_id", "Where the person lived when it was granted.")


class PersonTags:
    """What a person is served for."""

    service_tags: Connection[ServiceTag] = many("person_id", "The service tags that are in force.")


@input_type
class DefineServiceTagKindInput:
    """A kind of service tag for the tenant's catalogue."""

    key: str = described("Names the kind; at most 50 characters.")
    name_zh: str = described("What it is called, in Chinese.")
    name_en: str = described("What it is called, in English.")
    purpose: str = described("What it is kept for.")
    days_max: int | None = described(
        "For how many days it is granted at most; 366 by default.", optional=True
    )


@input_type
class RetireServiceTagKindInput:
    """A kind of service tag that is no longer granted."""

    id: strawberry.ID = described("The kind.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class GrantServiceTagInput:
    """A service tag for a person."""

    person_id: strawberry.ID = described("The person.")
    kind_id: strawberry.ID = described("The kind.")
    basis: TagBasis = described("On what ground.")
    legal_reference: str = described("The law, notice or file that it rests on.")
    expires_on: date = described("From which day on it cannot be read.")


@input_type
class RevokeServiceTagInput:
    """A service tag that ends early."""

    id: strawberry.ID = described("The tag.")
    reason: str = described("Why.")


@mutation(gives=ServiceTagKind)
async def define_service_tag_kind(ctx: Context, input: DefineServiceTagKindInput) -> tables.TagKind:
    """Enter a kind of service tag into the catalogue."""
    return await tags.define_kind(
        ctx,
        key=input.key,
        name_zh=input.name_zh,
        name_en=input.name_en,
        purpose=input.purpose,
        days_max=366 if input.days_max is None or input.days_max is strawberry.UNSET else input.days_max,
    )


@mutation(gives=ServiceTagKind)
async def retire_service_tag_kind(ctx: Context, input: RetireServiceTagKindInput) -> tables.TagKind:
    """Let a kind of service tag be granted no more."""
    row_id = local_id("ServiceTagKind", str(input.id), path=("id",))
    return await tags.retire_kind(ctx, row_id, expected_version=input.expected_version or None)


@mutation(gives=ServiceTag)
async def grant_service_tag(ctx: Context, input: GrantServiceTagInput) -> tables.Tag:
    """Grant a person a service tag until a day."""
    return await tags.grant(
        ctx,
        person_id=local_id("Person", str(input.person_id), path=("person_id",)),
        kind_id=local_id("ServiceTagKind", str(input.kind_id), path=("kind_id",)),
        basis=input.basis,
        legal_reference=input.legal_reference,
        expires_on=input.expires_on,
    )


@mutation(extra={"revoked": (bool, "Whether it ended.")})
async def revoke_service_tag(ctx: Context, input: RevokeServiceTagInput) -> Outcome:
    """End a service tag before it expires."""
    await tags.revoke(ctx, local_id("ServiceTag", str(input.id), path=("id",)), reason=input.reason)
    return Outcome(row=None, extra={"revoked": True})


TAG_NODES = (ServiceTagKind, ServiceTag)
TAG_MUTATIONS = (define_service_tag_kind, retire_service_tag_kind, grant_service_tag, revoke_service_tag)
PERSON_TAGS = extend(Person)(PersonTags)
