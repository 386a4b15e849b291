"""What a plugin's code must keep to, checked without running it. Vendors run this in their own tests:

def test_the_plugin_keeps_to_the_rules():
    assert check_plugin("linli_volunteers") == []
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import grimp

from linli.manifest import read_manifest
from linli.registry import Candidate, discover
from linli.testing.statements import Finding, check_statements

_ONLY_IN_GRAPHQL: Final = ("strawberry", "graphql")
_NEVER: Final = ("asyncpg", "psycopg", "sqlalchemy")


def check_plugin(package: str) -> list[Finding]:
    """All that breaks the rules in an installed plugin's package; nothing when it keeps to them.

    Of the kernel, only `linli.plugin` is imported (`linli.testing` in tests); `linli_graphql.plugin` only in
    `<package>/graphql.py`; of other plugins only their `api`, and when the manifest requires them. Statements
    name the tenant, and Piccolo's calls that ignore it are not used.

    Raises: BadManifest; LookupError when there is no such package.
    """
    names = {candidate.package: candidate.name for candidate in discover()}
    candidate = Candidate(names.get(package, package.removeprefix("linli_")), f"{package}.plugin")
    directory = candidate.directory()
    if directory is None:
        raise LookupError(f"there is no package {package!r}")
    manifest = read_manifest(directory / "plugin.toml", candidate.name)
    imports = _Imports(package, names, manifest.requires)
    return sorted({*imports.findings(), *check_statements(directory)})


def _graph(package: str) -> grimp.ImportGraph:
    """The imports of a package, those from other packages of Linli down to the module."""
    alone = grimp.build_graph(package, include_external_packages=True, cache_dir=None)
    others = {name for name in alone.modules if alone.is_module_squashed(name) and _is_ours(name)}
    found = [name for name in sorted(others) if Candidate("", name).directory() is not None]
    return grimp.build_graph(package, *found, include_external_packages=True, cache_dir=None)


def _is_ours(name: str) -> bool:
    return name == "linli" or name.startswith("linli_")


class _Imports:
    """The imports that leave a plugin's package, judged one by one."""

    def __init__(self, package: str, names: Mapping[str, str], requires: Mapping[str, str]) -> None:
        self._package = package
        self._names = names
        self._requires = requires
        self._graph = _graph(package)

    def findings(self) -> Iterator[Finding]:
        inside = {self._package, *self._graph.find_descendants(self._package)}
        for importer in sorted(inside):
            for imported in sorted(self._graph.find_modules_directly_imported_by(importer)):
                if imported not in inside and (fault := self._fault(importer, imported)):
                    yield Finding(self._file(importer), self._line(importer, imported), fault)

    def _fault(self, importer: str, imported: str) -> str:
        root = imported.partition(".")[0]
        if root == "linli":
            return self._kernel_fault(importer, imported)
        in_graphql = _within(importer, f"{self._package}.graphql")
        if root == "linli_graphql":
            allowed = in_graphql and _within(imported, "linli_graphql.plugin")
            return "" if allowed else f"imports {imported}: linli_graphql.plugin, and only in graphql.py"
        if root in _ONLY_IN_GRAPHQL:
            return "" if in_graphql else f"imports {imported}: only graphql.py knows GraphQL"
        if root in _NEVER:
            return f"imports {imported}: rows are reached through linli.plugin"
        return self._plugin_fault(root, imported) if _is_ours(root) else ""

    def _kernel_fault(self, importer: str, imported: str) -> str:
        allowed = _within(imported, "linli.plugin")
        in_tests = _within(importer, f"{self._package}.tests")
        if allowed or (in_tests and _within(imported, "linli.testing")):
            return ""
        return f"imports {imported}: of the kernel only linli.plugin may be imported"

    def _plugin_fault(self, root: str, imported: str) -> str:
        name = self._names.get(root, root.removeprefix("linli_"))
        if not _within(imported, f"{root}.api"):
            return f"imports {imported}: of another plugin only {root}.api may be imported"
        return "" if name in self._requires else f"imports {imported}: the manifest does not require {name!r}"

    def _file(self, module: str) -> str:
        relative = module.replace(".", "/")
        directory = Candidate("", self._package).directory() or Path()
        is_package = (directory.parent / relative / "__init__.py").exists()
        return f"{relative}/__init__.py" if is_package else f"{relative}.py"

    def _line(self, importer: str, imported: str) -> int:
        details = self._graph.get_import_details(importer=importer, imported=imported)
        return min((detail["line_number"] for detail in details), default=0)


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
