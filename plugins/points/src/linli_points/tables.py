"""The plugin's tables. `migrations/` has their keys, references and checks."""

from __future__ import annotations

from typing import ClassVar

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz

from linli.plugin import AreaTable, TenantTable


class Subcategory(TenantTable, tablename="points_subcategory"):
    """A heading below one of the four categories; the tenant edits the list."""

    code = Text()
    category = Text()
    name_zh = Text()
    name_en = Text(default="")
    is_default = Boolean(default=False, help_text="shipped with the plugin, not decided by the tenant")
    state = Text(default="active")


class RuleSet(TenantTable, tablename="points_rule_set"):
    """A version of the standard: its rules hold for activities from `adopted_on` on, until a later one does.

    An `inherited` one is a copy of the city's, and cannot be changed.
    """

    number = Integer()
    title = Text()
    origin = Text(default="own")
    origin_id = UUID(default=None, null=True)
    state = Text(default="draft")
    adopted_on = Date(default=None, null=True)
    drafted_by = UUID(default=None, null=True)
    adopted_by = UUID(default=None, null=True)


class RuleSetArea(AreaTable, tablename="points_rule_set_area"):
    """An area in which a rule set holds, with all below it; a set without one holds in the whole tenant."""

    rule_set_id = UUID()


class Rule(TenantTable, tablename="points_rule"):
    """What earns how many points. Belongs to one version of the standard, and never changes once that is adopted."""

    rule_set_id = UUID()
    code = Text(help_text="the same over all versions")
    category = Text()
    subcategory_id = UUID()
    title = Text()
    points = Integer(help_text="for each item; for each hour with the source volunteer_hours")
    cap_claim = Integer(default=None, null=True, help_text="points of one claim at most")
    cap_day = Integer(default=None, null=True, help_text="points of one participant on one day at most")
    cap_year = Integer(default=None, null=True, help_text="points of one participant in one year at most")
    evidence_required = Boolean(default=True)
    for_person = Boolean(default=True)
    for_household = Boolean(default=False)
    for_unit = Boolean(default=False)
    source = Text(default="claim")


class Participant(AreaTable, tablename="points_participant"):
    """A resident, household or unit that takes part; lies where they do. The account is in the ledger."""

    kind = Text()
    person_id = UUID(default=None, null=True)
    household_id = UUID(default=None, null=True)
    organisation_id = UUID(default=None, null=True)
    contact_id = UUID(
        default=None, null=True, help_text="the person, or the member who joined for the household"
    )
    account_id = UUID()
    state = Text(default="active")
    joined_on = Date()
    left_on = Date(default=None, null=True)
    nickname = Text(default="")
    ranked = Boolean(default=False, help_text="chose to be shown in the ranking, by nickname")
    charity = Boolean(default=False, help_text="a unit to which points may be given")

    personal_columns: ClassVar[frozenset[str]] = frozenset({"nickname"})


class Claim(AreaTable, tablename="points_claim"):
    """Points claimed under a rule for an activity; lies where the participant did then."""

    participant_id = UUID()
    person_id = UUID(
        default=None, null=True, help_text="the participant, or the member who claims for a household"
    )
    rule_id = UUID()
    category = Text()
    activity = Text()
    activity_day = Date()
    slot = Text(default="", help_text="tells parts of one activity apart, such as a shift")
    quantity = Integer(default=1)
    points = BigInt()
    note = Text(default="")
    source = Text(default="claim")
    source_id = UUID(default=None, null=True)
    state = Text(default="draft")
    drafted_by = UUID(default=None, null=True)
    submitted_by = UUID(default=None, null=True)
    submitted_at = Timestamptz(default=None, null=True)
    verified_by = UUID(default=None, null=True)
    verified_at = Timestamptz(default=None, null=True)
    confirmed_by = UUID(default=None, null=True)
    confirmed_at = Timestamptz(default=None, null=True)
    publicised_at = Timestamptz(default=None, null=True)
    object_until = Timestamptz(
        default=None, null=True, help_text="the end of the notice, or of the time to object"
    )
    rejected_by = UUID(default=None, null=True)
    decision_reason = Text(default="")
    posted_at = Timestamptz(default=None, null=True)
    entry_id = UUID(default=None, null=True)
    reversed_at = Timestamptz(default=None, null=True)
    blocked_code = Text(default="", help_text="why the last try to post it failed")

    personal_columns: ClassVar[frozenset[str]] = frozenset({"note"})


class Evidence(AreaTable, tablename="points_evidence"):
    """What shows that an activity took place; counts for one claim only while that stands."""

    claim_id = UUID()
    person_id = UUID(default=None, null=True)
    kind = Text()
    reference = Text()
    digest = Text(help_text="SHA-256 of the file, or of the reference in its normal form")
    in_use = Boolean(default=True)

    personal_columns: ClassVar[frozenset[str]] = frozenset({"reference"})


class Objection(AreaTable, tablename="points_objection"):
    """Somebody objects to an award under notice, or the claimant to a rejection; decided by somebody new."""

    claim_id = UUID()
    against = Text()
    person_id = UUID(default=None, null=True)
    raised_by = UUID(default=None, null=True)
    raised_at = Timestamptz()
    reason = Text()
    state = Text(default="open")
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decision_reason = Text(default="")

    personal_columns: ClassVar[frozenset[str]] = frozenset({"reason"})


class Reward(AreaTable, tablename="points_reward"):
    """What points can be exchanged for, in an area and all below it."""

    name = Text()
    description = Text(default="")
    kind = Text()
    points = BigInt()
    value_fen = BigInt(default=0, help_text="what one costs the pool")
    stock = Integer(default=None, null=True, help_text="how many are left; null without a limit")
    provider_id = UUID(default=None, null=True, help_text="the unit that hands it out")
    offered_until = Date(default=None, null=True)
    state = Text(default="draft")


class Redemption(AreaTable, tablename="points_redemption"):
    """A participant's points for a reward: set aside, vouched for, handed out; lies where the participant did."""

    participant_id = UUID()
    person_id = UUID(default=None, null=True)
    reward_id = UUID()
    quantity = Integer()
    points = BigInt()
    value_fen = BigInt()
    number = Text(help_text="of the voucher, which its QR code holds")
    state = Text(default="reserved")
    hold_id = UUID()
    pool_id = UUID(default=None, null=True)
    pool_hold_id = UUID(default=None, null=True)
    requested_by = UUID(default=None, null=True)
    reserved_at = Timestamptz()
    expires_at = Timestamptz()
    issued_at = Timestamptz(default=None, null=True)
    fulfilled_at = Timestamptz(default=None, null=True)
    fulfilled_by = UUID(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    end_reason = Text(default="")


class Transfer(AreaTable, tablename="points_transfer"):
    """Points given within a household or to a charity; lies where the giver did."""

    from_participant_id = UUID()
    to_participant_id = UUID()
    person_id = UUID(default=None, null=True, help_text="the giver, or the member who gives for a household")
    purpose = Text()
    points = BigInt()
    state = Text(default="offered")
    hold_id = UUID()
    offered_by = UUID(default=None, null=True)
    offered_at = Timestamptz()
    accepted_by = UUID(default=None, null=True)
    accepted_at = Timestamptz(default=None, null=True)
    due_at = Timestamptz(default=None, null=True, help_text="when the cooling-off is over")
    posted_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    end_reason = Text(default="")


class Pool(AreaTable, tablename="points_pool"):
    """The money of a year with which an area and all below it pays for rewards; its balance is in the ledger."""

    year = Integer()
    residents = BigInt(help_text="permanent residents")
    residents_as_of = Date()
    source = Text(help_text="who says how many residents there are")
    rate_fen = BigInt(help_text="for each permanent resident")
    budget_fen = BigInt()
    account_id = UUID()
