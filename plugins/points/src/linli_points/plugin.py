"""What the kernel asks this plugin at start; each hook points to the module that has the answer."""

from __future__ import annotations
