%%: chain:
%%: - {type: badarith, frames: ... main share ...}
%%: - {frames: ...}
-module(badarith).
-export([main/0]).

share(Total, Parts) ->
    Total div Parts. %%@ share badarith:share/2

main() ->
    io:format("~p~n", [share(12, length(element(1, {[]})))]). %%@ main badarith:main/0
