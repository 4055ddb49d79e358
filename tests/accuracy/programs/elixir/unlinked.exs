#: type: ArgumentError
#: message: "errors were found at the given arguments:"
#: frames: closure port ...
defmodule Shop.Config do
  def port(text) do
    number = String.to_integer(text) #@ port Shop.Config.port/1
    number + 1
  end
end

spawn(fn -> Shop.Config.port("80a") |> IO.inspect() end) #@ closure anonymous fn/0 in :elixir_compiler_0.__FILE__/1
Process.sleep(200)
