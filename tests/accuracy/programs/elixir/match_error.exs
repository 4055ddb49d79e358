#: type: MatchError
#: message: "no match of right hand side value: {:error, :enoent}"
#: frames: ... main load
defmodule Shop.Rates do
  def load(name) do
    {:ok, text} = File.read("/srv/data/#{name}.json") #@ load Shop.Rates.load/1
    text
  end
end

text = Shop.Rates.load("rates") #@ main (file)
IO.puts(text)
