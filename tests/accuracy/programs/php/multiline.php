//: type: InvalidArgumentException
//: message: |-
//:   2 problems:
//:   #0 price is missing
//:   #1 quantity is "many"
//: frames: main check
<?php

function check(array $problems): void
{
    throw new InvalidArgumentException(count($problems) . " problems:\n" . implode("\n", $problems)); //@ check check
}

check(['#0 price is missing', '#1 quantity is "many"']); //@ main
