--: type: null
--: message: "amount -3 is out of range"
--: frames: main pay check ...
local function check(amount)
  if amount < 0 then
    error("amount " .. amount .. " is out of range") --@ check check
  end
  return amount
end

local function pay(amount)
  local checked = check(amount) --@ pay pay
  return checked
end

local paid = pay(-3) --@ main main chunk
print(paid)
