#: type: ArithmeticError
#: message: "bad argument in arithmetic expression: div(12, 0)"
#: frames: main ... callback ...
defmodule Shop.Share do
  def each(total, parts) do
    Enum.reduce(parts, [], fn part, done -> [div(total, part) | done] end) #@ callback anonymous fn/3 in Shop.Share.each/2
  end
end

IO.inspect(Shop.Share.each(12, [4, 0])) #@ main (file)
