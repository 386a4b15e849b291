"""What this plugin refuses of stays, dwellings and contracts; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Forbidden, Invalid


class OwnReport(Forbidden):
    """Nobody verifies a stay that is their own or that they reported."""

    code = "migrants.own_report"


class StayOverlaps(Conflict):
    """The person has another stay at that time."""

    code = "migrants.stay_overlaps"


class StayEndsBeforeStart(Invalid):
    """A stay or contract ends on a day after it begins."""

    code = "migrants.ends_before_start"


class NotOriginCode(Invalid):
    """An origin is the code of a county or of a place below it: 6, 9 or 12 digits."""

    code = "migrants.not_an_origin_code"


class OriginIsHere(Conflict):
    """Whoever is registered in this place's household register is no newcomer (`area_code`)."""

    code = "migrants.origin_is_here"


class PersonNotActive(Conflict):
    """The person's entry in the register is not active."""

    code = "migrants.person_not_active"


class DwellingNotActive(Conflict):
    """The dwelling is no longer in use."""

    code = "migrants.dwelling_not_active"


class DwellingTaken(Conflict):
    """There is a dwelling with this address in the area already."""

    code = "migrants.dwelling_taken"


class DwellingInhabited(Conflict):
    """People are on file in the dwelling (`count`)."""

    code = "migrants.dwelling_inhabited"


class TwoLandlords(Invalid):
    """A dwelling is let by a person or by a unit, not by both."""

    code = "migrants.two_landlords"


class NotInOwnHands(Forbidden):
    """One reports oneself, people in a dwelling that one lets, or an employer's own staff."""

    code = "migrants.not_in_own_hands"


class EmployerUnusable(Conflict):
    """There is no such unit, or it no longer exists."""

    code = "migrants.employer_unusable"


class ContractOverlaps(Conflict):
    """The person has a contract for this dwelling at that time already."""

    code = "migrants.contract_overlaps"


class ContractTooLong(Invalid):
    """A tenancy lasts at most `limit` years (Civil Code, art. 705)."""

    code = "migrants.contract_too_long"


class AgentAppointed(Conflict):
    """The person reports for this unit already."""

    code = "migrants.agent_appointed"


class AgentEnded(Conflict):
    """The person reports for this unit no longer."""

    code = "migrants.agent_ended"


class PersonUnclear(Conflict):
    """The identity number belongs to another name, or to several entries (`count`) of the register."""

    code = "migrants.person_unclear"
