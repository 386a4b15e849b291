// mercurius with its JIT, and SQL written by hand: the floor's own, so PostgreSQL builds the JSON here as well.
// The tenant is bound in a transaction, as anybody would, or within the statement, which is Linli's way.
import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import mercurius from 'mercurius'
import pg from 'pg'
import { serve } from './workers.js'

const schema = `
  enum Way { TRANSACTION STATEMENT }
  type Query {
    person(id: ID!, way: Way!): Person
    persons(first: Int!, after: ID!, way: Way!): [Person!]!
    people(first: Int!, after: ID!, way: Way!): [Person!]!
  }
  type Person {
    id: ID! fullName: String! namePinyin: String gender: String! phone: String state: String! synthetic: Boolean
    version: Int createdAt: String updatedAt: String area: Area entries(first: Int!): [Entry!]!
  }
  type Area { id: ID! code: String! name: String! parent: Area }
  type Entry { id: ID! category: String! points: Int! occurredAt: String! }`

serve(async ({ url, port, tenant, pool, sqlFile }) => {
  const sql = JSON.parse(readFileSync(sqlFile, 'utf8'))
  const database = new pg.Pool({ connectionString: url, max: pool })
  const run = async (client, name, values) => {
    const found = await client.query({ name, text: sql[name], values: [tenant, ...values], rowMode: 'array' })
    return JSON.parse(found.rows[0][0])
  }
  const ask = async (way, name, values) => {
    if (way === 'STATEMENT') return run(database, name, values)
    const client = await database.connect()
    try {
      await client.query('begin read only')
      await client.query({ name: 'bind', text: 'select app.bind($1)', values: [tenant] })
      const found = await run(client, `${name} in transaction`, values)
      await client.query('commit')
      return found
    } finally {
      client.release()
    }
  }
  const resolvers = {
    Query: {
      person: (_root, { id, way }) => ask(way, 'q1', [id]),
      persons: (_root, { after, way }) => ask(way, 'q2', [after]), // its fixed SQL has the page of 50 and the 3 entries
      people: (_root, { first, after, way }) => ask(way, 'q3', [after, first])
    }
  }
  const app = Fastify({ logger: false })
  await app.register(mercurius, { schema, resolvers, jit: 1 })
  await app.listen({ port, host: '127.0.0.1' })
})
