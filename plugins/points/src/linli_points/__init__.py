"""Points 积分制: recognition for good deeds, under a city-wide standard, on the double-entry ledger."""
