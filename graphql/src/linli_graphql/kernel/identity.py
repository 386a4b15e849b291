"""The shared register in the API: people, households, organisations."""

from __future__ import annotations

from datetime import date

from linli.identity import tables
from linli_graphql.connections import Connection
from linli_graphql.kernel.areas import Area
from linli_graphql.kernel.enums import (
    Gender,
    HouseholdState,
    OrganisationKind,
    OrganisationState,
    PersonState,
)
from linli_graphql.masks import PHONE_MASK
from linli_graphql.nodes import Node, column, many, node, one

# Held by nobody: whoever may reveal states a reason in revealPersonField, and the person sees it. Oneself sees all.
SHOWN_TO_NOBODY = "privacy.shown_to_nobody"


@node(
    tables.Person,
    plural="persons",
    permission="identity.person.read",
    own_column="id",
    filters=("state", "synthetic", "name_pinyin"),
    order_by=("name_pinyin",),
    group_by=("state", "gender", "area"),
)
class Person(Node):
    """A person in the shared register."""

    full_name: str = column("The person's name.")
    name_pinyin: str = column("The name in pinyin, by which names are sorted.")
    gender: Gender = column("The person's gender, as stated.")
    birth_date: date | None = column(
        "The day of birth, shown to oneself; else by revealPersonField.", permission=SHOWN_TO_NOBODY
    )
    phone: str | None = column(
        "The telephone, masked for everyone but oneself; revealPersonField shows it, with a reason.",
        permission=SHOWN_TO_NOBODY,
        mask=PHONE_MASK,
    )
    state: PersonState = column("Where the entry stands.")
    synthetic: bool = column("Whether the person was made up for a demonstration.")
    area: Area | None = one("area_id", "Where the person lives.")
    merged_into: Person | None = one("merged_into_id", "The entry that replaces this one.")
    memberships: Connection[HouseholdMember] = many("person_id", "The households that the person belongs to.")


@node(
    tables.Household,
    plural="households",
    permission="identity.household.read",
    filters=("number", "state"),
    order_by=("name",),
)
class Household(Node):
    """People who live together, or are entered in one household register."""

    name: str = column("What the household is called.")
    number: str | None = column("Its number in the household register.")
    address: str = column("Where it lives.")
    state: HouseholdState = column("Whether it still exists.")
    synthetic: bool = column("Whether it was made up for a demonstration.")
    area: Area | None = one("area_id", "The area in which it lies.")
    head: Person | None = one("head_person_id", "The head of the household.")
    members: Connection[HouseholdMember] = many("household_id", "Its members, past ones too.")


@node(
    tables.HouseholdMember,
    plural="household_members",
    permission="identity.household.read",
    own_column="person_id",
    filters=("household", "person"),
    order_by=("valid_from",),
)
class HouseholdMember(Node):
    """A person's time in a household."""

    relation: str = column("The relation to the head of the household.")
    valid_from: date = column("From which day.")
    valid_to: date | None = column("Up to, and without, which day.")
    household: Household | None = one("household_id", "The household.")
    person: Person | None = one("person_id", "The person.")


@node(
    tables.Organisation,
    plural="organisations",
    permission="identity.organisation.read",
    filters=("kind", "state", "uscc", "name_pinyin"),
    order_by=("name_pinyin",),
    group_by=("kind", "state", "area"),
)
class Organisation(Node):
    """A unit (单位) in the shared register: a social organisation, enterprise, office or committee."""

    name: str = column("Its name.")
    name_pinyin: str = column("The name in pinyin, by which names are sorted.")
    kind: OrganisationKind = column("What kind of body it is.")
    uscc: str | None = column("Its unified social credit code (GB 32100).")
    address: str = column("Its address.")
    contact_phone: str | None = column(
        "Its telephone; masked without permission.",
        permission="identity.organisation.reveal",
        mask=PHONE_MASK,
    )
    state: OrganisationState = column("Whether it still exists.")
    synthetic: bool = column("Whether it was made up for a demonstration.")
    area: Area | None = one("area_id", "Where it has its seat.")
