-- Sends the lines of the file BENCH_BODIES in turn: a token or nothing, a tab, a body.
local requests, at = {}, 0

function init(_)
  for line in io.lines(os.getenv("BENCH_BODIES")) do
    local token, body = line:match("^(%S*)\t(.*)$")
    local headers = { ["content-type"] = "application/json", ["accept"] = "application/json" }
    if token ~= "" then headers["authorization"] = "Bearer " .. token end
    requests[#requests + 1] = wrk.format("POST", wrk.path, headers, body)
  end
  -- Several threads or repeated runs do not begin at the same line.
  at = math.random(#requests)
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local e = summary.errors
  io.stdout:write(string.format(
    '\nBENCH {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
