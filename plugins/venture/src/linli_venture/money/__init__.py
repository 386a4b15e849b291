"""Money: pools and what flows into them."""
