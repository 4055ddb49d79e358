#: type: RuntimeError
#: message: page 3 cannot be rendered
#: frames: "... closure render"
defmodule Shop.Pages do
  def render(page) do
    if page == 3, do: raise("page #{page} cannot be rendered") #@ render Shop.Pages.render/1
    page
  end
end

Process.flag(:trap_exit, true)
Task.async(fn -> Shop.Pages.render(3) |> IO.inspect() end) #@ closure anonymous fn/0 in :elixir_compiler_0.__FILE__/1
Process.sleep(200)
