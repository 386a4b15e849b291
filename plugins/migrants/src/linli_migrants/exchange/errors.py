"""What can go wrong with the exchange."""

from __future__ import annotations

from linli.plugin import Conflict, Unavailable


class ExchangeUnavailable(Unavailable):
    """The authority's folder cannot be reached, or is not set up for this tenant."""

    code = "migrants.exchange_unavailable"


class NotSetAside(Conflict):
    """Only an answer that was set aside is settled by people."""

    code = "migrants.answer_not_set_aside"


class NotFailed(Conflict):
    """Only a message that was given up is sent anew by people."""

    code = "migrants.message_not_failed"
