--: type: null
--: message: "queue is closed"
--: frames: main resume ...
--: unjudged: true
--: blame: take
local Queue = {}
Queue.__index = Queue

function Queue:take()
  error("queue is closed") --@ take
end

local worker = coroutine.wrap(function()
  local queue = setmetatable({}, Queue)
  queue:take()
end)

local function run()
  local done = worker() --@ resume run
  return done
end

local done = run() --@ main main chunk
print(done)
