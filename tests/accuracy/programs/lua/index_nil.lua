--: type: null
--: message: "attempt to index a nil value (field 'product')"
--: message@jit: "attempt to index field 'product' (a nil value)"
--: frames: main checkout total
--: frames@5.4: main checkout54 total54
local Cart = {}

function Cart.total(lines)
  local sum = 0
  for _, line in ipairs(lines) do
    sum = sum + line.product.price --@ total total; total54 total
  end
  return sum
end

local function checkout(cart)
  local sum = Cart.total(cart.lines) --@ checkout checkout; checkout54 checkout
  return { total = sum }
end

local done = checkout({ lines = { { quantity = 2 } } }) --@ main main chunk
print(done.total)
