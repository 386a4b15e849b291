// Runs the public audit of GraphQL over HTTP (npm package graphql-http) against LINLI_AUDIT_URL with LINLI_AUDIT_TOKEN.
import { serverAudits } from "graphql-http";

const { LINLI_AUDIT_URL: url, LINLI_AUDIT_TOKEN: token } = process.env;
const fetchFn = (address, options = {}) =>
  fetch(address, { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } });

const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  results.push(await audit.fn());
}
const failed = results.filter((result) => result.status !== "ok");
for (const { id, name, status, reason } of failed) {
  console.log(`${status.toUpperCase()} ${id} ${name}: ${reason}`);
}
console.log(`GraphQL over HTTP: ${results.length - failed.length} of ${results.length} audits passed`);
process.exit(failed.length ? 1 : 0);
