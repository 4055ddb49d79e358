#: type: FunctionClauseError
#: message: no function clause matching in Shop.rate/1
#: frames: main quote rate
defmodule Shop do
  def rate(:eur), do: 1.0 #@ rate Shop.rate/1
  def rate(:usd), do: 1.1

  def quoted(pair) do
    value = rate(pair) #@ quote Shop.quoted/1
    {:ok, value}
  end
end

IO.inspect(Shop.quoted("XAU")) #@ main (file)
