"""Uses the client that ariadne-codegen made: a list in pages, a mutation that is refused, a node fetched again."""

# ruff: noqa: T201

from __future__ import annotations

import asyncio
import os
from datetime import date

from linli_client import LinliClient, RegisterPersonInput


async def main() -> None:
    """Run all three."""
    headers = {"Authorization": f"Bearer {os.environ['LINLI_TOKEN']}"}
    async with LinliClient(url=os.environ["LINLI_URL"], headers=headers) as client:
        found: list[str] = []
        after: str | None = None
        pages = 0
        while pages < 10:
            page = (await client.area_page(first=2, after=after)).areas
            found += [edge.node.id for edge in page.edges]
            pages += 1
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page:
                break
        assert (len(found), len(set(found)), pages) == (5, 5, 3), (found, pages)
        print(f"ariadne-codegen: {len(found)} areas in {pages} pages")

        wrong = RegisterPersonInput(fullName="示例·乙", birthDate=date(2999, 1, 1), synthetic=True)
        refused = (await client.register(wrong)).register_person
        assert refused.person is None
        [problem] = refused.problems
        assert problem.path == ["input", "birthDate"]
        print(f"ariadne-codegen: refused as {problem.code} at {'.'.join(problem.path)}")

        right = RegisterPersonInput(fullName="示例·乙", synthetic=True)
        done = (await client.register(right)).register_person
        assert done.problems == []
        assert done.person is not None
        again = (await client.again(done.person.id)).node
        assert again is not None
        assert (again.typename__, again.full_name) == ("Person", "示例·乙")
        print("ariadne-codegen: the person was fetched again by node(id:)")


asyncio.run(main())
