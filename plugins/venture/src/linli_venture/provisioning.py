"""What makes a tenant ready: nothing but a demonstration. The profile's section, which is optional:

[plugins.venture.demo]        # see `demonstration.py`
yuan = 1_500_000
incubated = 145
"""

from __future__ import annotations

from typing import Final

from linli.plugin import Provisioner
from linli_venture import demonstration

PROVISIONERS: Final = (Provisioner("demo", demonstration.demo),)
