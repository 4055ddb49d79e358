defmodule Shop do
  def main do
    order = %{address: %{street: "Main"}}
    order |> Shop.Label.print() |> IO.puts() #@ main Shop.main/0
  end
end
