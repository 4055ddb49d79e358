%%: type: function_clause
%%: message: null
%%: frames: worker price
-module(spawned).
-export([main/0, worker/1]).

price({sku, Name}) when is_atom(Name) -> %%@ price spawned:price/1
    3.

worker(Order) ->
    io:format("~p~n", [price(Order) * 2]). %%@ worker spawned:worker/1

main() ->
    spawn(?MODULE, worker, [{sku, "A-1"}]),
    timer:sleep(200).
