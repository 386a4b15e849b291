"""The benchmark's own plugin: entries of points, as a ledger would have them. It is never installed."""
