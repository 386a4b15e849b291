"""Proposals: drafted by an organisation, handed in once, checked for eligibility."""
