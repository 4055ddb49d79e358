--: type: null
--: message: "attempt to perform arithmetic on a nil value (field 'price')"
--: message@jit: "attempt to perform arithmetic on field 'price' (a nil value)"
--: frames: main each callback
local function each(items, act)
  for _, item in ipairs(items) do
    act(item) --@ each each
  end
end

local total = 0
each({ { price = 3 }, {} }, function(item) --@ main main chunk
  total = total + item.price --@ callback act
end)
print(total)
