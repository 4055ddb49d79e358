require_relative "lib/cart"
require_relative "lib/stock"
require_relative "lib/shelf"

data = ARGV[1]
case ARGV[0]
when "nil-price" then Shop::Cart.new([nil]).total
when "nil-round" then Shop::Cart.new([Shop::Item.new(nil, data)]).total
when "key-price" then Shop::Cart.new([]).weigh({ data => 1 })
when "key-unit" then Shop::Cart.new([]).weigh({ price: data.size })
when "block-zero" then Shop::Cart.new([data.size, 0]).shares
when "integer-quantity" then Shop::Stock.new.quantity(data)
when "integer-price" then Shop::Stock.new.price(data)
when "missing-stock" then Shop::Stock.new.find(data)
when "missing-shelf" then Shop::Shelf.new.find(data)
when "cause-key" then Shop::Stock.new.reserve({}, data)
when "cause-type" then Shop::Stock.new.reserve(nil, data)
when "frozen" then Shop::Shelf.new.rename(data)
end
