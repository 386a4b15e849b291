"""The exchange with the authority that issues permits: an interface, and an adapter over a shared folder."""

from linli_migrants.exchange.outbox import enqueue_application, is_on

__all__ = ["enqueue_application", "is_on"]
