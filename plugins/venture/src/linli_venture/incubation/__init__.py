"""Incubation: organisations that a district helps to stand on their own."""
