"""The node types, and the field that this plugin adds to the kernel's organisations."""

from __future__ import annotations

from datetime import date

from linli_graphql.plugin import (
    HIDDEN_MASK,
    NAME_MASK,
    Area,
    Connection,
    Node,
    Organisation,
    Person,
    column,
    extend,
    many,
    node,
    one,
)
from linli_organisations import bars, gradings, officers, registrations, tables
from linli_organisations.graphql.enums import Grade, GradingState, Kind, Post, RegistrationState, Track


@node(
    tables.Registration,
    plural="social_organisations",
    permission=registrations.READ,
    filters=("track", "kind", "state", "number", "organisation", "category"),
    order_by=("applied_on",),
    group_by=("track", "kind", "state", "area", "applied_on"),
)
class SocialOrganisation(Node):
    """An entry of a social organisation in the register: its application, and what became of it."""

    organisation: Organisation | None = one("organisation_id", "The organisation, in the shared register.")
    track: Track = column("Whether it is about registration or filing.")
    kind: Kind = column("What the organisation is.")
    category: OrganisationCategory | None = one("category_id", "Its trade.")
    scope: str = column("What the organisation does (业务范围).")
    authority: str = column("Its competent authority (业务主管单位); empty when there is none.")
    state: RegistrationState = column("Where the entry stands.")
    number: str | None = column("The number of the certificate, once approved.")
    applied_on: date = column("When the application was entered.")
    entered_on: date | None = column("The day of registration or filing.")
    ended_on: date | None = column("The first day on which it no longer holds.")
    upgrades: SocialOrganisation | None = one(
        "upgrades_id", "The filing that this registration takes the place of."
    )
    decided_on: date | None = column("The day of the latest decision.")
    reason: str = column(
        "The reason of the latest decision; withheld from those who handle no applications.",
        permission=registrations.APPLY,
        mask=HIDDEN_MASK,
    )
    rule: str = column("The rules that an adverse decision rests on.")
    object_until: date | None = column("The last day to object to an adverse decision.")
    objection: str = column(
        "What the applicant objected; withheld like the reason.",
        permission=registrations.APPLY,
        mask=HIDDEN_MASK,
    )
    area: Area | None = one("area_id", "Where the organisation has its seat.")
    officers: Connection[Officer] = many("registration_id", "Its officers, past ones too.")
    gradings: Connection[Grading] = many("registration_id", "Its gradings, past ones too.")


@node(
    tables.Category,
    plural="organisation_categories",
    permission=registrations.READ,
    filters=("key",),
    order_by=("key",),
)
class OrganisationCategory(Node):
    """A trade; one trade may have several organisations."""

    key: str = column("Names the category in profiles.")
    name_zh: str = column("Its name in Chinese.")
    name_en: str = column("Its name in English.")


@node(
    tables.Officer,
    plural="officers",
    permission=f"{officers.KIND}.read",
    own_column="person_id",
    filters=("registration", "person", "post"),
    order_by=("valid_from",),
)
class Officer(Node):
    """Somebody's time in a post of a social organisation."""

    registration: SocialOrganisation | None = one("registration_id", "The organisation's entry.")
    person: Person | None = one("person_id", "The officer, when entered in the register of people.")
    name: str | None = column(
        "The officer's name otherwise; masked for those who may not enter officers.",
        permission=f"{officers.KIND}.write",
        mask=NAME_MASK,
    )
    post: Post = column("The post.")
    valid_from: date = column("From which day.")
    valid_to: date | None = column("Up to, and without, which day.")


@node(
    tables.Grading,
    plural="gradings",
    permission=gradings.READ,
    filters=("registration", "grade", "state"),
    order_by=("assessed_on",),
)
class Grading(Node):
    """The result of an assessment, and whether it counts."""

    registration: SocialOrganisation | None = one("registration_id", "The entry of the graded organisation.")
    grade: Grade = column("The grade.")
    score: int = column("The points, of 1,000.")
    assessed_on: date = column("The day of the assessment.")
    state: GradingState = column("Where the grading stands.")
    published_on: date | None = column("The first day on which the grade counts.")
    valid_until: date | None = column("The last day on which the grade counts.")
    reason: str = column("Why it was revoked.")
    rule: str = column("The rules that the revocation rests on.")
    object_until: date | None = column("The last day to object to the revocation.")
    assessors: Connection[GradingAssessor] = many("grading_id", "Who took part in the assessment.")


@node(
    tables.Assessor,
    plural="grading_assessors",
    permission=gradings.DRAFT,
    own_column="person_id",
    filters=("grading", "person"),
)
class GradingAssessor(Node):
    """Somebody who took part in an assessment, and declared to have no interest in it."""

    grading: Grading | None = one("grading_id", "The grading.")
    person: Person | None = one("person_id", "The assessor, when entered in the register of people.")
    name: str | None = column("The assessor's name otherwise.")


@node(
    tables.Bar,
    plural="organisation_bars",
    permission=bars.READ,
    filters=("organisation", "barred_until"),
    order_by=("barred_until",),
)
class OrganisationBar(Node):
    """For a time, an organisation may not apply for public funds."""

    organisation: Organisation | None = one("organisation_id", "Who is barred.")
    barred_from: date = column("The first day.")
    barred_until: date = column("The last day, unless it is lifted before.")
    reason: str = column("Why.")
    rule: str = column("The rules that it rests on.")
    object_until: date | None = column("The last day to object to it.")
    lifted_on: date | None = column("The day from which it counts no longer; null when it was not lifted.")
    lift_reason: str = column("Why it was lifted; empty when it was not.")


class OrganisationRegistrations:
    """The register of social organisations, seen from an organisation."""

    registrations: Connection[SocialOrganisation] = many(
        "organisation_id", "Its entries in the register of social organisations, past ones too."
    )


ORGANISATION_REGISTRATIONS = extend(Organisation)(OrganisationRegistrations)
