"""Needs and calls: what is asked for, by which rules, and from when until when."""
