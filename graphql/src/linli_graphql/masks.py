"""The kernel's masks, for use in declarations: the same rule in Python and in SQL."""

from __future__ import annotations

from linli.masks import mask_name, mask_phone
from linli_graphql.declaration import Mask

HIDDEN_MASK = Mask("hidden", lambda _text: "***", "'***'", plain=True)
NAME_MASK = Mask(
    "name",
    mask_name,
    "case when length({value}) <= 1 then repeat('*', length({value}))"
    " else left({value}, 1) || repeat('*', least(length({value}) - 1, 8)) end",
)
PHONE_MASK = Mask(
    "phone",
    mask_phone,
    # Eleven digits, as most numbers are, are told by the cheapest expression that tells them.
    "case when octet_length({value}) = 11 and {value} !~ '[^0-9]'"
    " then overlay({value} placing '****' from 4 for 4)"
    " when {value} ~ '^[0-9+() -]{{5,30}}[0-9]{{2}}$' then '****' || right({value}, 2)"
    " when {value} = '' then '' else '****' end",
    plain=True,
)
