"""The order of plugins: those that are required first, then by name, whatever order they were found in."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping


def dependency_order(requires: Mapping[str, Collection[str]]) -> list[str]:
    """The names in dependency order; names in a cycle, and those that require them, are left out.

    Requirements that are not names of the mapping are ignored.
    """
    open_count = {name: sum(other in requires for other in needed) for name, needed in requires.items()}
    dependants: dict[str, list[str]] = {name: [] for name in requires}
    for name, needed in requires.items():
        for other in needed:
            if other in requires:
                dependants[other].append(name)
    ready = [name for name, count in open_count.items() if count == 0]
    heapq.heapify(ready)
    order: list[str] = []
    while ready:
        name = heapq.heappop(ready)
        order.append(name)
        for dependant in dependants[name]:
            open_count[dependant] -= 1
            if open_count[dependant] == 0:
                heapq.heappush(ready, dependant)
    return order


def cycles(requires: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    """For each name in a cycle, the shortest way from it back to itself (`a`, `b`, `a`)."""
    found = {name: _way_back(name, requires) for name in requires}
    return {name: way for name, way in found.items() if way}


def _way_back(start: str, requires: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    came_from: dict[str, str] = {}
    front = [start]
    while front:
        following: list[str] = []
        for name in front:
            for other in sorted(requires.get(name, ())):
                if other == start:
                    way = [start]
                    while name != start:
                        way.append(name)
                        name = came_from[name]
                    return (start, *reversed(way[1:]), start)
                if other not in came_from:
                    came_from[other] = name
                    following.append(other)
        front = following
    return ()


def closure(names: Collection[str], requires: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The names and all that they require, as far as the mapping has them."""
    reached: set[str] = set()
    front = [name for name in names if name in requires]
    while front:
        name = front.pop()
        if name not in reached:
            reached.add(name)
            front += [other for other in requires[name] if other in requires]
    return frozenset(reached)
