#: type: RuntimeError
#: message: "no stock for A-1"
#: frames: ... handle take
defmodule Shop.Stock do
  use GenServer

  def init(state), do: {:ok, state}

  def handle_cast({:take, sku}, state) do
    {:noreply, take(state, sku)} #@ handle Shop.Stock.handle_cast/2
  end

  defp take(state, sku) do
    case state do
      %{^sku => count} when count > 0 -> Map.put(state, sku, count - 1)
      _ -> raise "no stock for #{sku}" #@ take Shop.Stock.take/2
    end
  end
end

{:ok, pid} = GenServer.start(Shop.Stock, %{})
GenServer.cast(pid, {:take, "A-1"})
Process.sleep(200)
