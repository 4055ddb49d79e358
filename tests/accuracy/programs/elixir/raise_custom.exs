#: type: Shop.Refused
#: message: "Währung „złoty“ → 💥"
#: frames: ... pay
defmodule Shop.Refused do
  defexception [:message]
end

defmodule Shop.Bank do
  def pay(currency) do
    raise Shop.Refused, message: "Währung „#{currency}“ → 💥" #@ pay Shop.Bank.pay/1
  end
end

Shop.Bank.pay("złoty") #@ main (file)
