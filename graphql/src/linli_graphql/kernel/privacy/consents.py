"""Consents in the API: what people may be asked for, and what they gave and withdrew."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from linli.context import Context
from linli.privacy import consents, tables
from linli.privacy.consents import ConsentForm
from linli_graphql.connections import Connection
from linli_graphql.contribution import extend, query
from linli_graphql.ids import local_id
from linli_graphql.inputs import described, expose, input_type
from linli_graphql.kernel.identity import Person
from linli_graphql.mutations import mutation
from linli_graphql.nodes import Node, column, many, node, one
from linli_graphql.request import GraphQLRequest

expose(
    ConsentForm,
    "How a consent was given or withdrawn.",
    {
        "ONLINE": "By the person, here.",
        "PAPER": "On paper.",
        "SPOKEN": "In person, before an officer.",
    },
)


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


class PersonConsents:
    """What a person consented to."""

    privacy_consents: Connection[PrivacyConsent] = many("person_id", "Consents, withdrawn ones too.")


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


CONSENT_NODES = (PrivacyConsent,)
CONSENT_QUERIES = (consent_purposes,)
CONSENT_MUTATIONS = (give_consent, record_consent, withdraw_consent)
PERSON_CONSENTS = extend(Person)(PersonConsents)
