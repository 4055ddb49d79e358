--: type: null
--: message: |-
--:   2 problems:
--:     price is missing
--:     quantity is "many"
--: frames: main check ...
local function check(problems)
  error(#problems .. " problems:\n  " .. table.concat(problems, "\n  ")) --@ check check
end

check({ "price is missing", 'quantity is "many"' }) --@ main main chunk
