"""Why a plugin is quarantined: it is left out, and the platform and the other plugins go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from linli.errors import LinliError
from linli.manifest import Manifest


class PluginError(LinliError):
    """Base of the reasons for a quarantine; every one has the detail `plugin`."""

    code: ClassVar[str] = "plugins.unusable"


class UnfitVersion(PluginError):
    """The version of the kernel, a required plugin or an event does not fit (`needs`, `found`)."""

    code = "plugins.unfit_version"


class MissingRequirement(PluginError):
    """A required plugin is not installed, or is quarantined itself (`requires`, `why`: a code)."""

    code = "plugins.missing_requirement"


class Cycle(PluginError):
    """The plugin requires itself by way of others (`cycle`)."""

    code = "plugins.cycle"


class ImportFailed(PluginError):
    """The plugin's code cannot be imported (`module`, `error`: type and message)."""

    code = "plugins.import_failed"


class UnknownHook(PluginError):
    """A function marked as a hook has a name that no hook has (`hook`, `nearest`)."""

    code = "plugins.unknown_hook"


class BadHookArguments(PluginError):
    """A hook function takes arguments, wraps others, or lacks the mark `@hookimpl` (`hook`, `reason`)."""

    code = "plugins.bad_hook_arguments"


class HookFailed(PluginError):
    """A hook function raised, or returned something that it must not (`hook`, `error`)."""

    code = "plugins.hook_failed"


class Undeclared(PluginError):
    """The plugin's code uses a name that its manifest does not declare or allow (`what`, `name`)."""

    code = "plugins.undeclared"


class PersonalPlaceholder(PluginError):
    """A message would show a column that holds something personal, or is not there (`message`, `column`)."""

    code = "plugins.personal_placeholder"


class BadTexts(PluginError):
    """A file of the plugin's texts cannot be used (`reason`)."""

    code = "plugins.bad_texts"


class Collision(PluginError):
    """Two plugins claim the same thing (`claim`, `plugin`, `other`)."""

    code = "plugins.collision"


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A plugin that is installed but left out.

    `error` has the stable code and details (its `__cause__` is what the plugin raised), `sentence` says it in
    English for logs and terminals; `manifest` is None when it could not be read.
    """

    name: str
    error: LinliError
    sentence: str
    manifest: Manifest | None = None
