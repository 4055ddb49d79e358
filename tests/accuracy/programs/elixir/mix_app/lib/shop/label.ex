defmodule Shop.Label do
  def print(order) do
    text = label(order) #@ print Shop.Label.print/1
    String.upcase(text)
  end

  defp label(%{address: address}) do
    "To: #{address}" #@ label Shop.Label.label/1
  end
end
