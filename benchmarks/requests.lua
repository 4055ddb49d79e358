-- Each request once: read from a file of requests that are all of one length. `wrk -s requests.lua URL -- FILE LENGTH [again]`
-- With `again` it begins anew where the file ends; else it stops there, and says so.
local file, length, again, one
local ended = 0

function setup(thread)
   thread:set("ended", 0)
   setup_thread = thread
end

function init(words)
   file = assert(io.open(words[1], "rb"))
   length = tonumber(words[2])
   again = words[3] == "again"
end

function request()
   local next = file:read(length)
   if not next and again then
      file:seek("set", 0)
      next = file:read(length)
   end
   if next then
      one = next
   else
      ended = 1
      wrk.thread:stop()
   end
   return one
end

function done(summary, latency)
   local errors = summary.errors
   print(string.format('{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "max": %f, "refused": %d, "broken": %d, "ended": %d}',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
      errors.status, errors.connect + errors.read + errors.write + errors.timeout, setup_thread:get("ended")))
end
