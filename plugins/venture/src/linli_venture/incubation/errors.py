"""What is refused of incubations; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Invalid


class AlreadyIncubated(Conflict):
    """The organisation is in incubation already."""

    code = "venture.already_incubated"


class StillIncubatedThen(Invalid):
    """An incubation does not begin before the organisation's earlier one ended (on `ended`)."""

    code = "venture.still_incubated_then"


class EndsBeforeIncubation(Invalid):
    """An incubation does not end before the day on which it began (`started`)."""

    code = "venture.ends_before_incubation"


class OrganisationEnded(Conflict):
    """The organisation is dissolved, or its entry was closed."""

    code = "venture.organisation_ended"


class UnknownOrganisation(Invalid):
    """No organisation has this unified social credit code, or the actor may not see it."""

    code = "venture.unknown_organisation"
