"""The kernel's masks, for use in declarations."""

from __future__ import annotations

from linli.masks import mask_name, mask_phone
from linli_graphql.declaration import Mask

NAME_MASK = Mask("name", mask_name)
PHONE_MASK = Mask("phone", mask_phone)
