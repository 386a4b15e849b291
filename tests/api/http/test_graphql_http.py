"""GraphQL over HTTP: media types, statuses, methods, and a JSON answer to everything that may come in."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest
import zstandard

from linli_graphql import refusals

RESPONSE = "application/graphql-response+json"
LEGACY = "application/json"
SECRET = "secret-4711"
TYPENAME = "{ __typename }"


def code_of(response):
    assert "json" in response.headers["content-type"]
    error = response.json()["errors"][0]
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    assert error["message"]
    return error["extensions"]["code"]


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (RESPONSE, RESPONSE),
        (LEGACY, LEGACY),
        ("*/*", LEGACY),
        ("application/*", LEGACY),
        ("", LEGACY),
        (f"{LEGACY};q=0.5, {RESPONSE}", RESPONSE),
        (f"{RESPONSE};q=0.2, */*;q=0.1", RESPONSE),
        (f"text/html, {RESPONSE};charset=UTF-8", RESPONSE),
        (f"{LEGACY};q=0, {RESPONSE};q=0.001", RESPONSE),
    ],
)
async def test_the_answer_has_the_media_type_that_is_preferred(caller, accept, given):
    response = await caller.post(TYPENAME, accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{given}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("accept", ["text/html", f"{LEGACY};q=0", "application/xml, text/*", f"{LEGACY};q=2"])
async def test_a_caller_who_takes_no_json_is_told_so_in_json(caller, accept):
    response = await caller.post(TYPENAME, accept=accept)
    assert (response.status_code, code_of(response)) == (406, "graphql.not_acceptable")


FAULTS = {
    "a syntax error": ("{", None, "graphql.parse_failed"),
    "an unknown field": ("{ nothing }", None, "graphql.validation_failed"),
    "a variable that does not fit": (
        "query ($id: ID!) { area(id: $id) { id } }",
        {"id": None},
        "graphql.validation_failed",
    ),
    "no operation of many": (
        "query A { __typename } query B { __typename }",
        None,
        "graphql.operation_unclear",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_faulty_document_is_200_in_json_and_400_in_its_own_media_type(caller, fault):
    query, variables, code = FAULTS[fault]
    for accept, status in ((RESPONSE, 400), (LEGACY, 200)):
        response = await caller.post(query, accept=accept, variables=variables)
        assert (response.status_code, code_of(response)) == (status, code)
        assert "data" not in response.json()


async def test_the_operation_that_is_named_is_executed(caller):
    query = "query A { a: __typename } query B { b: __typename }"
    response = await caller.post(query, operationName="B")
    assert response.json()["data"] == {"b": "Query"}
    assert code_of(await caller.post(query, operationName="C")) == "graphql.operation_unclear"


MALFORMED = {
    "nothing": b"",
    "a number": b"5",
    "a text": b'"x"',
    "null": b"null",
    "an array": b"[]",
    "a batch": b'[{"query": "{ __typename }"}, {"query": "{ __typename }"}]',
    "invalid UTF-8": b'{"query": "\xff\xfe"}',
    "a lone surrogate": b'{"query": "\\ud800"}',
    "not JSON": b"{",
    "deep JSON": b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 100_000,
    "closed deep JSON": b'{"query": "x", "variables": {"a": ' + b"[" * 9_000 + b"]" * 9_000 + b"}}",
    "no query": b'{"variables": {}}',
    "a number as query": b'{"query": 5}',
    "variables as a text": b'{"query": "{ __typename }", "variables": "{}"}',
    "variables as an array": b'{"query": "{ __typename }", "variables": []}',
    "a number as operation": b'{"query": "{ __typename }", "operationName": 1}',
    "extensions as an array": b'{"query": "{ __typename }", "extensions": []}',
    "an unknown parameter": b'{"query": "{ __typename }", "secret-4711": 1}',
    "a number without end": b'{"query": "{ __typename }", "variables": {"a": 1e999999}}',
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
}


@pytest.mark.parametrize("body", MALFORMED)
async def test_a_malformed_body_is_400_in_json_and_is_not_repeated(caller, body):
    for accept in (RESPONSE, LEGACY):
        response = await caller.send(MALFORMED[body], accept=accept)
        assert (response.status_code, code_of(response)) == (400, "http.malformed_body")
        assert SECRET not in response.text


@pytest.mark.parametrize("size", [20, 300, 400, 5_000, 100_000])
async def test_huge_numbers_are_no_fault_of_ours(caller, size):
    body = b'{"query": "query ($n: Int) { areas(first: $n) { totalCount } }", "variables": {"n": %b}}'
    response = await caller.send(body % (b"7" * size))
    assert response.status_code == 400
    assert code_of(response) in ("http.malformed_body", "graphql.validation_failed")
    literal = await caller.post("{ areas(first: %s) { totalCount } }" % ("7" * min(size, 50_000)))
    assert literal.status_code == 400
    assert "777777" not in response.text + literal.text


async def test_of_equal_keys_the_last_one_counts(caller):
    response = await caller.send(b'{"query": "{ nothing }", "query": "{ __typename }"}')
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/graphql", "application/json; charset=utf-16", "application/jsonp"],
)  # fmt: skip
async def test_other_content_types_are_415(caller, content_type):
    response = await caller.send(b'{"query": "{ __typename }"}', content_type=content_type)
    assert (response.status_code, code_of(response)) == (415, "http.unsupported_media")


async def test_a_charset_of_utf_8_is_fine_and_a_compressed_body_is_not(caller):
    body = '{"query": "{ __type(name: \\"🏃社区\\") { name } }"}'.encode()
    fine = await caller.send(body, content_type='Application/JSON; Charset="UTF-8"')
    assert fine.json()["data"] == {"__type": None}
    packed = await caller.send(gzip.compress(body), headers={"Content-Encoding": "gzip"})
    assert packed.status_code == 415


async def test_a_query_may_come_by_get_and_a_mutation_never(caller):
    query = "query A($n: Int) { areas(first: $n) { totalCount } } query B { __typename }"
    for method in ("HEAD", "GET"):
        fine = await caller.get(method=method, query=query, operationName="A", variables='{"n": 1}')
        assert fine.status_code == 200
    assert fine.json()["data"] == {"areas": {"totalCount": 30}}
    mutation = await caller.get(query="mutation { __typename }")
    assert (mutation.status_code, code_of(mutation)) == (405, "http.method_not_allowed")
    assert mutation.headers["allow"] == "POST"
    page = await caller.get(query=TYPENAME, accept="text/html,application/xhtml+xml")
    assert page.status_code == 406


@pytest.mark.parametrize(
    "address",
    ["", "query", "variables={}", "query=a&query=b", "query=a&secret-4711=1", "query=%ff",
     "query={__typename}&variables=5", "query={__typename}&variables=[1]", "query={__typename}&variables=x",
     "query={__typename}&extensions=%22x%22", "&".join(f"a{n}=1" for n in range(50))],
)  # fmt: skip
async def test_a_malformed_address_is_400(caller, address):
    response = await caller.web.client.get(f"/graphql?{address}", headers=caller.headers)
    code = code_of(response)
    assert code == "http.malformed_body" if response.status_code == 400 else address == "query"
    assert SECRET not in response.text


async def test_other_methods_are_told_which_there_are(caller):
    for method in ("PUT", "DELETE", "PATCH"):
        response = await caller.send(b"", method=method)
        assert (response.status_code, code_of(response)) == (405, "http.method_not_allowed")
        assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    options = await caller.web.client.options("/graphql")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    assert not any(name.startswith("access-control") for name in options.headers)


async def test_whoever_has_no_token_learns_nothing_of_the_schema(place):
    answers = []
    stranger = place.of("wrong")
    for query in ("{ areas { nothing } }", "{", "{ __schema { types { name } } }", "{" * 9_000, TYPENAME):
        body = json.dumps({"query": query}).encode()
        response = await stranger.send(body, headers={"X-Request-Id": "same"})
        assert (response.status_code, code_of(response)) == (401, "unauthenticated")
        assert response.headers["www-authenticate"] == "Bearer"
        answers.append(response.content)
    assert len(set(answers)) == 1


async def test_the_schema_is_shown_with_the_permission_only(place, caller):
    query = "{ __schema { queryType { name } } }"
    assert (await caller.post(query)).json()["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    other = await place.caller(["areas.area.read"])
    for hidden in (
        query,
        '{ a: __type(name: "Area") { name } }',
        "{ ...a } fragment a on Query { " + query[1:],
    ):
        refused = await other.post(hidden)
        assert (refused.status_code, code_of(refused)) == (403, "permission_denied")
    assert (await other.post(TYPENAME)).status_code == 200


VALUES = [
    ('{ areas(first: "secret-4711") { totalCount } }', None),
    ('{ areas(filter: {name: {eq: ["secret-4711", {a: "secret-4711"}]}}) { totalCount } }', None),
    ("query ($n: Int) { areas(first: $n) { totalCount } }", {"n": SECRET}),
    ("query ($n: Int) { areas(first: $n) { totalCount } }", {"n": {"a": [SECRET]}}),
    ("query ($f: AreaFilter) { areas(filter: $f) { totalCount } }", {"f": {SECRET: SECRET, "name": SECRET}}),
    ("query ($o: AreaOrder) { areas(orderBy: $o) { totalCount } }", {"o": SECRET}),
    ("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": [{"a": SECRET}, SECRET]}),
    ('query ($i: ID = {a: "secret-4711"}) { area(id: $i) { id } }', None),
    ('{ area(id: "secret-4711") { id } }', None),
    ('{ areas(after: "secret-4711") { totalCount } }', None),
    ('{ area(id: secret4711 "secret-4711") }', None),
]


@pytest.mark.parametrize(("query", "variables"), VALUES)
async def test_no_answer_repeats_a_value(caller, query, variables):
    response = await caller.post(query, variables=variables)
    assert response.status_code in (200, 400)
    assert response.json()["errors"]
    assert SECRET not in response.text


async def test_errors_are_bounded_in_number_and_size_and_written_to_the_log_in_one_line(caller, capsys):
    query = "{ " + " ".join(f"{SECRET.replace('-', '')}{'x' * 200}{n}" for n in range(20)) + " }"
    capsys.readouterr()
    response = await caller.post(query)
    assert len(response.json()["errors"]) == refusals.ERRORS_MAX
    assert len(response.content) < 6_000
    printed = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert len(printed) == 1
    assert len(printed[0]) < 400
    assert "graphql.validation_failed" in printed[0]
    assert "secret4711" not in printed[0]


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_large_answers_are_compressed_for_those_who_ask(caller, encoding):
    query = "{ areas(first: 100) { nodes { id name } } }"
    plain = await caller.send(json.dumps({"query": query}).encode(), headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    headers = {**caller.headers, "Accept": RESPONSE, "Accept-Encoding": f"{encoding}, br"}
    async with caller.web.client.stream(
        "POST", "/graphql", json={"query": query}, headers=headers
    ) as response:
        raw = b"".join([chunk async for chunk in response.aiter_raw()])
    assert response.headers["content-encoding"] == encoding
    assert response.headers["vary"] == "accept, accept-encoding"
    unpacked = gzip.decompress(raw) if encoding == "gzip" else zstandard.ZstdDecompressor().decompress(raw)
    assert json.loads(unpacked)["data"] == plain.json()["data"]
    assert len(raw) < len(unpacked)


async def test_a_small_answer_is_not_compressed(caller):
    response = await caller.send(b'{"query": "{ __typename }"}', headers={"Accept-Encoding": "gzip, zstd"})
    assert "content-encoding" not in response.headers


async def test_a_body_that_is_too_large_or_too_slow_is_refused_in_json(webs, caller):
    large = await caller.send(b" " * 2_000_000)
    assert (large.status_code, large.json()["code"] if "code" in large.json() else code_of(large)) == (
        413,
        "http.body_too_large",
    )
    caller.web = await webs.start(body_deadline_s=0.05)

    async def trickle():
        yield b'{"query": '
        await asyncio.Event().wait()

    slow = await caller.send(trickle())
    assert (slow.status_code, code_of(slow)) == (408, "http.body_too_slow")
