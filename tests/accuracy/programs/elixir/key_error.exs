#: type: KeyError
#: message: 'key :price not found in: %{sku: "A-1"}'
#: frames: main total ... callback
defmodule Shop.Cart do
  def total(lines) do
    lines |> Enum.map(fn line -> line.price * line.quantity end) |> Enum.sum() #@ callback anonymous fn/1 in Shop.Cart.total/1; total Shop.Cart.total/1
  end
end

IO.puts(Shop.Cart.total([%{sku: "A-1"}])) #@ main (file)
