%%: type: badarg
%%: message: null
%%: chain:
%%: - {type: badarg, frames: ... handle binary ...}
%%: - {frames: ... handle binary ...}
-module(gen_stock).
-behaviour(gen_server).
-export([main/0, init/1, handle_call/3, handle_cast/2]).

init([]) ->
    {ok, []}.

handle_call(_, _, State) ->
    {reply, ok, State}.

count(Text) ->
    Number = binary_to_integer(Text), %%@ binary gen_stock:count/1
    Number + 1.

handle_cast({put, Text}, State) ->
    Number = count(Text), %%@ handle gen_stock:handle_cast/2
    {noreply, [Number | State]}.

main() ->
    {ok, Pid} = gen_server:start(?MODULE, [], []),
    gen_server:cast(Pid, {put, <<"two">>}),
    timer:sleep(200).
