// PostGraphile 5 over the same tables and role. The tenant is fixed: no credential is checked, nothing is masked.
import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { serve } from './workers.js'

serve(({ url, port, tenant, pool }) => {
  const preset = {
    extends: [PostGraphileAmberPreset],
    pgServices: [makePgService({ connectionString: url, schemas: ['public'], poolConfig: { max: pool } })],
    grafast: { explain: false, context: () => ({ pgSettings: { 'app.tenant_id': tenant } }) },
    grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false, websockets: false }
  }
  const server = createServer()
  server.keepAliveTimeout = 120000
  postgraphile(preset).createServ(grafserv).addTo(server)
  server.listen(port, '127.0.0.1')
})
