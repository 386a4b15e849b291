"""What the plugin keeps about a person: for which organisations they act."""

from __future__ import annotations

from typing import Final

from linli.plugin import subject_table
from linli_venture.proposals.tables import Member

PERSONAL_DATA: Final = (subject_table("venture.member", "公益创投申报人", "Acting for an applicant", Member),)
