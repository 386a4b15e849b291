"""Privacy services in the API: searching and revealing for a reason, consents, service tags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from linli.context import Context
from linli.identity import searching
from linli.privacy import consents, reveals, tables, tags
from linli.privacy.consents import ConsentForm
from linli.privacy.reveals import PersonField
from linli.privacy.tags import TagBasis
from linli_graphql.connections import Connection
from linli_graphql.contribution import extend, query
from linli_graphql.ids import local_id
from linli_graphql.inputs import EXPECTED_VERSION, described, expose, input_type
from linli_graphql.kernel.areas import Area
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
expose(
    ConsentForm,
    "How a consent was given or withdrawn.",
    {
        "ONLINE": "By the person, here.",
        "PAPER": "On paper.",
        "SPOKEN": "In person, before an officer.",
    },
)
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


@node(
    tables.Consent,
    plural="privacy_consents",
    permission="privacy.consent.read",
    own_column="person_id",
    filters=("given_at", "person"),
    order_by=("given_at",),
    whole_tenant=True,
)
class PrivacyConsent(Node):
    """A person's consent to one purpose, in one version of its text, until it is withdrawn."""

    purpose: str = column("To what.")
    text_version: int = column("Which version of the text.")
    form: ConsentForm = column("How it was given.")
    reference: str = column("Where the paper is; empty when there is none.")
    given_on: date = column("On which day it was given.")
    given_at: datetime = column("When it was entered.")
    recorded_by_name: str = column("Who entered it.")
    withdrawn_at: datetime | None = column("When it was withdrawn; null while it holds.")
    person: Person | None = one("person_id", "Whose consent it is.")


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


class PersonPrivacy:
    """What the privacy services keep of a person."""

    service_tags: Connection[ServiceTag] = many("person_id", "The service tags that are in force.")
    privacy_consents: Connection[PrivacyConsent] = many("person_id", "Consents, withdrawn ones too.")
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


@strawberry.type(description="What a person may be asked to consent to.")
class ConsentPurpose:
    """What a person may be asked to consent to."""

    key: str = strawberry.field(description="Names the purpose.")
    title: str = strawberry.field(description="What it is called, in the caller's language.")
    text: str = strawberry.field(description="What the person agrees to, in the caller's language.")
    version: int = strawberry.field(description="The version of the text.")
    needed: bool = strawberry.field(description="Whether the service itself cannot be given without it.")


@query
async def consent_purposes(request: GraphQLRequest) -> list[ConsentPurpose]:
    """What people of this tenant may be asked to consent to, by the plugins that it has on."""
    ctx = await request.reading()
    return [
        ConsentPurpose(
            key=key,
            title=one.title.en if request.locale == "en" else one.title.zh,
            text=one.text.en if request.locale == "en" else one.text.zh,
            version=one.version,
            needed=one.needed,
        )
        for key, one in sorted(consents.purposes(ctx).items())
    ]


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


@input_type
class GiveConsentInput:
    """A consent of the caller's own."""

    purpose: str = described("To what.")
    text_version: int = described("The version of the text that was read.")


@input_type
class RecordConsentInput:
    """A consent that was given on paper or in person."""

    person_id: strawberry.ID = described("The person.")
    purpose: str = described("To what.")
    text_version: int = described("The version of the text that was signed.")
    form: ConsentForm = described("How it was given.")
    reference: str = described("Where the paper is; at most 100 characters.")
    given_on: date = described("On which day.")


@input_type
class WithdrawConsentInput:
    """A consent that ends."""

    person_id: strawberry.ID | None = described("The person; oneself when left out.", optional=True)
    purpose: str = described("Which purpose.")
    form: ConsentForm | None = described("How it was withdrawn, on somebody's behalf.", optional=True)
    reference: str | None = described("Where the paper is, on somebody's behalf.", optional=True)


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


@mutation(extra={"value": (str, "The value, this once; null when there is none, and for a repeated call.")})
async def reveal_person_field(ctx: Context, input: RevealPersonFieldInput) -> Outcome:
    """Show one masked value of a person, by permission and for a reason; the person can see that it was shown."""
    person_id = local_id("Person", str(input.person_id), path=("person_id",))
    shown = await reveals.reveal_person_field(ctx, person_id, input.field, reason=input.reason)
    return Outcome(row=shown.entry, extra={"value": shown.value})


@mutation(gives=PrivacyConsent)
async def give_consent(ctx: Context, input: GiveConsentInput) -> tables.Consent:
    """Consent to a purpose, for oneself."""
    return await consents.give(ctx, consents.own_person(ctx), input.purpose, text_version=input.text_version)


@mutation(gives=PrivacyConsent)
async def record_consent(ctx: Context, input: RecordConsentInput) -> tables.Consent:
    """Enter a consent that a person gave on paper or in person."""
    return await consents.record_paper(
        ctx,
        local_id("Person", str(input.person_id), path=("person_id",)),
        input.purpose,
        text_version=input.text_version,
        form=input.form,
        reference=input.reference,
        given_on=input.given_on,
    )


@mutation(gives=PrivacyConsent)
async def withdraw_consent(ctx: Context, input: WithdrawConsentInput) -> tables.Consent:
    """End a consent, one's own or on somebody's behalf; no reason is asked for and nothing else ends."""
    given = input.person_id or None
    person_id = local_id("Person", str(given), path=("person_id",)) if given else consents.own_person(ctx)
    return await consents.withdraw(
        ctx,
        person_id,
        input.purpose,
        form=input.form or ConsentForm.ONLINE,
        reference=input.reference or "",
    )


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


PERSON_PRIVACY = extend(Person)(PersonPrivacy)
PRIVACY_NODES = (PrivacyReveal, PrivacyConsent, ServiceTagKind, ServiceTag)
PRIVACY_QUERIES = (consent_purposes, find_persons)
PRIVACY_MUTATIONS = (
    reveal_person_field,
    give_consent,
    record_consent,
    withdraw_consent,
    define_service_tag_kind,
    retire_service_tag_kind,
    grant_service_tag,
    revoke_service_tag,
)
