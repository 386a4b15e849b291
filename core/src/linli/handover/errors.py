"""What hand-overs refuse. None of these ever says a value."""

from __future__ import annotations

from linli.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class UnknownCounterpart(NotFound):
    """No active place with this name accepts hand-overs (`counterpart`)."""

    code = "handover.unknown_counterpart"


class OwnPlace(Invalid):
    """A place hands nothing over to itself."""

    code = "handover.own_place"


class UnknownField(Invalid):
    """No enabled part declares this field for hand-overs (`field`)."""

    code = "handover.unknown_field"


class TooManyFields(Invalid):
    """A hand-over has 1 to `limit` fields."""

    code = "handover.too_many_fields"


class BadProvider(Conflict):
    """A part gave other fields than those asked for, or what is no plain value (`part`)."""

    code = "handover.bad_provider"


class PersonGone(Conflict):
    """The entry of the person is merged, or its data were erased."""

    code = "handover.person_gone"


class OfferedAlready(Conflict):
    """The person is offered or handed over to this place already (`counterpart`)."""

    code = "handover.offered_already"


class OfferExpired(Conflict):
    """The offer was not answered in time."""

    code = "handover.offer_expired"


class BadExpiry(Invalid):
    """An offer is open for 1 to `limit` days."""

    code = "handover.bad_expiry"


class NotAccepted(Conflict):
    """Only an accepted hand-over is updated (`state`)."""

    code = "handover.not_accepted"


class NothingChanged(Conflict):
    """The agreed values are what was sent last."""

    code = "handover.nothing_changed"


class TooManyUpdates(Conflict):
    """A hand-over has at most `limit` messages of each side."""

    code = "handover.too_many_updates"


class NameNotHandedOver(Conflict):
    """A new entry needs a name, and none was handed over: register the person first."""

    code = "handover.name_not_handed_over"


class NothingToRetry(Conflict):
    """No message of the hand-over has failed for good."""

    code = "handover.nothing_to_retry"


class NotAccepting(Unavailable):
    """The other place does not accept hand-overs, or does not work now."""

    code = "handover.not_accepting"


class ContentGone(Conflict):
    """What was handed over has been erased, or was not yet sent and is gone."""

    code = "handover.content_gone"


class BadSignature(Forbidden):
    """A message or receipt is not what its sender signed (`what`)."""

    code = "handover.bad_signature"


class MessageChanged(Conflict):
    """A message came again with another content, or another message under its number."""

    code = "handover.message_changed"


class BadMessage(Invalid):
    """A message does not have the form, or says what its sender may not say (`reason`)."""

    code = "handover.bad_message"


class TooManyWaiting(Unavailable):
    """More messages wait for an earlier one than are kept (`limit`)."""

    code = "handover.too_many_waiting"
