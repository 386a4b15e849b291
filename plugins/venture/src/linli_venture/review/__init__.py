"""Review: experts, the draw, blind scores, the ranking."""
