"""The API's spellings: camelCase for fields, PascalCase for types."""

from __future__ import annotations

import re


def camel(name: str) -> str:
    """`registered_on` → `registeredOn`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def pascal(name: str) -> str:
    """`register_person` → `RegisterPerson`."""
    return "".join(part.capitalize() for part in name.split("_"))


def snake(name: str) -> str:
    """`SocialOrganisation` → `social_organisation`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
