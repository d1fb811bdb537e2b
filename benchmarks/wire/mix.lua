-- wrk: a mix of reads. Arguments: token, document, its ETag, artifact, body of a query.
local requests = {}
local turn = 0

function init(args)
  local token, document, etag, artifact, query = args[1], args[2], args[3], args[4], args[5]
  local auth = { ["Authorization"] = "Bearer " .. token }
  local posted = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
  local same = wrk.format("GET", document, { ["If-None-Match"] = etag })
  local whole = wrk.format("GET", document)
  local file = wrk.format("GET", artifact, auth)
  local asked = wrk.format("POST", "/api/graphql", posted, query)
  requests = { same, whole, file, same, asked, same, whole, same, same, asked }
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
