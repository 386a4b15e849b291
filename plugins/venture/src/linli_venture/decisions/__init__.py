"""Decisions: awards, reserves, public notice, objections."""
