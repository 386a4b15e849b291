// One process, or several on one socket by Node's own cluster module.
import cluster from 'node:cluster'

export function serve (start) {
  const workers = Number(process.env.BENCH_WORKERS ?? 1)
  if (workers > 1 && cluster.isPrimary) {
    for (let i = 0; i < workers; i++) cluster.fork()
    cluster.on('exit', () => process.exit(1))
    return
  }
  start({
    url: process.env.BENCH_DATABASE_URL,
    port: Number(process.env.BENCH_PORT),
    tenant: process.env.BENCH_TENANT,
    sqlFile: process.env.BENCH_SQL,
    // The same number of connections in all, however many processes there are.
    pool: Math.max(2, Math.floor(Number(process.env.BENCH_POOL) / workers))
  })
}
