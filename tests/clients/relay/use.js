// Runs the artifacts that relay-compiler made: a list in pages, a mutation that is refused, a node fetched again.
"use strict";

const assert = require("node:assert/strict");
const { commitMutation, createOperationDescriptor, fetchQuery, getSelector } = require("relay-runtime");
const { Environment, Network, RecordSource, Store } = require("relay-runtime");

const made = (name) => require(`./src/__generated__/${name}.graphql.js`);

const environment = new Environment({
  network: Network.create(async ({ text }, variables) => {
    const response = await fetch(process.env.LINLI_URL, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        authorization: `Bearer ${process.env.LINLI_TOKEN}`,
      },
      body: JSON.stringify({ query: text, variables }),
    });
    return response.json();
  }),
  store: new Store(new RecordSource()),
});

const read = (fragment, reference) => environment.lookup(getSelector(made(fragment), reference)).data;

async function pages() {
  const query = made("AreasQuery");
  const root = await fetchQuery(environment, query, {}).toPromise();
  environment.retain(createOperationDescriptor(query, {}));
  let areas = read("Areas_page", root).areas;
  let requests = 1;
  while (areas.pageInfo.hasNextPage) {
    assert.ok((requests += 1) <= 10, "the list ends");
    const next = { count: 2, cursor: areas.pageInfo.endCursor };
    await fetchQuery(environment, made("AreasNextPageQuery"), next).toPromise();
    areas = read("Areas_page", root).areas;
  }
  const ids = areas.edges.map((edge) => edge.node.id);
  assert.equal(ids.length, 5);
  assert.equal(new Set(ids).size, 5);
  assert.equal(requests, 3);
  console.log(`relay: ${ids.length} areas in ${requests} pages, joined in Relay's store`);
}

const register = (input) =>
  new Promise((onCompleted, onError) =>
    commitMutation(environment, {
      mutation: made("PeopleRegisterMutation"),
      variables: { input },
      onCompleted: (data) => onCompleted(data.registerPerson),
      onError,
    }),
  );

async function people() {
  const refused = await register({ fullName: "示例·甲", birthDate: "2999-01-01", synthetic: true });
  assert.equal(refused.person, null);
  assert.equal(refused.problems.length, 1);
  assert.deepEqual(refused.problems[0].path, ["input", "birthDate"]);
  console.log(`relay: refused as ${refused.problems[0].code} at ${refused.problems[0].path.join(".")}`);

  const done = await register({ fullName: "示例·甲", synthetic: true });
  assert.deepEqual(done.problems, []);
  const query = made("PeoplePersonRefetchQuery");
  const again = await fetchQuery(environment, query, { id: done.person.id }).toPromise();
  assert.equal(read("People_person", again.node).fullName, "示例·甲");
  console.log("relay: the person was fetched again by node(id:)");
}

pages()
  .then(people)
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
