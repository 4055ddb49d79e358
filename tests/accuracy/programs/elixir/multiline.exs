#: type: ArgumentError
#: message: |-
#:   2 problems:
#:     price is missing
#:     quantity is "many"
#: frames: ... check
defmodule Shop.Order do
  def check(problems) do
    raise ArgumentError, "#{length(problems)} problems:\n  " <> Enum.join(problems, "\n  ") #@ check Shop.Order.check/1
  end
end

Shop.Order.check(["price is missing", ~s(quantity is "many")]) #@ main (file)
