"""Grants: what was awarded, and how it is paid and accounted for."""
