#: type: Protocol.UndefinedError
#: message: "protocol String.Chars not implemented for %{street: \"Main\"} of type Map. This protocol is implemented for the following type(s):
#:   Atom, BitString, Date, DateTime, Float, Integer, List, NaiveDateTime, Time, URI, Version, Version.Requirement"
#: frames: ... main print label ...
#: run: {"1.14": "mix compile >/dev/null 2>&1; mix run -e 'Shop.main()'"}
defmodule Shop.MixProject do
  use Mix.Project

  def project do
    [app: :shop, version: "0.1.0", elixir: "~> 1.14", deps: []]
  end
end
