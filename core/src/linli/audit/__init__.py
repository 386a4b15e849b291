"""The audit trail: who did what, when, from where, before and after; append-only and chained by hash."""
