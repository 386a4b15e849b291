"""What this plugin refuses; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Forbidden, Invalid


class ForbiddenSubject(Invalid):
    """A rule's subject is one that can never earn points (`word`). Source: domain.md §4; 个人信息保护法."""

    code = "points.forbidden_subject"


class GatesBasicService(Invalid):
    """A reward is, or gates, a basic public service (`word`). Source: domain.md §4."""

    code = "points.gates_basic_service"


class NumberOutOfRange(Invalid):
    """A number is not from `low` to `high`."""

    code = "points.number_out_of_range"


class NobodyCanClaim(Invalid):
    """A rule is for no kind of participant."""

    code = "points.nobody_can_claim"


class CityStandardApplies(Forbidden):
    """The standard is the city's; a district cannot make or change values."""

    code = "points.city_standard_applies"


class NotADraft(Conflict):
    """Only the draft of a standard can be changed."""

    code = "points.not_a_draft"


class NoRules(Conflict):
    """A standard without rules cannot be adopted."""

    code = "points.no_rules"


class AdoptedBackwards(Invalid):
    """A standard cannot hold from a day before today (`from_day`)."""

    code = "points.adopted_backwards"


class SubcategoryInUse(Conflict):
    """Rules that hold name the sub-category."""

    code = "points.subcategory_in_use"


class AlreadyParticipant(Conflict):
    """The person, household or unit takes part already."""

    code = "points.already_participant"


class NotAParticipant(Conflict):
    """The participant has left, or the person, household or unit does not take part."""

    code = "points.not_a_participant"


class NotPresent(Conflict):
    """The person's, household's or unit's entry in the register is not active."""

    code = "points.not_present"


class NotYours(Forbidden):
    """Somebody acts for a household to which they do not belong, or for another person."""

    code = "points.not_yours"


class RuleNotInForce(Conflict):
    """The rule did not hold on the day of the activity, or not in the participant's area."""

    code = "points.rule_not_in_force"


class WrongKind(Conflict):
    """The rule is not for this kind of participant (`kind`)."""

    code = "points.wrong_kind"


class RecordedElsewhere(Conflict):
    """What the rule counts comes from another module, and cannot be claimed by hand."""

    code = "points.recorded_elsewhere"


class TooLongAgo(Conflict):
    """The activity lies too long ago (`days`)."""

    code = "points.too_long_ago"


class AlreadyClaimed(Conflict):
    """The participant has a claim for this activity and slot."""

    code = "points.already_claimed"


class EvidenceMissing(Invalid):
    """The rule needs evidence."""

    code = "points.evidence_missing"


class EvidenceUsed(Conflict):
    """The evidence counts for another claim."""

    code = "points.evidence_used"


class CapExceeded(Conflict):
    """The participant would get more under this rule than its cap for the day or year (`cap`, `left`)."""

    code = "points.cap_exceeded"


class OwnCase(Forbidden):
    """Nobody decides their own case, nor a case in which they acted before."""

    code = "points.own_case"


class NoticeRunning(Conflict):
    """The notice is not over yet (`until`)."""

    code = "points.notice_running"


class ObjectionTooLate(Conflict):
    """The time to object is over (`until`)."""

    code = "points.objection_too_late"


class AlreadyObjected(Conflict):
    """An objection of this kind was decided for the claim already."""

    code = "points.already_objected"


class NotOffered(Conflict):
    """The reward is not offered now, or not in the participant's area."""

    code = "points.not_offered"


class OutOfStock(Conflict):
    """Fewer are left than are wanted (`left`)."""

    code = "points.out_of_stock"


class NotEnoughPoints(Conflict):
    """More points are to be spent than are available."""

    code = "points.not_enough_points"


class PoolExhausted(Conflict):
    """The year's pool has less left than the reward costs, or there is none."""

    code = "points.pool_exhausted"


class VoucherExpired(Conflict):
    """The voucher is no longer good (`expired_on`)."""

    code = "points.voucher_expired"


class TransferToSelf(Invalid):
    """The giver and the receiver are the same."""

    code = "points.transfer_to_self"


class UnitCannotGive(Forbidden):
    """A unit never transfers points to a person."""

    code = "points.unit_cannot_give"


class NotAHousehold(Conflict):
    """The two do not belong to one household."""

    code = "points.not_a_household"


class NotACharity(Conflict):
    """The receiver is not a unit to which points may be given."""

    code = "points.not_a_charity"


class CoolingOff(Conflict):
    """An accepted transfer can still be cancelled, and moves only then (`until`)."""

    code = "points.cooling_off"


class TransferCapExceeded(Conflict):
    """The giver would have transferred more than is allowed in a year (`cap`, `left`)."""

    code = "points.transfer_cap_exceeded"


class PoolExists(Conflict):
    """The area has a pool for that year already."""

    code = "points.pool_exists"


class AmbiguousParticipant(Conflict):
    """Several participants have this name and telephone (`count`)."""

    code = "points.ambiguous_participant"


class NoDraft(Conflict):
    """There is no draft of the standard into which rules could be put."""

    code = "points.no_draft"
