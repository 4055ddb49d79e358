%%: type: null
%%: message: "no match of right hand side value {error,enoent}"
%%: frames: init read
-module(crash_report).
-export([main/0, start/0, init/1]).

read(Name) ->
    {ok, Text} = file:read_file(Name), %%@ read crash_report:read/1
    Text.

init(Name) ->
    Text = read(Name), %%@ init crash_report:init/1
    io:format("~s~n", [Text]).

start() ->
    proc_lib:spawn(?MODULE, init, ["/srv/data/rates.json"]).

main() ->
    start(),
    timer:sleep(200).
