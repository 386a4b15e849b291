"""What another plugin may import."""

from __future__ import annotations

from linli_social_workers.events import AllowancesApproved, Registered, RegistrationEnded

__all__ = ["AllowancesApproved", "Registered", "RegistrationEnded"]
