"""`make bench`: builds the data, compares the contenders in alternation, writes results/latest.md, and stops.

Options: --smoke (tiny data, under a minute), --only q1,q2,…, --contenders linli,floor,…, --seconds, --rounds.
"""

# ruff: noqa: T201, S311

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncpg
import ledger
import queries
from contenders import Contender, running
from data import BenchData, prepare
from load import Measured, Request, measure, pgbench, rss_mb
from report import Results, markdown, median
from setting import FULL, HERE, SMOKE, Scale, Servers, install_plugin, running_servers, work_directory

from linli.db.database import Database
from linli_graphql.ids import to_global_id

QUERIES = ("q1", "q2", "q3", "write", "postings", "tenants", "growth")
CONTENDERS = ("linli", "floor", "postgraphile", "mercurius", "pgbench")
_TRY_SECONDS = 2
_GROWTH_SECONDS_MAX = 260
_SYSTEMS = ("linli", "floor", "postgraphile", "mercurius", "mercurius, bound in the statement")


def main() -> None:
    """Run it."""
    given = _arguments()
    scale = SMOKE if given.smoke else FULL
    scale = replace(scale, seconds=given.seconds or scale.seconds, rounds=given.rounds or scale.rounds)
    folder = work_directory()
    install_plugin(folder)
    with running_servers(folder, scale) as servers:
        results = Results(conditions=_conditions(given))
        if set(given.only) - {"postings"}:
            _requests(servers, scale, folder, results, given)
        if "postings" in given.only:
            ledger.compare(servers, scale, results, _tell)
    text = markdown(results, scale)
    name = "smoke.md" if given.smoke else "latest.md"
    place = folder / name if given.smoke else HERE / "results" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(text, encoding="utf-8")
    print(f"{text}\n{place}")


def _requests(
    servers: Servers, scale: Scale, folder: Path, results: Results, given: argparse.Namespace
) -> None:
    """What goes through the API, on data that are built once."""
    data = asyncio.run(prepare(servers, scale, folder))
    starts = asyncio.run(page_starts(servers, data))
    with running(servers, data, folder, starts, given.contenders) as contenders:
        _check(contenders)
        for query in given.only:
            if query in ("q1", "q2", "q3", "write"):
                _compare(query, contenders, results, scale, servers, data, starts, given.contenders)
        if "tenants" in given.only:
            _many_tenants(contenders, data, results, scale)
        if "growth" in given.only:
            _growth(contenders, results, scale)


def _compare(
    query: str,
    contenders: Sequence[Contender],
    results: Results,
    scale: Scale,
    servers: Servers,
    data: BenchData,
    starts: Sequence[str],
    wanted: Sequence[str],
) -> None:
    able = [one for one in contenders if query in one.requests]
    chosen: list[Contender] = []
    for system in _SYSTEMS:
        chosen += _best(query, [one for one in able if one.system == system], results, scale)
    for one in chosen if scale.warm_seconds else ():
        measure(one.target, one.requests[query], scale.warm_seconds)
    for number in range(scale.rounds):
        for one in chosen:
            measured = measure(one.target, one.requests[query], scale.seconds)
            results.add(query, one.name, one.system, measured)
            _tell(query, one.name, number, measured)
        if "pgbench" in wanted and query in queries.SQL and shutil.which("pgbench"):
            measured = _pgbench(query, servers, data, starts, scale)
            results.add(query, "pgbench, no HTTP", "pgbench", measured)
            _tell(query, "pgbench", number, measured)


def _best(query: str, variants: Sequence[Contender], results: Results, scale: Scale) -> list[Contender]:
    """The quickest of a system's configurations for this query."""
    if len(variants) < 2 or scale.name == SMOKE.name:
        return list(variants[:1])
    seconds = min(_TRY_SECONDS, scale.seconds)
    speeds = {}
    for one in variants:
        measure(one.target, one.requests[query], 1)
        speeds[one.name] = measure(one.target, one.requests[query], seconds).per_s
    results.tried.append(f"{query}: " + ", ".join(f"{name} {speed:,.0f}" for name, speed in speeds.items()))
    return [max(variants, key=lambda one: speeds[one.name])]


def _check(contenders: Sequence[Contender]) -> None:
    """All contenders give equal data for the same question, or the run ends here."""
    for query in ("q1", "q2", "q3"):
        able = [one for one in contenders if query in one.requests]
        for number in {0, min(len(one.requests[query]) for one in able) - 1}:
            first = queries.rows(able[0].ask(query, number))
            assert first, f"{able[0].name} gives nothing for {query}"
            for other in able[1:]:
                found = queries.rows(other.ask(query, number))
                if found != first:
                    shown = next(
                        (pair for pair in zip(first, found, strict=False) if pair[0] != pair[1]), None
                    )
                    raise AssertionError(f"{query} {number}: {able[0].name} and {other.name} differ: {shown}")
    for one in contenders:
        if "write" in one.requests:
            done = one.ask("write")["data"]
            assert not any(part.get("problems") for part in done.values()), (
                f"{one.name} refuses to write: {done}"
            )
    print(f"{len(contenders)} contenders give equal data")


def _many_tenants(contenders: Sequence[Contender], data: BenchData, results: Results, scale: Scale) -> None:
    """The same questions, nine Q1 to one Q2, to one small tenant and to all of them in random order."""
    for linli in [one for one in contenders if one.system == "linli"][:1]:
        chance = random.Random(6)

        def mix(tenants: Sequence[dict[str, object]]) -> list[Request]:
            return [_mixed(chance.choice(tenants), chance) for _ in range(10_000)]  # noqa: B023

        loads = {"one tenant": mix(data.small[:1]), f"{len(data.small)} tenants": mix(data.small)}
        runs: dict[str, list[Measured]] = {name: [] for name in loads}
        for requests in loads.values() if scale.warm_seconds else ():
            measure(linli.target, requests, scale.warm_seconds)
        for number in range(scale.rounds):
            for name, requests in loads.items():
                runs[name].append(measure(linli.target, requests, scale.seconds))
                _tell("mix", name, number, runs[name][-1])
        one, many = (median(found) for found in runs.values())
        results.notes.append(
            f"Mix of nine Q1 and one Q2: {one.per_s:,.0f} requests/s in one tenant, {many.per_s:,.0f} over"
            f" {len(data.small):,} tenants in random order: {(1 - many.per_s / one.per_s) * 100:.1f} % less"
            f" (aim: < 15 %); p99 {one.p99_ms:.1f} and {many.p99_ms:.1f} ms; {one.errors + many.errors} errors."
        )


def _mixed(tenant: dict[str, object], chance: random.Random) -> Request:
    people: list[str] = tenant["people"]  # type: ignore[assignment]
    query, variables = "q2", {}
    if chance.random() < 0.9:
        query, variables = "q1", {"id": to_global_id("Person", UUID(chance.choice(people)))}
    text = json.dumps({"query": queries.LINLI[query], "variables": variables})
    return Request(text, str(tenant["token"]))


def _growth(contenders: Sequence[Contender], results: Results, scale: Scale) -> None:
    """Resident memory of the one worker over many requests, at most four and a half minutes."""
    for linli in [one for one in contenders if one.system == "linli"][:1]:
        done, spent, seconds = 0, 0, max(1, scale.seconds)
        seen = [(0, rss_mb(linli.target.server_pid))]
        while done < scale.growth_requests and spent < (
            _GROWTH_SECONDS_MAX if scale.name != SMOKE.name else 2
        ):
            done += measure(linli.target, linli.requests["q1"], seconds).requests
            spent += seconds
            seen.append((done, rss_mb(linli.target.server_pid)))
        shown = [seen[0], seen[len(seen) // 2], seen[-1]]
        results.notes.append(
            "Memory of Linli's worker after all runs above and then Q1 alone: "
            + ", ".join(f"{rss:.0f} MB after {count:,}" for count, rss in shown)
            + " requests (aim: < 250 MB after a million)."
        )


async def page_starts(servers: Servers, data: BenchData) -> list[str]:
    """The ids after which the second and following pages of 100 begin."""
    connection = await asyncpg.connect(servers.owner_url)
    try:
        rows = await connection.fetch(
            "select id from identity_person where tenant_id = $1 order by id limit $2",
            UUID(data.tenant_id),
            queries.PAGE * (queries.STARTS + queries.PAGES),
        )
    finally:
        await connection.close()
    return [str(row["id"]) for row in rows[queries.PAGE - 1 :: queries.PAGE]][
        : queries.STARTS + queries.PAGES - 2
    ]


def _pgbench(query: str, servers: Servers, data: BenchData, starts: Sequence[str], scale: Scale) -> Measured:
    keys = data.people[:16] if query == "q1" else starts[: queries.STARTS - 1]
    sql = queries.SQL[query].replace("$1", f"'{data.tenant_id}'::uuid").replace("$3", "1000")
    statements = [sql.replace("$2", f"'{key}'") for key in keys]
    url = Database(servers.owner_url, secret_key=servers.secret_key).api_url
    return pgbench(url, statements, scale.seconds, servers.postgres_pid)


def _conditions(given: argparse.Namespace) -> list[str]:
    busy = os.getloadavg()[0]
    found = [f"Load average of the machine before the run: {busy:.1f}."]
    if busy > 0.7:
        found.append("PROVISIONAL: the machine was not quiet.")
    left_out = set(CONTENDERS) - set(given.contenders)
    if left_out:
        found.append(f"Left out: {', '.join(sorted(left_out))}.")
    return found


def _tell(query: str, name: str, number: int, m: Measured) -> None:
    flawed = f", {m.errors} ERRORS" if m.errors else ""
    times = f"p50 {m.p50_ms:.1f}, p99 {m.p99_ms:.1f} ms"
    print(f"{query} {name} #{number + 1}: {m.per_s:,.0f}/s, {times}{flawed}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(QUERIES))
    parser.add_argument("--contenders", type=lambda text: text.split(","), default=list(CONTENDERS))
    parser.add_argument("--seconds", type=int, choices=range(1, 61), metavar="1-60")
    parser.add_argument("--rounds", type=int, choices=range(1, 11), metavar="1-10")
    return parser.parse_args()


if __name__ == "__main__":
    main()
