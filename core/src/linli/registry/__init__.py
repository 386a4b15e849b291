"""The plugin host: discover → check → order → load → collect. The result is a value that is passed."""

from linli.registry.composition import Composition, compose, installed_composition
from linli.registry.discovery import Candidate, Interface, discover, installed_interfaces
from linli.registry.errors import (
    BadHookArguments,
    BadTexts,
    Collision,
    Cycle,
    HookFailed,
    ImportFailed,
    MissingRequirement,
    PluginError,
    Quarantine,
    Undeclared,
    UnfitVersion,
    UnknownHook,
)
from linli.registry.plugin_set import Permission, PluginSet

__all__ = [
    "BadHookArguments",
    "BadTexts",
    "Candidate",
    "Collision",
    "Composition",
    "Cycle",
    "HookFailed",
    "ImportFailed",
    "Interface",
    "MissingRequirement",
    "Permission",
    "PluginError",
    "PluginSet",
    "Quarantine",
    "Undeclared",
    "UnfitVersion",
    "UnknownHook",
    "compose",
    "discover",
    "installed_composition",
    "installed_interfaces",
]
