"""A lint of a plugin's statements: each names the tenant, and Piccolo's calls that ignore it are not used.

It sees what is written out: SQL in texts and in constants of the module, and queries in one chain of calls on
a class. Row-level security holds for all the rest.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FILES_MAX: Final = 2_000
_AWAITED: Final = ("save", "remove", "refresh", "get_related")
_ANYWHERE: Final = ("get_or_create", "run_sync", "batch", "atomic")
_QUERIES: Final = ("select", "objects", "count", "exists", "update", "delete")
_RAW: Final = ("raw", "alter", "create_table", "insert")
_EXECUTING: Final = ("fetch", "fetchrow", "fetchval", "execute", "executemany")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One breach of a rule, at a file (relative to the folder of the package) and line."""

    file: str
    line: int
    message: str


def check_statements(directory: Path) -> Iterator[Finding]:
    """The findings in all modules of a package but its migrations and tests."""
    files = [path for path in sorted(directory.rglob("*.py"))[:_FILES_MAX] if _is_checked(path, directory)]
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        name = path.relative_to(directory.parent).as_posix()
        for line, message in _faults(tree):
            yield Finding(name, line, message)


def _is_checked(path: Path, directory: Path) -> bool:
    return not {"migrations", "tests"} & set(path.relative_to(directory).parts)


def _faults(tree: ast.Module) -> Iterator[tuple[int, str]]:
    constants = {name: text for node in tree.body for name, text in _constant(node)}
    chained: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("piccolo"):
            if any(alias.name == "ForeignKey" for alias in node.names):
                yield (
                    node.lineno,
                    "ForeignKey joins by id alone: keep the id, and declare the key in the migration",
                )
        elif isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            name = _called(node.value)
            if name in _AWAITED:
                yield node.lineno, f"{name}() ignores the tenant or the version: use linli.plugin.rows"
        elif isinstance(node, ast.Call):
            if _called(node) in _ANYWHERE:
                yield node.lineno, f"{_called(node)}() leaves the unit of work or ignores the tenant"
            if _called(node) in _EXECUTING and node.args:
                yield from _sql_fault(node, constants)
            if node not in chained:
                chain = list(_chain(node))
                chained.update(chain)
                yield from _query_fault(node, chain)


def _query_fault(node: ast.Call, chain: list[ast.Call]) -> Iterator[tuple[int, str]]:
    """A chain of calls on a class, such as `Club.select(…).where(…)`, outermost call first."""
    root = chain[-1].func
    if not (isinstance(root, ast.Attribute) and isinstance(root.value, ast.Name)):
        return
    if not root.value.id[:1].isupper():
        return
    if root.attr in _RAW:
        yield node.lineno, f"{root.value.id}.{root.attr}(): use linli.plugin.rows, or SQL through ctx.db"
    if root.attr in _QUERIES:
        conditions = [call for call in chain if _called(call) == "where"]
        if not any(_names_tenant(call) for call in conditions):
            yield node.lineno, f"{root.value.id}.{root.attr}() without tenant_id in where()"


def _sql_fault(node: ast.Call, constants: dict[str, str]) -> Iterator[tuple[int, str]]:
    argument = node.args[0]
    text = constants.get(argument.id) if isinstance(argument, ast.Name) else _text(argument)
    if text and any(word in text.lower().split() for word in ("select", "insert", "update", "delete")):
        if "tenant_id" not in text:
            yield node.lineno, "a statement without tenant_id"
        if (
            text.lower().split()[0] in ("delete", "update")
            and " where " not in f" {' '.join(text.lower().split())} "
        ):
            yield node.lineno, "a change of all rows, without a where"


def _chain(node: ast.Call) -> Iterator[ast.Call]:
    current: ast.expr = node
    while isinstance(current, ast.Call):
        yield current
        if not isinstance(current.func, ast.Attribute):
            return
        current = current.func.value


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _names_tenant(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Attribute) and inner.attr == "tenant_id" for inner in ast.walk(node))


def _constant(node: ast.stmt) -> Iterator[tuple[str, str]]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    value = getattr(node, "value", None)
    text = _text(value) if isinstance(value, ast.expr) else ""
    yield from ((target.id, text) for target in targets if isinstance(target, ast.Name) and text)


def _text(node: ast.expr) -> str:
    """The text of a literal; of an f-string what is written out; "" for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return " ".join(_text(part) for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    return ""
