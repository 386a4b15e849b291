"""Plugins made on the spot: packages in a temporary folder that is on the import path while a test runs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from linli.registry import Candidate, Composition, Interface, compose

_MANIFEST = """
[plugin]
name = "{name}"
title = {{ zh = "测试插件", en = "A test plugin" }}
version = "{version}"
kernel = "{kernel}"
prefix = "{name}_"
tier = "bronze"
requires = {{ {requires} }}
"""


class FakePlugins:
    """A folder of plugins; used as a context manager, it leaves no trace in the interpreter."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.candidates: list[Candidate] = []

    def __enter__(self) -> Self:
        sys.path.insert(0, str(self._folder))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.path.remove(str(self._folder))
        packages = {candidate.package for candidate in self.candidates}
        for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
            del sys.modules[name]
        importlib.invalidate_caches()

    def add(
        self,
        name: str,
        plugin: str = "",
        *,
        manifest: str = "",
        version: str = "0.1.0",
        kernel: str = ">=0.1",
        requires: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> Candidate:
        """Write a plugin: the body of its `plugin.py`, more sections of its manifest, other files by path."""
        package = f"linli_{name}"
        needs = ", ".join(f'{other} = "{specifier}"' for other, specifier in (requires or {}).items())
        header = _MANIFEST.format(name=name, version=version, kernel=kernel, requires=needs)
        contents = {
            "__init__.py": "",
            "plugin.py": f"from linli.hookspecs import hookimpl\n{plugin}\n",
            "plugin.toml": f"{header}\n{manifest}\n",
            **(files or {}),
        }
        for path, content in contents.items():
            target = self._folder / package / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
        importlib.invalidate_caches()
        candidate = Candidate(name, f"{package}.plugin")
        self.candidates.append(candidate)
        return candidate

    def compose(self, *interfaces: Interface) -> Composition:
        """The composition of these plugins, for a kernel of version 0.1.0."""
        return compose(self.candidates, interfaces=interfaces, kernel_version="0.1.0")
