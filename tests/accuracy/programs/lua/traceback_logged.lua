--: type: null
--: message: "attempt to concatenate a nil value (field 'name')"
--: message@jit: "attempt to concatenate field 'name' (a nil value)"
--: frames: main ... greet
local function greet(user)
  local text = "Dear " .. user.name --@ greet
  return text
end

local ok, trace = xpcall(greet, debug.traceback, {}) --@ main main chunk
print("request failed: " .. trace)
